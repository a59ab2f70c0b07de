//! The protocol: no schedule, no history, no randomness, no clock on the wall.

mod action;
mod causality;
#[cfg(test)]
mod clock_laws;
mod data_type;
mod dot_set;
mod dotted;
mod last_write;
mod message_kind;
mod quorum;
mod vector_clock;

pub use action::Action;
pub use causality::{Causality, Context};
pub use data_type::DataType;
pub use dot_set::{DotSet, Run};
pub use dotted::Dotted;
pub use last_write::{LastWrite, Latest};
pub use message_kind::MessageKind;
pub use quorum::{BadCluster, Cluster, Level};
pub use vector_clock::{Dot, VectorClock};
