//! What the reductions leave out changes neither what is found nor how deep: the plain search is their dumb twin.

use quorate::guarantee::GuaranteeSet;
use quorate::judge::{Breakage, Demands, Subject};
use quorate::prelude::*;
use quorate::protocols::{self, MUTANTS};
use quorate::search::random::{Fault, Faults};
use quorate::search::states::{Limits, Reductions, StateScope, explore};

use super::world::{claimed, plain, reduced, replays, verdict};

const EACH: [(&str, Reductions); 3] = [
    ("spent", Reductions { spent: true, ..Reductions::NONE }),
    ("symmetry", Reductions { symmetry: true, ..Reductions::NONE }),
    ("order", Reductions { order: true, ..Reductions::NONE }),
];

#[track_caller]
fn same(subject: &dyn Subject, demands: &Demands, scope: &StateScope) {
    let whole = plain(subject, demands, scope);
    let mut searches = vec![("all", reduced(subject, demands, scope))];
    for (name, reductions) in EACH {
        searches.push((name, explore(subject, demands, scope, reductions, Limits::default(), &())));
    }
    for (name, search) in &searches {
        assert_eq!(verdict(search), verdict(&whole), "{} {name}:\n{whole}\n{search}", subject.name());
        if search.found.as_ref().is_some_and(|found| found.finding.breakage != Breakage::Nondeterminism) {
            replays(subject, demands, search);
        }
    }
    if whole.found.is_none() {
        let (_, order) = &searches[3];
        assert_eq!(order.states, whole.states, "an order of deliveries leads nowhere else");
        assert!(order.steps <= whole.steps);
    }
}

/// The faults that reach different parts of the model, one at a time.
const FAULTS: [Fault; 10] = [
    Fault::Lost,
    Fault::Doubled,
    Fault::Pause,
    Fault::Crash,
    Fault::Wipe,
    Fault::Suspect,
    Fault::Timeout,
    Fault::Cut,
    Fault::OneWay,
    Fault::Skew,
];

#[test]
fn built_in_protocols_keep_the_same_in_the_same_worlds() {
    for entry in protocols::ALL {
        let cluster = Cluster::new(2, 2, 1);
        let demands = claimed(entry.subject, cluster);
        same(entry.subject, &demands, &StateScope::of(cluster, 2));
        for fault in FAULTS {
            let scope = StateScope::of(cluster, 1).with_faults(1, Faults::NONE.with(fault));
            same(entry.subject, &demands, &StateScope { deletes: true, tick_ms: 10, ..scope });
        }
    }
}

#[test]
fn three_replicas_of_the_textbook_are_the_same() {
    let textbook = protocols::find("textbook").unwrap().subject;
    for (r, w) in [(2, 2), (1, 1)] {
        let cluster = Cluster::new(3, r, w);
        let scope = StateScope { blind: false, depth: Some(9), ..StateScope::of(cluster, 2) };
        same(textbook, &claimed(textbook, cluster), &scope);
        let demands = Demands::NOTHING.expecting(GuaranteeSet::only(Guarantee::MonotonicReads));
        same(textbook, &demands, &scope);
    }
}

/// Every broken protocol, judged on what it breaks.
#[test]
fn mutants_are_caught_at_the_same_depth() {
    let mut caught = 0;
    for mutant in MUTANTS {
        let cluster = Cluster::new(2, 1, 2);
        let demands = match mutant.breaks {
            Breakage::Guarantee(guarantee) => Demands::NOTHING.demanding(GuaranteeSet::only(guarantee)),
            _ => claimed(mutant.subject, cluster),
        };
        let scope = StateScope { deletes: true, depth: Some(8), ..StateScope::of(cluster, 2) };
        same(mutant.subject, &demands, &scope);
        let faults = Faults::NONE.with(Fault::Crash).with(Fault::Lost);
        let scope = StateScope { clients: 1, blind: false, depth: Some(8), ..StateScope::of(cluster, 2) };
        let scope = scope.with_faults(1, faults);
        same(mutant.subject, &demands, &scope);
        caught += usize::from(reduced(mutant.subject, &demands, &scope).found.is_some());
    }
    assert!(caught >= 8, "only {caught} of {} are caught in so small a world", MUTANTS.len());
}
