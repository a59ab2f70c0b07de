//! A subject that notes each of its runs, so that a run without end can be named.
//!
//! [`watched`] is for work that is not a campaign: a certificate, a comparison, an exhaustive search. The work uses
//! the subjects it is given, and a separate thread reads the notes.
//!
//! Not covered: a rule that never returns cannot be ended. It can be named, and the process can end.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use crate::guarantee::Guarantee;
use crate::harness::watchdog::{Monitor, Running, RunningSlot, Stuck};
use crate::id::{ClientId, OpId};
use crate::judge::{Carried, Demands, Finding, Ruling, Runner, StateStack, Subject, Trial};
use crate::model::{Claims, Cluster, DataType, Symmetry};
use crate::world::held_messages::{Enabled, InFlight};
use crate::world::history::History;
use crate::world::narration::Narration;
use crate::world::schedule::{MessageName, Schedule, Step};

/// How often the notes are read.
pub(super) const GLANCE: Duration = Duration::from_millis(100);

/// Does some work with subjects, and tells the monitor, once, about a run that takes longer than the patience. The
/// monitor may end the process; otherwise this waits for the work.
pub fn watched<const K: usize, T: Send>(
    subjects: [&dyn Subject; K],
    patience: Duration,
    monitor: &dyn Monitor,
    work: impl FnOnce([&dyn Subject; K]) -> T + Send,
) -> T {
    let watched = subjects.map(Watched::new);
    thread::scope(|scope| {
        let worker = scope.spawn(|| work(watched.each_ref().map(|subject| subject as &dyn Subject)));
        let mut said = false;
        while !worker.is_finished() {
            let stuck = watched.iter().find_map(|subject| subject.stuck(patience));
            if let (false, Some(stuck)) = (said, stuck) {
                said = true;
                monitor.stuck(&stuck);
            }
            // The worker does not say when it is done, and short work should not wait for this loop.
            thread::park_timeout(GLANCE / 50);
        }
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// A subject that notes each of its runs.
pub(super) struct Watched<'a> {
    subject: &'a dyn Subject,
    /// The notes, one for each runner.
    slots: Mutex<Vec<Weak<RunningSlot>>>,
}

impl<'a> Watched<'a> {
    pub(super) const fn new(subject: &'a dyn Subject) -> Self {
        Self { subject, slots: Mutex::new(Vec::new()) }
    }

    /// A run that has taken longer than this.
    pub(super) fn stuck(&self, patience: Duration) -> Option<Stuck> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let none_drawn = |_| unreachable!("no campaign notes its numbers here");
        let mut running = slots.iter().filter_map(Weak::upgrade);
        running.find_map(|slot| slot.stuck(patience, &self.subject.name(), none_drawn))
    }

    fn slot(&self) -> Arc<RunningSlot> {
        let slot = Arc::new(RunningSlot::default());
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|slot| slot.strong_count() > 0);
        slots.push(Arc::downgrade(&slot));
        slot
    }
}

impl Subject for Watched<'_> {
    fn name(&self) -> Cow<'static, str> {
        self.subject.name()
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.subject.claims(cluster)
    }

    fn base_claims(&self, cluster: Cluster) -> Option<(Cow<'static, str>, Claims)> {
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
        Box::new(WatchedRunner { runner, cluster, slot: self.slot() })
    }

    fn state_stack<'a>(
        &'a self,
        cluster: Cluster,
        keys: usize,
        demands: Demands,
    ) -> Option<Box<dyn StateStack + 'a>> {
        let state_stack = self.subject.state_stack(cluster, keys, demands)?;
        Some(Box::new(WatchedStack { state_stack, cluster, slot: self.slot() }))
    }

    fn symmetry(&self) -> Symmetry {
        self.subject.symmetry()
    }

    fn in_a_test(&self) -> String {
        self.subject.in_a_test()
    }

    fn flaw(&self, cluster: Cluster, keys: usize) -> Option<String> {
        self.subject.flaw(cluster, keys)
    }

    fn narrate(&self, cluster: Cluster, demands: Demands, schedule: &Schedule) -> Narration {
        let slot = self.slot();
        slot.begin(Running::Schedule(cluster, schedule.clone()));
        self.subject.narrate(cluster, demands, schedule)
    }
}

struct WatchedRunner<'a> {
    runner: Box<dyn Runner + 'a>,
    cluster: Cluster,
    slot: Arc<RunningSlot>,
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

    fn ruling(&self, guarantee: Guarantee) -> &Ruling {
        self.runner.ruling(guarantee)
    }
}

struct WatchedStack<'a> {
    state_stack: Box<dyn StateStack + 'a>,
    cluster: Cluster,
    slot: Arc<RunningSlot>,
}

impl WatchedStack<'_> {
    fn noted<T>(&mut self, run: impl FnOnce(&mut dyn StateStack) -> T) -> T {
        self.slot.begin(Running::State(self.cluster));
        let outcome = run(self.state_stack.as_mut());
        self.slot.end();
        outcome
    }
}

/// Notes the calls that run the protocol's rules, and passes on the others.
impl StateStack for WatchedStack<'_> {
    fn depth(&self) -> usize {
        self.state_stack.depth()
    }

    fn branch(&mut self) {
        self.state_stack.branch();
    }

    fn back_to(&mut self, depth: usize) {
        self.state_stack.back_to(depth);
    }

    fn step(&mut self, step: &Step) {
        self.noted(|state_stack| state_stack.step(step));
    }

    fn lose(&mut self, op: OpId, name: MessageName) {
        self.state_stack.lose(op, name);
    }

    fn double(&mut self, op: OpId, name: MessageName) {
        self.state_stack.double(op, name);
    }

    fn drop_spent(&mut self) {
        self.state_stack.drop_spent();
    }

    fn look_ahead(&self, enabled: &mut Enabled) {
        self.state_stack.look_ahead(enabled);
    }

    fn is_waiting(&self, client: ClientId) -> bool {
        self.state_stack.is_waiting(client)
    }

    fn deliverable(&self, messages: &mut Vec<InFlight>) {
        self.state_stack.deliverable(messages);
    }

    fn on_their_way(&self) -> Vec<(OpId, MessageName)> {
        self.state_stack.on_their_way()
    }

    fn carried(&self) -> Vec<Carried> {
        self.state_stack.carried()
    }

    fn fingerprint(&self) -> u64 {
        self.state_stack.fingerprint()
    }

    fn finding(&self) -> Option<Finding> {
        self.state_stack.finding()
    }

    fn finding_at_rest(&mut self) -> Option<Finding> {
        self.noted(|state_stack| state_stack.finding_at_rest())
    }

    fn ruling(&self, guarantee: Guarantee) -> &Ruling {
        self.state_stack.ruling(guarantee)
    }

    fn relieve(&mut self) -> bool {
        self.state_stack.relieve()
    }
}
