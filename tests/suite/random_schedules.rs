//! How schedules are drawn: what the library does, and what it is measured against in `benches/random_search`.

#[path = "../../benches/random_search/bugs.rs"]
#[allow(dead_code)]
mod bugs;
#[path = "../../benches/random_search/strategies/mod.rs"]
#[allow(dead_code)]
mod strategies;

use std::collections::BTreeSet;

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::harness::{Options, check};
use quorate::judge::Demands;
use quorate::model::Cluster;
use quorate::protocols::find;
use quorate::search::random::{Faults, Profile, Shape};
use quorate::search::rng::SeededRng;
use quorate::world::schedule::{Schedule, Step};
use strategies::pct::{self, Hold};
use strategies::{Contender, DEFAULT, SHAPES, WAYS};

/// The first schedules of a strategy that learns from each of them.
fn first(contender: &Contender, seed: u64, count: u64) -> Vec<Schedule> {
    let bug = &bugs::all()[0];
    let shape = Shape { cluster: bug.cluster, ..contender.shape };
    let mut strategy = (contender.strategy)();
    let next = |number| {
        let schedule = strategy.schedule(&shape, seed, number);
        strategy.learn(bug, &schedule);
        schedule
    };
    (0..count).map(next).collect()
}

#[test]
fn every_strategy_draws_schedules_that_read_back_and_differ() {
    for contender in WAYS.iter().chain(SHAPES) {
        let schedules = first(contender, 5, 100);
        for schedule in &schedules {
            assert_eq!(schedule.to_string().parse().as_ref(), Ok(schedule), "{}", contender.name);
        }
        let texts: BTreeSet<String> = schedules.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), schedules.len(), "{} draws one twice", contender.name);
    }
}

#[test]
fn every_strategy_draws_the_same_again_and_no_two_the_same() {
    let mut drawn = BTreeSet::new();
    for contender in WAYS {
        let schedules = first(contender, 6, 80);
        assert_eq!(schedules, first(contender, 6, 80), "{}", contender.name);
        assert!(drawn.insert(schedules), "{} is another by another name", contender.name);
    }
}

#[test]
fn a_schedule_keeps_within_its_shape() {
    let Shape { fewest_operations, most_operations, keys, clients, .. } = DEFAULT.shape;
    for schedule in first(&DEFAULT, 7, 200) {
        let count = schedule.operations().count();
        // At the end each client reads each key that it has used.
        let most = most_operations + keys * clients;
        assert!((usize::from(fewest_operations)..=usize::from(most)).contains(&count));
        assert!(
            schedule.operations().all(|operation| operation.key.0 <= keys && operation.client.0 <= clients)
        );
    }
    let without = Shape { faults: Faults::NONE, ..DEFAULT.shape };
    for number in 0..50 {
        let schedule = without.schedule(7, number);
        let unusual = |step: &Step| match step.operation() {
            Some(operation) => !operation.exceptions.is_empty(),
            None => step.size() > 0,
        };
        assert!(!schedule.steps.iter().any(unusual), "a fault where there may be none:\n{schedule}");
    }
}

#[test]
fn the_first_counterexample_does_not_depend_on_the_number_of_threads() {
    let subject = find("mutant-writes-back-too-late").unwrap().subject;
    let options = Options { schedules: 2_000, seed: 2, ..Options::of(Cluster::default()) };
    let said = |threads| check(subject, &Options { threads, ..options }).without_times().to_string();
    let alone = said(1);
    assert!(alone.contains("monotonic-reads is broken"), "{alone}");
    assert_eq!(alone, said(2));
    assert_eq!(alone, said(5));
}

/// Every way to hold one chain of a schedule back.
fn holds(cluster: Cluster, schedule: &Schedule) -> Vec<Hold> {
    let operations = schedule.operations().count();
    let mut holds = Vec::new();
    for (from, operation) in schedule.operations().enumerate() {
        for name in pct::points(cluster, operation) {
            holds.extend((from + 1..=operations).map(|until| Hold { from, name, until }));
        }
    }
    holds
}

/// The bound that `pct` states, where it can be checked: among failures of one held chain, on operations that do not
/// fail without. For each schedule every way to hold one chain is run, and those that fail are counted.
#[test]
fn chains_are_held_at_least_as_often_as_the_bound_says() {
    const SCHEDULES: u64 = 3_000;
    let cluster = Cluster::default();
    let shape = Shape { fewest_operations: 4, most_operations: 4, keys: 1, clients: 2, ..Shape::of(cluster) };
    let demands = Demands::NOTHING.demanding(GuaranteeSet::only(Guarantee::NoLost));
    let mut runner = find("mutant-last-arrival-wins").unwrap().subject.runner(cluster, 1, demands);
    let mut fails = |schedule: &Schedule| runner.run(schedule).finding.is_some();
    let (mut bound, mut found) = (0.0, 0_u32);
    for number in 0..SCHEDULES {
        let bare = shape.schedule_in(Profile::plain(Faults::NONE), SeededRng::of(3, number));
        if fails(&bare) {
            continue;
        }
        let exposing = holds(cluster, &bare).into_iter().filter(|hold| {
            let mut held = bare.clone();
            pct::hold(&mut held, hold);
            fails(&held)
        });
        let (points, operations) = (f64::from(4 * (u32::from(cluster.nodes) - 1) + 2), 4.0);
        bound += exposing.count() as f64 / (f64::from(pct::MOST_HELD) * points * operations * operations);
        found += u32::from(fails(&pct::pure(&shape, 3, number)));
    }
    assert!(bound > 10.0, "too few failures to tell: {bound}");
    assert!(f64::from(found) > bound - 3.0 * bound.sqrt(), "found {found}, and the bound is {bound}");
}
