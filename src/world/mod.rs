//! The environment: drives the model, judges nothing.

pub mod history;
pub mod history_file;
pub mod schedule;
