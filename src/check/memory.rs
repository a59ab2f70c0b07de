//! What the judges remember of a run, as far as it bears on what they may still say.
//!
//! A search of states must tell two of them apart if a judge will. How much was examined on the way, and in which
//! order things were first met, makes no difference to any later verdict, only to how it is worded.
//!
//! Not here: the demands, which are the same in all states of one search.

use std::hash::{Hash, Hasher};

use crate::check::at_rest::Acknowledgement;
use crate::check::court::Court;
use crate::model::Causality;
use crate::world::fingerprint::hash_unordered;

impl<C: Causality> Court<C> {
    /// Hashes what the judges remember.
    pub(super) fn hash_future<H: Hasher>(&self, state: &mut H) {
        self.history.hash(state);
        self.oracle.hash(state);
        self.stamps.hash_future(state);
        self.sessions.hash_future(state);
        self.asked.hash(state);
        self.broken.hash(state);
        hash_unordered(self.amnesia.iter(), state);
        hash_unordered(self.acknowledgements.iter().filter_map(Acknowledgement::bearing), state);
    }

    /// Becomes a copy of another on the same demands, in its own room. How much was examined so far is not copied:
    /// nobody asks it of a state that is searched from.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.history.copy_from(&other.history);
        self.oracle.clone_from(&other.oracle);
        self.stamps.clone_from(&other.stamps);
        self.sound.clear();
        self.sessions.clone_from(&other.sessions);
        self.asked.clone_from(&other.asked);
        if !self.broken.is_empty() || !other.broken.is_empty() {
            self.rulings.clone_from(&other.rulings);
        }
        self.broken = other.broken;
        self.amnesia.clone_from(&other.amnesia);
        self.acknowledgements.clone_from(&other.acknowledgements);
    }
}
