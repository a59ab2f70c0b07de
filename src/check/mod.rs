//! The judges: they read histories and states, and know no generator.

pub mod verdict;
