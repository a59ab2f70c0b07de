//! Runs one text and shows what each operation was told, and what each replica holds.
//!
//! For tests that say what a schedule should lead to; [`replay`](crate::replay) says only that nothing is broken.

use crate::id::{Key, NodeId, OpId};
use crate::judge::{Demands, Subject};
use crate::model::{Causality, Cluster, Protocol, Status};
use crate::world::history::Completion;
use crate::world::modelled::Modelled;
use crate::world::narration::Narration;
use crate::world::schedule::Schedule;

/// The result of a text.
#[derive(Clone, Debug)]
pub struct Played {
    narration: Narration,
    /// How many steps the text has. Later frames bring the run to rest.
    steps: usize,
}

/// Runs these steps, in the text that stories print, on a protocol. Nothing is judged.
///
/// ```
/// use quorate::prelude::*;
///
/// let played = quorate::play::<Dotted, _>(
///     &Textbook,
///     Cluster::default(),
///     "put c1 k1 via n1 (to n3 lost)
///      get c2 k1 via n3",
/// );
/// assert_eq!(played.values(2), [1], "n1 or n2 has it");
/// assert_eq!(played.held(3, 1), [1], "and the read has repaired n3");
/// ```
///
/// # Panics
/// If the text is no schedule: with the line, and what was expected there.
pub fn play<C: Causality, P: Protocol<C>>(protocol: &P, cluster: Cluster, text: &str) -> Played {
    play_system(&Modelled(protocol as &dyn Protocol<C>), cluster, text)
}

/// Like [`play`], on any system that the world can run.
///
/// # Panics
/// Like [`play`].
pub fn play_system(subject: &dyn Subject, cluster: Cluster, text: &str) -> Played {
    let schedule: Schedule = text.parse().unwrap_or_else(|bad| panic!("not a schedule: {bad}"));
    let narration = subject.narrate(cluster, Demands::NOTHING, &schedule);
    Played { narration, steps: schedule.steps.len() }
}

impl Played {
    /// How an operation ended, if it ended within the text.
    #[must_use]
    pub fn ended(&self, op: u16) -> Option<&Completion> {
        let frames = self.narration.frames.iter().take(self.steps);
        let mut ended = frames.flat_map(|frame| &frame.ended).map(|ended| &ended.completion);
        ended.find(|completion| completion.op == OpId(op))
    }

    /// How an operation ended; none: its client still waits.
    #[must_use]
    pub fn status(&self, op: u16) -> Option<Status> {
        self.ended(op).map(|completion| completion.status)
    }

    /// The values that a read returned, by the operations that wrote them, in order. None if it has not ended ok.
    #[must_use]
    pub fn values(&self, op: u16) -> Vec<u16> {
        let observation = self.ended(op).and_then(|completion| completion.observation.as_ref());
        sorted(observation.into_iter().flat_map(|seen| seen.values.iter().copied()))
    }

    /// What a node's own copy of a key holds at the end of the text, by the operations that wrote it, in order. Deletes
    /// are included: a tombstone is a version.
    #[must_use]
    pub fn held(&self, node: u8, key: u16) -> Vec<u16> {
        let last = self.steps.checked_sub(1).and_then(|last| self.narration.frames.get(last));
        let own = last
            .into_iter()
            .flat_map(|frame| &frame.copies)
            .filter(|copy| copy.holder == NodeId(node) && copy.owner == NodeId(node) && copy.key == Key(key));
        sorted(own.flat_map(|copy| copy.versions.iter().map(|version| version.op)))
    }

    /// Everything that happened, step by step.
    #[must_use]
    pub const fn narration(&self) -> &Narration {
        &self.narration
    }
}

fn sorted(ops: impl Iterator<Item = OpId>) -> Vec<u16> {
    let mut ops: Vec<u16> = ops.map(|op| op.0).collect();
    ops.sort_unstable();
    ops
}
