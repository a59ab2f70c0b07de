//! A step as small numbers, for libraries that shrink numbers.

use quorate::id::{ClientId, Key, MAX_NODES, NodeId, NodeSet};
use quorate::model::Action;
use quorate::world::schedule::{Exception, Fate, MessageName, Operation, Step};

/// A step: what it is, its numbers counted from 0, and for an operation each message that goes astray: what it is, by
/// number of the form's own, whose it is, and its fate.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) form: Step,
    pub(crate) numbers: Vec<u32>,
    pub(crate) messages: Vec<(u32, u32, u32)>,
}

const ACTIONS: [Action; 3] = [Action::Get, Action::Put, Action::Delete];
const FATES: [Fate; 3] = [Fate::Lost, Fate::Late, Fate::Doubled];

impl Words {
    pub(crate) fn of(step: &Step) -> Self {
        let node = |node: &NodeId| vec![u32::from(node.0) - 1];
        let numbers = match step {
            Step::Operation(o) => vec![
                u32::from(o.client.0) - 1,
                u32::from(o.key.0) - 1,
                u32::from(o.via.0) - 1,
                number(&ACTIONS, o.action),
                u32::from(o.blind),
            ],
            Step::Cut { side, other } => vec![side.0.into(), other.0.into()],
            Step::CutOneWay { from, to } => vec![from.0.into(), to.0.into()],
            Step::Pause { node: at } | Step::Crash { node: at } => node(at),
            Step::Restart { node: at } | Step::Wipe { node: at } | Step::Wake { node: at } => node(at),
            Step::Suspect { at, whom } => vec![u32::from(at.0) - 1, u32::from(whom.0) - 1],
            Step::Skew { node: at, ms } => vec![u32::from(at.0) - 1, ms.unsigned_abs()],
            Step::Tick { ms } => vec![*ms],
            Step::Arrive { .. } | Step::Timeout { .. } | Step::Heal | Step::Trust => Vec::new(),
        };
        let exceptions = step.operation().map_or(&[][..], |operation| operation.exceptions.as_slice());
        let messages = exceptions.iter().enumerate().map(|(at, exception)| {
            let node = exception.name.replica.map_or(0, |node| u32::from(node.0) - 1);
            (at as u32, node, number(&FATES, exception.fate))
        });
        Self { form: step.clone(), numbers, messages: messages.collect() }
    }

    pub(crate) fn step(&self) -> Step {
        let mut step = self.form.clone();
        let node = |at: usize| NodeId(self.numbers[at] as u8 + 1);
        let nodes = |at: usize| NodeSet(self.numbers[at] as _);
        match &mut step {
            Step::Operation(operation) => {
                operation.client = ClientId(self.numbers[0] as u16 + 1);
                operation.key = Key(self.numbers[1] as u16 + 1);
                operation.via = node(2);
                operation.action = ACTIONS[self.numbers[3] as usize];
                operation.blind = self.numbers[4] > 0;
                self.except(operation);
            }
            Step::Cut { side: a, other: b } | Step::CutOneWay { from: a, to: b } => {
                (*a, *b) = (nodes(0), nodes(1));
            }
            Step::Pause { node: at }
            | Step::Crash { node: at }
            | Step::Restart { node: at }
            | Step::Wipe { node: at }
            | Step::Wake { node: at } => *at = node(0),
            Step::Suspect { at, whom } => (*at, *whom) = (node(0), node(1)),
            Step::Skew { node: at, ms } => (*at, *ms) = (node(0), ms.signum() * self.numbers[1] as i32),
            Step::Tick { ms } => *ms = self.numbers[0],
            Step::Arrive { .. } | Step::Timeout { .. } | Step::Heal | Step::Trust => {}
        }
        step
    }

    fn except(&self, operation: &mut Operation) {
        let all = std::mem::take(&mut operation.exceptions);
        let except = self.messages.iter().map(|&(at, node, fate)| {
            let MessageName { kind, replica, attempt } = all[at as usize % all.len()].name;
            let node = NodeId(node.min(MAX_NODES as u32 - 1) as u8 + 1);
            let name = MessageName { kind, replica: replica.map(|_| node), attempt };
            Exception { name, fate: FATES[fate as usize] }
        });
        operation.exceptions = except.collect();
    }
}

fn number<T: PartialEq + Copy>(list: &[T], wanted: T) -> u32 {
    list.iter().position(|one| *one == wanted).map_or(0, |at| at as u32)
}
