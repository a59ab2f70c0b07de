//! Schedules that make no sense.

use super::*;

/// Every step is legal in every state, whatever it names: random garbage makes no panic, no storm, and no finding
/// in a correct protocol.
#[test]
fn garbage_does_nothing() {
    for (number, cluster) in [Cluster::default(), Cluster::new(1, 1, 1), Cluster::new(3, 2, 2).on(5)]
        .into_iter()
        .cycle()
        .take(600)
        .enumerate()
    {
        let schedule = garbage(&mut Dice::of(7, number as u64));
        let textbook = Modelled(&Textbook as &dyn Protocol);
        let demands = Demands::of_claims(&Subject::claims(&textbook, cluster));
        let trial = textbook.runner(cluster, 2, demands).run(&schedule);
        if let Some(finding) = trial.finding {
            panic!(
                "#{number} on {cluster}: {}: {}\n{:#?}",
                finding.breakage, finding.because, schedule.steps
            );
        }
    }
}

fn garbage(dice: &mut Dice) -> Schedule {
    (0..dice.between(5, 40)).map(|_| garbage_step(dice)).collect()
}

fn garbage_step(dice: &mut Dice) -> Step {
    let node = |dice: &mut Dice| NodeId(*dice.one_of(&[0, 1, 1, 2, 2, 3, 3, 4, 5, 9, 16, 17, 31, 200, 255]));
    let set = |dice: &mut Dice| NodeSet(dice.below(1 << 16) as u16);
    let op =
        |dice: &mut Dice| OpId(*dice.one_of(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 300, 9_999, 10_000, 65_535]));
    let name = |dice: &mut Dice| MessageName {
        kind: *dice.one_of(&[
            MessageKind::Request,
            MessageKind::Ask,
            MessageKind::Answer,
            MessageKind::Repair,
            MessageKind::Repaired,
            MessageKind::HandOff,
            MessageKind::HandedOff,
            MessageKind::Reply,
        ]),
        replica: dice.happens(700).then(|| node(dice)),
        attempt: *dice.one_of(&[0, 0, 0, 1, 255]),
    };
    match dice.below(26) {
        0..11 => Step::Operation(Operation {
            op: op(dice),
            action: *dice.one_of(&[Action::Put, Action::Get, Action::Delete]),
            client: ClientId(*dice.one_of(&[0, 1, 2, 3, 64, 65, 66, 1000, 65_535])),
            key: Key(*dice.one_of(&[0, 1, 1, 1, 2, 3, 64, 65, 65_535])),
            via: node(dice),
            blind: dice.happens(300),
            level: *dice.one_of(&[Level::Default, Level::One, Level::Quorum, Level::All]),
            exceptions: (0..dice.below(5))
                .map(|_| Exception {
                    name: name(dice),
                    fate: *dice.one_of(&[Fate::Late, Fate::Lost, Fate::Doubled, Fate::Twice]),
                })
                .collect(),
        }),
        11..13 => Step::Arrive { op: op(dice), name: name(dice) },
        13 => Step::Timeout { op: op(dice) },
        14 => Step::Cut { side: set(dice), other: set(dice) },
        15 => Step::CutOneWay { from: set(dice), to: set(dice) },
        16 => Step::Heal,
        17 => Step::Pause { node: node(dice) },
        18 => Step::Crash { node: node(dice) },
        19 => Step::Restart { node: node(dice) },
        20 => Step::Wipe { node: node(dice) },
        21 => Step::Suspect { at: node(dice), whom: node(dice) },
        22 => Step::Trust,
        23 => Step::Skew { node: node(dice), ms: *dice.one_of(&[i32::MIN, -1, 0, 1, i32::MAX]) },
        24 => Step::Tick { ms: *dice.one_of(&[0, 1, u32::MAX]) },
        _ => Step::Wake { node: node(dice) },
    }
}
