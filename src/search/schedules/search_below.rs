//! Shrinking to the end: passes, then an exhaustive search for something smaller, then both again from what it finds.
//!
//! Passes go downhill and stop in the first valley. So the search runs everything smaller in the [`ScheduleScope`]
//! around their result. It keeps the cluster, because an answer about another cluster is the answer to another
//! question. It shrinks whatever ranks lower in turn, until nothing does.
//!
//! Before each such search, it looks for something smaller in which nothing goes wrong.
//!
//! Not covered: kinds of fault that the shrunk failure does not have, apart from lost messages, suspicions in place of
//! cuts and stops, and late messages in place of doubled ones.

use std::fmt;

use super::search::ScheduleSearch;
use super::{Exhausted, ScheduleScope};
use crate::judge::Subject;
use crate::plural::Plural;
use crate::search::minimise::{Case, Minimal, MinimisedFailure, minimise};
use crate::search::random::Faults;
use crate::search::symptom::Symptom;

/// A failure, shrunk, and what is known of smaller ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certified {
    /// The failure.
    pub failure: MinimisedFailure,
    /// The search around it for a smaller one, which found none. It counts the runs of all such searches.
    pub search: Exhausted,
}

impl fmt::Display for Certified {
    /// What is known of the failure besides that it is 1-minimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exhausted { scope, size, runs, complete, .. } = &self.search;
        if *complete {
            f.write_str("no smaller failure exists in this scope")?;
        } else {
            write!(f, "no failure up to size {size} in this scope; the budget ended there")?;
        }
        write!(f, " ({} run; {scope})", Plural(*runs, "schedule"))
    }
}

/// Shrinks a failure, then searches the scope around it for a smaller one. Repeats this until there is none, or until
/// `budget` schedules have been run.
pub fn minimise_exactly(
    subject: &dyn Subject,
    symptom: Symptom,
    case: Case,
    kinds: Faults,
    budget: u64,
) -> Certified {
    let failure = minimise(subject, symptom, case, kinds);
    search_below(subject, symptom, failure, kinds, budget)
}

/// Like [`minimise_exactly`], for a failure that is already shrunk.
pub fn search_below(
    subject: &dyn Subject,
    symptom: Symptom,
    failure: MinimisedFailure,
    kinds: Faults,
    budget: u64,
) -> Certified {
    Hunt { subject, symptom, kinds, left: budget }.below(failure)
}

/// The search for something smaller than a failure, on its own cluster.
struct Hunt<'s> {
    subject: &'s dyn Subject,
    symptom: Symptom,
    /// The kinds of fault that may occur.
    kinds: Faults,
    /// How many schedules may still be run.
    left: u64,
}

impl Hunt<'_> {
    fn below(mut self, mut failure: MinimisedFailure) -> Certified {
        let mut runs = 0;
        if failure.finding.is_none() {
            self.left = 0; // What does not fail has no smaller failure.
        }
        loop {
            let best = failure.minimal.case.clone();
            let scope = ScheduleScope::around(&best, self.kinds);
            let mut search = match self.look_for_ordinary(&best, &scope) {
                Some(search) if search.found.is_some() => search,
                ordinary => {
                    runs += ordinary.map_or(0, |search| search.runs);
                    let budget = self.left;
                    self.look(&best, &scope, budget)
                }
            };
            runs += search.runs;
            let Some((found, _)) = search.found.take() else {
                search.runs = runs;
                return Certified { failure, search };
            };
            failure = after(failure, minimise(self.subject, self.symptom, found.clone(), self.kinds));
            // A search goes from the least upwards. So a failure that it found, and that no pass makes smaller, is the
            // least of its scope. Only if the failure's own scope is another one is there anything left to run.
            let own = ScheduleScope::around(&found, self.kinds);
            if search.complete && failure.minimal.case == found && search.scope.covers(&own) {
                let search = Exhausted { scope: own, size: own.size, runs, complete: true, ..search };
                return Certified { failure, search };
            }
        }
    }

    /// Searches for something smaller in which nothing goes wrong. There are so few such schedules that a quarter of
    /// the remaining budget goes a long way, and such a failure is the easiest to explain. `None` if the case itself is
    /// ordinary: then the next search looks only at ordinary schedules.
    fn look_for_ordinary(&mut self, best: &Case, scope: &ScheduleScope) -> Option<Exhausted> {
        if best.schedule.operations().count() == best.schedule.size() {
            return None;
        }
        let ordinary =
            ScheduleScope { faults: Faults::NONE, most_faults: 0, free_steps: 0, deletes: true, ..*scope };
        Some(self.look(best, &ordinary, self.left / 4))
    }

    /// Searches a scope for what ranks below a case, the smallest sizes first, until something is found, everything
    /// was run, or the budget is spent.
    fn look(&mut self, best: &Case, scope: &ScheduleScope, budget: u64) -> Exhausted {
        let demands = self.symptom.demands_on(self.subject, scope.cluster);
        let mut search =
            ScheduleSearch::new(self.subject, demands, scope, Some((best, self.symptom.breakage)));
        let mut left = budget;
        while left > 0 && !search.is_over() && !search.has_found() {
            let before = search.runs();
            search.advance(left);
            left -= search.runs() - before;
        }
        self.left -= budget - left;
        search.end()
    }
}

/// A failure in place of the greater one that it came from. Adds up their runs and their other failures.
fn after(greater: MinimisedFailure, failure: MinimisedFailure) -> MinimisedFailure {
    MinimisedFailure {
        minimal: Minimal { runs: greater.minimal.runs + failure.minimal.runs, ..failure.minimal },
        others: greater.others.into_iter().chain(failure.others).collect(),
        ..failure
    }
}
