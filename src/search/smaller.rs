//! Smaller schedules, one at a time: shrinking for those who ask for the next candidate and say afterwards what
//! became of it, as proptest's trees and quickcheck's iterators do.
//!
//! Truncation first, then ever smaller pieces, then what belongs together (an operation with all that refers to it,
//! a client with all its operations), then single messages, then plainer words. A candidate is given only if it is
//! smaller by [`Weight`], so that every chain of candidates ends.
//!
//! Not here: whoever can run the schedule itself should use the [minimiser](super::minimise). It also changes the
//! cluster, exchanges nodes and coordinators, and moves exceptions from one operation to another.

use crate::id::{ClientId, Key};
use crate::model::Level;
use crate::world::schedule::{Schedule, Step};

/// What a smaller schedule has less of, in order of importance: size, steps, clients and keys, words.
type Weight = (usize, usize, usize, usize);

/// The ways of making a schedule smaller, in the order in which they are tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pass {
    /// Keep only the beginning.
    Truncate,
    /// Delete this many steps in a row.
    Delete(usize),
    /// Delete an operation, and what refers to it.
    Operation,
    /// Delete all operations of a client, and what refers to them.
    Client,
    /// Let a message be delivered after all.
    Deliver,
    /// Say one thing of one operation more plainly.
    Plain,
    /// Let one client do the work of two, or one key.
    Merge,
    /// Number operations from 1, and drop what no run can tell.
    Normal,
}

impl Pass {
    /// The pass after this one, for a schedule of this many steps.
    fn next(self, steps: usize) -> Option<Self> {
        Some(match self {
            Self::Truncate => Self::Delete((steps / 2).max(1)),
            Self::Delete(1) => Self::Operation,
            Self::Delete(count) => Self::Delete(count / 2),
            Self::Operation => Self::Client,
            Self::Client => Self::Deliver,
            Self::Deliver => Self::Plain,
            Self::Plain => Self::Merge,
            Self::Merge => Self::Normal,
            Self::Normal => return None,
        })
    }

    /// The candidate of this number, from 0; none: there are no more. A candidate may be no smaller.
    fn candidate(self, base: &Schedule, number: usize) -> Option<Schedule> {
        match self {
            Self::Truncate => truncated(base, number),
            Self::Delete(count) => without_run(base, count, number),
            Self::Operation => {
                let op = base.operations().map(|operation| operation.op).nth(number)?;
                Some(keeping(base, |step| {
                    step.refers_to() != Some(op) && step.operation().is_none_or(|o| o.op != op)
                }))
            }
            Self::Client => {
                let client = *clients(base).get(number)?;
                let theirs = |op| base.operation(op).is_some_and(|operation| operation.client == client);
                Some(keeping(base, |step| {
                    !step.refers_to().is_some_and(theirs)
                        && step.operation().is_none_or(|operation| operation.client != client)
                }))
            }
            Self::Deliver => delivering(base, number),
            Self::Plain => plainer(base, number),
            Self::Merge => merged(base, number),
            Self::Normal => (number == 0).then(|| base.normalised()),
        }
    }
}

/// The schedules that are smaller than one, and where the search for them stands.
#[derive(Clone, Debug)]
pub struct Smaller {
    base: Schedule,
    pass: Option<Pass>,
    number: usize,
    /// Whether a candidate was adopted since the first pass began.
    adopted: bool,
}

impl Smaller {
    /// Those smaller than this one.
    #[must_use]
    pub const fn than(base: Schedule) -> Self {
        Self { base, pass: Some(Pass::Truncate), number: 0, adopted: false }
    }

    /// The smallest that was adopted so far.
    #[must_use]
    pub const fn base(&self) -> &Schedule {
        &self.base
    }

    /// Goes on from a candidate. What was tried before is not tried again until every pass has been gone through:
    /// most of it would fare as it did.
    pub fn adopt(&mut self, candidate: Schedule) {
        self.base = candidate;
        self.adopted = true;
        // What came after the deleted piece stands in its place now.
        self.number = self.number.saturating_sub(1);
    }
}

impl Iterator for Smaller {
    type Item = Schedule;

    fn next(&mut self) -> Option<Schedule> {
        let weight_of_base = weight(&self.base);
        loop {
            let pass = self.pass?;
            if let Some(candidate) = pass.candidate(&self.base, self.number) {
                self.number += 1;
                if (weight(&candidate), &candidate) < (weight_of_base, &self.base) {
                    return Some(candidate);
                }
            } else {
                self.number = 0;
                self.pass = pass.next(self.base.steps.len());
                if self.pass.is_none() && std::mem::take(&mut self.adopted) {
                    self.pass = Some(Pass::Truncate);
                }
            }
        }
    }
}

fn weight(schedule: &Schedule) -> Weight {
    let words = |step: &Step| {
        step.operation().map_or(0, |o| usize::from(o.blind) + usize::from(o.level != Level::Default))
    };
    let names = clients(schedule).len() + keys(schedule).len();
    (schedule.size(), schedule.steps.len(), names, schedule.steps.iter().map(words).sum())
}

fn keeping(base: &Schedule, keep: impl Fn(&Step) -> bool) -> Schedule {
    base.steps.iter().filter(|step| keep(step)).cloned().collect()
}

/// Half of it, three quarters, seven eighths, and so on.
fn truncated(base: &Schedule, number: usize) -> Option<Schedule> {
    let steps = base.steps.len();
    let gone = u32::try_from(number + 1).ok().and_then(|halvings| steps.checked_shr(halvings))?;
    (gone > 0).then(|| base.steps[..steps - gone].to_vec().into())
}

/// Without one run of steps, counted from the end: what comes late is more often irrelevant.
fn without_run(base: &Schedule, count: usize, number: usize) -> Option<Schedule> {
    let end = base.steps.len().checked_sub(number.checked_mul(count)?).filter(|end| *end > 0)?;
    let start = end.saturating_sub(count);
    Some(base.steps[..start].iter().chain(&base.steps[end..]).cloned().collect())
}

/// With one message delivered like any other, and without the steps that let it arrive.
fn delivering(base: &Schedule, number: usize) -> Option<Schedule> {
    let unusual = |step: &Step| {
        let operation = step.operation()?;
        Some(operation.exceptions.iter().map(|exception| (operation.op, exception.name)).collect::<Vec<_>>())
    };
    let (op, name) = base.steps.iter().filter_map(unusual).flatten().nth(number)?;
    let mut usual = keeping(base, |step| *step != Step::Arrive { op, name });
    for step in &mut usual.steps {
        if let Step::Operation(operation) = step
            && operation.op == op
        {
            operation.exceptions.retain(|exception| exception.name != name);
        }
    }
    Some(usual)
}

/// With the client's context, or at the cluster's own level.
fn plainer(base: &Schedule, number: usize) -> Option<Schedule> {
    let mut plainer = base.clone();
    let mut operations = plainer.steps.iter_mut().filter_map(|step| match step {
        Step::Operation(operation) => Some(operation),
        _ => None,
    });
    let operation = operations.nth(number / 2)?;
    match number % 2 {
        0 => operation.blind = false,
        _ => operation.level = Level::Default,
    }
    Some(plainer)
}

/// Every client but the first in turn becomes the first, then every key.
fn merged(base: &Schedule, number: usize) -> Option<Schedule> {
    let (clients, keys) = (clients(base), keys(base));
    let mut merged = base.clone();
    if let Some(&gone) = clients.get(number + 1) {
        merged.rename_clients(|client| if client == gone { clients[0] } else { client });
    } else {
        let &gone = keys.get(number + 2 - clients.len().max(1))?;
        merged.rename_keys(|key| if key == gone { keys[0] } else { key });
    }
    Some(merged)
}

fn clients(schedule: &Schedule) -> Vec<ClientId> {
    distinct(schedule.operations().map(|operation| operation.client))
}

fn keys(schedule: &Schedule) -> Vec<Key> {
    distinct(schedule.operations().map(|operation| operation.key))
}

fn distinct<T: Ord>(names: impl Iterator<Item = T>) -> Vec<T> {
    let mut names: Vec<T> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cluster;
    use crate::search::walk::Shape;

    /// Takes every candidate that still fails, and counts all that were asked about.
    fn shrink(from: Schedule, fails: impl Fn(&Schedule) -> bool) -> (Schedule, usize) {
        let mut smaller = Smaller::than(from);
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
        let schedule = Shape::of(Cluster::default()).schedule(1, 0);
        let (smallest, asked) = shrink(schedule, |_| true);
        assert_eq!(smallest, Schedule::default());
        assert!(asked < 20, "{asked}");
    }

    #[test]
    fn what_never_fails_again_stays_and_ends() {
        let schedule = Shape::of(Cluster::default()).schedule(1, 0);
        let (same, asked) = shrink(schedule.clone(), |_| false);
        assert_eq!(same, schedule);
        assert!(asked < 20 * schedule.steps.len(), "{asked}");
    }

    #[test]
    fn two_steps_far_apart_are_found() {
        let blind_and_cut = |schedule: &Schedule| {
            schedule.operations().any(|operation| operation.blind)
                && schedule.steps.iter().any(|step| matches!(step, Step::Cut { .. }))
        };
        let shape = Shape::of(Cluster::default());
        let mut found = 0;
        for schedule in (0..100).map(|number| shape.schedule(1, number)).filter(blind_and_cut) {
            let (smallest, _) = shrink(schedule, blind_and_cut);
            assert_eq!((smallest.size(), smallest.steps.len()), (2, 2), "{smallest}");
            found += 1;
        }
        assert!(found >= 5, "{found}");
    }

    #[test]
    fn two_clients_become_one_and_words_go() {
        let schedule: Schedule = "put c2 k3 via n1 blind\nget c5 k4 via n1 level all".parse().unwrap();
        let (smallest, _) = shrink(schedule, |schedule| schedule.steps.len() == 2);
        assert_eq!(smallest.to_string(), "put c2 k3 via n1\nget c2 k3 via n1");
    }

    #[test]
    fn every_candidate_is_smaller() {
        let schedule = Shape::of(Cluster::default()).schedule(7, 3);
        let candidates: Vec<Schedule> = Smaller::than(schedule.clone()).collect();
        assert!(candidates.iter().all(|candidate| weight(candidate) <= weight(&schedule)));
        assert!(!candidates.contains(&schedule));
    }
}
