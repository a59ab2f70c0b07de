//! Two models of one store, each explored by its own checker, have the same states and the same failures.
//!
//! The [twin](super::twin) was written apart from the model that is checked here, and stateright knows neither. With
//! nothing judged, the two have the same number of states, one for one: what the first model's ghosts and judges
//! remember follows from what the twin writes down. With reads judged fresh the judges remember more than the twin,
//! so that only the verdict and the depth of the first failure are compared.

use quorate::judge::Demands;
use quorate::prelude::*;
use quorate::search::states::StateScope;
use stateright::{Checker, Model};

use super::twin::Twin;
use super::world::{built_in, expected, plain, reduced};

fn scope(twin: &Twin) -> StateScope {
    let scope = StateScope::of(Cluster::new(twin.n, twin.r, twin.w), twin.operations as u16);
    StateScope { clients: twin.clients.into(), blind: false, ..scope }
}

const fn twin(n: u8, r: u8, w: u8, clients: u8, operations: usize) -> Twin {
    Twin { n, r, w, clients, operations, judges: false }
}

#[test]
fn the_two_have_the_same_states() {
    let worlds = [
        twin(1, 1, 1, 2, 3),
        twin(2, 1, 1, 1, 3),
        twin(2, 1, 1, 2, 2),
        twin(2, 2, 1, 2, 2),
        twin(2, 1, 2, 2, 2),
        twin(3, 2, 2, 1, 2),
        twin(3, 2, 2, 2, 2),
    ];
    for twin in worlds {
        let theirs = twin.checker().spawn_bfs().join().unique_state_count();
        let ours = plain(built_in("textbook"), &Demands::NOTHING, &scope(&twin));
        assert!(ours.complete);
        assert_eq!(ours.states, theirs, "{twin:?}: {ours}");
    }
}

#[test]
fn the_two_find_a_stale_read_at_the_same_depth() {
    for (n, r, w) in [(1, 1, 1), (2, 1, 1), (2, 2, 1), (2, 1, 2), (3, 1, 1)] {
        let twin = Twin { judges: true, ..twin(n, r, w, 2, 2) };
        let checker = twin.checker().spawn_bfs().join();
        let theirs = checker.discovery("fresh").map(|path| path.into_actions().len() as u32);
        for search in [plain, reduced] {
            let ours = search(built_in("textbook"), &expected(Guarantee::Fresh), &scope(&twin));
            assert_eq!(ours.found.map(|found| found.depth), theirs, "{twin:?}");
        }
    }
}
