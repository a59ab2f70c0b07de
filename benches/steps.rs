//! What a step costs: with everything on, replayed, and in a bare loop over the same model, in the same run.
//!
//! `cargo bench`. An item is an event: an invocation, a message handled, a timeout or a fault. Only ratios within
//! one run mean anything on a shared machine.

use divan::Bencher;
use divan::counter::ItemsCount;
use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::judge::{Demands, Subject};
use quorate::model::{Cluster, Dotted, Textbook};
use quorate::protocols;
use quorate::search::minimise::{Case, minimise};
use quorate::search::random::{Faults, Shape};
use quorate::search::schedules::{ScheduleScope, exhaust};
use quorate::search::symptom::Symptom;
use quorate::world::modelled::Modelled;
use quorate::world::schedule::Schedule;
use quorate::world::simulation::Simulation;

const SCHEDULES: u64 = 200;
/// In operations. A step costs more in a long schedule, where more versions stand beside each other; the shortest make
/// about a hundred events each, most of them of coming to rest.
const LENGTHS: [u16; 3] = [8, 40, 120];
const TEXTBOOK: Modelled<'static, Dotted> = Modelled(&Textbook);

fn main() {
    divan::main();
}

fn shape(cluster: Cluster, length: u16) -> Shape {
    Shape { fewest_operations: length, most_operations: length, ..Shape::of(cluster) }
}

fn schedules(shape: &Shape) -> Vec<Schedule> {
    (0..SCHEDULES).map(|number| shape.schedule(1, number)).collect()
}

/// Draws schedules of this shape, and runs them with everything on.
fn random_steps(bencher: Bencher<'_, '_>, protocol: &str, shape: Shape) {
    let subject = protocols::find(protocol).expect("a built-in protocol").subject;
    let mut runner = subject.runner(shape.cluster, 2, Demands::of_claims(&subject.claims(shape.cluster)));
    let mut run =
        || -> u64 { (0..SCHEDULES).map(|number| runner.run(&shape.schedule(1, number)).tally.events).sum() };
    bencher.counter(ItemsCount::new(run())).bench_local(run);
}

/// Choice, every message, the oracle and every judge, and coming to rest, in schedules of the default shape.
#[divan::bench(args = ["textbook", "last-write-wins", "sloppy-quorum", "pn-counter"])]
fn random_step(bencher: Bencher<'_, '_>, protocol: &str) {
    random_steps(bencher, protocol, Shape::of(Cluster::default()));
}

/// The same, by the length of the schedules.
#[divan::bench(args = LENGTHS)]
fn random_step_by_length(bencher: Bencher<'_, '_>, length: u16) {
    random_steps(bencher, "textbook", shape(Cluster::default(), length));
}

/// Schedules at hand: every message, the oracle and every judge.
#[divan::bench(args = LENGTHS)]
fn replay_judged(bencher: Bencher<'_, '_>, length: u16) {
    let cluster = Cluster::default();
    let schedules = schedules(&shape(cluster, length));
    let mut runner = TEXTBOOK.runner(cluster, 2, Demands::of_claims(&Subject::claims(&TEXTBOOK, cluster)));
    let mut run = || -> u64 { schedules.iter().map(|schedule| runner.run(schedule).tally.events).sum() };
    bencher.counter(ItemsCount::new(run())).bench_local(run);
}

/// The same schedules and the same model, and nobody watches: the bare loop.
#[divan::bench(args = LENGTHS)]
fn bare_loop(bencher: Bencher<'_, '_>, length: u16) {
    let cluster = Cluster::default();
    let schedules = schedules(&shape(cluster, length));
    let mut simulation = Simulation::new(&TEXTBOOK, cluster, 2);
    let mut run = || {
        let mut events = 0;
        for schedule in &schedules {
            simulation.reset();
            schedule.steps.iter().for_each(|step| simulation.step(step, &mut ()));
            simulation.settle(true, &mut ());
            events += simulation.tally().events;
        }
        events
    };
    bencher.counter(ItemsCount::new(run())).bench_local(run);
}

/// One failure made as small as it gets: the stale read at R=W=1.
#[divan::bench]
fn shrink_a_stale_read(bencher: Bencher<'_, '_>) {
    let cluster = Cluster::new(3, 1, 1);
    let demands = Demands::NOTHING.expecting(GuaranteeSet::only(Guarantee::Fresh));
    let mut runner = TEXTBOOK.runner(cluster, 2, demands);
    let failing = schedules(&Shape::of(cluster)).into_iter().find_map(|schedule| {
        let finding = runner.run(&schedule).finding?;
        Some((schedule, finding.breakage))
    });
    let (schedule, breakage) = failing.expect("two hundred schedules hold a stale read");
    bencher.bench_local(|| {
        let case = Case { cluster, schedule: schedule.clone() };
        minimise(&TEXTBOOK, Symptom::new(breakage, demands), case, Faults::ALL).minimal.runs
    });
}

/// Every schedule of size two of one client and one key, on three nodes. An item is a schedule.
#[divan::bench(sample_count = 10)]
fn exhaust_size_two(bencher: Bencher<'_, '_>) {
    let cluster = Cluster::default();
    let demands = Demands::of_claims(&Subject::claims(&TEXTBOOK, cluster));
    let run = || exhaust(&TEXTBOOK, &demands, &ScheduleScope::of(cluster, 2), 1_000_000).runs;
    bencher.counter(ItemsCount::new(run())).bench_local(run);
}
