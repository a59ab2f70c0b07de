//! What a clock must be able to say. (placeholder, replaced by the clocks branch)
use std::cmp::Ordering;
use std::fmt::{Debug, Display};
use std::hash::Hash;

use super::Dot;

/// What a client has seen.
pub trait Context: Clone + PartialEq + Eq + Hash + Default + Debug + Display + Send + Sync + 'static {
    /// Least upper bound.
    fn join(&mut self, other: &Self);
    /// Nothing seen.
    fn is_empty(&self) -> bool;
}
/// The clock of one version.
pub trait Causality: Clone + PartialEq + Eq + Hash + PartialOrd + Debug + Display + Send + Sync + 'static {
    /// What a client has seen.
    type Context: Context;
    /// Adds to `context`.
    fn cover(&self, context: &mut Self::Context);
    /// Total order for canonical form.
    fn rank(&self, other: &Self) -> Ordering;
    /// The event.
    fn dot(&self) -> Option<Dot>;
    /// Whether the two name the same event.
    fn same_event(&self, other: &Self) -> bool {
        match (self.dot(), other.dot()) {
            (Some(a), Some(b)) => a == b,
            _ => self == other,
        }
    }
}
