//! Values with their clocks.

use std::fmt;

use crate::id::OpId;
use crate::model::Dotted;

/// What a version holds. Every write's value is unique: it is named by the operation that wrote it, so that a
/// read tells which writes it saw.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    /// The value of the operation that wrote the version.
    Written,
    /// No value: a delete.
    Deleted,
    /// Several items, each named by the operation that added it: a shopping cart, a set.
    Items(Box<[OpId]>),
    /// A number: what a counter shows.
    Count(i64),
}

/// A value, the operation that wrote it, its timestamp and its clock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct VersionedValue<C = Dotted> {
    /// The operation that wrote it.
    pub op: OpId,
    /// What it holds.
    pub value: Value,
    /// When it was stamped, by the clock of the node that did: milliseconds.
    pub timestamp: u64,
    /// What it is and what it follows.
    pub clock: C,
}

impl<C> VersionedValue<C> {
    /// Whether it is a delete.
    #[inline]
    #[must_use]
    pub const fn is_tombstone(&self) -> bool {
        matches!(self.value, Value::Deleted)
    }
}

impl<C: fmt::Display> fmt::Display for VersionedValue<C> {
    /// `o2 @ n1.2 after {n1:1}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Written => write!(f, "{}", self.op)?,
            Value::Deleted => write!(f, "deleted by {}", self.op)?,
            Value::Items(items) => {
                write!(f, "{}[", self.op)?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { " " })?;
                }
                f.write_str("]")?;
            }
            Value::Count(count) => write!(f, "{count:+} by {}", self.op)?,
        }
        write!(f, " @ {}", self.clock)
    }
}
