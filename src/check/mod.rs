//! The judges: they read histories and states, and know no generator.

mod at_rest;
mod availability;
mod coverage;
mod memory;

pub(crate) mod panics;
pub(crate) mod twice;

pub mod branching;
pub mod court;
pub mod demands;
pub mod difference;
pub mod exemption;
pub mod history;
pub mod history_report;
pub mod oracle;
mod real_time;
pub mod stamps;
pub mod trial;
pub mod verdict;

pub use branching::{Branching, Carried};
pub use court::Court;
pub use demands::Demands;
pub use exemption::{Exemption, NotOwed};
pub use trial::{Breakage, Finding, Runner, Subject, Trial};
pub use verdict::{Ruling, Stance, Tested, Untested, Violation};
