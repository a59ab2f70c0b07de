//! Shrinking, measured on protocols with one rule broken.

mod bugs;
mod exhaust;
mod left_out;
mod mutants;
mod naive;
mod strangers;
#[allow(clippy::disallowed_types)] // The table tells how long it took; nothing depends on it.
mod table;
mod valleys;
