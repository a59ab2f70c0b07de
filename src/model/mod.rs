//! The protocol: no schedule, no history, no randomness, no clock on the wall.

mod action;
mod data_type;
mod message_kind;
mod quorum;

pub use action::Action;
pub use data_type::DataType;
pub use message_kind::MessageKind;
pub use quorum::{BadCluster, Cluster, Level};
