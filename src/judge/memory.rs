//! What the judges remember of a run, as far as it bears on later verdicts.
//!
//! A search of states must tell two states apart if a judge will. How much was examined, and in which order things were
//! first met, changes no later verdict, only its wording.
//!
//! Not here: the demands, which are the same in all states of one search, and breaches, because no search goes on after
//! one.

use std::hash::{Hash, Hasher};

use crate::guarantee::GuaranteeSet;
use crate::id::OpId;
use crate::judge::convergence::Acknowledgement;
use crate::judge::history;
use crate::judge::judges::{Asked, Judges};
use crate::judge::lost_and_extra::Sessions;
use crate::judge::oracle::Oracle;
use crate::judge::real_time_order::RealTime;
use crate::judge::stamps::Stamps;
use crate::model::Causality;
use crate::op_set::OpSet;
use crate::world::fingerprint::hash_unordered;

/// What the judges that see versions remember of the stamps of writes.
#[derive(Clone, Debug)]
pub(super) struct StampsMemory<C> {
    oracle: Oracle,
    stamps: Stamps<C>,
}

/// What the judges remember of operations and sessions. Only invocations, answers and newly met stamps change it.
#[derive(Clone, Hash, Debug)]
pub(super) struct SessionsMemory {
    history: history::Memory,
    sessions: SessionsUnordered,
    real_time: RealTime,
    asked: Vec<Option<Asked>>,
    amnesia: AmnesiaUnordered,
    acknowledgements: Bearing,
}

impl<C: Causality> Hash for StampsMemory<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.oracle.hash(state);
        self.stamps.hash_future(state);
    }
}

#[derive(Clone, Debug)]
struct SessionsUnordered(Sessions);

impl Hash for SessionsUnordered {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash_future(state);
    }
}

#[derive(Clone, Debug)]
struct AmnesiaUnordered(Vec<(OpId, Vec<OpSet>)>);

impl Hash for AmnesiaUnordered {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_unordered(self.0.iter(), state);
    }
}

#[derive(Clone, Debug)]
struct Bearing(Vec<Acknowledgement>);

impl Hash for Bearing {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_unordered(self.0.iter().filter_map(Acknowledgement::bearing), state);
    }
}

impl<C: Causality> Judges<C> {
    /// What they remember of stamps.
    pub(super) fn stamps_memory(&self) -> StampsMemory<C> {
        StampsMemory { oracle: self.oracle.clone(), stamps: self.stamps.clone() }
    }

    /// What they remember of operations and sessions.
    pub(super) fn sessions_memory(&self) -> SessionsMemory {
        SessionsMemory {
            history: self.history.memory(),
            sessions: SessionsUnordered(self.sessions.clone()),
            real_time: self.real_time.clone(),
            asked: self.asked.clone(),
            amnesia: AmnesiaUnordered(self.amnesia.clone()),
            acknowledgements: Bearing(self.acknowledgements.clone()),
        }
    }

    /// Replaces what they remember of stamps.
    pub(super) fn recall_stamps(&mut self, memory: &StampsMemory<C>) {
        self.oracle.clone_from(&memory.oracle);
        self.stamps.clone_from(&memory.stamps);
        // Versions found sound in another run may hold writes that this run has not met.
        self.sound.clear();
    }

    /// Replaces what they remember of operations and sessions.
    pub(super) fn recall_sessions(&mut self, memory: &SessionsMemory) {
        self.resting = false;
        self.history.recall(&memory.history);
        self.sessions.clone_from(&memory.sessions.0);
        self.real_time.clone_from(&memory.real_time);
        self.asked.clone_from(&memory.asked);
        self.amnesia.clone_from(&memory.amnesia.0);
        self.acknowledgements.clone_from(&memory.acknowledgements.0);
    }

    /// Forgets that anything was broken. If nothing was, the counts stay: they say what all runs together tested.
    pub(super) fn absolve(&mut self) {
        self.history.absolve();
        if !self.broken.is_empty() {
            self.rulings = Default::default();
            self.broken = GuaranteeSet::NONE;
        }
    }

    /// The number of writes whose stamps they have met.
    pub(super) fn stamps_met(&self) -> usize {
        self.stamps.len()
    }
}
