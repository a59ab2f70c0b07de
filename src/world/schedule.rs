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
//! Not modelled: a disk that fails in part, or corrupts what it holds.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

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
    pub replica: Option<NodeId>,
    /// Which sending of such a message it is, from 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempt: u8,
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
#[serde(tag = "step", rename_all = "lowercase")]
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
