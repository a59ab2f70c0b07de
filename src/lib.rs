//! Property-based correctness tests for quorum-replicated, eventually consistent key-value protocols.

pub mod check;
pub mod guarantee;
pub mod id;
pub mod model;
pub mod op_set;
pub mod world;
