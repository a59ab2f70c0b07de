//! Smaller cases, one at a time: shrinking for callers that ask for the next candidate and report its result
//! afterwards, as proptest's trees and quickcheck's iterators do.
//!
//! It truncates first, then leaves out ever smaller runs of steps, then tries whatever the passes of the
//! [minimiser](super::minimise) would try, in their order and with their idea of what is smaller. So a caller that asks
//! until there is no more ends with a case that is 1-minimal in the minimiser's sense.
//!
//! Not here: speed. The minimiser asks fewer questions, and never the same one twice. Use it if you can run a case
//! yourself.

use crate::search::minimise::{Case, candidates, compare, on_smaller_clusters};
use crate::world::schedule::Schedule;

/// A way of making a case smaller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Keep only the beginning.
    Truncate,
    /// Leave out this many steps in a row.
    LeaveOut(usize),
    /// A pass of the minimiser, by number.
    Pass(usize),
}

impl Stage {
    fn candidates(self, base: &Case, smaller_clusters: bool) -> Option<Vec<Case>> {
        let of_schedules = |schedules: Vec<Schedule>| {
            schedules.into_iter().map(|schedule| Case { cluster: base.cluster, schedule }).collect()
        };
        match self {
            Self::Truncate if smaller_clusters => {
                let beginnings: Vec<Case> = of_schedules(beginnings(&base.schedule).collect());
                Some(beginnings.into_iter().chain(on_smaller_clusters(base)).collect())
            }
            Self::Truncate => Some(of_schedules(beginnings(&base.schedule).collect())),
            Self::LeaveOut(count) => Some(of_schedules(without_runs(&base.schedule, count).collect())),
            Self::Pass(number) => candidates(base, number).map(Iterator::collect),
        }
    }

    fn next(self, steps: usize) -> Self {
        match self {
            Self::Truncate => Self::LeaveOut((steps / 2).max(1)),
            Self::LeaveOut(1) => Self::Pass(0),
            Self::LeaveOut(count) => Self::LeaveOut(count / 2),
            Self::Pass(number) => Self::Pass(number + 1),
        }
    }
}

/// The cases that are smaller than one, and where the search for them stands.
#[derive(Clone, Debug)]
pub struct ShrinkIter {
    base: Case,
    /// Whether smaller clusters are tried as well; otherwise the cluster is held.
    smaller_clusters: bool,
    stage: Stage,
    /// How many candidates of this stage have been looked at.
    place: usize,
    /// The other candidates of this stage; `None` if not made yet.
    ready: Option<std::vec::IntoIter<Case>>,
    /// Whether a candidate was adopted since the first stage began.
    adopted: bool,
}

impl ShrinkIter {
    /// The cases smaller than `base`, on the same cluster.
    #[must_use]
    pub const fn than(base: Case) -> Self {
        Self { base, smaller_clusters: false, stage: Stage::Truncate, place: 0, ready: None, adopted: false }
    }

    /// Tries smaller clusters as well: for a property that is about no cluster in particular.
    #[must_use]
    pub fn or_on_smaller_clusters(self) -> Self {
        Self { smaller_clusters: true, ..self }
    }

    /// The smallest case that was adopted so far.
    #[must_use]
    pub const fn base(&self) -> &Case {
        &self.base
    }

    /// Goes on from a candidate. Earlier candidates are not tried again until every stage is finished, because most of
    /// them would fare the same.
    pub fn adopt(&mut self, candidate: Case) {
        self.base = candidate;
        self.adopted = true;
        self.ready = None;
        // The next piece now stands in the place of the removed one.
        self.place = self.place.saturating_sub(1);
    }

    /// Whether a candidate is smaller, and can be run at all.
    fn is_better(&self, candidate: &Case) -> bool {
        candidate.is_possible() && compare(candidate, &self.base).is_lt()
    }
}

impl Iterator for ShrinkIter {
    type Item = Case;

    fn next(&mut self) -> Option<Case> {
        loop {
            if self.ready.is_none() {
                let candidates = self.stage.candidates(&self.base, self.smaller_clusters);
                let mut candidates = match candidates {
                    Some(candidates) => candidates.into_iter(),
                    None if std::mem::take(&mut self.adopted) => {
                        (self.stage, self.place) = (Stage::Truncate, 0);
                        continue;
                    }
                    None => return None,
                };
                candidates.by_ref().take(self.place).for_each(drop);
                self.ready = Some(candidates);
            }
            let Some(candidate) = self.ready.as_mut().and_then(Iterator::next) else {
                (self.stage, self.place) = (self.stage.next(self.base.schedule.steps.len()), 0);
                self.ready = None;
                continue;
            };
            self.place += 1;
            let candidate = Case { schedule: candidate.schedule.normalised(), ..candidate };
            if self.is_better(&candidate) {
                return Some(candidate);
            }
        }
    }
}

/// The beginnings of a schedule: nothing, half, three quarters, seven eighths, and so on.
fn beginnings(schedule: &Schedule) -> impl Iterator<Item = Schedule> {
    let steps = schedule.steps.len();
    let gone = std::iter::successors(Some(steps), |gone| Some(gone / 2)).take_while(|gone| *gone > 0);
    gone.map(move |gone| schedule.steps[..steps - gone].to_vec().into())
}

/// Leaves out one run of `count` steps, from the last to the first, because late steps are more often irrelevant.
fn without_runs(schedule: &Schedule, count: usize) -> impl Iterator<Item = Schedule> {
    let steps = &schedule.steps;
    (0..steps.len().div_ceil(count)).map(move |run| {
        let end = steps.len() - run * count;
        let start = end.saturating_sub(count);
        steps[..start].iter().chain(&steps[end..]).cloned().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cluster;
    use crate::search::minimise::minimise_with;
    use crate::search::random::Shape;
    use crate::world::schedule::Step;

    fn drawn(seed: u64, number: u64) -> Case {
        let cluster = Cluster::default();
        let shape = Shape { fewest_operations: 10, most_operations: 60, ..Shape::of(cluster) };
        Case { cluster, schedule: shape.schedule(seed, number) }
    }

    /// Adopts every candidate that still fails, and counts all that were asked about.
    fn shrink(from: Case, fails: impl Fn(&Case) -> bool) -> (Case, usize) {
        let mut smaller = ShrinkIter::than(from).or_on_smaller_clusters();
        let mut asked = 0;
        while let Some(candidate) = smaller.next() {
            asked += 1;
            if fails(&candidate) {
                smaller.adopt(candidate);
            }
        }
        (smaller.base().clone(), asked)
    }

    #[test]
    fn what_fails_always_shrinks_to_nothing_at_once() {
        let (smallest, asked) = shrink(drawn(1, 0), |_| true);
        assert_eq!(smallest, Case { cluster: Cluster::new(1, 1, 1), schedule: Schedule::default() });
        assert!(asked < 20, "{asked}");
    }

    #[test]
    fn what_never_fails_again_stays_and_ends() {
        let case = drawn(1, 0);
        let (same, asked) = shrink(case.clone(), |_| false);
        assert_eq!(same, case);
        assert!(asked > case.schedule.steps.len());
    }

    /// Whoever goes on to the end ends where the minimiser does, or at least no higher up.
    #[test]
    fn two_steps_far_apart_are_found() {
        let blind_and_cut = |case: &Case| {
            case.schedule.operations().any(|operation| operation.blind && operation.action.is_write())
                && case.schedule.steps.iter().any(|step| matches!(step, Step::Cut { .. }))
        };
        let mut found = 0;
        for case in (0..100).map(|number| drawn(1, number)).filter(blind_and_cut) {
            let (smallest, _) = shrink(case.clone(), blind_and_cut);
            let minimal = minimise_with(case, &mut |case| blind_and_cut(case)).case;
            assert_eq!(smallest.schedule.size(), minimal.schedule.size());
            assert_eq!((smallest.schedule.size(), smallest.schedule.steps.len()), (3, 2), "{smallest}");
            found += 1;
        }
        assert!(found >= 5, "{found}");
    }

    #[test]
    fn every_candidate_is_smaller_and_the_cluster_is_held() {
        let case = drawn(7, 1);
        let smaller = |candidate: &Case| compare(candidate, &case).is_lt();
        assert!(ShrinkIter::than(case.clone()).all(|it| smaller(&it) && it.cluster == case.cluster));
        let mut anywhere = ShrinkIter::than(case.clone()).or_on_smaller_clusters();
        assert!(anywhere.any(|candidate| candidate.cluster != case.cluster));
    }
}
