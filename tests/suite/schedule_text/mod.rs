//! Schedules and scenarios as text, as JSON and in files.

mod any;
mod bad_input;
mod files;
mod golden;
mod names;
mod round_trips;
