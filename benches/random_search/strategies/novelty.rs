//! Novelty by abstract state: schedules whose runs came to states that none before had come to are kept, and others
//! are made of them.
//!
//! An abstract state: for each key, which copies hold which of the versions that any copy holds, the versions by age
//! and not by name. What is kept is cut off where it came to its last new state, and followed by a fresh schedule.
//!
//! To look at the states takes a second run of each schedule, which the table does not count.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use quorate::id::OpId;
use quorate::search::random::Shape;
use quorate::search::rng::SeededRng;
use quorate::world::narration::Frame;
use quorate::world::schedule::{Schedule, Step};

use super::super::bugs::Bug;
use super::Strategy;

/// At most so many schedules are kept.
const KEPT: usize = 16;
/// What is learnt is forgotten after so many schedules, so that a chunk of a campaign stands for itself.
const CHUNK: u64 = 64;

/// For each copy, by holder, owner and key: which versions, as bits by age.
type Abstract = Vec<(u8, u8, u16, u64)>;

/// The strategy.
#[derive(Default)]
pub(super) struct Novelty {
    seen: FxHashSet<Abstract>,
    /// Each with how many states it was the first to reach.
    kept: Vec<(usize, Schedule)>,
}

impl Strategy for Novelty {
    fn schedule(&mut self, shape: &Shape, seed: u64, number: u64) -> Schedule {
        if number.is_multiple_of(CHUNK) {
            *self = Self::default();
        }
        let fresh = shape.schedule(seed, number);
        let mut rng = SeededRng::of(!seed, number);
        if self.kept.is_empty() || rng.happens(500) {
            return fresh;
        }
        let (_, beginning) = &self.kept[rng.below(self.kept.len() as u32) as usize];
        spliced(beginning, &fresh, usize::from(shape.most_operations))
    }

    fn learn(&mut self, bug: &Bug, schedule: &Schedule) {
        let narration = bug.subject().narrate(bug.cluster, bug.demands(), schedule);
        let (mut new, mut last) = (0, 0);
        for (at, frame) in narration.frames.iter().enumerate().take(schedule.steps.len()) {
            if self.seen.insert(state(frame)) {
                (new, last) = (new + 1, at + 1);
            }
        }
        if new > 0 {
            // Where the last reads come, nothing else can follow.
            let beginning = schedule.steps[..last.min(schedule.steps.len() * 3 / 4)].to_vec();
            self.kept.push((new, Schedule::from(beginning)));
            self.kept.sort_by_key(|(new, _)| std::cmp::Reverse(*new));
            self.kept.truncate(KEPT);
        }
    }
}

fn state(frame: &Frame) -> Abstract {
    let keys: BTreeSet<_> = frame.copies.iter().map(|copy| copy.key).collect();
    let mut state = Abstract::new();
    for key in keys {
        let copies = || frame.copies.iter().filter(|copy| copy.key == key);
        let versions: BTreeSet<(OpId, &str)> = copies()
            .flat_map(|copy| &copy.versions)
            .map(|version| (version.op, version.clock.as_str()))
            .collect();
        for copy in copies() {
            let bits = copy.versions.iter().filter_map(|version| {
                versions.iter().position(|other| *other == (version.op, version.clock.as_str()))
            });
            let bits = bits.fold(0, |bits, at| bits | 1 << at.min(63));
            state.push((copy.holder.0, copy.owner.0, key.0, bits));
        }
    }
    state
}

/// The beginning of one with the end of the other, of which the operations are named anew.
fn spliced(beginning: &Schedule, end: &Schedule, most: usize) -> Schedule {
    let first = beginning.operations().map(|operation| operation.op.0).max().unwrap_or(0);
    let mut end = end.clone();
    end.rename_operations(|op| OpId(op.0 + first));
    let mut steps = beginning.steps.clone();
    let mut operations = beginning.operations().count();
    for step in end.steps {
        operations += usize::from(matches!(step, Step::Operation(_)));
        if operations > most {
            break;
        }
        steps.push(step);
    }
    Schedule::from(steps)
}
