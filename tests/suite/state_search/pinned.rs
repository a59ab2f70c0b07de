//! How many states small worlds have, and how many steps lead through them: whatever changes the model, the judges'
//! memory or a reduction shows here first.

use quorate::prelude::*;
use quorate::search::random::{Fault, Faults};
use quorate::search::states::StateScope;

use super::world::{built_in, claimed, plain, reduced};

/// A protocol, its N R W, how many operations, and a fault that may happen once.
type World = (&'static str, [u8; 3], u16, Option<Fault>);
/// States and steps.
type Count = (usize, u64);

/// Of each world the count of the plain search, and that with every reduction.
const PINNED: [(World, Count, Count); 9] = [
    (("textbook", [1, 1, 1], 2, None), (147, 196), (74, 98)),
    (("textbook", [2, 1, 1], 2, None), (4_105, 9_112), (819, 1_779)),
    (("textbook", [3, 2, 2], 1, None), (193, 288), (25, 32)),
    (("textbook", [3, 2, 2], 2, None), (82_123, 234_882), (8_282, 21_721)),
    (("version-vectors", [2, 2, 1], 2, None), (2_889, 5_780), (552, 1_062)),
    (("last-write-wins", [2, 2, 1], 2, None), (3_113, 6_192), (586, 1_158)),
    (("textbook", [2, 2, 1], 1, Some(Fault::Crash)), (328, 552), (111, 171)),
    (("textbook", [2, 2, 1], 1, Some(Fault::Lost)), (93, 120), (23, 28)),
    (("textbook", [2, 2, 1], 1, Some(Fault::Cut)), (203, 302), (77, 107)),
];

#[test]
fn the_numbers_of_states_are_pinned() {
    let counted = PINNED.map(|(world, ..)| {
        let (name, [n, r, w], operations, fault) = world;
        let (subject, cluster) = (built_in(name), Cluster::new(n, r, w));
        let demands = claimed(subject, cluster);
        let scope = StateScope::of(cluster, operations);
        let scope = fault.map_or(scope, |fault| scope.with_faults(1, Faults::NONE.with(fault)));
        let [whole, few] = [plain, reduced].map(|search| {
            let searched = search(subject, &demands, &scope);
            assert!(searched.complete && searched.found.is_none(), "{searched}");
            (searched.states, searched.steps)
        });
        (world, whole, few)
    });
    assert_eq!(counted, PINNED);
}
