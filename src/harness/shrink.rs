//! From a failure to its story: run once more, made smaller, told.

use std::time::Instant;

use crate::check::{Breakage, Demands, Finding, Subject};
use crate::harness::options::Options;
use crate::harness::tally::{Failure, Totals};
use crate::story::{Found, Story};
use crate::world::scenario::Scenario;

/// Makes a failure smaller, and tells it.
pub(super) fn tell(
    subject: &dyn Subject,
    options: &Options,
    demands: Demands,
    failure: &Failure,
    totals: &Totals,
) -> Story {
    let cluster = options.cluster();
    let schedule = options.shape.schedule(options.seed, failure.number);
    let began = Instant::now();
    let size = schedule.size();
    let mut finding = failure.finding.clone();
    let scenario = Scenario::new(subject.name(), cluster, schedule);
    if failure.is_of_one_run() {
        let again = subject.runner(cluster, keys(&scenario), demands).run(&scenario.schedule).finding;
        if again.as_ref().map(|again| again.breakage) != Some(finding.breakage) {
            finding = flaky(&finding, again.as_ref());
        }
    }
    let found = Found {
        seed: options.seed,
        number: failure.number,
        schedules: totals.schedules,
        size,
        shrink_runs: 0,
        shrink_ms: began.elapsed().as_millis() as u64,
        one_minimal: false,
    };
    Story::tell(subject, scenario, demands, finding).found_by(found)
}

/// How many keys a scenario needs room for.
fn keys(scenario: &Scenario) -> usize {
    scenario.schedule.operations().map(|operation| operation.key.index() + 1).max().unwrap_or(1)
}

fn flaky(first: &Finding, again: Option<&Finding>) -> Finding {
    let again = again.map_or_else(|| "nothing".to_owned(), |again| again.breakage.to_string());
    Finding {
        breakage: Breakage::Nondeterminism,
        because: format!(
            "the same schedule broke {} at first ({}) and {again} when it ran again",
            first.breakage, first.because
        ),
        violation: None,
    }
}
