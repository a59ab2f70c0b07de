//! Shrinking to the end: passes, then an exhaustive search for something smaller, and again from what it finds.
//!
//! Passes go downhill, and stop in the first valley. So what they end with is searched around: within the [`Scope`] of
//! its own cluster, and within the same scope on every other cluster up to the one that the failure was found on, since
//! the least failure of a bug may need more replicas than a greater one. All schedules of one size are run on each of
//! these before the first of the next size, as far as half of the budget goes. Whatever ranks lower is shrunk in its
//! turn, until nothing does.
//!
//! Before all that it is searched for something smaller in which nothing goes wrong.
//!
//! Not covered: kinds of fault that the shrunk failure has not, apart from lost messages, a suspicion in place of a cut
//! or a stop, and a message late in place of twice.

use std::fmt;

use itertools::iproduct;

use super::search::Search;
use super::{Exhausted, Scope};
use crate::check::{Breakage, Demands, Subject};
use crate::counted::Counted;
use crate::model::Cluster;
use crate::search::minimise::{Case, Minimal, MinimisedFailure, minimise, shows_only_at_rest, sole_demand};
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
            self.at_rest = shows_only_at_rest(self.subject, self.demands, &best, self.breakage);
            let scopes = self.scopes(&best);
            let (of_ordinary, ordinary) = self.look_for_ordinary(&best, &scopes);
            runs_elsewhere += of_ordinary;
            if let Some(found) = ordinary {
                failure = after(failure, minimise(self.subject, self.demands, found, self.breakage));
                continue;
            }
            let (mut searches, smaller) = self.look(&best, &scopes, self.left / 2);
            let mut search = searches.remove(0);
            runs += search.runs;
            search.runs = runs;
            runs_elsewhere += searches.iter().map(|search| search.runs).sum::<u64>();
            if let Some(found) = smaller {
                failure = after(failure, minimise(self.subject, self.demands, found, self.breakage));
                continue;
            }
            let clusters = searches.iter().filter(|search| search.complete).count();
            let elsewhere = Elsewhere { clusters, of: searches.len(), runs: runs_elsewhere };
            return Certified { failure, search, elsewhere, at_rest: self.at_rest };
        }
    }

    fn sole_demand(&self, cluster: Cluster) -> Demands {
        sole_demand(self.subject, self.demands, self.breakage, cluster, self.at_rest)
    }

    /// What is searched around a case: the scope of its own cluster, and the same on all others.
    fn scopes(&self, best: &Case) -> Vec<Scope> {
        let own = Scope::around(best);
        let elsewhere = self.others(own.cluster).into_iter().map(|cluster| {
            // On two nodes a fault may have to end where a third one never had it.
            let free_steps = if cluster.nodes <= 2 { own.free_steps.max(2) } else { own.free_steps };
            Scope { cluster, free_steps, ..own }
        });
        std::iter::once(own).chain(elsewhere).collect()
    }

    /// Searches for something smaller in which nothing goes wrong at all, on every cluster: there are so few of these
    /// that a quarter of what is left goes a long way, and they are the best to be told.
    fn look_for_ordinary(&mut self, best: &Case, scopes: &[Scope]) -> (u64, Option<Case>) {
        if best.schedule.operations().count() == best.schedule.size() {
            return (0, None); // It is ordinary itself, and so will be what is looked at next.
        }
        let kept = self.left - self.left / 4;
        self.left -= kept;
        let ordinary = |scope: &Scope| Scope {
            faults: Faults::NONE,
            most_faults: 0,
            free_steps: 0,
            deletes: true,
            ..*scope
        };
        let ordinary: Vec<Scope> = scopes.iter().map(ordinary).collect();
        let (searches, smaller) = self.look(best, &ordinary, self.left);
        self.left += kept;
        (searches.iter().map(|search| search.runs).sum(), smaller)
    }

    /// Searches scopes for what ranks below a case, until something is found. With `wide` of what is left, the
    /// schedules of one size in all scopes before those of the next: the smallest are few, and the least failure may
    /// lie anywhere. With the rest, the first scope to its end, so that at least there is certainty; and then the
    /// others.
    fn look(&mut self, best: &Case, scopes: &[Scope], mut wide: u64) -> (Vec<Exhausted>, Option<Case>) {
        let wanted = Some((best, self.breakage));
        let demands = |scope: &Scope| self.sole_demand(scope.cluster);
        let search = |scope: &Scope| Search::new(self.subject, demands(scope), scope, wanted);
        let mut searches: Vec<Search<'_>> = scopes.iter().map(search).collect();
        let rest = self.left - wide;
        let mut found = false;
        for _ in 0..best.schedule.size() {
            found = found || searches.iter_mut().any(|search| advance(search, &mut wide));
        }
        self.left = rest + wide;
        for search in &mut searches {
            while !found && self.left > 0 && !search.is_over() {
                found = advance(search, &mut self.left);
            }
        }
        let mut searches: Vec<Exhausted> = searches.into_iter().map(Search::end).collect();
        let smaller = searches.iter_mut().find_map(|search| search.found.take());
        (searches, smaller.map(|(found, _)| found))
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

/// Runs the schedules of the next size, and takes from what is left as many. Whether anything was found.
fn advance(search: &mut Search<'_>, left: &mut u64) -> bool {
    if *left > 0 {
        let before = search.runs();
        search.advance(*left);
        *left -= search.runs() - before;
    }
    search.has_found()
}

/// A failure in the place of a greater one, from which it came.
fn after(greater: MinimisedFailure, failure: MinimisedFailure) -> MinimisedFailure {
    MinimisedFailure {
        minimal: Minimal { runs: greater.minimal.runs + failure.minimal.runs, ..failure.minimal },
        others: greater.others.into_iter().chain(failure.others).collect(),
        ..failure
    }
}
