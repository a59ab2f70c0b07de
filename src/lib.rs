//! Property-based correctness tests for quorum-replicated, eventually consistent key-value protocols.

#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod check;
pub mod guarantee;
pub mod harness;
pub mod id;
pub mod model;
pub mod op_set;
pub mod protocols;
pub mod search;
pub mod story;
pub mod world;

pub use harness::{check_protocol as check, check_system, replay, replay_builtin};

/// Everything a change of a protocol needs.
pub mod prelude {
    pub use crate::guarantee::Guarantee;
    pub use crate::harness::{Report, Verdict};
    pub use crate::id::{Actor, ClientId, Key, NodeId, NodeSet, OpId};
    pub use crate::model::progress::{Progress, Slot, SlotReply, SlotSet};
    pub use crate::model::protocol::{
        Ack, Delivery, Ended, Errand, Hint, Protocol, Put, Repair, Repairs, Replica, Resolution,
        SessionUpdate, Ship, Stamp, State, Target, Targets, Task, View,
    };
    pub use crate::model::{
        Action, Blindness, Causality, Claims, Cluster, Context, DataType, Dot, DotSet, Dotted, LastWrite,
        Latest, Level, Mint, Minting, PreferenceList, Registers, Siblings, Textbook, Value, VectorClock,
        VersionedValue, preference_list, read_repair, textbook::DOTS_MINTED,
    };
}
