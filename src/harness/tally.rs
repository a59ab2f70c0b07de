//! The counts of many runs. They are only added up, so it does not matter which thread ran what.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::Serialize;

use crate::guarantee::Guarantee;
use crate::judge::{Breakage, Finding, NotOwed, Ruling, Runner, Trial};

/// The obligations of one guarantee.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Counts {
    /// Examined.
    pub examined: u64,
    /// Excused by a fact of the run or of the operation, counted by that fact.
    #[serde(flatten)]
    pub not_owed: NotOwed,
    /// Undecided.
    pub unknown: u64,
    /// Why the first undecided one was undecided.
    pub why_unknown: Option<&'static str>,
}

impl Counts {
    /// The share of its obligations that was not owed, from 0 to 1; 0 if there were none.
    #[must_use]
    pub fn share_not_owed(&self) -> f64 {
        let not_owed = self.not_owed.total();
        not_owed as f64 / (self.examined + not_owed + self.unknown).max(1) as f64
    }

    fn add(&mut self, ruling: &Ruling) {
        self.examined += ruling.examined;
        self.not_owed.add(&ruling.not_owed);
        self.unknown += ruling.unknown;
        self.why_unknown = self.why_unknown.or(ruling.why_unknown);
    }

    fn merge(&mut self, later: &Self) {
        self.examined += later.examined;
        self.not_owed.add(&later.not_owed);
        self.unknown += later.unknown;
        self.why_unknown = self.why_unknown.or(later.why_unknown);
    }
}

/// The counts of many runs.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Totals {
    /// Schedules run.
    pub schedules: u64,
    /// Schedules that were run twice more and compared.
    pub run_twice: u64,
    /// Invocations, messages handled, timeouts and faults.
    pub events: u64,
    /// Schedules in which a read showed more than one version.
    pub with_conflict: u64,
    /// Schedules in which an operation ran while a cut was in force.
    pub with_partition: u64,
    /// Schedules in which a read repaired a replica.
    pub with_repair: u64,
    /// Schedules in which a node handed off what it held for another.
    pub with_hand_off: u64,
    /// Schedules in which an operation was refused.
    pub with_refused: u64,
    /// Schedules in which an operation ended info.
    pub with_info: u64,
    /// Schedules that broke something.
    pub failed: u64,
    /// By guarantee.
    #[serde(skip)]
    pub of: [Counts; Guarantee::COUNT],
}

impl Totals {
    /// Adds the run that a runner has just made.
    pub(super) fn add(&mut self, trial: &Trial, runner: &dyn Runner) {
        let tally = &trial.tally;
        self.schedules += 1;
        self.events += tally.events;
        self.with_conflict += u64::from(tally.conflict);
        self.with_partition += u64::from(tally.partition);
        self.with_repair += u64::from(tally.repairs > 0);
        self.with_hand_off += u64::from(tally.hand_offs > 0);
        self.with_refused += u64::from(tally.refused > 0);
        self.with_info += u64::from(tally.info > 0);
        for guarantee in Guarantee::ALL {
            self.of[guarantee.index()].add(runner.ruling(guarantee));
        }
    }

    /// Adds the counts of runs with higher numbers.
    pub(super) fn merge(&mut self, later: &Self) {
        self.schedules += later.schedules;
        self.run_twice += later.run_twice;
        self.events += later.events;
        self.with_conflict += later.with_conflict;
        self.with_partition += later.with_partition;
        self.with_repair += later.with_repair;
        self.with_hand_off += later.with_hand_off;
        self.with_refused += later.with_refused;
        self.with_info += later.with_info;
        self.failed += later.failed;
        self.of.iter_mut().zip(&later.of).for_each(|(mine, theirs)| mine.merge(theirs));
    }
}

/// The schedules that break one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failures {
    /// The finding of the first schedule.
    pub(super) finding: Finding,
    /// The lowest numbers of these schedules, up to [`MOST_NUMBERS`].
    pub(super) numbers: Vec<u64>,
    /// How many schedules there are.
    pub(super) schedules: u64,
}

/// How many failing schedules to remember: enough to choose a story from.
pub(super) const MOST_NUMBERS: usize = 8;

impl Failures {
    /// The number of the first schedule.
    pub(super) fn first(&self) -> u64 {
        self.numbers[0]
    }

    fn merge(&mut self, later: &Self) {
        self.schedules += later.schedules;
        let room = MOST_NUMBERS - self.numbers.len();
        self.numbers.extend(later.numbers.iter().take(room));
    }
}

/// The results of a chunk of schedules, or of all schedules up to some number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Part {
    pub(super) totals: Totals,
    /// The failures, by what is broken.
    pub(super) failures: BTreeMap<Breakage, Failures>,
}

impl Part {
    /// Adds what a schedule breaks.
    pub(super) fn fail(&mut self, number: u64, findings: Vec<Finding>) {
        self.totals.failed += 1;
        for finding in findings {
            self.add(finding.breakage, Failures { finding, numbers: vec![number], schedules: 1 });
        }
    }

    /// The broken guarantees, each with the number of schedules that break it.
    pub(super) fn broken(&self) -> BTreeMap<Guarantee, u64> {
        let of = |(breakage, failures): (&Breakage, &Failures)| match breakage {
            Breakage::Guarantee(guarantee) => Some((*guarantee, failures.schedules)),
            _ => None,
        };
        self.failures.iter().filter_map(of).collect()
    }

    /// Adds the next part.
    pub(super) fn merge(&mut self, later: Self) {
        self.totals.merge(&later.totals);
        later.failures.into_iter().for_each(|(breakage, failures)| self.add(breakage, failures));
    }

    fn add(&mut self, breakage: Breakage, later: Failures) {
        match self.failures.entry(breakage) {
            Entry::Occupied(mut held) => held.get_mut().merge(&later),
            Entry::Vacant(place) => drop(place.insert(later)),
        }
    }
}
