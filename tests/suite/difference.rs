//! Where two protocols part.

use quorate::harness::{Diff, Options, diff};
use quorate::judge::Breakage;
use quorate::judge::difference::DifferenceLevel;
use quorate::model::Cluster;
use quorate::prelude::{Dotted, Progress, Protocol, Repair, Repairs, Siblings, Textbook};
use quorate::protocols::{ALL, find};
use quorate::story::Plain;
use quorate::world::modelled::Modelled;

fn compared(first: &str, second: &str, schedules: u64) -> Diff {
    let options = Options { schedules, ..Options::of(Cluster::default()) };
    diff(find(first).unwrap().subject, find(second).unwrap().subject, &options)
}

fn parting(first: &str, second: &str) -> (DifferenceLevel, String) {
    let divergence = compared(first, second, 200).divergence.expect("they differ");
    (divergence.level, divergence.schedule.to_string())
}

#[test]
fn a_protocol_does_the_same_as_itself() {
    for entry in ALL {
        assert_eq!(compared(entry.name, entry.name, 20).divergence, None, "{}", entry.name);
    }
}

#[test]
fn a_store_without_siblings_parts_from_one_with_them_at_the_first_conflict() {
    let shortest = "put c1 k1 via n1\nput c1 k1 via n1 blind\nget c1 k1 via n1";
    assert_eq!(parting("textbook", "last-write-wins"), (DifferenceLevel::Answers, shortest.to_owned()));
    assert_eq!(
        parting("last-write-wins", "textbook"),
        (DifferenceLevel::Answers, shortest.to_owned()),
        "whichever is first"
    );
}

/// A read that repairs nothing answers the same; only a later read, of another replica, tells the difference.
#[test]
fn a_store_that_never_repairs_is_told_by_a_second_read() {
    let (level, schedule) = parting("textbook", "mutant-never-repairs");
    assert_eq!(level, DifferenceLevel::Answers);
    assert_eq!(schedule, "put c1 k1 via n1 (to n2 lost)\nget c1 k1 via n1\nget c1 k1 via n2 level one");
}

/// The textbook, but a read sends every replica what it merged, whether the replica has it or not.
#[derive(Debug)]
struct RepairsEverybody;

impl Protocol for RepairsEverybody {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let needed = self.base().repair(progress, merged);
        let all =
            (0..progress.slots.len()).map(|slot| Repair { slot, versions: merged.clone(), whole: true });
        Repairs { send: all.collect(), ..needed }
    }
}

#[test]
fn what_only_messages_show_is_found_in_the_messages() {
    let options = Options { schedules: 20, ..Options::of(Cluster::new(1, 1, 1)) };
    let (textbook, eager) = (Modelled::<Dotted>(&Textbook), Modelled(&RepairsEverybody));
    let divergence = diff(&textbook, &eager, &options).divergence.expect("they differ");
    assert_eq!(
        (divergence.level, divergence.schedule.to_string()),
        (DifferenceLevel::Messages, "get c1 k1 via n1".to_owned())
    );
}

/// Metadata are not compared: two protocols may name the same causality in different ways.
#[test]
fn a_timestamp_that_nobody_goes_by_makes_no_difference() {
    assert_eq!(compared("textbook", "mutant-timestamps-itself", 100).divergence, None);
}

#[test]
fn what_each_keeps_is_counted_on_the_same_schedules() {
    let told = compared("textbook", "mutant-overwrites", 200);
    for line in &told.guarantees {
        assert!(!line.claimed[0] || line.broken[0] == 0, "{line:?}: the textbook keeps what it claims");
    }
    assert!(told.guarantees.iter().any(|line| line.claimed[1] && line.broken[1] > 0));
    let divergence = told.divergence.unwrap();
    assert_eq!(divergence.broken[0], []);
    assert!(divergence.broken[1].iter().any(|broken| broken.to_string() == "no-lost"));
}

/// It answers like the textbook, most of the time; but to say that the two are the same would be to say too much.
#[test]
fn a_protocol_that_does_not_do_the_same_twice_is_not_called_the_same() {
    let told = compared("textbook", "mutant-tosses-coins", 100);
    assert!(!told.does_the_same_twice() && told.divergence.is_none());
    assert!(told.render(&Plain).starts_with('?'), "{}", told.render(&Plain));
}

#[test]
fn a_panic_and_messages_without_end_are_told() {
    for (protocol, breakage, said) in [
        ("mutant-panics", Breakage::Panic, "mutant-panics panics here"),
        ("mutant-storms", Breakage::Storm, "mutant-storms sends messages without end here"),
    ] {
        let told = compared("textbook", protocol, 20);
        let line = told.guarantees.iter().find(|line| line.breakage == breakage).unwrap();
        assert!(line.broken[0] == 0 && line.broken[1] > 0, "{line:?}");
        let divergence = told.divergence.unwrap();
        assert!(divergence.broken[1].contains(&breakage));
        assert!(divergence.to_string().contains(said), "{divergence}");
    }
}
