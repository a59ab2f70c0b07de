//! Which choices a state has, and which of them need not be tried because others stand for them.
//!
//! # Names that nobody looks at
//!
//! If a protocol declares itself [symmetric][symmetry] in names, clients differ in name alone. So do nodes, as long as
//! nothing has befallen one that has not befallen the other. So the search tries only the first of the nodes that no
//! choice of the path has named yet, and only the first of the clients that have asked for nothing yet.
//!
//! *Why nothing is lost.* Call two states alike if a renaming turns one into the other, and say that a search reaches a
//! state if it visits a state like it, no deeper. Steps and judges commute with renaming, since the protocol is blind,
//! the network has no other names, and the ghosts and the judges only compare names. In a state whose path has named no
//! node of a set U, every exchange of nodes of U leaves the state as it is: this holds in the beginning, and a step
//! that names no node of U treats them all alike. Take a reached state, a visited state like it, and a choice of the
//! first. The renaming turns this choice into a choice of the second. If that choice names nodes of U, an exchange
//! within U makes it name the first ones, in order, and leaves the second state as it is. So the search also reaches
//! what the choice leads to; and by induction on depth, it reaches every state.
//!
//! This requires that every node is home to every key; otherwise a node's place on the ring tells it from the others.
//! One thing looks at names all the same: [coming to rest](crate::world::quiescence) reads through the nodes in the
//! order of the preference list. So with this reduction, only one of several states that are alike is brought to rest.
//!
//! [symmetry]: crate::model::Symmetry

use super::alphabet::Alphabet;
use super::choice::Choice;
use super::{Reductions, StateScope};
use crate::id::{NodeId, NodeSet, OpId};
use crate::judge::StateStack;
use crate::search::random::Fault;
use crate::world::held_messages::{Enabled, InFlight};
use crate::world::schedule::{Operation, Step};

/// What a path has used up, and which nodes it has named. The ledger is part of the state: two paths to one state with
/// different ledgers do not have the same choices there.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub(super) struct ChoiceLedger {
    pub(super) faults: u8,
    pub(super) ticks: u8,
    pub(super) wakes: u8,
    pub(super) operations: u16,
    pub(super) named: NodeSet,
}

/// What every state of a search has in common.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) scope: StateScope,
    pub(super) alphabet: Alphabet,
    pub(super) reductions: Reductions,
    /// Whether nodes are interchangeable until they are named.
    pub(super) nodes_alike: bool,
    /// Whether clients are interchangeable until they have asked for something.
    pub(super) clients_alike: bool,
}

impl Rules {
    /// Fills in the choices of a state, deliveries first, in the order of the messages.
    pub(super) fn choices(&self, ledger: &ChoiceLedger, enabled: &Enabled, choices: &mut Vec<Choice>) {
        choices.clear();
        choices.extend(different(enabled).map(|message| Choice::Deliver(message.op, message.name)));
        self.invocations(ledger, enabled, choices);
        self.free(ledger, enabled, choices);
        if ledger.faults < self.scope.most_faults {
            self.faults(enabled, choices);
        }
        if self.nodes_alike {
            choices.retain(|choice| self.names_in_order(*choice, ledger.named));
        }
    }

    fn invocations(&self, ledger: &ChoiceLedger, enabled: &Enabled, choices: &mut Vec<Choice>) {
        if ledger.operations >= self.scope.operations {
            return;
        }
        let patience = self.scope.faults.has(Fault::Timeout) && ledger.faults < self.scope.most_faults;
        let known = enabled.waiting.len();
        let possible = |operation: &Operation| {
            let at = operation.client.index();
            let waits = enabled.waiting.get(at).is_some_and(Option::is_some);
            // A client without context has none to leave out.
            let used = enabled.used.get(at).is_some_and(|keys| keys.contains(&operation.key));
            (!waits || patience) && (used || !operation.blind) && (at <= known || !self.clients_alike)
        };
        let invocations = self.alphabet.invocations.iter().enumerate();
        choices.extend(
            invocations.filter(|(_, operation)| possible(operation)).map(|(i, _)| Choice::Invoke(i as u32)),
        );
    }

    fn free(&self, ledger: &ChoiceLedger, enabled: &Enabled, choices: &mut Vec<Choice>) {
        let changes = |step: &Step| match step {
            Step::Heal => enabled.is_cut,
            Step::Trust => enabled.suspects.iter().any(|suspects| !suspects.is_empty()),
            Step::Restart { node } => enabled.down.or(enabled.paused).contains(*node),
            Step::Tick { .. } => ledger.ticks < self.scope.ticks,
            _ => ledger.wakes < self.scope.wakes,
        };
        let free = self.alphabet.free.iter().enumerate();
        choices.extend(free.filter(|(_, step)| changes(step)).map(|(i, _)| Choice::Free(i as u16)));
    }

    fn faults(&self, enabled: &Enabled, choices: &mut Vec<Choice>) {
        if self.scope.faults.has(Fault::Timeout) {
            choices.extend(enabled.running.iter().map(|op| Choice::Timeout(*op)));
        }
        if self.scope.faults.has(Fault::Lost) {
            let lost = different(enabled).filter(|message| !message.doubled);
            choices.extend(lost.map(|message| Choice::Lose(message.op, message.name)));
        }
        if self.scope.faults.has(Fault::Doubled) {
            let once = |message: &&InFlight| !message.doubled && !message.name.kind.is_of_client();
            let doubled = different(enabled).filter(once);
            choices.extend(doubled.map(|message| Choice::Double(message.op, message.name)));
        }
        let begins = |step: &Step| match step {
            Step::Cut { .. } | Step::CutOneWay { .. } => !enabled.is_cut,
            Step::Crash { node } => !enabled.down.contains(*node),
            Step::Pause { node } => !enabled.down.or(enabled.paused).contains(*node),
            Step::Suspect { at, whom } => !enabled.suspects[at.index()].contains(*whom),
            _ => true,
        };
        let faults = self.alphabet.faults.iter().enumerate();
        choices.extend(faults.filter(|(_, step)| begins(step)).map(|(i, _)| Choice::Fault(i as u16)));
    }

    /// Whether a choice takes the nodes that it names for the first time in order, from the first unnamed one.
    fn names_in_order(&self, choice: Choice, named: NodeSet) -> bool {
        let all = NodeSet::first(usize::from(self.scope.cluster.nodes));
        if let Choice::Fault(at) = choice
            && matches!(self.alphabet.faults[usize::from(at)], Step::Cut { .. } | Step::CutOneWay { .. })
        {
            return true;
        }
        let mut fresh = all.minus(named);
        self.names(choice).iter().all(|&node| {
            let in_order = !fresh.contains(node) || fresh.iter().next() == Some(node);
            fresh.remove(node);
            in_order
        })
    }

    /// The nodes that a choice tells from the others, in the order in which it names them.
    pub(super) fn names(&self, choice: Choice) -> smallvec::SmallVec<[NodeId; 2]> {
        match choice {
            Choice::Deliver(_, name) | Choice::Lose(_, name) | Choice::Double(_, name) => {
                name.replica.into_iter().collect()
            }
            Choice::Invoke(at) => std::iter::once(self.alphabet.invocations[at as usize].via).collect(),
            Choice::Timeout(_) => smallvec::SmallVec::new(),
            Choice::Fault(at) => match &self.alphabet.faults[usize::from(at)] {
                Step::Suspect { at, whom } => [*at, *whom].into_iter().collect(),
                Step::Cut { .. } | Step::CutOneWay { .. } => self.scope.cluster.node_ids().collect(),
                step => step.nodes().iter().collect(),
            },
            Choice::Free(at) => self.alphabet.free[usize::from(at)].nodes().iter().collect(),
        }
    }

    /// Whether a client that makes this choice gives up what it waits for.
    pub(super) fn gives_up(&self, choice: Choice, state_stack: &dyn StateStack) -> bool {
        match choice {
            Choice::Invoke(at) => state_stack.is_waiting(self.alphabet.invocations[at as usize].client),
            _ => false,
        }
    }

    /// Adds a choice to the ledger. Operations stand in the order in which they were invoked.
    pub(super) fn enter(&self, choice: Choice, gives_up: bool, ledger: &mut ChoiceLedger) {
        match choice {
            Choice::Invoke(_) => {
                ledger.operations += 1;
                ledger.faults += u8::from(gives_up);
            }
            Choice::Lose(..) | Choice::Double(..) | Choice::Timeout(_) | Choice::Fault(_) => {
                ledger.faults += 1;
            }
            Choice::Free(at) => match self.alphabet.free[usize::from(at)] {
                Step::Tick { .. } => ledger.ticks += 1,
                Step::Wake { .. } => ledger.wakes += 1,
                _ => {}
            },
            Choice::Deliver(..) => {}
        }
        if self.nodes_alike {
            self.names(choice).iter().for_each(|node| ledger.named.insert(*node));
        }
    }

    /// The step of a schedule that does what a choice does. `None` if a message is lost or doubled: an exception says
    /// that.
    pub(super) fn step(&self, choice: Choice, ledger: &ChoiceLedger) -> Option<Step> {
        Some(match choice {
            Choice::Deliver(op, name) => Step::Arrive { op, name },
            Choice::Invoke(at) => {
                let op = OpId::at(usize::from(ledger.operations));
                Step::Operation(Operation { op, ..self.alphabet.invocations[at as usize].clone() })
            }
            Choice::Timeout(op) => Step::Timeout { op },
            Choice::Lose(..) | Choice::Double(..) => return None,
            Choice::Fault(at) => self.alphabet.faults[usize::from(at)].clone(),
            Choice::Free(at) => self.alphabet.free[usize::from(at)].clone(),
        })
    }
}

/// The messages that can arrive, each once: either of two copies stands for both.
fn different(enabled: &Enabled) -> impl Iterator<Item = &InFlight> {
    let messages = &enabled.deliverable;
    let first = |at: usize| at == 0 || messages[at - 1].named() != messages[at].named();
    messages.iter().enumerate().filter(move |(at, _)| first(*at)).map(|(_, message)| message)
}
