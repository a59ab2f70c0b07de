//! Monitors of a campaign: a bar on a terminal, and the watch that names a run without end.
//!
//! A loop inside a user's own function cannot be interrupted, but it can be named: every run notes what it is about to
//! do, and a separate thread reads the notes.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::harness::stopwatch::Stopwatch;
use crate::model::Cluster;
use crate::world::scenario::Scenario;
use crate::world::schedule::Schedule;

/// How far a campaign has come.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CampaignProgress {
    /// Schedules run.
    pub schedules: u64,
    /// Schedules to run; none: until the time is over.
    pub of: Option<u64>,
    /// How long it has run.
    pub elapsed: Duration,
}

/// Where a run comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The campaign's schedule with this number.
    Campaign(u64),
    /// The minimiser, an exhaustive search or a user tried it.
    Tried,
    /// A step of a search of states, which has no schedule.
    State,
}

/// A run that does not end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stuck {
    /// What it runs.
    pub scenario: Scenario,
    /// Where it comes from.
    pub origin: Origin,
    /// How long it has run.
    pub elapsed: Duration,
}

impl std::fmt::Display for Stuck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.elapsed.as_secs();
        match self.origin {
            Origin::Campaign(number) => write!(f, "schedule #{number}")?,
            Origin::Tried => f.write_str("a schedule that was tried")?,
            Origin::State => {
                return write!(
                    f,
                    "a step of the search of states has not ended after {seconds} s; whether it ever would is not \
                     known. `quorate check` names the schedule of such a run"
                );
            }
        }
        write!(
            f,
            " has not ended after {seconds} s; whether it ever would is not known. It is this one (`quorate replay` \
             reads it):\n\n{}",
            self.scenario
        )
    }
}

/// Monitors a campaign.
pub trait Monitor: Sync {
    /// Called about ten times a second.
    fn progress(&self, progress: CampaignProgress) {
        let _ = progress;
    }

    /// Whether the campaign should end with what it has found so far. Asked before each chunk of schedules.
    fn interrupts(&self) -> bool {
        false
    }

    /// All schedules have run, and this one failed: it is about to be made smaller.
    fn shrinking(&self, number: u64) {
        let _ = number;
    }

    /// A run does not end. Called once; the campaign goes on waiting, so this is the place to end it differently.
    fn stuck(&self, stuck: &Stuck) {
        // The library itself prints only this: without it a person would see nothing, for ever.
        let _ = writeln!(std::io::stderr(), "{stuck}\n");
    }
}

/// Monitors nothing; a run without end is still named on standard error.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Monitor for Silent {}

/// What one thread is running, and since when.
#[derive(Debug, Default)]
pub(super) struct RunningSlot(Mutex<Option<(Stopwatch, Running)>>);

#[derive(Clone, Debug)]
pub(super) enum Running {
    /// A schedule of the campaign, by number.
    Number(u64),
    /// A schedule.
    Schedule(Cluster, Schedule),
    /// A step of a search of states on this cluster.
    State(Cluster),
}

impl RunningSlot {
    /// Notes what is about to run.
    pub(super) fn begin(&self, running: Running) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Stopwatch::start(), running));
    }

    /// Notes a schedule of the campaign that is about to run.
    pub(super) fn begin_number(&self, number: u64) {
        self.begin(Running::Number(number));
    }

    /// Notes that nothing runs.
    pub(super) fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What has run for longer than this, with its origin. `drawn` gives the schedules of the campaign, by number.
    pub(super) fn stuck(
        &self,
        patience: Duration,
        name: &str,
        drawn: impl Fn(u64) -> (Cluster, Schedule),
    ) -> Option<Stuck> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, running) = running.as_ref()?;
        let elapsed = since.elapsed();
        if elapsed < patience {
            return None;
        }
        let (origin, (cluster, schedule)) = match running {
            Running::Number(number) => (Origin::Campaign(*number), drawn(*number)),
            Running::Schedule(cluster, schedule) => (Origin::Tried, (*cluster, schedule.clone())),
            Running::State(cluster) => (Origin::State, (*cluster, Schedule::default())),
        };
        Some(Stuck { scenario: Scenario::new(name, cluster, schedule), origin, elapsed })
    }
}
