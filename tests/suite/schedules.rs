//! Schedules under proptest, on the textbook; and the failures of the past, replayed.
//!
//! `proptest-regressions/textbook.txt` and `tests/schedules/` hold the same schedules: the first as proptest reads
//! them, before all new ones; the second as a person does. Each broke something once. None may break the textbook,
//! and each must still break what it is kept for, or it shows nothing.

use std::fs;
use std::path::Path;

use expect_test::{expect, expect_file};
use proptest::prelude::*;
use quorate::guarantee::Guarantee;
use quorate::judge::{Breakage, Demands, Subject};
use quorate::model::{Cluster, Dotted};
use quorate::prelude::{Ack, Delivery, Progress, Protocol, Put, Replica, Siblings, SlotSet, Stamp, Textbook};
use quorate::protocols;
use quorate::search::minimise::Case;
use quorate::search::property::{PropertyFailure, check_protocol, trial};
use quorate::search::random::Shape;
use quorate::search::regressions::{config, line};
use quorate::search::strategy::schedules;
use quorate::world::modelled::Modelled;
use quorate::world::scenario::Scenario;
use quorate::world::schedule::Schedule;

static TEXTBOOK: Modelled<'static, Dotted> = Modelled(&Textbook);

const SHAPE: Shape = Shape::of(Cluster::new(3, 2, 2));

fn on_textbook(cluster: Cluster, schedule: &Schedule) -> Option<quorate::judge::Finding> {
    let demands = Demands::of_claims(&Subject::claims(&TEXTBOOK, cluster));
    trial(&TEXTBOOK, demands, &Case { cluster, schedule: schedule.clone() }).finding
}

#[test]
fn textbook_keeps_its_promises() -> Result<(), PropertyFailure> {
    for cluster in
        [Cluster::default(), Cluster::new(3, 1, 1), Cluster::new(3, 3, 1).on(5), Cluster::new(5, 3, 3)]
    {
        check_protocol(config(512, "proptest-regressions/textbook.txt"), &TEXTBOOK, Shape::of(cluster))?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(256, "proptest-regressions/schedules.txt"))]

    #[test]
    fn a_schedule_run_twice_leaves_the_same_fingerprint_at_every_step(schedule in schedules(SHAPE)) {
        let mut runner = TEXTBOOK.runner(SHAPE.cluster, 2, Demands::NOTHING);
        let once = runner.fingerprints(&schedule);
        prop_assert_eq!(&once, &runner.fingerprints(&schedule));
        // And a runner that has run nothing else before gives the same.
        prop_assert_eq!(&once, &TEXTBOOK.runner(SHAPE.cluster, 2, Demands::NOTHING).fingerprints(&schedule));
        prop_assert_eq!(once.len(), schedule.steps.len() + 1, "it was not cut short by a panic");
    }

    #[test]
    fn every_subsequence_is_a_schedule(schedule in schedules(SHAPE), keep in prop::collection::vec(any::<bool>(), 1..99)) {
        let keep = keep.iter().cycle();
        let some: Schedule =
            schedule.steps.iter().zip(keep).filter(|(_, keep)| **keep).map(|(step, _)| step.clone()).collect();
        prop_assert_eq!(on_textbook(SHAPE.cluster, &some), None);
    }

    #[test]
    fn a_schedule_for_one_cluster_runs_on_any_other(schedule in schedules(SHAPE)) {
        for n in 1..=4 {
            for (r, w) in (1..=n).flat_map(|r| (1..=n).map(move |w| (r, w))) {
                let finding = on_textbook(Cluster::new(n, r, w), &schedule);
                prop_assert_eq!(finding, None, "N={} R={} W={}", n, r, w);
            }
        }
    }

    #[test]
    fn what_the_walk_draws_reads_back(schedule in schedules(SHAPE)) {
        prop_assert_eq!(schedule.to_string().parse(), Ok(schedule.clone()));
        let json = serde_json::to_string(&schedule).unwrap();
        prop_assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), schedule.clone());
        prop_assert_eq!(schedule.normalised().to_string().parse(), Ok(schedule.normalised()));
    }

    #[test]
    fn a_seed_and_a_number_give_the_same_bytes(seed: u64, number: u64) {
        let bytes = || SHAPE.schedule(seed, number).to_string().into_bytes();
        prop_assert_eq!(bytes(), bytes());
    }
}

/// On every machine and in every version. If this fails, seeds that people have written down mean something else
/// now: that is a change for the CHANGELOG.
#[test]
fn schedules_of_seed_one_are_pinned() {
    expect_file!["golden/seed-1-number-0.txt"].assert_eq(&format!("{}\n", SHAPE.schedule(1, 0)));
    // Of the first hundred, in which every kind of step occurs, all bytes as one number.
    let texts: String = (0..100).map(|number| format!("{}\n\n", SHAPE.schedule(1, number))).collect();
    expect!["0xd76d99022126e827"].assert_eq(&format!("{:#018x}", fnv_1a(texts.as_bytes())));
}

/// If this fails, the same schedule leads elsewhere: a rule of the model has changed, or what its state consists of.
#[test]
fn what_schedules_of_seed_one_lead_to_is_pinned() {
    let mut runner = TEXTBOOK.runner(SHAPE.cluster, 2, Demands::NOTHING);
    let mut prints = |number| runner.fingerprints(&SHAPE.schedule(1, number));
    let first = prints(0).last().map(|print| format!("{print:#018x}"));
    expect!["0x9a7ae36ddccff6a1"].assert_eq(&first.unwrap_or_default());
    let all: Vec<u8> = (0..100).flat_map(&mut prints).flat_map(u64::to_le_bytes).collect();
    expect!["0xc01a3b3a8b21a852"].assert_eq(&format!("{:#018x}", fnv_1a(&all)));
}

/// A hash that is written down here, so that no library can change it.
fn fnv_1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// A replica keeps what arrives last.
#[derive(Debug)]
struct Overwrite;

impl Protocol for Overwrite {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        *replica.siblings = delivery.versions.clone();
        Ack::stored()
    }
}

/// The coordinator is content with the first reply.
#[derive(Debug)]
struct FirstReply;

impl Protocol for FirstReply {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        Some(progress.replied()).filter(|replied| !replied.is_empty())
    }
}

/// Of the replies that count, only one is shown.
#[derive(Debug)]
struct ShowsOne;

impl Protocol for ShowsOne {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        counted.iter().next().map_or_else(Siblings::new, |slot| progress.slots[slot].held.clone())
    }
}

/// A new version claims to follow all that its coordinator holds, whether or not the client has seen it.
#[derive(Debug)]
struct Presumes;

impl Protocol for Presumes {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let mut stamp = self.base().stamp(replica, put);
        stamp.clock.past = replica.siblings.context();
        stamp
    }
}

/// A change of the textbook, and what it breaks.
type Broken = (&'static dyn Protocol, Guarantee);

/// The files in `tests/schedules/`, and which change breaks what under them. With none it was a judge that was
/// wrong, and found fault with the textbook.
const KEPT: &[(&str, Option<Broken>)] = &[
    ("overwrite.txt", Some((&Overwrite, Guarantee::NoLost))),
    ("first-reply.txt", Some((&FirstReply, Guarantee::Fresh))),
    ("shows-one.txt", Some((&ShowsOne, Guarantee::Fresh))),
    ("presumes.txt", Some((&Presumes, Guarantee::NoLost))),
    ("disk-lost-answer-late.txt", None),
    ("level-one-in-turn.txt", None),
];

fn kept(file: &str) -> Scenario {
    Scenario::read(Path::new("tests/schedules").join(file)).unwrap_or_else(|bad| panic!("{bad}"))
}

#[test]
fn failures_of_the_past_break_what_they_are_kept_for_and_nothing_that_is_built_in() {
    for (file, broken) in KEPT {
        let Scenario { protocol, cluster, demands, schedule } = kept(file);
        let case = Case { cluster, schedule };
        let entry = protocols::find(&protocol).unwrap_or_else(|| panic!("{file}: no protocol {protocol}"));
        let owed =
            Demands::of_claims(&entry.subject.claims(cluster)).demanding(demands.into_iter().collect());
        assert_eq!(trial(entry.subject, owed, &case).finding, None, "{file}");

        let Some((mutant, guarantee)) = broken else { continue };
        let mutant: Modelled<'_, Dotted> = Modelled(*mutant);
        let owed = Demands::of_claims(&Subject::claims(&mutant, cluster));
        let finding = trial(&mutant, owed, &case).finding.map(|finding| finding.breakage);
        assert_eq!(finding, Some(Breakage::Guarantee(*guarantee)), "{file}");
    }
}

#[test]
fn every_file_is_in_the_list() {
    let mut files: Vec<String> = fs::read_dir("tests/schedules")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let mut listed: Vec<&str> = KEPT.iter().map(|(file, ..)| *file).collect();
    files.sort_unstable();
    listed.sort_unstable();
    assert_eq!(files, listed);
}

#[test]
fn proptest_replays_them_first() {
    let stored = fs::read_to_string("proptest-regressions/textbook.txt").unwrap();
    for (file, ..) in KEPT {
        let Scenario { cluster, schedule, .. } = kept(file);
        let line = line(Some(cluster), &schedule);
        assert!(stored.contains(&line), "{file} is not in proptest-regressions/textbook.txt:\n{line}");
    }
    // Of a copy, since what fails otherwise than expected would be added to it.
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("textbook-copy.txt");
    fs::write(&copy, &stored).unwrap();
    let copy: &'static str = copy.into_os_string().into_string().unwrap().leak();
    for (file, broken) in KEPT {
        let Some((mutant, _)) = broken else { continue };
        let mutant: Modelled<'_, Dotted> = Modelled(*mutant);
        let failure = check_protocol(config(1, copy), &mutant, SHAPE).unwrap_err();
        assert!(matches!(failure, PropertyFailure::Counterexample(_)), "{file}: {failure}");
        assert_eq!(fs::read_to_string(copy).unwrap(), stored, "{file}: it broke one that was there");
    }
}
