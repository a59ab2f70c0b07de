//! What the judges remember of a run, as far as it bears on what they may still say.
//!
//! A search of states must tell two of them apart if a judge will. How much was examined on the way, and in which
//! order things were first met, makes no difference to any later verdict, only to how it is worded.
//!
//! Not here: the demands, which are the same in all states of one search, and what was found broken, after which no
//! search goes on.

use std::hash::{Hash, Hasher};

use crate::check::at_rest::Acknowledgement;
use crate::check::court::{Asked, Court};
use crate::check::coverage::Sessions;
use crate::check::history;
use crate::check::oracle::Oracle;
use crate::check::stamps::Stamps;
use crate::guarantee::GuaranteeSet;
use crate::id::OpId;
use crate::model::Causality;
use crate::op_set::OpSet;
use crate::world::fingerprint::hash_unordered;

/// What all judges remember; see the [module](self).
#[derive(Clone, Debug)]
pub(super) struct Memory<C> {
    history: history::Memory,
    oracle: Oracle,
    stamps: Stamps<C>,
    sessions: Sessions,
    asked: Vec<Option<Asked>>,
    amnesia: Vec<(OpId, Vec<OpSet>)>,
    acknowledgements: Vec<Acknowledgement>,
}

impl<C: Causality> Hash for Memory<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.history.hash(state);
        self.oracle.hash(state);
        self.stamps.hash_future(state);
        self.sessions.hash_future(state);
        self.asked.hash(state);
        hash_unordered(self.amnesia.iter(), state);
        hash_unordered(self.acknowledgements.iter().filter_map(Acknowledgement::bearing), state);
    }
}

impl<C: Causality> Court<C> {
    /// What the judges remember now.
    pub(super) fn memory(&self) -> Memory<C> {
        Memory {
            history: self.history.memory(),
            oracle: self.oracle.clone(),
            stamps: self.stamps.clone(),
            sessions: self.sessions.clone(),
            asked: self.asked.clone(),
            amnesia: self.amnesia.clone(),
            acknowledgements: self.acknowledgements.clone(),
        }
    }

    /// Lets them remember this instead, of a run in which nothing was broken so far. What they have counted they
    /// keep: it says what was put to the test in all runs together.
    pub(super) fn recall(&mut self, memory: &Memory<C>) {
        self.history.recall(&memory.history);
        self.oracle.clone_from(&memory.oracle);
        self.stamps.clone_from(&memory.stamps);
        self.sessions.clone_from(&memory.sessions);
        self.asked.clone_from(&memory.asked);
        self.amnesia.clone_from(&memory.amnesia);
        self.acknowledgements.clone_from(&memory.acknowledgements);
        if !self.broken.is_empty() {
            self.rulings = Default::default();
            self.broken = GuaranteeSet::NONE;
        }
    }
}
