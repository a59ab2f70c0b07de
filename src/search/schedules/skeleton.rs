//! The skeletons of schedules: operations, faults and free steps, before any message is lost, late or doubled.

use itertools::Itertools;
use smallvec::SmallVec;

use super::ScheduleScope;
use crate::id::{ClientId, Key, MAX_NODES, NodeId, NodeSet, OpId};
use crate::model::{Action, Level};
use crate::search::random::Fault;
use crate::world::schedule::{Operation, Step};

/// With up to this many nodes every cut is tried; with more, only cuts of one node from all the rest.
const CUT_ANYHOW: u8 = 5;

/// How many parts of each sort a skeleton still needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Class {
    pub(super) operations: usize,
    pub(super) faults: usize,
    /// What those faults add to the size, together.
    pub(super) weight: usize,
    pub(super) exceptions: usize,
}

/// A skeleton built so far, and what is known of the world without running it.
#[derive(Clone)]
pub(super) struct Skeleton {
    pub(super) steps: Vec<Step>,
    pub(super) free_left: usize,
    operations_left: usize,
    faults_left: usize,
    weight_left: usize,
    clients: u16,
    operations: u16,
    /// The pairs of client and key that have met.
    met: SmallVec<[(ClientId, Key); 8]>,
    down: NodeSet,
    paused: NodeSet,
    blocked: [NodeSet; MAX_NODES],
    suspected: SmallVec<[(NodeId, NodeId); 4]>,
    timed_out: SmallVec<[OpId; 4]>,
}

impl Skeleton {
    pub(super) fn new(class: Class, scope: &ScheduleScope) -> Self {
        Self {
            steps: Vec::new(),
            free_left: scope.free_steps,
            operations_left: class.operations,
            faults_left: class.faults,
            weight_left: class.weight,
            clients: 0,
            operations: 0,
            met: SmallVec::new(),
            down: NodeSet::EMPTY,
            paused: NodeSet::EMPTY,
            blocked: [NodeSet::EMPTY; MAX_NODES],
            suspected: SmallVec::new(),
            timed_out: SmallVec::new(),
        }
    }

    /// Whether all its operations and faults are there. (It may still get free steps.)
    pub(super) const fn is_whole(&self) -> bool {
        self.operations_left == 0 && self.faults_left == 0 && self.weight_left == 0
    }

    /// Every skeleton that is one step longer.
    pub(super) fn next(&self, scope: &ScheduleScope, alphabet: &[Step]) -> Vec<Self> {
        let mut next = Vec::new();
        if self.operations_left > 0 {
            next.extend(self.operations(scope).map(|step| self.with(step)));
        }
        if self.faults_left > 0 {
            let fits = |step: &&Step| step.size() <= self.weight_left && self.may_follow(step);
            next.extend(alphabet.iter().filter(fits).map(|step| self.with(step.clone())));
        }
        if self.free_left > 0 {
            let free = self.free_steps(scope);
            next.extend(free.into_iter().filter(|step| self.may_follow(step)).map(|step| self.with(step)));
        }
        next
    }

    fn operations(&self, scope: &ScheduleScope) -> impl Iterator<Item = Step> {
        let clients = (self.clients + 1).min(scope.clients);
        let actions: &[(Action, bool)] =
            &[(Action::Put, false), (Action::Put, true), (Action::Get, false), (Action::Delete, false)];
        let actions = if scope.deletes { actions } else { &actions[..3] };
        let op = OpId(self.operations + 1);
        itertools::iproduct!(1..=clients, 1..=scope.keys, actions, scope.cluster.node_ids().collect_vec())
            .filter(|&(client, key, (_, blind), _)| {
                !blind || self.met.contains(&(ClientId(client), Key(key)))
            })
            .map(|(client, key, &(action, blind), via)| {
                Step::Operation(Operation {
                    op,
                    action,
                    client: ClientId(client),
                    key: Key(key),
                    via,
                    blind,
                    level: Level::Default,
                    exceptions: SmallVec::new(),
                })
            })
            .collect_vec()
            .into_iter()
    }

    fn free_steps(&self, scope: &ScheduleScope) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.blocked.iter().any(|blocked| !blocked.is_empty()) {
            steps.push(Step::Heal);
        }
        steps.extend(self.down.or(self.paused).iter().map(|node| Step::Restart { node }));
        if !self.suspected.is_empty() {
            steps.push(Step::Trust);
        }
        if scope.tick_ms > 0 && !self.steps.is_empty() {
            steps.push(Step::Tick { ms: scope.tick_ms });
        }
        if scope.wakes && self.operations > 0 {
            steps.extend(scope.cluster.node_ids().map(|node| Step::Wake { node }));
        }
        if scope.faults.has(Fault::Timeout) {
            let open = (1..=self.operations).map(OpId).filter(|op| !self.timed_out.contains(op));
            steps.extend(open.map(|op| Step::Timeout { op }));
        }
        steps
    }

    /// Whether a step does something here, and keeps the one order of steps that commute.
    fn may_follow(&self, step: &Step) -> bool {
        let acts = match step {
            Step::Crash { node } => !self.down.contains(*node),
            Step::Pause { node } => !self.paused.contains(*node) && !self.down.contains(*node),
            Step::Suspect { at, whom } => !self.suspected.contains(&(*at, *whom)),
            Step::Cut { side, other } => self.blocks(*side, *other) || self.blocks(*other, *side),
            Step::CutOneWay { from, to } => self.blocks(*from, *to),
            _ => true,
        };
        let in_order = self.steps.last().is_none_or(|last| !commute(last, step) || last < step);
        acts && in_order
    }

    /// Whether a cut would stop any message that passes now.
    fn blocks(&self, from: NodeSet, to: NodeSet) -> bool {
        from.iter().any(|node| !to.minus(self.blocked[node.index()]).is_empty())
    }

    fn with(&self, step: Step) -> Self {
        let mut next = self.clone();
        let mut block = |from: NodeSet, to: NodeSet| {
            from.iter().for_each(|node| next.blocked[node.index()] = next.blocked[node.index()].or(to));
        };
        match &step {
            Step::Operation(operation) => {
                next.operations += 1;
                next.clients = next.clients.max(operation.client.0);
                next.met.push((operation.client, operation.key));
            }
            Step::Cut { side, other } => {
                block(*side, *other);
                block(*other, *side);
            }
            Step::CutOneWay { from, to } => block(*from, *to),
            Step::Heal => next.blocked = [NodeSet::EMPTY; MAX_NODES],
            Step::Pause { node } => next.paused.insert(*node),
            Step::Crash { node } => next.down.insert(*node),
            Step::Restart { node } | Step::Wipe { node } => {
                next.down.remove(*node);
                next.paused.remove(*node);
            }
            Step::Suspect { at, whom } => next.suspected.push((*at, *whom)),
            Step::Trust => next.suspected.clear(),
            Step::Timeout { op } => next.timed_out.push(*op),
            Step::Arrive { .. } | Step::Skew { .. } | Step::Tick { .. } | Step::Wake { .. } => {}
        }
        match step {
            Step::Operation(_) => next.operations_left -= 1,
            _ if step.size() > 0 => {
                next.faults_left -= 1;
                next.weight_left -= step.size();
            }
            _ => next.free_left -= 1,
        }
        next.steps.push(step);
        next
    }
}

/// Whether two adjacent steps may change places unnoticed. (Two cuts may not: each cut works out which replicas an open
/// operation could still have reached.)
fn commute(a: &Step, b: &Step) -> bool {
    use Step::{Crash, Heal, Pause, Restart, Skew, Suspect, Tick, Trust};
    match (a, b) {
        (Crash { node: a }, Crash { node: b })
        | (Pause { node: a }, Pause { node: b })
        | (Skew { node: a, .. }, Skew { node: b, .. }) => a != b,
        (Suspect { .. }, Suspect { .. }) => true,
        (Heal | Restart { .. } | Trust | Tick { .. }, Heal | Restart { .. } | Trust | Tick { .. }) => true,
        _ => false,
    }
}

/// The faults of a scope.
pub(in crate::search) fn faults(scope: &ScheduleScope) -> Vec<Step> {
    let nodes = scope.cluster.node_ids().collect_vec();
    let each = |step: fn(NodeId) -> Step| nodes.iter().map(move |&node| step(node)).collect_vec();
    scope
        .faults
        .iter()
        .flat_map(|fault| match fault {
            Fault::Cut => {
                let both = sides(scope).into_iter().filter(|(side, other)| side.iter().lt(other.iter()));
                both.map(|(side, other)| Step::Cut { side, other }).collect()
            }
            Fault::OneWay => {
                sides(scope).into_iter().map(|(from, to)| Step::CutOneWay { from, to }).collect()
            }
            Fault::Pause => each(|node| Step::Pause { node }),
            Fault::Crash => each(|node| Step::Crash { node }),
            Fault::Wipe => each(|node| Step::Wipe { node }),
            Fault::Suspect => {
                let pairs = nodes.iter().copied().permutations(2);
                pairs.map(|pair| Step::Suspect { at: pair[0], whom: pair[1] }).collect()
            }
            Fault::Skew if scope.tick_ms > 0 => {
                let ms = i32::try_from(scope.tick_ms).unwrap_or(i32::MAX);
                nodes.iter().flat_map(|&node| [ms, -ms].map(|ms| Step::Skew { node, ms })).collect()
            }
            Fault::Skew | Fault::Timeout | Fault::Lost | Fault::Late | Fault::Doubled => Vec::new(),
        })
        .collect()
}

/// Every two disjoint sets of nodes, in both orders.
fn sides(scope: &ScheduleScope) -> Vec<(NodeSet, NodeSet)> {
    let all = NodeSet::first(usize::from(scope.cluster.nodes));
    if scope.cluster.nodes > CUT_ANYHOW {
        let alone = all.iter().map(NodeSet::only);
        return alone.flat_map(|one| [(one, all.minus(one)), (all.minus(one), one)]).collect();
    }
    let sets = || (1..=all.0).map(NodeSet);
    itertools::iproduct!(sets(), sets()).filter(|(a, b)| a.and(*b).is_empty()).collect()
}
