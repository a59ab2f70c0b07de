//! The protocol: no schedule, no history, no randomness, no wall clock.

mod action;
mod claims;
#[cfg(test)]
mod clock_laws;
mod clock_traits;
mod data_type;
mod dot_set;
mod dotted;
mod last_write;
mod message_kind;
mod quorum;
mod registers;
mod ring;
mod siblings;
mod status;
mod vector_clock;
mod versioned_value;

pub mod coordinator;
pub mod kv_client;
pub mod messages;
pub mod progress;
pub mod protocol;
pub mod read_repair;
pub mod storage_node;
pub mod textbook;

pub use action::Action;
pub use claims::{Claims, Symmetry};
pub use clock_traits::{Causality, Context};
pub use data_type::DataType;
pub use dot_set::{DotSet, Run};
pub use dotted::Dotted;
pub use last_write::{LastWrite, Latest};
pub use message_kind::MessageKind;
pub use messages::{Address, Body, Envelope, Extent, Reply, Request, Store};
pub use protocol::Protocol;
pub use quorum::{BadCluster, Cluster, Level, must_meet};
pub use registers::Registers;
pub use ring::{PreferenceList, preference_list};
pub use siblings::Siblings;
pub use status::{Reason, Status};
pub use textbook::{Mint, Minting, Textbook};
pub use vector_clock::{Dot, VectorClock};
pub use versioned_value::{Value, VersionedValue};
