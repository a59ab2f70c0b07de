//! Random schedules.
//!
//! Length and collisions matter more than cleverness: schedules are long, with few keys, many operations, several kinds
//! of fault, and faults that belong together ([`Profile::drawn`]). The table `benches/random_search.txt` is the
//! evidence; strategies that were tried and are no better are in `benches/random_search/strategies`.
//!
//! Every schedule ends with reads: once everything has healed and arrived, each client reads each key that it has used.
//!
//! Nothing here looks at the run: a schedule is a function of its seed, its number and the [`Shape`]. So any thread may
//! draw any schedule, and its number is enough to draw it again. Schedules are also independent. So if a search of `k`
//! schedules finds nothing, it would have met any failure that occurs in at least 3/k of all schedules of this shape
//! with a chance of at least 95 % (the rule of three). No other bound is claimed.

mod fault_kinds;
mod generate;
mod profile;

pub use fault_kinds::{Fault, Faults};
pub use profile::Profile;

use crate::model::Cluster;
use crate::search::rng::SeededRng;
use crate::world::schedule::Schedule;

use generate::Generator;

/// What random schedules are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// The cluster they are for.
    pub cluster: Cluster,
    /// At most this many clients.
    pub clients: u16,
    /// At most this many keys.
    pub keys: u16,
    /// The fewest operations before the final reads.
    pub fewest_operations: u16,
    /// The most operations before the final reads.
    pub most_operations: u16,
    /// Which kinds of fault may occur.
    pub faults: Faults,
}

impl Shape {
    /// The default: up to four clients, two keys, 40 to 200 operations, every kind of fault.
    #[must_use]
    pub const fn of(cluster: Cluster) -> Self {
        Self {
            cluster,
            clients: 4,
            keys: 2,
            fewest_operations: 40,
            most_operations: 200,
            faults: Faults::ALL,
        }
    }

    /// The schedule of this seed and number.
    #[must_use]
    pub fn schedule(&self, seed: u64, number: u64) -> Schedule {
        let mut rng = SeededRng::of(seed, number);
        let profile = Profile::drawn(self.faults, &mut rng);
        self.schedule_in(profile, rng)
    }

    /// A schedule with this profile.
    #[must_use]
    pub fn schedule_in(&self, profile: Profile, rng: SeededRng) -> Schedule {
        Generator::new(self, profile, rng).finish()
    }
}
