//! The environment: it drives the model and judges nothing.

mod delivery;
mod faults;
mod network;
mod operation_record;

pub mod components;
pub mod fingerprint;
pub mod ghost;
pub mod ghosts;
pub mod held_messages;
pub mod history;
pub mod history_file;
pub mod modelled;
pub mod narration;
pub mod normal_form;
pub mod observer;
pub mod quiescence;
pub mod scenario;
pub mod scenario_file;
pub mod schedule;
pub mod schedule_check;
pub mod schedule_text;
pub mod simulation;
pub mod system;
