//! Schedules: everything that happens in a run, and nothing that does not matter.
//!
//! A schedule is **total**: in every state every step is legal, at worst it does nothing. So any subsequence of a
//! schedule is a schedule, which is what makes shrinking honest.
//!
//! It is **synchronous by default**: an operation runs to its end, each message delivered as soon as it is sent,
//! except for what the step says is lost, late or doubled. A message is named by its cause (the operation, what it
//! is for, the replica at its other end, the attempt) and by nothing that another step could shift.
//!
//! Time moves by [`Step::Tick`] alone.
//!
//! The text of a schedule is in [`schedule_text`](super::schedule_text), its normal form and its renamings in
//! [`schedule_names`](super::schedule_names).
//!
//! Not modelled: a disk that fails in part, or corrupts what it holds.

use std::fmt;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::schedule_check::{BadSchedule, check};
use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::{Action, Level, MessageKind};

/// What becomes of a message that is not simply delivered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// Delivered when a later step says so (`arrive`), or at the end.
    Late,
    /// Delivered, and once more when a later step says so, or at the end.
    Doubled,
    /// Both late and doubled: each of the two is delivered when a later step says so, or at the end.
    Twice,
    /// Never delivered.
    Lost,
}

/// One message of an operation, by its cause.
///
/// The coordinator is not part of the name, so that another one can be tried without renaming.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct MessageName {
    /// What it is for.
    pub kind: MessageKind,
    /// The replica it goes to or comes from; of a message between client and coordinator: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica: Option<NodeId>,
    /// Which sending of such a message it is, from 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u8,
}

impl MessageName {
    /// Whether there can be such a message: one between client and coordinator names no replica, every other
    /// one names one. What is no message is never sent, so that nothing becomes of it; it has no text.
    #[must_use]
    pub const fn is_possible(&self) -> bool {
        self.kind.is_of_client() == self.replica.is_none()
    }
}

fn is_zero(attempt: &u8) -> bool {
    *attempt == 0
}

/// A message of an operation, and what becomes of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Exception {
    /// Which message.
    #[serde(flatten)]
    pub name: MessageName,
    /// What becomes of it.
    pub fate: Fate,
}

/// One operation of a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Its label, unique in the schedule; a write's value is named by it.
    pub op: OpId,
    /// What it asks for.
    pub action: Action,
    /// Whose.
    pub client: ClientId,
    /// Of which key.
    pub key: Key,
    /// Whom the client asks.
    pub via: NodeId,
    /// A write sent without the client's context.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blind: bool,
    /// Its consistency level.
    #[serde(default, skip_serializing_if = "Level::is_default")]
    pub level: Level,
    /// Its messages that are not simply delivered, sorted by name, each name once.
    #[serde(default, skip_serializing_if = "SmallVec::is_empty")]
    pub exceptions: SmallVec<[Exception; 2]>,
}

/// One step of a schedule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// A client invokes an operation. If it still has one, that one ends info.
    Operation(Operation),
    /// A late or doubled message arrives. Where the way is cut, or its end is paused, it stays on its way.
    Arrive {
        /// The operation it belongs to.
        op: OpId,
        /// Which of its messages.
        #[serde(flatten)]
        name: MessageName,
    },
    /// The coordinator stops waiting for an operation, and answers info.
    Timeout {
        /// The operation.
        op: OpId,
    },
    /// No message passes between the two sides until `heal`. A node on neither side is not affected.
    Cut {
        /// One side.
        side: NodeSet,
        /// The other.
        other: NodeSet,
    },
    /// No message passes in one direction until `heal`.
    CutOneWay {
        /// From these nodes
        from: NodeSet,
        /// to these.
        to: NodeSet,
    },
    /// All cuts end.
    Heal,
    /// A node stops, and loses nothing; what is sent to it waits.
    Pause {
        /// Which.
        node: NodeId,
    },
    /// A node goes down, and forgets what it held in memory; what is sent to it is lost.
    Crash {
        /// Which.
        node: NodeId,
    },
    /// A node that is paused goes on; one that is down comes up again, with its disk.
    Restart {
        /// Which.
        node: NodeId,
    },
    /// A node loses memory and disk, and comes up again at once, as a new actor.
    Wipe {
        /// Which.
        node: NodeId,
    },
    /// A node takes another for unreachable, rightly or wrongly, until `trust`.
    Suspect {
        /// Who suspects
        at: NodeId,
        /// whom.
        whom: NodeId,
    },
    /// Every suspicion ends.
    Trust,
    /// A node's clock is put ahead of true time, or behind it, by this many milliseconds.
    Skew {
        /// Whose.
        node: NodeId,
        /// Milliseconds ahead; negative: behind.
        ms: i32,
    },
    /// Time passes.
    Tick {
        /// Milliseconds.
        ms: u32,
    },
    /// A node does the work it does from time to time: it hands off what it holds for others.
    Wake {
        /// Which.
        node: NodeId,
    },
}

impl Step {
    /// The operation, if it is one.
    #[inline]
    #[must_use]
    pub const fn operation(&self) -> Option<&Operation> {
        match self {
            Self::Operation(operation) => Some(operation),
            _ => None,
        }
    }

    /// The operation of another step that this one is about.
    #[must_use]
    pub const fn refers_to(&self) -> Option<OpId> {
        match self {
            Self::Arrive { op, .. } | Self::Timeout { op } => Some(*op),
            _ => None,
        }
    }

    /// Every node that it names.
    #[must_use]
    pub fn nodes(&self) -> NodeSet {
        match self {
            Self::Operation(Operation { via, exceptions, .. }) => {
                exceptions.iter().filter_map(|exception| exception.name.replica).chain([*via]).collect()
            }
            Self::Arrive { name, .. } => name.replica.map_or(NodeSet::EMPTY, NodeSet::only),
            Self::Cut { side, other } => side.or(*other),
            Self::CutOneWay { from, to } => from.or(*to),
            Self::Pause { node }
            | Self::Crash { node }
            | Self::Restart { node }
            | Self::Wipe { node }
            | Self::Skew { node, .. }
            | Self::Wake { node } => NodeSet::only(*node),
            Self::Suspect { at, whom } => NodeSet::only(*at).or(NodeSet::only(*whom)),
            Self::Timeout { .. } | Self::Heal | Self::Trust | Self::Tick { .. } => NodeSet::EMPTY,
        }
    }

    /// What it adds to [`Schedule::size`].
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Operation(operation) => {
                1 + operation.exceptions.len() + usize::from(!operation.level.is_default())
            }
            Self::Cut { .. }
            | Self::CutOneWay { .. }
            | Self::Pause { .. }
            | Self::Crash { .. }
            | Self::Suspect { .. } => 2,
            Self::Wipe { .. } | Self::Skew { .. } => 1,
            Self::Arrive { .. }
            | Self::Timeout { .. }
            | Self::Heal
            | Self::Restart { .. }
            | Self::Trust
            | Self::Tick { .. }
            | Self::Wake { .. } => 0,
        }
    }
}

/// Everything that happens in a run.
///
/// Its `Debug` is its text, since that is what a person wants to see of it wherever it is printed.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Schedule {
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// A schedule as JSON says it, before it is known to make sense.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    steps: Vec<Step>,
}

impl TryFrom<Unchecked> for Schedule {
    type Error = BadSchedule;

    fn try_from(unchecked: Unchecked) -> Result<Self, BadSchedule> {
        let mut schedule = Self { steps: unchecked.steps };
        check(&schedule.steps)?;
        schedule.sort_exceptions();
        Ok(schedule)
    }
}

impl Schedule {
    /// Its operations, in order.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.steps.iter().filter_map(Step::operation)
    }

    /// The operation of this label. It is searched for, from the beginning.
    #[must_use]
    pub fn operation(&self, op: OpId) -> Option<&Operation> {
        self.operations().find(|operation| operation.op == op)
    }

    /// Every node that a step names.
    #[must_use]
    pub fn nodes(&self) -> NodeSet {
        self.steps.iter().fold(NodeSet::EMPTY, |nodes, step| nodes.or(step.nodes()))
    }

    /// The one measure of size: its operations, each lost, late or doubled message, each consistency level of an
    /// operation's own, and each fault begun. A disk lost and a clock put wrong count once; what lasts and stops messages (a cut, in one direction or both, a pause,
    /// a crash, a suspicion) counts twice, so that it is not cheaper than two messages of which it might as well be
    /// told that they are lost. Of two that are equal the story with fewer faults is preferred. What stands for three
    /// lost messages or more explains more than it costs.
    ///
    /// What ends a fault costs nothing (`heal`, `restart`, `trust`), nor does what lets things go on
    /// (`arrive`, `tick`, `wake`), nor the choice of the coordinator. A `timeout` is free as well: a
    /// coordinator only waits in vain where messages are lost, late or cut off, and those are counted
    /// already; a second charge would make the same failure dearer for being told in full.
    #[must_use]
    pub fn size(&self) -> usize {
        self.steps.iter().map(Step::size).sum()
    }

    /// Puts the exceptions of every operation in the order of their names, each name once.
    pub(super) fn sort_exceptions(&mut self) {
        for step in &mut self.steps {
            if let Step::Operation(operation) = step {
                operation.sort_exceptions();
            }
        }
    }
}

impl Operation {
    /// Puts its exceptions in the order of their names, each name once: of two fates of one message the first
    /// said is kept.
    pub(super) fn sort_exceptions(&mut self) {
        self.exceptions.sort_by_key(|exception| exception.name);
        self.exceptions.dedup_by_key(|exception| exception.name);
    }
}

impl FromIterator<Step> for Schedule {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self { steps: steps.into_iter().collect() }
    }
}

impl From<Vec<Step>> for Schedule {
    fn from(steps: Vec<Step>) -> Self {
        Self { steps }
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
