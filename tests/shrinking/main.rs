//! Shrinking, measured on protocols with one rule broken.

mod bugs;
mod mutants;
mod naive;
mod table;
