//! Shrinking, measured on protocols with one rule broken.

mod bugs;
mod exhaust;
mod mutants;
mod naive;
mod table;
