//! Schedules: everything that happens in a run, and nothing else.
//!
//! A schedule is **total**: every step is legal in every state; at worst it does nothing. So any subsequence of a
//! schedule is a schedule, and that makes shrinking honest.
//!
//! It is **synchronous by default**: an operation runs to its end, and each message is delivered as soon as it is
//! sent, unless the step says that it is lost, late or doubled. A message is named by its cause (the operation, its
//! purpose, the replica at its other end, the attempt) and by nothing that another step could shift.
//!
//! Only [`Step::Tick`] moves time.
//!
//! The text of a schedule is in [`schedule_text`](super::schedule_text), its normal form and its renamings in
//! [`normal_form`](super::normal_form).
//!
//! Not modelled: a disk that fails in part, or corrupts what it holds.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;

use super::schedule_text::BadText;
use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::{Action, Level, MessageKind};

/// What becomes of a message that is not simply delivered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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
/// The coordinator is not part of the name, so another one can be tried without renaming.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageName {
    /// What the message is for.
    pub kind: MessageKind,
    /// The replica it goes to or comes from; none for a message between client and coordinator.
    pub replica: Option<NodeId>,
    /// Which sending of the message it is, from 0.
    pub attempt: u8,
}

impl MessageName {
    /// Whether there can be such a message: one between client and coordinator names no replica, every other one
    /// names one. An impossible message is never sent, so it has no fate; it has no text either.
    #[must_use]
    pub const fn is_possible(&self) -> bool {
        self.kind.is_of_client() == self.replica.is_none()
    }
}

/// A message of an operation, and what becomes of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Exception {
    /// The message.
    pub name: MessageName,
    /// Its fate.
    pub fate: Fate,
}

/// One operation of a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Operation {
    /// Its label, unique in the schedule; it also names a write's value.
    pub op: OpId,
    /// What it asks for.
    pub action: Action,
    /// The client that asks.
    pub client: ClientId,
    /// The key.
    pub key: Key,
    /// The node that the client asks.
    pub via: NodeId,
    /// A write sent without the client's context.
    pub blind: bool,
    /// The operation's consistency level.
    pub level: Level,
    /// The messages that are not simply delivered, sorted by name, each name once.
    pub exceptions: SmallVec<[Exception; 2]>,
}

/// One step of a schedule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Step {
    /// A client invokes an operation. If another one is still open, that one ends info.
    Operation(Operation),
    /// A late or doubled message arrives. If its way is cut, or its end is paused, it stays on its way.
    Arrive {
        /// The operation it belongs to.
        op: OpId,
        /// The message.
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
        /// The senders.
        from: NodeSet,
        /// The receivers.
        to: NodeSet,
    },
    /// All cuts end.
    Heal,
    /// A node stops and loses nothing; messages to it wait.
    Pause {
        /// The node.
        node: NodeId,
    },
    /// A node goes down and forgets what it held in memory; messages to it are lost.
    Crash {
        /// The node.
        node: NodeId,
    },
    /// A paused node goes on; a node that is down comes up again, with its disk.
    Restart {
        /// The node.
        node: NodeId,
    },
    /// A node loses memory and disk, and comes up again at once, as a new actor.
    Wipe {
        /// The node.
        node: NodeId,
    },
    /// A node takes another for unreachable, rightly or wrongly, until `trust`.
    Suspect {
        /// The node that suspects.
        at: NodeId,
        /// The suspected node.
        whom: NodeId,
    },
    /// Every suspicion ends.
    Trust,
    /// A node's clock is set ahead of true time, or behind it, by this many milliseconds.
    Skew {
        /// The node.
        node: NodeId,
        /// Milliseconds ahead; negative: behind.
        ms: i32,
    },
    /// Time passes.
    Tick {
        /// Milliseconds.
        ms: u32,
    },
    /// A node does its periodic work: it hands off what it holds for others.
    Wake {
        /// The node.
        node: NodeId,
    },
}

impl Step {
    /// The operation, if the step is one.
    #[inline]
    #[must_use]
    pub const fn operation(&self) -> Option<&Operation> {
        match self {
            Self::Operation(operation) => Some(operation),
            _ => None,
        }
    }

    /// The operation of another step that this step refers to.
    #[must_use]
    pub const fn refers_to(&self) -> Option<OpId> {
        match self {
            Self::Arrive { op, .. } | Self::Timeout { op } => Some(*op),
            _ => None,
        }
    }

    /// Every node that the step names.
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

    /// What the step adds to [`Schedule::size`].
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
/// Its `Debug` is its text: a person wants to read that wherever a schedule is printed.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Schedule {
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// Its text, as a list of lines: one grammar is enough.
impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.lines().map(|line| line.to_string()))
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let lines = Vec::<String>::deserialize(deserializer)?;
        lines.join("\n").parse().map_err(|bad: BadText| {
            let BadText { line, expected, found } = bad;
            D::Error::custom(format!("line {line} of the schedule: expected {expected}, found {found}"))
        })
    }
}

impl Schedule {
    /// Its operations, in order.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.steps.iter().filter_map(Step::operation)
    }

    /// The operation with this label, found by a search from the beginning.
    #[must_use]
    pub fn operation(&self, op: OpId) -> Option<&Operation> {
        self.operations().find(|operation| operation.op == op)
    }

    /// Every node that a step names.
    #[must_use]
    pub fn nodes(&self) -> NodeSet {
        self.steps.iter().fold(NodeSet::EMPTY, |nodes, step| nodes.or(step.nodes()))
    }

    /// The one measure of size. It counts operations; lost, late or doubled messages; consistency levels that
    /// operations set themselves; and faults begun. A lost disk and a wrong clock count once. A fault that lasts and
    /// stops messages (a cut in one direction or both, a pause, a crash, a suspicion) counts twice: it must not be
    /// cheaper than two lost messages that tell the same story. Of two schedules of one size the one with fewer faults
    /// is preferred. A fault that stands for three or more lost messages explains more than it costs.
    ///
    /// What ends a fault is free (`heal`, `restart`, `trust`), and so is what lets things go on (`arrive`, `tick`,
    /// `wake`), and the choice of the coordinator. A `timeout` is free as well: a coordinator waits in vain only if
    /// messages are lost, late or cut off, and those are counted already. A second charge would make the same failure
    /// dearer for being told in full.
    #[must_use]
    pub fn size(&self) -> usize {
        self.steps.iter().map(Step::size).sum()
    }

    /// How many keys it needs room for: the highest that it names, or one.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.operations().map(|operation| operation.key.index() + 1).max().unwrap_or(1)
    }

    /// Sorts the exceptions of every operation by name, each name once.
    pub(super) fn sort_exceptions(&mut self) {
        for step in &mut self.steps {
            if let Step::Operation(operation) = step {
                operation.sort_exceptions();
            }
        }
    }
}

impl Operation {
    /// Sorts the exceptions by name, each name once. If a message has two fates, the first one is kept.
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
