//! Everything that a protocol is written against: the names, the clocks, the decisions and what each of them sees.
//!
//! The built-in protocols import nothing else. The [`prelude`](crate::prelude) adds what a test of a protocol needs.

pub use crate::guarantee::Guarantee;
pub use crate::id::{Actor, ClientId, Key, NodeId, NodeSet, OpId};
pub use crate::model::progress::{Progress, Slot, SlotReply, SlotSet};
pub use crate::model::protocol::{
    Ack, Delivery, Ended, Errand, Hint, Protocol, Put, Repair, Repairs, Replica, Resolution, SessionUpdate,
    Ship, Stamp, State, Target, Targets, Task, View,
};
pub use crate::model::{
    Action, Causality, Claims, Cluster, Context, DataType, Dot, DotSet, Dotted, LastWrite, Latest, Level,
    Mint, Minting, PreferenceList, Registers, Siblings, Symmetry, Textbook, Value, VectorClock,
    VersionedValue, preference_list, read_repair, textbook::DOTS_MINTED,
};
