//! The way down: the best case so far, and the candidates already tried.

use rustc_hash::FxHashSet;

use super::pass::Candidates;
use super::rank::precedes;
use super::{Case, MOST_RUNS, Minimal};
use crate::model::Cluster;

/// The best case so far, and the candidates already tried; see the [module](self).
pub(super) struct Descent<'f> {
    best: Case,
    /// The original case's cluster: no candidate may have more nodes or replicas.
    most: Cluster,
    still_fails: &'f mut dyn FnMut(&Case) -> bool,
    /// The candidates that passed. It keeps whole cases, not hashes: a collision would make a certificate a lie.
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

    /// Whether the original case fails at all. Takes its normalised form at once if that fails too.
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

    /// How often a better case was found.
    pub(super) const fn improvements(&self) -> u32 {
        self.improvements
    }

    /// Whether the limit on runs was reached.
    pub(super) const fn is_spent(&self) -> bool {
        self.spent
    }

    /// Tries a candidate in its normalised form. Takes it if it is better and still fails.
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

    /// Tries the candidates of the best case. After each success, goes on with the new best case from the same place in
    /// its list, because most earlier candidates were already tried in vain. (The next round tries those that this
    /// skips.)
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
