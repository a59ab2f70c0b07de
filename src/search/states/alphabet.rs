//! The operations that can be invoked and the steps that can happen: the same in every state of a search.

use itertools::iproduct;
use smallvec::SmallVec;

use super::scope::StateScope;
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::{Action, Level};
use crate::search::schedules;
use crate::world::schedule::{Operation, Step};

/// The alphabets of a scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Alphabet {
    /// What clients can ask for. An operation gets its label when it is invoked.
    pub(super) invocations: Vec<Operation>,
    /// Steps that count as a fault.
    pub(super) faults: Vec<Step>,
    /// Steps that end a fault and cost nothing; and ticks and wakes, which are counted apart.
    pub(super) free: Vec<Step>,
}

impl Alphabet {
    pub(super) fn of(scope: &StateScope) -> Self {
        let nodes: Vec<NodeId> = scope.cluster.node_ids().collect();
        let mut actions = vec![(Action::Get, false), (Action::Put, false)];
        if scope.blind {
            actions.push((Action::Put, true));
        }
        if scope.deletes {
            actions.push((Action::Delete, false));
            actions.extend(scope.blind.then_some((Action::Delete, true)));
        }
        let asked = iproduct!(0..scope.clients, 0..scope.keys, actions, nodes.iter().copied());
        let invocations = asked.map(|(client, key, (action, blind), via)| Operation {
            op: OpId(1),
            action,
            client: ClientId::at(client.into()),
            key: Key::at(key.into()),
            via,
            blind,
            level: Level::Default,
            exceptions: SmallVec::new(),
        });
        let each = |step: fn(NodeId) -> Step| nodes.iter().map(move |&node| step(node));
        let mut free = vec![Step::Heal, Step::Trust];
        free.extend(each(|node| Step::Restart { node }));
        free.extend((scope.tick_ms > 0).then_some(Step::Tick { ms: scope.tick_ms }));
        free.extend(each(|node| Step::Wake { node }));
        let begun = schedules::ScheduleScope {
            faults: scope.faults,
            tick_ms: scope.tick_ms,
            ..schedules::ScheduleScope::of(scope.cluster, 0)
        };
        Self { invocations: invocations.collect(), faults: schedules::faults(&begun), free }
    }

    /// About how many choices a state can have.
    pub(super) const fn len(&self) -> usize {
        self.invocations.len() + self.faults.len() + self.free.len()
    }
}
