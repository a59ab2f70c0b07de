//! What a campaign is asked to do.

use std::num::NonZero;
use std::thread;
use std::time::Duration;

use crate::guarantee::GuaranteeSet;
use crate::judge::{Demands, Subject};
use crate::model::Cluster;
use crate::search::random::Shape;

/// When a campaign ends before its count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stop {
    /// At the first failure.
    #[default]
    AtFirst,
    /// Not at all: it goes on, and the first failure of each kind is told.
    AtEnd,
}

/// What a campaign is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// What schedules are made of, the cluster included.
    pub shape: Shape,
    /// The number of the first.
    pub first: u64,
    /// How many.
    pub schedules: u64,
    /// No longer than this; what has not run by then is missing. None: as long as it takes.
    pub time: Option<Duration>,
    /// Which schedules: the same seed gives the same ones, on every machine.
    pub seed: u64,
    /// On how many threads; 0: one for each core. Nothing but the time depends on it.
    pub threads: usize,
    /// Guarantees that are judged though the subject does not claim them.
    pub expect: GuaranteeSet,
    /// When to end early.
    pub stop: Stop,
    /// So many schedules may be run to show that no failure is smaller than the one that is told. A test of one's own
    /// runs few of them, for it is built without optimisation; the command line runs many.
    pub certificate: u64,
    /// Whether a failure is told on the smallest cluster that claims the same for the same reasons, in place of the one
    /// that was asked for.
    pub smaller_clusters: bool,
    /// How long one run may take before the watch says which it is.
    pub patience: Duration,
}

impl Options {
    /// 256 schedules of the default shape for a cluster, with seed 1: what `benches/random_search.txt` measures.
    #[must_use]
    pub const fn of(cluster: Cluster) -> Self {
        Self {
            shape: Shape::of(cluster),
            first: 0,
            schedules: 256,
            time: None,
            seed: 1,
            threads: 0,
            expect: GuaranteeSet::NONE,
            stop: Stop::AtFirst,
            certificate: 2_000,
            smaller_clusters: false,
            patience: Duration::from_secs(10),
        }
    }

    /// The cluster.
    #[must_use]
    pub const fn cluster(&self) -> Cluster {
        self.shape.cluster
    }

    /// How many threads that is on this machine.
    #[must_use]
    pub fn threads(&self) -> usize {
        match self.threads {
            0 => thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        }
    }

    /// What a subject is judged on: what it claims is owed, what is expected is judged as well.
    #[must_use]
    pub fn demands(&self, subject: &dyn Subject) -> Demands {
        Demands::of_claims(&subject.claims(self.cluster())).expecting(self.expect)
    }
}
