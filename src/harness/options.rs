//! What a campaign is asked to do.

use std::num::NonZero;
use std::thread;
use std::time::Duration;

use crate::guarantee::GuaranteeSet;
use crate::judge::{Demands, Subject};
use crate::model::Cluster;
use crate::search::random::Shape;

/// When a campaign ends early.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stop {
    /// At the first failure.
    #[default]
    AtFirst,
    /// Never: it goes on, and tells the first failure of each kind.
    AtEnd,
}

/// What a campaign is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// The ingredients of schedules, and the cluster.
    pub shape: Shape,
    /// The number of the first schedule.
    pub first: u64,
    /// How many schedules.
    pub schedules: u64,
    /// The time limit; schedules that have not run by then are missing. None: no limit.
    pub time: Option<Duration>,
    /// The seed: it gives the same schedules on every machine.
    pub seed: u64,
    /// How many threads; 0: one for each core. Only the time depends on it.
    pub threads: usize,
    /// Guarantees to judge although the subject does not claim them.
    pub expect: GuaranteeSet,
    /// When to end early.
    pub stop: Stop,
    /// How many schedules may be run to show that no failure is smaller than the one told. A test runs few of them,
    /// since it is built without optimisation; the command line runs many.
    pub certificate: u64,
    /// Whether to tell a failure on the smallest cluster that claims the same for the same reasons, instead of the
    /// requested one.
    pub smaller_clusters: bool,
    /// How long one run may take before the watch names it.
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

    /// How many threads to use on this machine.
    #[must_use]
    pub fn threads(&self) -> usize {
        match self.threads {
            0 => thread::available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        }
    }

    /// What a subject is judged by: its claims are owed, and the expected guarantees are judged as well.
    #[must_use]
    pub fn demands(&self, subject: &dyn Subject) -> Demands {
        Demands::of_claims(&subject.claims(self.cluster())).expecting(self.expect)
    }
}
