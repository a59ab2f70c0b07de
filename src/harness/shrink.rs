//! From a failure to its story: run it once more, make it smaller, tell it.

use crate::harness::options::Options;
use crate::harness::stopwatch::Stopwatch;
use crate::harness::tally::{Failures, Totals};
use crate::judge::determinism::compare_two_runs;
use crate::judge::{Breakage, Demands, Finding, Subject};
use crate::plural::Plural;
use crate::search::minimise::{
    Case, MinimisedFailure, compare, minimise, minimise_with, on_a_smaller_cluster,
};
use crate::search::schedules::{Certified, Exhausted, minimise_exactly, search_below};
use crate::search::symptom::Symptom;
use crate::story::{Below, Found, Story};
use crate::world::scenario::Scenario;
use crate::world::schedule::Schedule;

/// How often a schedule is run twice before it counts as doing the same.
const TOSSES: usize = 3;

/// The longest schedule that is told in one line, in steps.
const MOST_IN_A_LINE: usize = 6;

/// Makes a failure smaller, and tells it. Other schedules that fail in the same way may become smaller still, or come
/// earlier in the order of preference; the least one is told.
pub(super) fn tell(
    subject: &dyn Subject,
    options: &Options,
    demands: Demands,
    (breakage, failures): (Breakage, &Failures),
    totals: &Totals,
) -> Story {
    let number = failures.first();
    let case = Case { cluster: options.cluster(), schedule: options.shape.schedule(options.seed, number) };
    let found = Found {
        seed: options.seed,
        number,
        schedules: totals.schedules,
        cluster: case.cluster,
        size: case.schedule.size(),
        shrink_runs: 0,
        shrink_ms: 0,
        one_minimal: false,
        below: None,
    };
    // Another guarantee may be broken earlier in the same run.
    let judged = match breakage {
        Breakage::Guarantee(guarantee) => demands.only(guarantee),
        _ => demands,
    };
    match confirmed(subject, judged, &case, &failures.finding) {
        Ok(()) => smaller(subject, options, demands, breakage, &failures.numbers, found),
        Err((steps, finding)) => {
            let schedule = Schedule { steps: case.schedule.steps[..steps].to_vec() };
            different_twice(subject, demands, Case { schedule, ..case }, finding, found)
        }
    }
}

/// Whether the failure shows again; if not, the finding to tell instead, and after how many steps.
fn confirmed(
    subject: &dyn Subject,
    demands: Demands,
    case: &Case,
    finding: &Finding,
) -> Result<(), (usize, Finding)> {
    let keys = case.schedule.keys();
    let mut runner = subject.runner(case.cluster, keys, demands);
    let steps = case.schedule.steps.len();
    if let Some((same, finding)) = compare_two_runs(runner.as_mut(), &case.schedule) {
        return Err((steps.min(same + 1), finding));
    }
    let again = runner.run(&case.schedule).finding.map(|again| again.breakage);
    if again == Some(finding.breakage) { Ok(()) } else { Err((steps, flaky(finding, again))) }
}

fn smaller(
    subject: &dyn Subject,
    options: &Options,
    demands: Demands,
    breakage: Breakage,
    numbers: &[u64],
    found: Found,
) -> Story {
    let began = Stopwatch::start();
    let (kinds, budget) = (options.shape.faults, options.certificate);
    let symptom = Symptom::new(breakage, demands);
    let least = least_of(subject, options, symptom, numbers);
    let (number, case) = (least.number, least.case);
    let mut certified = search_below(subject, symptom, least.failure, kinds, budget);
    if options.smaller_clusters
        && let Some(smaller) = on_a_smaller_cluster(subject, symptom, &certified.failure)
    {
        certified = minimise_exactly(subject, symptom, smaller, kinds, budget);
    }
    let found = Found { number, size: case.schedule.size(), ..found };
    let below = below(&certified);
    let failure = certified.failure;
    let Some(finding) = failure.finding else {
        let finding = flaky_words(breakage, "and not when it was made smaller");
        return Story::tell(subject, scenario(subject, &case), demands, finding).found_by(found);
    };
    if differs(subject, demands, &failure.minimal.case).is_some() {
        let finding = flaky_words(breakage, "and not each time it was run again");
        return different_twice(subject, demands, failure.minimal.case, finding, found);
    }
    let found = Found {
        shrink_runs: failure.minimal.runs,
        shrink_ms: began.elapsed().as_millis() as u64,
        one_minimal: failure.minimal.one_minimal,
        below: Some(below),
        ..found
    };
    let met = failure.others.iter().map(|(breakage, case)| {
        (breakage.to_string(), format!("{} at {}", one_line(&case.schedule), case.cluster))
    });
    Story::tell(subject, scenario(subject, &failure.minimal.case), demands, finding)
        .having_met(met.collect())
        .found_by(found)
}

/// What the search for something smaller says.
pub(super) fn below(certified: &Certified) -> Below {
    let Exhausted { scope, size, runs, complete, .. } = &certified.search;
    Below { complete: *complete, size: *size, runs: *runs, scope: scope.to_string() }
}

/// A schedule by its number, and its smaller form.
struct Shrunk {
    number: u64,
    case: Case,
    failure: MinimisedFailure,
}

/// Makes these schedules smaller, all of which fail in this way. Returns the least.
fn least_of(subject: &dyn Subject, options: &Options, symptom: Symptom, numbers: &[u64]) -> Shrunk {
    let mut runs = 0;
    let shrunk = numbers.iter().map(|&number| {
        let case =
            Case { cluster: options.cluster(), schedule: options.shape.schedule(options.seed, number) };
        let failure = minimise(subject, symptom, case.clone(), options.shape.faults);
        runs += failure.minimal.runs;
        Shrunk { number, case, failure }
    });
    let worse = |shrunk: &Shrunk| shrunk.failure.finding.is_none();
    let least = shrunk.min_by(|a, b| {
        let (of_a, of_b) = (&a.failure.minimal.case, &b.failure.minimal.case);
        worse(a).cmp(&worse(b)).then_with(|| compare(of_a, of_b))
    });
    let mut least = least.expect("a failure has a schedule");
    least.failure.minimal.runs = runs;
    least
}

/// Makes a nondeterministic case smaller as long as the difference shows. If it does not show again, nothing can be
/// made smaller.
fn different_twice(
    subject: &dyn Subject,
    demands: Demands,
    case: Case,
    finding: Finding,
    found: Found,
) -> Story {
    let began = Stopwatch::start();
    let minimal = minimise_with(case, &mut |case| differs(subject, demands, case).is_some());
    let finding = differs(subject, demands, &minimal.case).map_or(finding, |(_, finding)| finding);
    Story::tell(subject, scenario(subject, &minimal.case), demands, finding).found_by(Found {
        shrink_runs: minimal.runs,
        shrink_ms: began.elapsed().as_millis() as u64,
        one_minimal: minimal.one_minimal,
        ..found
    })
}

/// Where several runs of a case first differ, if they do.
fn differs(subject: &dyn Subject, demands: Demands, case: &Case) -> Option<(usize, Finding)> {
    let mut runner = subject.runner(case.cluster, case.schedule.keys(), demands);
    (0..TOSSES).find_map(|_| compare_two_runs(runner.as_mut(), &case.schedule))
}

fn scenario(subject: &dyn Subject, case: &Case) -> Scenario {
    Scenario::new(subject.name(), case.cluster, case.schedule.clone())
}

/// A short schedule in one line; of a long one, which nobody shrank, only how long it is.
fn one_line(schedule: &Schedule) -> String {
    match schedule.steps.len() {
        ..=MOST_IN_A_LINE => schedule.to_string().replace('\n', "; "),
        steps => format!("a schedule of {}, not made smaller", Plural(steps, "step")),
    }
}

fn flaky(first: &Finding, again: Option<Breakage>) -> Finding {
    let again = again.map_or_else(|| "nothing".to_owned(), |again| again.to_string());
    flaky_words(first.breakage, &format!("({}), and {again} when it ran again", first.because))
}

fn flaky_words(breakage: Breakage, rest: &str) -> Finding {
    Finding {
        breakage: Breakage::Nondeterminism,
        because: format!("the same schedule broke {breakage} at first {rest}"),
        violation: None,
    }
}
