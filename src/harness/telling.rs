//! Which of several failures is told.
//!
//! A schedule that breaks one rule often breaks more, and which of them shows first depends on the schedule. What is
//! told should not: it is what the user asked about, then what a client meets, then what is wrong inside the store.
//! A run that cannot be judged at all (a panic, messages without end, no determinism) comes before everything. Among
//! guarantees of one class those that are seldom broken give way to those that often are, and then the order of
//! [`Guarantee::ALL`] decides.

use std::collections::BTreeMap;

use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::harness::tally::Failures;
use crate::judge::{Breakage, Finding, Runner};
use crate::world::schedule::Schedule;

/// A guarantee that is broken this many times less often than another of its class gives way to it.
const SELDOM: u64 = 10;

/// What a failure is about. The lowest is told.
fn class(breakage: Breakage, expected: GuaranteeSet) -> u8 {
    match breakage {
        Breakage::Panic | Breakage::Storm | Breakage::Nondeterminism | Breakage::Difference => 0,
        Breakage::Guarantee(guarantee) if expected.contains(guarantee) => 1,
        Breakage::Guarantee(guarantee) if guarantee.is_seen_by_clients() => 2,
        Breakage::Guarantee(_) => 3,
    }
}

/// Of all that was broken the one to be told.
pub(super) fn most_telling(
    failures: &BTreeMap<Breakage, Failures>,
    expected: GuaranteeSet,
) -> Option<(Breakage, &Failures)> {
    let class = |breakage: &Breakage| class(*breakage, expected);
    let lowest = failures.keys().map(class).min()?;
    let of_class = || failures.iter().filter(|(breakage, _)| class(breakage) == lowest);
    let most = of_class().map(|(_, failures)| failures.schedules).max()?;
    let told = of_class().find(|(_, failures)| failures.schedules * SELDOM >= most);
    told.map(|(breakage, failures)| (*breakage, failures))
}

/// Every guarantee that a schedule breaks, when its run does not end at the first. None: that run cannot be judged,
/// though the one that ended could.
pub(super) fn all_broken(runner: &mut dyn Runner, schedule: &Schedule) -> Option<Vec<Finding>> {
    let (trial, _) = runner.run_recorded(schedule);
    let judged = |finding: &Finding| matches!(finding.breakage, Breakage::Guarantee(_));
    if !trial.finding.as_ref().is_none_or(judged) || trial.tally.storm {
        return None;
    }
    let found = Guarantee::ALL.into_iter().filter(|guarantee| trial.broken.contains(*guarantee));
    let found = found.filter_map(|guarantee| runner.ruling(guarantee).violation.clone());
    Some(found.map(Finding::from).collect())
}
