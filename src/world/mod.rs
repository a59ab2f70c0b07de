//! The environment: drives the model, judges nothing.

pub mod history;
pub mod schedule;
pub mod schedule_check;
pub mod schedule_names;
pub mod schedule_text;
