//! How many states small worlds have, and how many steps lead through them: whatever changes the model, the judges'
//! memory or a reduction shows here first.

use quorate::prelude::*;
use quorate::search::explore::Scope;
use quorate::search::walk::{Fault, Faults};

use super::world::{built_in, claimed, plain, reduced};

/// A world: a protocol, its N R W, how many operations, and a fault that may happen once.
type World = (&'static str, [u8; 3], u16, Option<Fault>);

#[test]
fn the_numbers_of_states_are_pinned() {
    for ((name, [n, r, w], operations, fault), whole, few) in PINNED {
        let (subject, cluster) = (built_in(name), Cluster::new(n, r, w));
        let demands = claimed(subject, cluster);
        let scope = Scope::of(cluster, operations);
        let scope = fault.map_or(scope, |fault| scope.with_faults(1, Faults::NONE.with(fault)));
        for (searched, states, steps) in [
            (plain(subject, &demands, &scope), whole.0, whole.1),
            (reduced(subject, &demands, &scope), few.0, few.1),
        ] {
            assert!(searched.complete && searched.found.is_none(), "{searched}");
            assert_eq!((searched.states, searched.steps), (states, steps), "{name}: {searched}");
        }
    }
}

/// Of each world the states and the steps: of the plain search, and with every reduction.
const PINNED: [(World, (usize, u64), (usize, u64)); 9] = [
    (("textbook", [1, 1, 1], 2, None), (147, 196), (74, 98)),
    (("textbook", [2, 1, 1], 2, None), (4_169, 9_304), (835, 1_826)),
    (("textbook", [3, 2, 2], 1, None), (193, 288), (25, 32)),
    (("textbook", [3, 2, 2], 2, None), (82_987, 237_762), (8_411, 22_096)),
    (("version-vectors", [2, 2, 1], 2, None), (0, 0), (0, 0)),
    (("last-write-wins", [2, 2, 1], 2, None), (0, 0), (0, 0)),
    (("textbook", [2, 2, 1], 1, Some(Fault::Crash)), (0, 0), (0, 0)),
    (("textbook", [2, 2, 1], 1, Some(Fault::Lost)), (0, 0), (0, 0)),
    (("textbook", [2, 2, 1], 1, Some(Fault::Cut)), (0, 0), (0, 0)),
];
