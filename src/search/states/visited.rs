//! The states that were met: each with its fingerprint, the state it was met from, and the choice that led there.
//!
//! A state takes sixteen bytes in a log, in the order of meeting, and about five in a table of places in the log, which
//! finds a state by its fingerprint. The log grows by blocks, so nothing is ever copied. The table is made anew from
//! the log, and may be fuller than a power of two would let it be.
//!
//! A search mostly waits for memory. So a slot of the table holds some bits of the fingerprint in its upper bits, which
//! the place in the log leaves free. The search then reads the log for states that are probably the same, and for
//! hardly any other. And it asks for all slots that it needs soon before it looks at the first of them
//! ([`Visited::touch`]).
//!
//! Two states with one fingerprint are taken for one. If fingerprints are as good as random, a search of n states does
//! so with a probability below n²/2⁶⁵: one in 37 million for a million states, and 1 in 370 for a hundred million.

use super::choice::BEGINNING;

/// States in a block of the log: 64 kibibytes.
const BLOCK: usize = 1 << 12;
const EMPTY: u32 = u32::MAX;

/// The number of a state, in the order of meeting.
pub(super) type Id = u32;

#[derive(Clone, Copy, Debug)]
struct VisitedEntry {
    print: u64,
    parent: Id,
    choice: u32,
}

/// The states; see the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Visited {
    log: Vec<Vec<VisitedEntry>>,
    table: Vec<u32>,
    /// How many bits of a slot hold a place in the log.
    place_bits: u32,
}

/// Whether a state was met for the first time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Met {
    /// For the first time.
    New(Id),
    /// Not for the first time.
    Again(Id),
}

impl Visited {
    /// Only the beginning was met.
    pub(super) fn new(beginning: u64) -> Self {
        let mut visited = Self { log: Vec::new(), table: Vec::new(), place_bits: 0 };
        visited.set_table(1 << 10);
        visited.meet(beginning, 0, BEGINNING);
        visited
    }

    pub(super) fn len(&self) -> usize {
        let full = self.log.len().saturating_sub(1) * BLOCK;
        full + self.log.last().map_or(0, Vec::len)
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.log.len() * BLOCK * size_of::<VisitedEntry>() + self.table.len() * size_of::<u32>()
    }

    fn entry(&self, id: Id) -> &VisitedEntry {
        &self.log[id as usize / BLOCK][id as usize % BLOCK]
    }

    pub(super) fn print(&self, id: Id) -> u64 {
        self.entry(id).print
    }

    /// The state from which it was first met, and the choice; `None` for the beginning.
    pub(super) fn origin(&self, id: Id) -> Option<(Id, u32)> {
        let VisitedEntry { parent, choice, .. } = *self.entry(id);
        (choice != BEGINNING).then_some((parent, choice))
    }

    /// Loads the slots of these fingerprints from memory, all at the same time.
    pub(super) fn touch(&self, prints: impl Iterator<Item = u64>) {
        std::hint::black_box(prints.fold(0, |all, print| all ^ self.table[self.place(print)]));
    }

    /// Finds a state that was met before.
    pub(super) fn find(&self, print: u64) -> Option<Id> {
        self.look_for(print).ok()
    }

    /// Records that a state is met.
    pub(super) fn meet(&mut self, print: u64, parent: Id, choice: u32) -> Met {
        // At most six sevenths full.
        if (self.len() + 1) * 7 > self.table.len() * 6 {
            self.grow();
        }
        let free = match self.look_for(print) {
            Ok(id) => return Met::Again(id),
            Err(free) => free,
        };
        let id = self.len() as Id;
        self.table[free] = self.slot(print, id);
        if (id as usize).is_multiple_of(BLOCK) {
            self.log.push(Vec::with_capacity(BLOCK));
        }
        if let Some(block) = self.log.last_mut() {
            block.push(VisitedEntry { print, parent, choice });
        }
        Met::New(id)
    }

    /// The state of this fingerprint, or the free slot where it belongs.
    #[inline]
    fn look_for(&self, print: u64) -> Result<Id, usize> {
        let mut at = self.place(print);
        let places = ((1_u64 << self.place_bits) - 1) as u32;
        let tag = self.slot(print, 0);
        loop {
            let slot = self.table[at];
            if slot == EMPTY {
                return Err(at);
            }
            let id = slot & places;
            if slot & !places == tag && self.entry(id).print == print {
                return Ok(id);
            }
            at = self.next(at);
        }
    }

    /// A place in the log, with as many of the fingerprint's last bits as there is room for. (The place in the table
    /// says something of the first bits.)
    #[inline]
    const fn slot(&self, print: u64, id: Id) -> u32 {
        ((print << self.place_bits) as u32) | id
    }

    /// Where the search for a fingerprint begins: its share of the table's length.
    fn place(&self, print: u64) -> usize {
        ((u128::from(print) * self.table.len() as u128) >> 64) as usize
    }

    fn next(&self, at: usize) -> usize {
        if at + 1 == self.table.len() { 0 } else { at + 1 }
    }

    fn grow(&mut self) {
        self.set_table(self.table.len() + self.table.len() / 4);
        for id in 0..self.len() as Id {
            let print = self.print(id);
            let mut at = self.place(print);
            while self.table[at] != EMPTY {
                at = self.next(at);
            }
            self.table[at] = self.slot(print, id);
        }
    }

    /// Makes an empty table. It is never full, so no place has all its bits set, and no slot is taken for an empty one.
    fn set_table(&mut self, length: usize) {
        self.table = Vec::new();
        self.table.resize(length, EMPTY);
        self.place_bits = length.next_power_of_two().trailing_zeros().min(Id::BITS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::fingerprint::fingerprint;

    #[test]
    fn every_state_is_found_again_and_leads_back() {
        let mut visited = Visited::new(fingerprint(&0_u64));
        let count = 3 * BLOCK as u32;
        for number in 1..count {
            let met = visited.meet(fingerprint(&u64::from(number)), number / 2, number);
            assert_eq!(met, Met::New(number));
        }
        for number in 0..count {
            assert_eq!(visited.meet(fingerprint(&u64::from(number)), 0, 0), Met::Again(number));
        }
        assert_eq!(visited.len(), count as usize);
        assert_eq!((visited.origin(0), visited.origin(9)), (None, Some((4, 9))));
        assert!(visited.bytes() <= 24 * visited.len(), "{} bytes", visited.bytes());
    }
}
