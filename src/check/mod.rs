//! The judges: they read histories and states, and know no generator.

pub mod history;
pub mod history_report;
pub mod verdict;
