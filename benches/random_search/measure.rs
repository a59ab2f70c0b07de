//! How soon a strategy finds a bug: from many seeds, and up to so many schedules from each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use quorate::search::random::Shape;

use crate::bugs::Bug;
use crate::strategies::Contender;

/// A search is given up after so many schedules.
pub(crate) const MOST: u64 = 256;

/// What came of the searches for one bug.
#[derive(Clone, Default)]
pub(crate) struct Hunt {
    /// By seed: after how many schedules it was found, if at all.
    pub(crate) found: Vec<Option<u64>>,
    /// Events executed, those of searches that found nothing included.
    pub(crate) events: u64,
}

impl Hunt {
    pub(crate) fn finds(&self) -> usize {
        self.found.iter().flatten().count()
    }

    /// Events for each find; of a bug never found, as if the next schedule had found it.
    pub(crate) fn events_per_find(&self) -> f64 {
        self.events as f64 / self.finds().max(1) as f64
    }

    /// Schedules until it is found, in the middle; none if more than half of the searches are given up.
    pub(crate) fn median(&self) -> Option<u64> {
        let mut sorted: Vec<u64> = self.found.iter().map(|found| found.unwrap_or(u64::MAX)).collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().filter(|median| *median < u64::MAX)
    }
}

/// Looks for a bug from each of these seeds.
fn hunt(bug: &Bug, contender: &Contender, seeds: u64) -> Hunt {
    let shape = Shape { cluster: bug.cluster, ..contender.shape };
    let mut runner = bug.subject().runner(bug.cluster, usize::from(shape.keys), bug.demands());
    let mut hunt = Hunt::default();
    for seed in 0..seeds {
        let mut strategy = (contender.strategy)();
        let found = (0..MOST).find(|&number| {
            let schedule = strategy.schedule(&shape, seed, number);
            let trial = runner.run(&schedule);
            hunt.events += trial.tally.events;
            strategy.learn(bug, &schedule);
            trial.finding.is_some()
        });
        hunt.found.push(found.map(|number| number + 1));
    }
    hunt
}

/// The same for all bugs, on two threads; the order is that of the bugs.
pub(crate) fn hunts(bugs: &[Bug], contender: &Contender, seeds: u64) -> Vec<Hunt> {
    let next = AtomicUsize::new(0);
    let hunts = Mutex::new(vec![Hunt::default(); bugs.len()]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, bug)) = Some(next.fetch_add(1, Ordering::Relaxed))
                    .and_then(|at| bugs.get(at).map(|bug| (at, bug)))
                {
                    let hunt = hunt(bug, contender, seeds);
                    hunts.lock().unwrap_or_else(PoisonError::into_inner)[at] = hunt;
                }
            });
        }
    });
    hunts.into_inner().unwrap_or_else(PoisonError::into_inner)
}
