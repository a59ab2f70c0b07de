//! A search ends where it is told to, says so, and is the same on any number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use quorate::judge::{Breakage, Demands, Subject};
use quorate::prelude::*;
use quorate::search::random::Faults;
use quorate::search::states::{Limits, Reductions, StateScope, explore};
use quorate::world::modelled::Modelled;

use super::world::{built_in, claimed, expected, reduced};

#[test]
fn a_limit_that_is_met_decides_nothing() {
    let textbook = built_in("textbook");
    let cluster = Cluster::default();
    let demands = claimed(textbook, cluster);
    let scope = StateScope::of(cluster, 3);
    for limits in [
        Limits { states: 1, ..Limits::default() },
        Limits { states: 3_000, ..Limits::default() },
        Limits { bytes: 1 << 19, ..Limits::default() },
    ] {
        let explored = explore(textbook, &demands, &scope, Reductions::ALL, limits, &());
        assert!(!explored.complete && explored.found.is_none(), "{explored}");
        assert!(explored.states <= limits.states.saturating_add(200_000));
        assert!(explored.to_string().contains("the limit of "), "{explored}");
    }
    let none =
        explore(textbook, &demands, &scope, Reductions::ALL, Limits { states: 0, bytes: 0, threads: 0 }, &());
    assert_eq!((none.states, none.depth, none.complete), (1, 0, false));
}

#[test]
fn a_world_too_large_ends_with_its_limit() {
    let scope = StateScope {
        clients: 64,
        keys: 64,
        deletes: true,
        ticks: 9,
        wakes: 9,
        tick_ms: 1,
        ..StateScope::of(Cluster::new(16, 9, 8), 255).with_faults(255, Faults::ALL)
    };
    let textbook = built_in("textbook");
    let limits = Limits { states: 100, ..Limits::default() };
    let demands = expected(Guarantee::Fresh);
    let explored = explore(textbook, &demands, &scope, Reductions::ALL, limits, &());
    assert!(!explored.complete && explored.found.is_none());
}

#[test]
fn a_bound_on_depth_is_part_of_the_scope() {
    let textbook = built_in("textbook");
    let cluster = Cluster::new(2, 1, 1);
    let demands = expected(Guarantee::Fresh);
    let scope = StateScope { depth: Some(5), ..StateScope::of(cluster, 2) };
    let explored = reduced(textbook, &demands, &scope);
    assert!(explored.complete && explored.found.is_none(), "{explored}");
    assert_eq!(explored.depth, 5);
    assert!(
        explored.to_string().ends_with(
            "up to depth 5; two states were taken for one with probability below \
        8e-16)"
        ) || explored.to_string().contains("up to depth 5"),
        "{explored}"
    );
    let nothing = reduced(textbook, &demands, &StateScope::of(cluster, 0));
    assert_eq!((nothing.states, nothing.complete), (1, true));
}

#[test]
fn threads_change_nothing_but_the_time() {
    let textbook = built_in("textbook");
    for (cluster, guarantee) in
        [(Cluster::new(2, 2, 1), Guarantee::Fresh), (Cluster::new(3, 1, 1), Guarantee::MonotonicReads)]
    {
        let scope = StateScope::of(cluster, 2);
        let demands = expected(guarantee);
        let on = |threads| {
            let limits = Limits { threads, ..Limits::default() };
            explore(textbook, &demands, &scope, Reductions::ALL, limits, &())
        };
        let one = on(1);
        for threads in [2, 3, 8] {
            assert_eq!(on(threads), one);
        }
    }
}

/// Panics when it is asked for the thousandth time what it does not look at.
#[derive(Debug)]
struct Shy(AtomicUsize);

impl Protocol for Shy {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn symmetry(&self) -> Symmetry {
        assert_ne!(self.0.fetch_add(1, Ordering::Relaxed), 1_000, "enough");
        self.base().symmetry()
    }
}

#[test]
fn a_panic_outside_a_step_is_a_finding_on_any_number_of_threads() {
    let cluster = Cluster::default();
    for threads in 1..=3 {
        let shy = Shy(AtomicUsize::new(0));
        let subject = Modelled(&shy as &dyn Protocol);
        let demands = Demands::of_claims(&Subject::claims(&subject, cluster));
        let limits = Limits { threads, ..Limits::default() };
        let explored = explore(&subject, &demands, &StateScope::of(cluster, 3), Reductions::ALL, limits, &());
        let found = explored.found.expect("a panic");
        assert_eq!((found.finding.breakage, explored.complete), (Breakage::Panic, false));
    }
}
