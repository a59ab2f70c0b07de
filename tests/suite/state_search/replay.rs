//! What is found is a schedule that replays, and the least one there is.

use quorate::judge::{Breakage, Demands};
use quorate::prelude::*;
use quorate::search::minimise::{Case, minimise};
use quorate::search::random::{Fault, Faults};
use quorate::search::schedules::{ScheduleScope, exhaust};
use quorate::search::states::StateScope;
use quorate::search::symptom::Symptom;

use super::world::{built_in, claimed, expected, plain, reduced, replays, verdict};

#[test]
fn a_stale_read_is_found_at_its_least_depth_and_replays() {
    let textbook = built_in("textbook");
    let demands = expected(Guarantee::Fresh);
    for n in [2, 3] {
        let scope = StateScope::of(Cluster::new(n, 1, 1), 2);
        let explored = reduced(textbook, &demands, &scope);
        // Three for the write, and three for the read: it is invoked, its request arrives, and so does the answer to
        // the client. What a coordinator says to its own replica is no message.
        assert_eq!(verdict(&explored), (false, Some((6, Breakage::Guarantee(Guarantee::Fresh)))));
        replays(textbook, &demands, &explored);
        replays(textbook, &demands, &plain(textbook, &demands, &scope));
    }
}

#[test]
fn a_path_made_smaller_is_the_least_schedule_there_is() {
    let cases = [
        ("textbook", Cluster::new(2, 1, 1), Guarantee::Fresh, 2, Faults::NONE),
        ("textbook", Cluster::new(2, 1, 1), Guarantee::ReadYourWrites, 2, Faults::NONE),
        ("version-vectors", Cluster::new(1, 1, 1), Guarantee::NoLost, 2, Faults::NONE),
        ("as-seeded", Cluster::new(2, 1, 1), Guarantee::OnceOnly, 1, Faults::NONE),
        ("textbook", Cluster::new(2, 1, 1), Guarantee::Available, 1, Faults::NONE.with(Fault::Timeout)),
    ];
    for (name, cluster, guarantee, operations, faults) in cases {
        let subject = built_in(name);
        let demands = expected(guarantee);
        let scope = StateScope::of(cluster, operations).with_faults(1, faults);
        let explored = reduced(subject, &demands, &scope);
        let schedules = ScheduleScope::of(cluster, 3);
        let least = exhaust(subject, &demands, &schedules, u64::MAX).found;
        let Some(found) = &explored.found else {
            assert!(least.is_none(), "{name} {guarantee}");
            continue;
        };
        replays(subject, &demands, &explored);
        let case = Case { cluster, schedule: found.schedule.clone() };
        let smaller = minimise(subject, Symptom::new(found.finding.breakage, demands), case, Faults::ALL);
        let (least, _) = least.unwrap_or_else(|| panic!("{name} {guarantee}"));
        assert_eq!(smaller.minimal.case.schedule.size(), least.schedule.size(), "{name} {guarantee}");
    }
}

/// Each kind of fault, so that each has its step in a schedule that replays.
#[test]
fn failures_after_faults_replay() {
    let find = |name: &str, faults: Faults, most, guarantee, operations| {
        let mutant = quorate::protocols::MUTANTS.iter().find(|mutant| mutant.name == name).unwrap();
        let cluster = Cluster::new(2, 1, 2);
        let demands = Demands::NOTHING.demanding(quorate::guarantee::GuaranteeSet::only(guarantee));
        let scope = StateScope::of(cluster, operations).with_faults(most, faults);
        let explored = reduced(mutant.subject, &demands, &scope);
        replays(mutant.subject, &demands, &explored);
        explored.found.unwrap().schedule.to_string()
    };
    let none = Faults::NONE;
    let text = find("mutant-empty-after-restart", none.with(Fault::Crash), 1, Guarantee::NoLost, 2);
    assert!(text.contains("\ncrash n") && text.contains("\nrestart n"), "{text}");
    let text = find("mutant-dot-reused-after-wipe", none.with(Fault::Wipe), 1, Guarantee::OneDotOneWrite, 2);
    assert!(text.contains("\nwipe n"), "{text}");
    let text = find("mutant-never-repairs", none.with(Fault::Lost), 1, Guarantee::Convergence, 1);
    assert!(text.contains(" lost"), "{text}");
    let text = find("mutant-hides-refusals", none.with(Fault::Suspect), 1, Guarantee::Available, 1);
    assert!(text.contains("suspect n"), "{text}");
    let text = find("mutant-never-repairs", none.with(Fault::Cut), 1, Guarantee::Convergence, 1);
    assert!(text.contains("cut n"), "{text}");
    let text = find("mutant-keeps-all", none.with(Fault::Doubled), 1, Guarantee::Antichain, 1);
    assert!(text.contains(" twice"), "{text}");
}

#[test]
fn a_coin_in_a_protocol_is_found() {
    let mutant =
        quorate::protocols::MUTANTS.iter().find(|mutant| mutant.name == "mutant-tosses-coins").unwrap();
    let cluster = Cluster::new(2, 1, 2);
    let demands = claimed(mutant.subject, cluster);
    let explored = reduced(mutant.subject, &demands, &StateScope::of(cluster, 1));
    assert_eq!(explored.found.unwrap().finding.breakage, Breakage::Nondeterminism);
}
