//! What a state costs, beside stateright, which explores a second model of the same world in the same run.
//!
//! `cargo bench --bench explore`. An item is a distinct state. The two models have the same states, one for one (a
//! test says so); ours keeps beside each state what the ghosts and the judges remember, and the path to it.

use divan::Bencher;
use divan::counter::ItemsCount;
use quorate::judge::{Demands, Subject};
use quorate::model::{Cluster, Dotted, Textbook};
use quorate::search::states::{Explored, Limits, Reductions, StateScope, explore};
use quorate::world::modelled::Modelled;
use stateright::{Checker, Model};

#[path = "../tests/suite/state_search/twin.rs"]
mod twin;

const TEXTBOOK: Modelled<'static, Dotted> = Modelled(&Textbook);
const TWIN: twin::Twin = twin::Twin { n: 3, r: 2, w: 2, clients: 2, operations: 2, judges: false };

fn main() {
    divan::main();
}

fn search(demands: &Demands, reductions: Reductions, threads: usize) -> Explored {
    let scope = StateScope {
        blind: false,
        ..StateScope::of(Cluster::new(TWIN.n, TWIN.r, TWIN.w), TWIN.operations as u16)
    };
    explore(&TEXTBOOK, demands, &scope, reductions, Limits { threads, ..Limits::default() }, &())
}

/// Every order of every message, nothing judged, nothing left out.
#[divan::bench(args = [1, 2], sample_count = 5)]
fn plain(bencher: Bencher<'_, '_>, threads: usize) {
    let run = || search(&Demands::NOTHING, Reductions::NONE, threads).states;
    bencher.counter(ItemsCount::new(run())).bench_local(run);
}

/// The same states, by stateright's breadth-first search.
#[divan::bench(args = [1, 2], sample_count = 5)]
fn stateright(bencher: Bencher<'_, '_>, threads: usize) {
    let run = || TWIN.checker().threads(threads).spawn_bfs().join().unique_state_count();
    bencher.counter(ItemsCount::new(run())).bench_local(run);
}

/// By its depth-first search, which keeps less of each state.
#[divan::bench(args = [1, 2], sample_count = 5)]
fn stateright_depth_first(bencher: Bencher<'_, '_>, threads: usize) {
    let run = || TWIN.checker().threads(threads).spawn_dfs().join().unique_state_count();
    bencher.counter(ItemsCount::new(run())).bench_local(run);
}

/// The same world with every judge and every reduction. An item is a state of the plain search that it stands for.
#[divan::bench(args = [1, 2], sample_count = 5)]
fn judged_and_reduced(bencher: Bencher<'_, '_>, threads: usize) {
    let demands = Demands::of_claims(&Subject::claims(&TEXTBOOK, Cluster::new(TWIN.n, TWIN.r, TWIN.w)));
    let stands_for = search(&demands, Reductions::NONE, 2).states;
    bencher
        .counter(ItemsCount::new(stands_for))
        .bench_local(|| search(&demands, Reductions::ALL, threads).states);
}
