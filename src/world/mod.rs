//! The environment: drives the model, judges nothing.

pub mod history;
pub mod scenario;
pub mod scenario_file;
pub mod schedule;
pub mod schedule_check;
pub mod schedule_names;
pub mod schedule_text;
