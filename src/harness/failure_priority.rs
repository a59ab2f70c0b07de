//! Which of several failures to tell.
//!
//! A schedule that breaks one rule often breaks more, and the schedule decides which shows first. It should not decide
//! what is told. That is what the user asked about, then what a client meets, then what is wrong inside the store. A
//! run that cannot be judged at all (a panic, messages without end, no determinism) comes before everything. Within
//! one class, a seldom broken guarantee gives way to an often broken one; then the order of [`Guarantee::ALL`] decides.

use std::collections::BTreeMap;

use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::harness::tally::Failures;
use crate::judge::{Breakage, Finding, Runner};
use crate::world::schedule::Schedule;

/// A guarantee that is broken this many times less often than another of its class gives way to it.
const SELDOM: u64 = 10;

/// The class of a failure. The lowest class is told.
fn class(breakage: Breakage, expected: GuaranteeSet) -> u8 {
    match breakage {
        Breakage::Panic | Breakage::Storm | Breakage::Nondeterminism | Breakage::Difference => 0,
        Breakage::Guarantee(guarantee) if expected.contains(guarantee) => 1,
        Breakage::Guarantee(guarantee) if guarantee.is_seen_by_clients() => 2,
        Breakage::Guarantee(_) => 3,
    }
}

/// The failure to tell, of all that was broken.
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

/// Every guarantee that a schedule breaks if its run does not end at the first. None: that longer run cannot be
/// judged, though the shorter one could.
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
