//! What a step costs: with everything on, replayed, and in a bare loop over the same model, in the same run.
//!
//! `cargo bench`. An item is an event: an invocation, a message handled, a timeout or a fault. Only ratios within
//! one run mean anything on a shared machine.

use divan::Bencher;
use divan::counter::ItemsCount;
use quorate::check::{Demands, Subject};
use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::model::{Cluster, Dotted, Textbook};
use quorate::protocols;
use quorate::search::exhaust::{Scope, exhaust};
use quorate::search::minimise::{Case, minimise};
use quorate::search::walk::Shape;
use quorate::world::modelled::Modelled;
use quorate::world::schedule::Schedule;
use quorate::world::simulation::Simulation;

const SCHEDULES: u64 = 200;
const TEXTBOOK: Modelled<'static, Dotted> = Modelled(&Textbook);

fn main() {
    divan::main();
}

fn schedules(cluster: Cluster) -> Vec<Schedule> {
    (0..SCHEDULES).map(|number| Shape::of(cluster).schedule(1, number)).collect()
}

/// The events of all these schedules.
fn events(subject: &dyn Subject, cluster: Cluster, demands: Demands) -> u64 {
    let mut runner = subject.runner(cluster, 2, demands);
    schedules(cluster).iter().map(|schedule| runner.run(schedule).tally.events).sum()
}

/// Choice, every message, the oracle and every judge, and coming to rest.
#[divan::bench(args = ["textbook", "last-write-wins", "sloppy-quorum", "pn-counter"])]
fn random_step(bencher: Bencher<'_, '_>, protocol: &str) {
    let cluster = Cluster::default();
    let subject = protocols::find(protocol).expect("a built-in protocol").subject;
    let demands = Demands::of_claims(&subject.claims(cluster));
    let count = events(subject, cluster, demands);
    let shape = Shape::of(cluster);
    let mut runner = subject.runner(cluster, 2, demands);
    bencher.counter(ItemsCount::new(count)).bench_local(|| {
        (0..SCHEDULES).filter(|&number| runner.run(&shape.schedule(1, number)).finding.is_some()).count()
    });
}

/// Schedules at hand: every message, the oracle and every judge.
#[divan::bench]
fn replay_judged(bencher: Bencher<'_, '_>) {
    let cluster = Cluster::default();
    let demands = Demands::of_claims(&Subject::claims(&TEXTBOOK, cluster));
    let count = events(&TEXTBOOK, cluster, demands);
    let schedules = schedules(cluster);
    let mut runner = TEXTBOOK.runner(cluster, 2, demands);
    bencher
        .counter(ItemsCount::new(count))
        .bench_local(|| schedules.iter().filter(|schedule| runner.run(schedule).finding.is_some()).count());
}

/// The same schedules and the same model, and nobody watches: the bare loop.
#[divan::bench]
fn bare_loop(bencher: Bencher<'_, '_>) {
    let cluster = Cluster::default();
    let schedules = schedules(cluster);
    let run = |simulation: &mut Simulation<'_, Modelled<'static, Dotted>>| {
        let mut events = 0;
        for schedule in &schedules {
            simulation.reset();
            schedule.steps.iter().for_each(|step| simulation.step(step, &mut ()));
            simulation.settle(true, &mut ());
            events += simulation.tally().events;
        }
        events
    };
    let mut simulation = Simulation::new(&TEXTBOOK, cluster, 2);
    let count = run(&mut simulation);
    bencher.counter(ItemsCount::new(count)).bench_local(|| run(&mut simulation));
}

/// One failure made as small as it gets: the stale read at R=W=1.
#[divan::bench]
fn shrink_a_stale_read(bencher: Bencher<'_, '_>) {
    let cluster = Cluster::new(3, 1, 1);
    let demands = Demands::NOTHING.expecting(GuaranteeSet::only(Guarantee::Fresh));
    let mut runner = TEXTBOOK.runner(cluster, 2, demands);
    let failing = schedules(cluster).into_iter().find_map(|schedule| {
        let finding = runner.run(&schedule).finding?;
        Some((schedule, finding.breakage))
    });
    let (schedule, breakage) = failing.expect("two hundred schedules hold a stale read");
    bencher.bench_local(|| {
        let case = Case { cluster, schedule: schedule.clone() };
        minimise(&TEXTBOOK, &demands, case, breakage).minimal.runs
    });
}

/// Every schedule of size two of one client and one key, on three nodes. An item is a schedule.
#[divan::bench(sample_count = 10)]
fn exhaust_size_two(bencher: Bencher<'_, '_>) {
    let cluster = Cluster::default();
    let demands = Demands::of_claims(&Subject::claims(&TEXTBOOK, cluster));
    let run = || exhaust(&TEXTBOOK, &demands, &Scope::of(cluster, 2), 1_000_000).runs;
    bencher.counter(ItemsCount::new(run())).bench_local(run);
}
