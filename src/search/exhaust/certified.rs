//! Shrinking to the end: passes, then an exhaustive search for something smaller, and again from what it finds.
//!
//! Passes go downhill, and stop in the first valley. So what they end with is searched around: first within the
//! [`Scope`] of its own cluster, then within the same scope on every other cluster up to the one that the failure was
//! found on, since the least failure of a bug may need more replicas than a greater one. Whatever ranks lower is
//! shrunk in its turn, until nothing does.
//!
//! Before all that it is searched for something smaller in which nothing goes wrong.
//!
//! Not covered: kinds of fault that the shrunk failure has not, apart from lost messages.

use std::fmt;

use itertools::iproduct;

use super::search::Search;
use super::{Exhausted, Scope};
use crate::check::{Breakage, Demands, Subject};
use crate::counted::Counted;
use crate::model::Cluster;
use crate::search::minimise::{
    Case, Minimal, MinimisedFailure, compare, minimise, shows_only_at_rest, sole_demand,
};
use crate::search::walk::Faults;

/// A failure, shrunk, and what is known of smaller ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certified {
    /// The failure.
    pub failure: MinimisedFailure,
    /// The search for a smaller one around it, which found none; all runs of all such searches are counted.
    pub search: Exhausted,
    /// The same on other clusters.
    pub elsewhere: Elsewhere,
    /// Whether what the reads at rest show counts as a failure; if not, it has to show before.
    pub at_rest: bool,
}

/// How far the search for a smaller failure came on other clusters than that of the failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Elsewhere {
    /// On so many, every schedule of the scope was run, and none is a smaller failure.
    pub clusters: usize,
    /// So many there are: up to the one that the failure was found on, and where the same is promised.
    pub of: usize,
    /// Schedules run, in all such searches.
    pub runs: u64,
}

impl fmt::Display for Certified {
    /// What may be said of the failure besides that it is 1-minimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exhausted { scope, size, runs, complete, .. } = &self.search;
        if *complete {
            f.write_str("no smaller failure exists in this scope")?;
        } else {
            write!(f, "no failure up to size {size} in this scope, and the budget is spent")?;
        }
        let before = if self.at_rest { "" } else { "; before the reads at rest" };
        write!(f, " ({} run; {scope}{before})", Counted(*runs, "schedule"))?;
        let Elsewhere { clusters, of, runs } = self.elsewhere;
        match of {
            0 => Ok(()),
            _ if clusters == of => write!(
                f,
                "; nor on any of {} ({} run)",
                Counted(of, "other cluster"),
                Counted(runs, "schedule")
            ),
            _ => write!(
                f,
                "; nor on {clusters} of {} ({} run)",
                Counted(of, "other cluster"),
                Counted(runs, "schedule")
            ),
        }
    }
}

/// Shrinks a failure, then looks for a smaller one in the scope around it, and so on until there is none or so many
/// schedules have been run.
pub fn minimise_exactly(
    subject: &dyn Subject,
    demands: &Demands,
    case: Case,
    breakage: Breakage,
    budget: u64,
) -> Certified {
    let most = case.cluster;
    let failure = minimise(subject, demands, case, breakage);
    Hunt { subject, demands, breakage, most, at_rest: true, left: budget }.below(failure)
}

/// The same for a failure that has been shrunk already, and was found on this cluster.
pub fn search_below(
    subject: &dyn Subject,
    demands: &Demands,
    failure: MinimisedFailure,
    breakage: Breakage,
    most: Cluster,
    budget: u64,
) -> Certified {
    Hunt { subject, demands, breakage, most, at_rest: true, left: budget }.below(failure)
}

/// The search for something smaller than a failure.
struct Hunt<'s> {
    subject: &'s dyn Subject,
    demands: &'s Demands,
    breakage: Breakage,
    /// The cluster on which the failure was found.
    most: Cluster,
    /// Whether what the reads at rest show counts.
    at_rest: bool,
    /// So many schedules may still be run.
    left: u64,
}

impl Hunt<'_> {
    fn below(mut self, mut failure: MinimisedFailure) -> Certified {
        let (mut runs, mut runs_elsewhere) = (0, 0);
        if failure.finding.is_none() {
            self.left = 0; // What does not fail has no smaller failure.
        }
        loop {
            let best = failure.minimal.case.clone();
            let scope = Scope::around(&best);
            self.at_rest = shows_only_at_rest(self.subject, self.demands, &best, self.breakage);
            let (of_ordinary, ordinary) = self.look_for_ordinary(&best, &scope);
            runs_elsewhere += of_ordinary;
            if let Some(found) = ordinary {
                failure = after(failure, minimise(self.subject, self.demands, found, self.breakage));
                continue;
            }
            let (mut search, mut smaller) = self.look(&best, &scope);
            runs += search.runs;
            search.runs = runs;
            let mut elsewhere = Elsewhere::default();
            if smaller.is_none() {
                (elsewhere, smaller) = self.look_elsewhere(&best, &scope);
            }
            runs_elsewhere += elsewhere.runs;
            elsewhere.runs = runs_elsewhere;
            let Some(found) = smaller else {
                return Certified { failure, search, elsewhere, at_rest: self.at_rest };
            };
            failure = after(failure, minimise(self.subject, self.demands, found, self.breakage));
        }
    }

    fn sole_demand(&self, cluster: Cluster) -> Demands {
        sole_demand(self.subject, self.demands, self.breakage, cluster, self.at_rest)
    }

    /// Searches for something smaller in which nothing goes wrong at all, on every cluster: there are so few of these
    /// that a quarter of what is left goes a long way, and they are the best to be told.
    fn look_for_ordinary(&mut self, best: &Case, scope: &Scope) -> (u64, Option<Case>) {
        let operations = best.schedule.operations();
        if operations.count() == scope.size {
            return (0, None); // It is ordinary itself, and so will be what is looked at next.
        }
        let kept = self.left - self.left / 4;
        self.left -= kept;
        let (mut runs, mut smaller) = (0, None);
        for cluster in self.others(scope.cluster) {
            let ordinary = Scope { cluster, faults: Faults::NONE, most_faults: 0, free_steps: 0, ..*scope };
            let (search, found) = self.look(best, &ordinary);
            runs += search.runs;
            smaller = found;
            if smaller.is_some() {
                break;
            }
        }
        self.left += kept;
        (runs, smaller)
    }

    /// Searches a scope for what ranks below a case.
    fn look(&mut self, best: &Case, scope: &Scope) -> (Exhausted, Option<Case>) {
        let sole = self.sole_demand(scope.cluster);
        let wanted = Some((best, self.breakage));
        let mut search = Search::new(self.subject, sole, scope, wanted, self.left).run();
        self.left -= search.runs;
        let smaller = search.found.take_if(|(found, _)| compare(found, best).is_lt());
        (search, smaller.map(|(found, _)| found))
    }

    /// The same on the other clusters, until something is found.
    fn look_elsewhere(&mut self, best: &Case, scope: &Scope) -> (Elsewhere, Option<Case>) {
        let others = self.others(scope.cluster);
        let mut elsewhere = Elsewhere { of: others.len(), ..Elsewhere::default() };
        for cluster in others {
            if self.left == 0 {
                break;
            }
            // On two nodes a fault may have to end where a third one never had it.
            let free_steps = if cluster.nodes <= 2 { scope.free_steps.max(2) } else { scope.free_steps };
            let (search, smaller) = self.look(best, &Scope { cluster, free_steps, ..*scope });
            elsewhere.runs += search.runs;
            elsewhere.clusters += usize::from(search.complete);
            if smaller.is_some() {
                return (elsewhere, smaller);
            }
        }
        (elsewhere, None)
    }

    /// The other clusters, the smallest first, up to the one of the failure, on which the same is judged.
    fn others(&self, own: Cluster) -> Vec<Cluster> {
        let Cluster { nodes, n, r, w } = self.most;
        // Quorums may have grown: a level of one operation becomes that of all.
        let (r, w) = (r.max(own.r), w.max(own.w));
        let judged = |cluster: &Cluster| match self.breakage {
            Breakage::Guarantee(guarantee) => self.sole_demand(*cluster).judges(guarantee),
            _ => true,
        };
        iproduct!(1..=nodes, 1..=n, 1..=r, 1..=w)
            .map(|(nodes, n, r, w)| Cluster { nodes, n, r, w })
            .filter(|cluster| *cluster != own && cluster.validate().is_ok())
            .filter(judged)
            .collect()
    }
}

/// A failure in the place of a greater one, from which it came.
fn after(greater: MinimisedFailure, failure: MinimisedFailure) -> MinimisedFailure {
    MinimisedFailure {
        minimal: Minimal { runs: greater.minimal.runs + failure.minimal.runs, ..failure.minimal },
        others: greater.others.into_iter().chain(failure.others).collect(),
        ..failure
    }
}
