//! What a protocol remembers at a replica: numbered cells.
//!
//! Node counters, hybrid clocks, epochs, generation numbers: the protocols of this family keep a few integers beside
//! their versions. The cells are untyped on purpose. If each protocol had its own type, a change that needs one more
//! counter would be another protocol altogether, unable to delegate to the one it changes.

use smallvec::SmallVec;

/// A few integers by number; a cell that was never set holds 0.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Registers(SmallVec<[u64; 2]>);

impl Registers {
    /// The value of a cell.
    #[inline]
    #[must_use]
    pub fn get(&self, cell: usize) -> u64 {
        self.0.get(cell).copied().unwrap_or(0)
    }

    /// Sets a cell.
    #[inline]
    pub fn set(&mut self, cell: usize, value: u64) {
        if self.0.len() <= cell {
            if value == 0 {
                return;
            }
            self.0.resize(cell + 1, 0);
        }
        self.0[cell] = value;
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    /// Adds one to a cell, and returns its new value.
    #[inline]
    pub fn increment(&mut self, cell: usize) -> u64 {
        let value = self.get(cell).saturating_add(1);
        self.set(cell, value);
        value
    }

    /// Raises a cell to at least this value, and returns its new value.
    #[inline]
    pub fn raise(&mut self, cell: usize, value: u64) -> u64 {
        let raised = self.get(cell).max(value);
        self.set(cell, raised);
        raised
    }

    /// Sets every cell to 0.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_contents_are_equal_values() {
        let mut registers = Registers::default();
        assert_eq!(registers.increment(3), 1);
        assert_eq!(registers.raise(3, 7), 7);
        assert_eq!(registers.raise(3, 5), 7);
        registers.set(3, 0);
        assert_eq!(registers, Registers::default());
    }
}
