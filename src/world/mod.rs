//! The environment: drives the model, judges nothing.

pub mod history;
pub mod schedule;
