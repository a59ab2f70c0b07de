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
        let schedule = garbage(&mut SeededRng::of(7, number as u64));
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

fn garbage(rng: &mut SeededRng) -> Schedule {
    (0..rng.between(5, 40)).map(|_| garbage_step(rng)).collect()
}

fn garbage_step(rng: &mut SeededRng) -> Step {
    let node =
        |rng: &mut SeededRng| NodeId(*rng.one_of(&[0, 1, 1, 2, 2, 3, 3, 4, 5, 9, 16, 17, 31, 200, 255]));
    let set = |rng: &mut SeededRng| NodeSet(rng.below(1 << 16) as u16);
    let op =
        |rng: &mut SeededRng| OpId(*rng.one_of(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 300, 9_999, 10_000, 65_535]));
    let name = |rng: &mut SeededRng| MessageName {
        kind: *rng.one_of(&[
            MessageKind::Request,
            MessageKind::Ask,
            MessageKind::Answer,
            MessageKind::Repair,
            MessageKind::Repaired,
            MessageKind::HandOff,
            MessageKind::HandedOff,
            MessageKind::Reply,
        ]),
        replica: rng.happens(700).then(|| node(rng)),
        attempt: *rng.one_of(&[0, 0, 0, 1, 255]),
    };
    match rng.below(26) {
        0..11 => Step::Operation(Operation {
            op: op(rng),
            action: *rng.one_of(&[Action::Put, Action::Get, Action::Delete]),
            client: ClientId(*rng.one_of(&[0, 1, 2, 3, 64, 65, 66, 1000, 65_535])),
            key: Key(*rng.one_of(&[0, 1, 1, 1, 2, 3, 64, 65, 65_535])),
            via: node(rng),
            blind: rng.happens(300),
            level: *rng.one_of(&[Level::Default, Level::One, Level::Quorum, Level::All]),
            exceptions: (0..rng.below(5))
                .map(|_| Exception {
                    name: name(rng),
                    fate: *rng.one_of(&[Fate::Late, Fate::Lost, Fate::Doubled, Fate::Twice]),
                })
                .collect(),
        }),
        11..13 => Step::Arrive { op: op(rng), name: name(rng) },
        13 => Step::Timeout { op: op(rng) },
        14 => Step::Cut { side: set(rng), other: set(rng) },
        15 => Step::CutOneWay { from: set(rng), to: set(rng) },
        16 => Step::Heal,
        17 => Step::Pause { node: node(rng) },
        18 => Step::Crash { node: node(rng) },
        19 => Step::Restart { node: node(rng) },
        20 => Step::Wipe { node: node(rng) },
        21 => Step::Suspect { at: node(rng), whom: node(rng) },
        22 => Step::Trust,
        23 => Step::Skew { node: node(rng), ms: *rng.one_of(&[i32::MIN, -1, 0, 1, i32::MAX]) },
        24 => Step::Tick { ms: *rng.one_of(&[0, 1, u32::MAX]) },
        _ => Step::Wake { node: node(rng) },
    }
}
