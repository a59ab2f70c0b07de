//! Who looks on while a campaign runs: a bar on a terminal, and the watch that names a run without end.
//!
//! A loop inside a user's own function cannot be interrupted. It can be named: every run notes what it is about to
//! do, and a thread that does nothing else looks at the notes.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::check::{Branching, Demands, Runner, Subject, Trial};
use crate::guarantee::Guarantee;
use crate::harness::stopwatch::Stopwatch;
use crate::id::OpId;
use crate::model::{Blindness, Claims, Cluster, DataType};
use crate::search::walk::Shape;
use crate::world::history::History;
use crate::world::narration::Narration;
use crate::world::scenario::Scenario;
use crate::world::schedule::{MessageName, Schedule};

/// How far a campaign has come.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Progress {
    /// Schedules run.
    pub schedules: u64,
    /// Schedules to run; none: until the time is over.
    pub of: Option<u64>,
    /// How long it has run.
    pub elapsed: Duration,
}

/// A run that does not end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stuck {
    /// What is run.
    pub scenario: Scenario,
    /// Its number in the campaign; none: it was made by the minimiser.
    pub number: Option<u64>,
    /// For how long.
    pub elapsed: Duration,
}

impl std::fmt::Display for Stuck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.number {
            Some(number) => write!(f, "schedule #{number}")?,
            None => f.write_str("a schedule tried by the minimiser")?,
        }
        write!(
            f,
            " has not ended after {} s; whether it ever would is not known. It is this one (`quorate replay` reads \
             it):\n\n{}",
            self.elapsed.as_secs(),
            self.scenario
        )
    }
}

/// Somebody who looks on.
pub trait Monitor: Sync {
    /// About ten times a second.
    fn progress(&self, progress: Progress) {
        let _ = progress;
    }

    /// Whether the campaign is to end with what it has found so far. Asked before each chunk of schedules.
    fn interrupts(&self) -> bool {
        false
    }

    /// All schedules have run, and this one failed: it is about to be made smaller.
    fn shrinking(&self, number: u64) {
        let _ = number;
    }

    /// A run does not end. Said once; the campaign goes on waiting for it, so this is the place to end otherwise.
    fn stuck(&self, stuck: &Stuck) {
        // The one thing that the library itself prints: without it a person would see nothing, for ever.
        let _ = writeln!(std::io::stderr(), "{stuck}\n");
    }
}

/// Nobody looks on; a run without end is still named on standard error.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Monitor for Silent {}

/// What one thread is running, and since when.
#[derive(Debug, Default)]
pub(super) struct Slot(Mutex<Option<(Stopwatch, Running)>>);

#[derive(Clone, Debug)]
enum Running {
    Number(u64),
    Schedule(Cluster, Schedule),
}

impl Slot {
    fn begin(&self, running: Running) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Stopwatch::start(), running));
    }

    /// A schedule of the campaign is about to run.
    pub(super) fn begin_number(&self, number: u64) {
        self.begin(Running::Number(number));
    }

    /// Nothing runs.
    pub(super) fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What has run for longer than this.
    pub(super) fn stuck(&self, patience: Duration, name: &str, shape: &Shape, seed: u64) -> Option<Stuck> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, running) = running.as_ref()?;
        let elapsed = since.elapsed();
        if elapsed < patience {
            return None;
        }
        let (number, cluster, schedule) = match running {
            Running::Number(number) => (Some(*number), shape.cluster, shape.schedule(seed, *number)),
            Running::Schedule(cluster, schedule) => (None, *cluster, schedule.clone()),
        };
        Some(Stuck { scenario: Scenario::new(name, cluster, schedule), number, elapsed })
    }
}

/// A subject each of whose runs is noted in a slot.
pub(super) struct Watched<'a> {
    pub(super) subject: &'a dyn Subject,
    pub(super) slot: &'a Slot,
}

struct WatchedRunner<'a> {
    runner: Box<dyn Runner + 'a>,
    cluster: Cluster,
    slot: &'a Slot,
}

impl Subject for Watched<'_> {
    fn name(&self) -> std::borrow::Cow<'static, str> {
        self.subject.name()
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.subject.claims(cluster)
    }

    fn base_claims(&self, cluster: Cluster) -> Option<(std::borrow::Cow<'static, str>, Claims)> {
        self.subject.base_claims(cluster)
    }

    fn data_type(&self) -> DataType {
        self.subject.data_type()
    }

    fn judgeable(&self, demands: Demands) -> Demands {
        self.subject.judgeable(demands)
    }

    fn runner<'a>(&'a self, cluster: Cluster, keys: usize, demands: Demands) -> Box<dyn Runner + 'a> {
        let runner = self.subject.runner(cluster, keys, demands);
        Box::new(WatchedRunner { runner, cluster, slot: self.slot })
    }

    fn branching<'a>(
        &'a self,
        cluster: Cluster,
        keys: usize,
        demands: Demands,
    ) -> Option<Box<dyn Branching + 'a>> {
        self.subject.branching(cluster, keys, demands)
    }

    fn blindness(&self) -> Blindness {
        self.subject.blindness()
    }

    fn in_a_test(&self) -> String {
        self.subject.in_a_test()
    }

    fn flaw(&self, cluster: Cluster, keys: usize) -> Option<String> {
        self.subject.flaw(cluster, keys)
    }

    fn narrate(&self, cluster: Cluster, demands: Demands, schedule: &Schedule) -> Narration {
        self.noted(cluster, schedule, || self.subject.narrate(cluster, demands, schedule))
    }
}

impl Watched<'_> {
    fn noted<T>(&self, cluster: Cluster, schedule: &Schedule, run: impl FnOnce() -> T) -> T {
        self.slot.begin(Running::Schedule(cluster, schedule.clone()));
        let outcome = run();
        self.slot.end();
        outcome
    }
}

impl WatchedRunner<'_> {
    fn noted<T>(&mut self, schedule: &Schedule, run: impl FnOnce(&mut dyn Runner) -> T) -> T {
        self.slot.begin(Running::Schedule(self.cluster, schedule.clone()));
        let outcome = run(self.runner.as_mut());
        self.slot.end();
        outcome
    }
}

impl Runner for WatchedRunner<'_> {
    fn run(&mut self, schedule: &Schedule) -> Trial {
        self.noted(schedule, |runner| runner.run(schedule))
    }

    fn run_recorded(&mut self, schedule: &Schedule) -> (Trial, History) {
        self.noted(schedule, |runner| runner.run_recorded(schedule))
    }

    fn fingerprints(&mut self, schedule: &Schedule) -> Vec<u64> {
        self.noted(schedule, |runner| runner.fingerprints(schedule))
    }

    fn sent(&self) -> Vec<(OpId, MessageName)> {
        self.runner.sent()
    }

    fn ruling(&self, guarantee: Guarantee) -> &crate::check::Ruling {
        self.runner.ruling(guarantee)
    }
}
