//! The judges: they read histories and states, and know no generator.

mod availability;
mod convergence;
mod lost_and_extra;
mod memory;

pub(crate) mod determinism;
pub(crate) mod panics;

pub mod demands;
pub mod difference;
pub mod exemption;
pub mod history;
pub mod history_report;
pub mod judges;
pub mod oracle;
mod real_time_order;
pub mod stamps;
pub mod state_stack;
pub mod trial;
pub mod verdict;

pub use demands::Demands;
pub use exemption::{Exemption, NotOwed};
pub use judges::Judges;
pub use state_stack::{Carried, StateStack};
pub use trial::{Breakage, Finding, Runner, Subject, Trial};
pub use verdict::{Ruling, Stance, Tested, Untested, Violation};
