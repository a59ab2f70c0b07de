//! Runs that part: a stack of states, each with its judges, on which one can go back and try another step.
//!
//! What a search of states sees of a system. The world [holds](crate::world::holding) every message; the judges are
//! told of each step as it is taken, and are part of the state. What the states are made of is erased here, as
//! [`Runner`](crate::check::Runner) erases it for whole schedules.
//!
//! Not here: which steps to try, and which states were met before.

use std::hash::Hasher;

use crate::check::court::Court;
use crate::check::demands::Demands;
use crate::check::panics::catching;
use crate::check::trial::{Finding, finding};
use crate::id::{ClientId, OpId};
use crate::model::Cluster;
use crate::world::fingerprint::Fingerprinter;
use crate::world::holding::{InFlight, Outlook};
use crate::world::schedule::{MessageName, Step};
use crate::world::simulation::Simulation;
use crate::world::system::System;

/// A stack of states; the one on top is the present one. It is never empty: at the bottom is the beginning.
pub trait Branching: Send {
    /// How many states lie under the present one.
    fn depth(&self) -> usize;
    /// Puts a copy of the present state on top.
    fn branch(&mut self);
    /// Goes back to the state at this depth.
    fn back_to(&mut self, depth: usize);
    /// Takes a step from the present state.
    fn step(&mut self, step: &Step);
    /// A message that is on its way is lost.
    fn lose(&mut self, op: OpId, name: MessageName);
    /// Drops the messages that can no longer change anything.
    fn drop_spent(&mut self);
    /// What can happen next.
    fn look_ahead(&self, outlook: &mut Outlook);
    /// Whether a client waits for an answer.
    fn is_waiting(&self, client: ClientId) -> bool;
    /// The messages that can arrive, sorted by operation and name.
    fn deliverable(&self, messages: &mut Vec<InFlight>);
    /// The messages on their way, deliverable or not.
    fn on_their_way(&self) -> Vec<(OpId, MessageName)>;
    /// The present state as a number; states with the same future share it.
    fn fingerprint(&mut self) -> u64;
    /// What is wrong with the run so far, if anything.
    fn finding(&self) -> Option<Finding>;
    /// What is wrong with it if it comes to rest now. The state stays as it is.
    fn finding_at_rest(&mut self) -> Option<Finding>;
}

/// One state.
struct State<'s, S: System> {
    simulation: Simulation<'s, S>,
    court: Court<S::Clock>,
    panicked: Option<String>,
    /// Changes whenever its nodes do, and is that of no other state.
    version: u64,
    /// The version of the state that it became a copy of.
    copy_of: u64,
}

impl<S: System> State<'_, S> {
    fn copy_from(&mut self, other: &Self) {
        self.simulation.copy_from(&other.simulation, self.copy_of == other.version);
        self.copy_of = other.version;
        self.court.copy_from(&other.court);
        self.panicked.clone_from(&other.panicked);
    }

    fn act(&mut self, act: impl FnOnce(&mut Simulation<'_, S>, &mut Court<S::Clock>)) {
        let (simulation, court) = (&mut self.simulation, &mut self.court);
        // `catching` looks at the hook of panics, and is no cost beside a step.
        if let Err(said) = catching(|| act(simulation, court)) {
            self.panicked = Some(said);
        }
    }

    fn finding(&self) -> Option<Finding> {
        let whole = self.panicked.is_none() && !self.simulation.tally().storm;
        if whole && self.court.broken().is_empty() {
            return None;
        }
        finding(&self.court, self.simulation.tally(), self.panicked.clone())
    }
}

/// The states of a system; see the [module](self).
pub(super) struct Branches<'s, S: System> {
    /// Those above the present one are kept for their room.
    states: Vec<State<'s, S>>,
    present: usize,
    versions: u64,
    demands: Demands,
    cluster: Cluster,
    keys: usize,
}

impl<'s, S: System> Branches<'s, S> {
    pub(super) fn new(system: &'s S, cluster: Cluster, keys: usize, demands: Demands) -> Self {
        let mut branches = Self { states: Vec::new(), present: 0, versions: 0, demands, cluster, keys };
        let beginning = branches.beginning(system);
        branches.states.push(beginning);
        branches
    }

    fn beginning(&self, system: &'s S) -> State<'s, S> {
        let mut simulation = Simulation::new(system, self.cluster, self.keys);
        simulation.hold();
        let court = Court::new(self.cluster, System::data_type(system), self.demands).stopping_at_first();
        State { simulation, court, panicked: None, version: 0, copy_of: u64::MAX }
    }

    fn present(&mut self) -> &mut State<'s, S> {
        &mut self.states[self.present]
    }

    fn act(&mut self, act: impl FnOnce(&mut Simulation<'_, S>, &mut Court<S::Clock>)) {
        self.versions += 1;
        let version = self.versions;
        let present = self.present();
        present.version = version;
        present.act(act);
    }
}

impl<S: System> Branching for Branches<'_, S> {
    fn depth(&self) -> usize {
        self.present
    }

    fn branch(&mut self) {
        if self.present + 1 == self.states.len() {
            let fresh = self.beginning(self.states[0].simulation.system());
            self.states.push(fresh);
        }
        let (below, above) = self.states.split_at_mut(self.present + 1);
        above[0].copy_from(&below[self.present]);
        self.present += 1;
        self.versions += 1;
        self.present().version = self.versions;
    }

    fn back_to(&mut self, depth: usize) {
        self.present = self.present.min(depth);
    }

    fn step(&mut self, step: &Step) {
        self.act(|simulation, court| simulation.step(step, court));
    }

    fn lose(&mut self, op: OpId, name: MessageName) {
        self.present().simulation.lose_in_flight(op, name);
    }

    fn drop_spent(&mut self) {
        self.present().simulation.drop_spent();
    }

    fn look_ahead(&self, outlook: &mut Outlook) {
        self.states[self.present].simulation.look_ahead(outlook);
    }

    fn is_waiting(&self, client: ClientId) -> bool {
        self.states[self.present].simulation.is_waiting(client)
    }

    fn deliverable(&self, messages: &mut Vec<InFlight>) {
        self.states[self.present].simulation.deliverable(messages);
    }

    fn on_their_way(&self) -> Vec<(OpId, MessageName)> {
        self.states[self.present].simulation.on_their_way().collect()
    }

    fn fingerprint(&mut self) -> u64 {
        let State { simulation, court, .. } = self.present();
        let mut hasher = Fingerprinter::default();
        simulation.hash_future(&mut hasher);
        court.hash_future(&mut hasher);
        hasher.finish()
    }

    fn finding(&self) -> Option<Finding> {
        self.states[self.present].finding()
    }

    fn finding_at_rest(&mut self) -> Option<Finding> {
        self.branch();
        let rest = self.demands.at_rest();
        self.act(|simulation, court| simulation.settle(rest, court));
        let finding = self.present().finding();
        self.back_to(self.present - 1);
        finding
    }
}
