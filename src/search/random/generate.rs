//! Draws a schedule, step by step.

use super::{Fault, Profile, Shape};
use smallvec::SmallVec;

use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::{Action, Level, MessageKind};
use crate::search::rng::SeededRng;
use crate::world::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};

/// The most messages of one operation that go astray one by one.
const MOST_ASTRAY: usize = 6;

/// The most repeated repairs of one replica, for one read, that weak links consider.
const MOST_REPAIRS: u8 = 2;

/// A schedule in the making.
pub(super) struct Generator<'a> {
    shape: &'a Shape,
    rng: SeededRng,
    profile: Profile,
    clients: u32,
    keys: u32,
    steps: Vec<Step>,
    late: Vec<(OpId, MessageName)>,
    /// Operations whose coordinator may still wait, because a message went astray or a node had stopped.
    waiting: Vec<OpId>,
    stopped: NodeSet,
    /// The stopped nodes that are only paused.
    paused: NodeSet,
    /// The messages sent to nodes while they were paused.
    backlog: Vec<(NodeId, OpId, MessageName)>,
    via: NodeId,
    /// For each key, the clients that have lost their context of it, one bit each.
    forgotten: Vec<u64>,
    /// The weak links: sender, receiver, and the fate of the messages there.
    weak: Vec<(NodeId, NodeId, Fate)>,
}

impl<'a> Generator<'a> {
    pub(super) fn new(shape: &'a Shape, profile: Profile, mut rng: SeededRng) -> Self {
        let clients = rng.between(1, u32::from(shape.clients.max(1)));
        let keys = rng.between(1, u32::from(shape.keys.max(1)));
        Self {
            shape,
            rng,
            profile,
            clients,
            keys,
            steps: Vec::with_capacity(48),
            late: Vec::new(),
            waiting: Vec::new(),
            stopped: NodeSet::EMPTY,
            paused: NodeSet::EMPTY,
            backlog: Vec::new(),
            via: NodeId(1),
            forgotten: vec![0; keys as usize],
            weak: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Schedule {
        let operations =
            self.rng.between(u32::from(self.shape.fewest_operations), u32::from(self.shape.most_operations));
        self.draw_weak_links();
        for op in 1..=operations.max(1) {
            if self.profile.weak > 0 && self.rng.happens(self.profile.shifts) {
                self.draw_weak_links();
            }
            self.between_operations();
            self.operation(OpId(op as u16));
        }
        self.read_after_healing(operations.max(1));
        Schedule { steps: self.steps }
    }

    /// Lets everything heal and arrive; then each client reads each key that it has used, through one node after the
    /// other. So what went wrong shows in a client's own read. The reads by which the world brings a run to rest then
    /// need not be judged as if a client had asked for them.
    fn read_after_healing(&mut self, operations: u32) {
        let mut used: Vec<(ClientId, Key)> = self
            .steps
            .iter()
            .filter_map(|step| step.operation().map(|operation| (operation.client, operation.key)))
            .collect();
        used.sort_unstable();
        used.dedup();
        self.steps.extend([Step::Heal, Step::Trust]);
        let stopped = std::mem::take(&mut self.stopped);
        self.steps.extend(stopped.iter().map(|node| Step::Restart { node }));
        self.late.extend(self.backlog.drain(..).map(|(_, op, name)| (op, name)));
        let late = std::mem::take(&mut self.late);
        self.steps.extend(late.into_iter().map(|(op, name)| Step::Arrive { op, name }));
        let first = self.node().index();
        for (i, (client, key)) in used.into_iter().enumerate() {
            let via = NodeId::at((first + i) % usize::from(self.shape.cluster.nodes));
            self.steps.push(Step::Operation(Operation {
                op: OpId((operations as usize + 1 + i) as u16),
                action: Action::Get,
                client,
                key,
                via,
                blind: false,
                level: Level::Default,
                exceptions: SmallVec::new(),
            }));
        }
    }

    fn between_operations(&mut self) {
        if self.rng.happens(self.profile.ticks) {
            let ms = self.rng.between(1, 20);
            self.steps.push(Step::Tick { ms });
        }
        if self.rng.happens(self.profile.fault_ends) {
            self.end_a_fault();
        }
        if self.rng.happens(self.profile.fault_begins) {
            self.begin_a_fault();
        }
        if !self.waiting.is_empty() && self.rng.happens(self.profile.times_out_late) {
            let at = self.rng.below(self.waiting.len() as u32) as usize;
            let op = self.waiting.swap_remove(at);
            self.steps.push(Step::Timeout { op });
        }
        while !self.late.is_empty() && self.rng.happens(self.profile.arrives) {
            let at = self.rng.below(self.late.len() as u32) as usize;
            let (op, name) = self.late.swap_remove(at);
            self.steps.push(Step::Arrive { op, name });
        }
    }

    fn operation(&mut self, op: OpId) {
        let action = if self.rng.happens(self.profile.reads) {
            Action::Get
        } else if self.rng.happens(self.profile.deletes) {
            Action::Delete
        } else {
            Action::Put
        };
        if !self.rng.happens(self.profile.sticky) {
            self.via = self.node();
        }
        let level = if self.rng.happens(self.profile.levels) {
            *self.rng.one_of(&[Level::One, Level::Quorum, Level::All])
        } else {
            Level::Default
        };
        let client = ClientId(self.rng.between(1, self.clients) as u16);
        let key = Key(self.rng.between(1, self.keys) as u16);
        let blind = self.is_blind(client, key, action);
        let mut operation =
            Operation { op, action, client, key, via: self.via, blind, level, exceptions: SmallVec::new() };
        if self.profile.weak > 0 {
            self.on_weak_links(&mut operation);
        }
        if self.rng.happens(self.profile.unusual) {
            self.exceptions(&mut operation);
        }
        self.note_backlog(&operation);
        let unanswered = !operation.exceptions.is_empty() || !self.stopped.is_empty();
        self.steps.push(Step::Operation(operation));
        if unanswered && self.profile.faults.has(Fault::Timeout) {
            if self.rng.happens(150) {
                self.steps.push(Step::Timeout { op });
            } else {
                self.waiting.push(op);
            }
        }
    }

    /// Whether an operation is a blind write: by chance, or because its client lost its context and has not read the
    /// key since.
    fn is_blind(&mut self, client: ClientId, key: Key, action: Action) -> bool {
        let own = 1 << client.index();
        if self.rng.happens(self.profile.forgets) {
            self.forgotten.iter_mut().for_each(|clients| *clients |= own);
        }
        let forgotten = &mut self.forgotten[key.index()];
        if !action.is_write() {
            *forgotten &= !own;
            return false;
        }
        *forgotten & own != 0 || self.rng.happens(self.profile.blind)
    }

    /// Notes what an operation sends to paused nodes. It waits there until the node goes on.
    fn note_backlog(&mut self, operation: &Operation) {
        for node in self.paused.iter() {
            let name = if node == operation.via {
                MessageName { kind: MessageKind::Request, replica: None, attempt: 0 }
            } else {
                MessageName { kind: MessageKind::Ask, replica: Some(node), attempt: 0 }
            };
            if !operation.exceptions.iter().any(|exception| exception.name == name) {
                self.backlog.push((node, operation.op, name));
            }
        }
    }

    /// Restarts a stopped node. Some of what was sent to it meanwhile arrives at once, in any order; the rest stays
    /// late.
    fn restart(&mut self, node: NodeId) {
        self.stopped.remove(node);
        self.paused.remove(node);
        self.steps.push(Step::Restart { node });
        let (its, others) = std::mem::take(&mut self.backlog).into_iter().partition(|(of, ..)| *of == node);
        self.backlog = others;
        let mut its: Vec<(NodeId, OpId, MessageName)> = its;
        while !its.is_empty() && self.rng.happens(self.profile.catches_up) {
            let at = self.rng.below(its.len() as u32) as usize;
            let (_, op, name) = its.swap_remove(at);
            self.steps.push(Step::Arrive { op, name });
        }
        self.late.extend(its.into_iter().map(|(_, op, name)| (op, name)));
    }

    /// Gives some messages of an operation another fate.
    fn exceptions(&mut self, operation: &mut Operation) {
        let fates = self.fates();
        if fates.is_empty() {
            return;
        }
        for _ in 0..MOST_ASTRAY {
            let name = self.message();
            let fate = *self.rng.one_of(&fates);
            self.goes_astray(operation, name, fate);
            if !self.rng.happens(500) {
                break;
            }
        }
        operation.exceptions.sort_unstable();
    }

    /// The fates that messages may have in this profile.
    fn fates(&self) -> SmallVec<[Fate; 4]> {
        const FATES: [(&[Fault], Fate); 4] = [
            (&[Fault::Lost], Fate::Lost),
            (&[Fault::Late], Fate::Late),
            (&[Fault::Doubled], Fate::Doubled),
            (&[Fault::Late, Fault::Doubled], Fate::Twice),
        ];
        let may = |faults: &[Fault]| faults.iter().all(|fault| self.profile.faults.has(*fault));
        FATES.into_iter().filter(|(faults, _)| may(faults)).map(|(_, fate)| fate).collect()
    }

    fn goes_astray(&mut self, operation: &mut Operation, name: MessageName, fate: Fate) {
        let taken = operation.exceptions.iter().any(|exception| exception.name == name);
        let senseless = name.kind.is_of_client() && matches!(fate, Fate::Doubled | Fate::Twice);
        if !taken && !senseless {
            operation.exceptions.push(Exception { name, fate });
            let arrivals = [Fate::Late, Fate::Doubled, Fate::Twice, Fate::Twice];
            let arrivals = arrivals.into_iter().filter(|other| *other == fate);
            self.late.extend(arrivals.map(|_| (operation.op, name)));
        }
    }

    /// Draws which links are weak, each direction by itself, and how: a link loses messages, delays them or doubles
    /// them. So the messages that go astray on one link all go astray in the same way.
    fn draw_weak_links(&mut self) {
        let fates = self.fates();
        self.weak.clear();
        if self.profile.weak == 0 || fates.is_empty() {
            return;
        }
        let cluster = self.shape.cluster;
        let nodes = || cluster.node_ids();
        for (from, to) in nodes().flat_map(|from| nodes().map(move |to| (from, to))) {
            if from != to && self.rng.happens(self.profile.weak) {
                self.weak.push((from, to, *self.rng.one_of(&fates)));
            }
        }
    }

    /// The fate of messages that go astray from one node to another, if that link is weak.
    fn weakness(&self, from: NodeId, to: NodeId) -> Option<Fate> {
        self.weak.iter().find(|link| (link.0, link.1) == (from, to)).map(|link| link.2)
    }

    /// Lets some of the messages go astray that an operation's coordinator sends or receives on weak links.
    fn on_weak_links(&mut self, operation: &mut Operation) {
        let via = operation.via;
        for replica in self.shape.cluster.node_ids().filter(|replica| *replica != via) {
            let (there, back) = (self.weakness(via, replica), self.weakness(replica, via));
            // A write repairs nothing.
            let repair = there.filter(|_| !operation.action.is_write());
            let messages =
                [(MessageKind::Ask, there), (MessageKind::Answer, back), (MessageKind::Repair, repair)];
            for (kind, fate) in messages {
                let mut attempt = 0;
                while let Some(fate) = fate.filter(|_| self.rng.happens(self.profile.astray)) {
                    let name = MessageName { kind, replica: Some(replica), attempt };
                    self.goes_astray(operation, name, fate);
                    // A replica that lags is repaired again at each later answer.
                    if kind != MessageKind::Repair || attempt == MOST_REPAIRS {
                        break;
                    }
                    attempt += 1;
                }
            }
        }
        operation.exceptions.sort_unstable();
    }

    fn message(&mut self) -> MessageName {
        let kind = match self.rng.below(20) {
            0..8 => MessageKind::Ask,
            8..13 => MessageKind::Answer,
            13..16 => MessageKind::Repair,
            16 => MessageKind::Request,
            17 => MessageKind::Reply,
            18 => MessageKind::HandOff,
            _ => *self.rng.one_of(&[MessageKind::Repaired, MessageKind::HandedOff]),
        };
        let replica = (!kind.is_of_client()).then(|| self.node());
        let again = matches!(kind, MessageKind::Repair | MessageKind::HandOff) && self.rng.happens(250);
        MessageName { kind, replica, attempt: u8::from(again) }
    }

    fn begin_a_fault(&mut self) {
        const BEGINNING: [Fault; 7] =
            [Fault::Cut, Fault::OneWay, Fault::Pause, Fault::Crash, Fault::Wipe, Fault::Suspect, Fault::Skew];
        let fault = *self.rng.one_of(&BEGINNING);
        if !self.profile.faults.has(fault) {
            return;
        }
        self.begin(fault);
        while self.profile.bursts > 0 && self.rng.happens(self.profile.bursts) {
            if fault == Fault::Suspect {
                return self.suspect_a_side();
            }
            self.begin(fault);
        }
    }

    /// Makes one node suspect all of one side.
    fn suspect_a_side(&mut self) {
        let at = self.node();
        let (side, _) = self.sides();
        let whom = side.minus(NodeSet::only(at));
        self.steps.extend(whom.iter().map(|whom| Step::Suspect { at, whom }));
    }

    fn begin(&mut self, fault: Fault) {
        let node = self.node();
        let step = match fault {
            Fault::Cut => {
                let (side, other) = self.sides();
                Step::Cut { side, other }
            }
            Fault::OneWay => {
                let (from, to) = self.sides();
                Step::CutOneWay { from, to }
            }
            Fault::Pause => Step::Pause { node },
            Fault::Crash => Step::Crash { node },
            Fault::Wipe => Step::Wipe { node },
            Fault::Suspect => Step::Suspect { at: node, whom: self.node() },
            _ => Step::Skew { node, ms: self.rng.between(0, 200) as i32 - 100 },
        };
        if matches!(step, Step::Pause { .. } | Step::Crash { .. }) {
            self.stopped.insert(node);
        }
        if matches!(step, Step::Pause { .. }) {
            self.paused.insert(node);
        }
        self.steps.push(step);
    }

    fn end_a_fault(&mut self) {
        let step = match self.rng.below(4) {
            0 => Step::Heal,
            1 => Step::Trust,
            2 => Step::Wake { node: self.node() },
            _ => match self.stopped.iter().next() {
                Some(node) => return self.restart(node),
                None => Step::Heal,
            },
        };
        let needless = match step {
            Step::Heal => !(self.profile.faults.has(Fault::Cut) || self.profile.faults.has(Fault::OneWay)),
            Step::Trust => !self.profile.faults.has(Fault::Suspect),
            _ => false,
        };
        if !needless {
            self.steps.push(step);
        }
    }

    /// Draws the two sides of a cut. Neither is empty if there is more than one node.
    fn sides(&mut self) -> (NodeSet, NodeSet) {
        let nodes = u32::from(self.shape.cluster.nodes);
        let all = NodeSet::first(nodes as usize);
        let side = NodeSet(self.rng.between(1, (1 << nodes) - 1) as u16);
        let side = if side == all { NodeSet::only(self.node()) } else { side };
        (side, all.minus(side))
    }

    fn node(&mut self) -> NodeId {
        NodeId(self.rng.between(1, u32::from(self.shape.cluster.nodes)) as u8)
    }
}
