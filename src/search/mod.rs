//! The producers: everything that makes schedules, and makes them smaller.

pub mod dice;
pub mod exhaust;
pub mod minimise;
pub mod walk;
