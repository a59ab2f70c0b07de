//! Tests a declared symmetry in names: takes the same path under other names.
//!
//! A protocol inherits the declaration of the one it changes, and it is easy to write a rule that looks at names. So
//! for some of the visited states, the search takes the path once more with nodes and clients renamed. A blind protocol
//! then has the same messages on their way, apart from names; they carry versions of the same writes; and the protocol
//! fails no more than before.
//!
//! Not covered: a rule that looks at names and shows it in no message of the tried paths. A test is no proof.

use super::choice::Choice;
use super::enabled_choices::{ChoiceLedger, Rules};
use super::worker::take;
use crate::id::{ClientId, NodeId, NodeSet};
use crate::judge::{Breakage, Carried, StateStack};
use crate::world::schedule::{MessageName, Operation, Step};

/// Other names: the nodes rotate by `places`, and the clients stand in the opposite order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renaming {
    nodes: u8,
    places: u8,
    clients: u16,
}

impl Renaming {
    /// One of the renamings of these rules.
    pub(super) const fn some(rules: &Rules, number: u32) -> Self {
        let nodes = rules.scope.cluster.nodes;
        let turns = (nodes - 1) as u32;
        let places = if rules.nodes_alike && turns > 0 { (1 + number % turns) as u8 } else { 0 };
        Self { nodes, places, clients: rules.scope.clients }
    }

    const fn node(self, node: NodeId) -> NodeId {
        NodeId((node.0 - 1 + self.places) % self.nodes + 1)
    }

    const fn client(self, client: ClientId) -> ClientId {
        ClientId(self.clients + 1 - client.0)
    }

    fn set(self, nodes: NodeSet) -> NodeSet {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    fn message(self, name: MessageName) -> MessageName {
        MessageName { replica: name.replica.map(|node| self.node(node)), ..name }
    }

    fn step(self, step: &Step) -> Step {
        match *step {
            Step::Cut { side, other } => Step::Cut { side: self.set(side), other: self.set(other) },
            Step::CutOneWay { from, to } => Step::CutOneWay { from: self.set(from), to: self.set(to) },
            Step::Pause { node } => Step::Pause { node: self.node(node) },
            Step::Crash { node } => Step::Crash { node: self.node(node) },
            Step::Restart { node } => Step::Restart { node: self.node(node) },
            Step::Wipe { node } => Step::Wipe { node: self.node(node) },
            Step::Suspect { at, whom } => Step::Suspect { at: self.node(at), whom: self.node(whom) },
            Step::Skew { node, ms } => Step::Skew { node: self.node(node), ms },
            Step::Wake { node } => Step::Wake { node: self.node(node) },
            ref nameless => nameless.clone(),
        }
    }

    /// The same choice under other names; `None` if the scope does not have it.
    fn choice(self, choice: Choice, rules: &Rules) -> Option<Choice> {
        let alphabet = &rules.alphabet;
        let place = |steps: &[Step], at: u16| {
            let renamed = self.step(&steps[usize::from(at)]);
            // A cut of two sides is the same whichever is named first.
            let mirrored = match renamed {
                Step::Cut { side, other } => Step::Cut { side: other, other: side },
                _ => renamed.clone(),
            };
            steps.iter().position(|step| *step == renamed || *step == mirrored).map(|at| at as u16)
        };
        Some(match choice {
            Choice::Deliver(op, name) => Choice::Deliver(op, self.message(name)),
            Choice::Lose(op, name) => Choice::Lose(op, self.message(name)),
            Choice::Double(op, name) => Choice::Double(op, self.message(name)),
            Choice::Timeout(op) => Choice::Timeout(op),
            Choice::Invoke(at) => {
                let known = &alphabet.invocations[at as usize];
                let (client, via) = (self.client(known.client), self.node(known.via));
                let renamed = Operation { client, via, ..known.clone() };
                Choice::Invoke(alphabet.invocations.iter().position(|other| *other == renamed)? as u32)
            }
            Choice::Fault(at) => Choice::Fault(place(&alphabet.faults, at)?),
            Choice::Free(at) => Choice::Free(place(&alphabet.free, at)?),
        })
    }
}

/// Whether a path leads to the same under other names.
pub(super) fn is_same(
    rules: &Rules,
    state_stack: &mut dyn StateStack,
    path: &[u32],
    renaming: Renaming,
) -> bool {
    let choices = path.iter().map(|code| Choice::of(*code));
    let renamed: Option<Vec<Choice>> = choices.clone().map(|choice| renaming.choice(choice, rules)).collect();
    let Some(renamed) = renamed else { return true };
    let (mut expected, broken) = end_of(rules, state_stack, choices);
    expected.iter_mut().for_each(|(_, name, _)| *name = renaming.message(*name));
    expected.sort_unstable();
    (expected, broken) == end_of(rules, state_stack, renamed.into_iter())
}

/// The messages on their way at the end of a path and what they carry, sorted, and what is broken there.
fn end_of(
    rules: &Rules,
    state_stack: &mut dyn StateStack,
    path: impl Iterator<Item = Choice>,
) -> (Vec<Carried>, Option<Breakage>) {
    state_stack.back_to(0);
    let mut ledger = ChoiceLedger::default();
    path.for_each(|choice| take(rules, state_stack, choice, &mut ledger));
    let mut messages = state_stack.carried();
    messages.sort_unstable();
    (messages, state_stack.finding().map(|finding| finding.breakage))
}
