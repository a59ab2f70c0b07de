//! The way down: the best case so far, and what was tried already.

use rustc_hash::FxHashSet;

use super::pass::Candidates;
use super::rank::precedes;
use super::{Case, MOST_RUNS, Minimal};
use crate::model::Cluster;

/// The best case so far, and what was tried; see the [module](self).
pub(super) struct Descent<'f> {
    best: Case,
    /// The cluster to begin with: no case has more nodes or replicas.
    most: Cluster,
    still_fails: &'f mut dyn FnMut(&Case) -> bool,
    /// The candidates that passed. Whole cases, not their hashes: a collision would make a certificate a lie.
    passed: FxHashSet<Case>,
    runs: u32,
    improvements: u32,
    spent: bool,
}

impl<'f> Descent<'f> {
    pub(super) fn new(case: Case, still_fails: &'f mut dyn FnMut(&Case) -> bool) -> Self {
        let (passed, runs, improvements) = (FxHashSet::default(), 0, 0);
        let most = case.cluster;
        Self { best: case, most, still_fails, passed, runs, improvements, spent: false }
    }

    /// Whether the case given fails at all. Its plainest words are taken at once, if they do too.
    pub(super) fn begins(&mut self) -> bool {
        self.runs += 1;
        if !(self.still_fails)(&self.best) {
            return false;
        }
        self.attempt(&self.best.clone());
        true
    }

    /// The best case so far.
    pub(super) const fn best(&self) -> &Case {
        &self.best
    }

    /// How often a better one was found.
    pub(super) const fn improvements(&self) -> u32 {
        self.improvements
    }

    /// Whether the runs gave out.
    pub(super) const fn is_spent(&self) -> bool {
        self.spent
    }

    /// Tries a candidate, in its plainest words; takes it if it is better and still fails.
    pub(super) fn attempt(&mut self, candidate: &Case) -> bool {
        let candidate = Case { cluster: candidate.cluster, schedule: candidate.schedule.normalised() };
        let Cluster { nodes, n, .. } = candidate.cluster;
        let larger = nodes > self.most.nodes || n > self.most.n;
        if larger
            || !candidate.is_possible()
            || !precedes(&candidate, &self.best)
            || self.passed.contains(&candidate)
        {
            return false;
        }
        if self.runs >= MOST_RUNS {
            self.spent = true;
            return false;
        }
        self.runs += 1;
        if (self.still_fails)(&candidate) {
            self.best = candidate;
            self.improvements += 1;
            true
        } else {
            self.passed.insert(candidate);
            false
        }
    }

    /// Tries what there is to try of the best case; after each success again of the new one, from the place in the
    /// list that was reached, since what came before it has mostly been tried in vain. (What that leaves out, the
    /// next round tries.)
    pub(super) fn attempt_all(&mut self, candidates: impl for<'c> Fn(&'c Case) -> Candidates<'c>) {
        let mut place = 0;
        'again: loop {
            let from = self.best.clone();
            for (at, candidate) in candidates(&from).enumerate().skip(place) {
                if self.attempt(&candidate) {
                    place = at;
                    continue 'again;
                }
            }
            return;
        }
    }

    pub(super) fn end(self, one_minimal: bool) -> Minimal {
        Minimal { case: self.best, runs: self.runs, one_minimal }
    }
}
