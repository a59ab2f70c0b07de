//! The simulation: applies the steps of a schedule to a system, one at a time.
//!
//! A step runs to its end before the next begins: its messages are delivered in the order in which they were sent,
//! except for those that the step names. Nothing else moves: no wall clock, no randomness, no time but that of
//! `tick`.
//!
//! Not modelled: partial failures of one disk, bandwidth, and a network that changes what it carries.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use crate::id::{ClientId, Key, MAX_CLIENTS, MAX_KEYS, MAX_NODES, MAX_OPERATION, NodeId, NodeSet, OpId};
use crate::model::kv_client::Asking;
use crate::model::storage_node::Surroundings;
use crate::model::{Cluster, Envelope, PreferenceList, Reason, Status};
use crate::op_set::OpSet;
use crate::world::fingerprint::Fingerprinter;
use crate::world::ghosts::Ghosts;
use crate::world::held_messages::Changes;
use crate::world::history::{Completion, Invocation};
use crate::world::network::{Network, Parcel};
use crate::world::observer::{Facts, Grounds, Observer};
use crate::world::operation_record::Record;
use crate::world::schedule::{MessageName, Operation, Step};
use crate::world::system::{Cargo, System};

/// How many messages and versions one cause may deliver before it counts as a storm. (This does not limit a whole
/// run: a long run may deliver more, and end.)
const WORK_LIMIT: u32 = 100_000;

/// A system in its world; see the [module](self).
#[derive(Clone, Debug)]
pub struct Simulation<'s, S: System> {
    pub(super) system: &'s S,
    pub(super) cluster: Cluster,
    pub(super) homes: Vec<PreferenceList>,
    pub(super) nodes: Vec<S::Node>,
    /// Which nodes changed, for callers that copy and compare whole states.
    pub(super) changes: Changes,
    pub(super) clients: Vec<S::Client>,
    /// By client: the operation it waits for.
    pub(super) waiting: Vec<Option<OpId>>,
    pub(super) records: Vec<Option<Record>>,
    pub(super) network: Network<S::Body>,
    pub(super) ghosts: Ghosts,
    pub(super) down: NodeSet,
    pub(super) paused: NodeSet,
    pub(super) suspects: Vec<NodeSet>,
    pub(super) skew_ms: Vec<i32>,
    /// By key: the nodes that lost their disk and whose copy was not repaired since.
    pub(super) unrepaired: Vec<NodeSet>,
    /// By node: how often its disk was lost.
    pub(super) wipes: [u8; MAX_NODES],
    pub(super) skewed: bool,
    pub(super) time_ms: u64,
    pub(super) queue: VecDeque<Parcel<S::Body>>,
    pub(super) outbox: Vec<Envelope<S::Body>>,
    pub(super) tally: Tally,
}

/// What happened in a run, in numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Invocations, messages handled, timeouts and faults.
    pub events: u64,
    /// Messages delivered, and the versions they carried.
    pub work: u32,
    /// Repairs sent.
    pub repairs: u32,
    /// Hand-offs sent.
    pub hand_offs: u32,
    /// Operations refused.
    pub refused: u32,
    /// Operations that ended info.
    pub info: u32,
    /// Whether a cut was in force at some time while an operation ran.
    pub partition: bool,
    /// Whether a read showed more than one version.
    pub conflict: bool,
    /// Whether the run was stopped because its messages would not end.
    pub storm: bool,
}

impl<'s, S: System> Simulation<'s, S> {
    /// A system at its beginning, with room for this many keys. Steps that name a further key do nothing.
    #[must_use]
    pub fn new(system: &'s S, cluster: Cluster, keys: usize) -> Self {
        let keys = keys.clamp(1, MAX_KEYS);
        let nodes = usize::from(cluster.nodes);
        Self {
            system,
            cluster,
            homes: (0..keys).map(|key| system.home(cluster, Key::at(key))).collect(),
            nodes: cluster.node_ids().map(|node| system.node(node, cluster)).collect(),
            changes: Changes::of_all(nodes),
            clients: Vec::new(),
            waiting: Vec::new(),
            records: Vec::new(),
            network: Network::new(),
            ghosts: Ghosts::for_keys(keys),
            down: NodeSet::EMPTY,
            paused: NodeSet::EMPTY,
            suspects: vec![NodeSet::EMPTY; nodes],
            skew_ms: vec![0; nodes],
            unrepaired: vec![NodeSet::EMPTY; keys],
            wipes: [0; MAX_NODES],
            skewed: false,
            time_ms: 0,
            queue: VecDeque::new(),
            outbox: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Goes back to the beginning and keeps the memory.
    pub fn reset(&mut self) {
        for (i, node) in self.nodes.iter_mut().enumerate() {
            *node = self.system.node(NodeId::at(i), self.cluster);
            self.changes.mark(NodeId::at(i));
        }
        self.clients.clear();
        self.waiting.clear();
        self.records.clear();
        self.network.reset();
        self.ghosts.reset(self.homes.len());
        self.down = NodeSet::EMPTY;
        self.paused = NodeSet::EMPTY;
        self.suspects.fill(NodeSet::EMPTY);
        self.skew_ms.fill(0);
        self.unrepaired.fill(NodeSet::EMPTY);
        self.wipes.fill(0);
        self.skewed = false;
        self.time_ms = 0;
        self.queue.clear();
        self.outbox.clear();
        self.tally = Tally::default();
    }

    /// What happened so far, in numbers.
    #[must_use]
    pub const fn tally(&self) -> Tally {
        self.tally
    }

    /// The system it runs.
    #[must_use]
    pub const fn system(&self) -> &'s S {
        self.system
    }

    /// The true causal history, which no protocol can see.
    #[must_use]
    pub const fn ghosts(&self) -> &Ghosts {
        &self.ghosts
    }

    /// The nodes, in order.
    pub fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<S> {
        self.cluster.node_ids()
    }

    /// What a node's copy of a key for `owner` holds, if the system shows it.
    #[must_use]
    pub fn held(&self, holder: NodeId, owner: NodeId, key: Key) -> Option<&crate::model::Siblings<S::Clock>> {
        self.nodes.get(holder.index()).and_then(|node| self.system.held(node, owner, key))
    }

    /// The replicas of a key.
    #[must_use]
    pub fn home(&self, key: Key) -> &[NodeId] {
        self.homes.get(key.index()).map_or(&[], |home| home.as_slice())
    }

    /// The messages on their way, by operation and name.
    pub fn on_their_way(&self) -> impl Iterator<Item = (OpId, MessageName)> {
        self.network.on_their_way()
    }

    /// The messages sent so far from one place to another, by operation and name: all that can be lost, late or
    /// doubled.
    pub fn sent(&self) -> impl Iterator<Item = (OpId, MessageName)> {
        let records = self.records.iter().enumerate();
        records
            .filter_map(|(at, record)| Some((OpId::at(at), record.as_ref()?)))
            .flat_map(|(op, record)| record.sent().map(move |name| (op, name)))
    }

    /// A number that equal states share on every machine. (Different states almost never do.)
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = Fingerprinter::default();
        self.nodes.hash(&mut hasher);
        self.clients.hash(&mut hasher);
        self.waiting.hash(&mut hasher);
        self.network.hash(&mut hasher);
        (self.down, self.paused, self.time_ms, self.tally.events).hash(&mut hasher);
        self.suspects.hash(&mut hasher);
        self.skew_ms.hash(&mut hasher);
        hasher.finish()
    }

    /// Applies one step. Every step is legal in every state; one that makes no sense does nothing.
    pub fn step<W: Observer<S::Clock>>(&mut self, step: &Step, observer: &mut W) {
        match step {
            Step::Operation(operation) if !is_nameable(operation) => {}
            Step::Operation(operation) => self.operate(operation, observer),
            Step::Arrive { op, name } => self.arrive(*op, *name, observer),
            Step::Timeout { op } => self.time_out(*op, observer),
            Step::Cut { side, other } => self.cut_between(*side, *other),
            Step::CutOneWay { from, to } => self.cut(&[(*from, *to)]),
            Step::Heal => self.network.heal(),
            Step::Pause { node } => self.pause(*node),
            Step::Crash { node } => self.crash(*node),
            Step::Restart { node } => self.restart(*node),
            Step::Wipe { node } => self.wipe(*node, observer),
            Step::Suspect { at, whom } => self.suspect(*at, *whom),
            Step::Trust => self.suspects.fill(NodeSet::EMPTY),
            Step::Skew { node, ms } => self.skew(*node, *ms, observer),
            Step::Tick { ms } => self.time_ms = self.time_ms.saturating_add(u64::from(*ms)),
            Step::Wake { node } => self.wake(*node, observer),
        }
    }

    /// A node's own clock. True time starts well above zero, so that a clock may run behind.
    pub(super) fn clock_of(&self, node: NodeId) -> u64 {
        (1_000_000 + self.time_ms).saturating_add_signed(i64::from(self.skew_ms[node.index()]))
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            ghosts: &self.ghosts,
            cluster: self.cluster,
            homes: &self.homes,
            now: self.time_ms,
            skewed: self.skewed,
            transparent: self.system.is_transparent(),
        }
    }

    pub(super) fn exists(&self, node: NodeId) -> bool {
        node.0 > 0 && node.index() < self.nodes.len()
    }

    /// A client invokes an operation.
    pub(super) fn operate<W: Observer<S::Clock>>(&mut self, operation: &Operation, observer: &mut W) {
        let &Operation { op, action, client, key, via, blind, level, .. } = operation;
        let known = self.records.get(op.index()).is_some_and(Option::is_some);
        if known || !self.exists(via) || key.index() >= self.homes.len() || client.index() > MAX_CLIENTS {
            return;
        }
        self.admit(client);
        if let Some(given_up) = self.waiting[client.index()] {
            if !self.is_in_flight(given_up) {
                self.report_silence(given_up, observer);
            }
            self.give_up(given_up, observer);
        }
        self.tally.events += 1;
        let asking = Asking { op, action, key, via, blind, level };
        let envelope = self.system.invoke(&mut self.clients[client.index()], &asking);
        let context = if !action.is_write() {
            OpSet::new()
        } else if self.system.tells_tokens() {
            self.system.tokens_sent(&self.clients[client.index()], &envelope)
        } else if blind {
            OpSet::new()
        } else {
            self.ghosts.context_of(client, key).clone()
        };
        if action.is_write() && self.system.tells_tokens() {
            self.ghosts.write_with(op, key, &context);
        } else if action.is_write() {
            self.ghosts.write(op, client, key, blind);
        }
        if self.records.len() <= op.index() {
            self.records.resize_with(op.index() + 1, || None);
        }
        let undisturbed = self.fit_with(via, key);
        self.tally.partition |= self.network.is_cut();
        self.records[op.index()] = Some(Record::new(operation, undisturbed));
        self.waiting[client.index()] = Some(op);
        let required = self.cluster.required(action, level);
        observer.invoked(&Invocation { op, client, action, key, via, required, context }, self.facts());
        if matches!(self.system.cargo(&envelope), Cargo::Alone) {
            self.ghosts.stands_alone(op);
        }
        self.post(envelope, None);
        self.deliver_queued(observer);
    }

    /// Makes room for a client.
    pub(super) fn admit(&mut self, client: ClientId) {
        while self.clients.len() <= client.index() {
            self.clients.push(self.system.client(ClientId::at(self.clients.len())));
            self.waiting.push(None);
        }
    }

    /// Whether any message of an operation is on its way.
    fn is_in_flight(&self, op: OpId) -> bool {
        matches!(self.records.get(op.index()), Some(Some(record)) if record.in_flight > 0)
    }

    /// An operation's client has no answer, and no message of the operation can still arrive.
    pub(super) fn report_silence<W: Observer<S::Clock>>(&self, op: OpId, observer: &mut W) {
        let Some(Some(record)) = self.records.get(op.index()) else { return };
        let (sent, undisturbed) = (record.asked_anyone(), record.undisturbed);
        let grounds = Grounds { covered: None, answered_by: None, sent, undisturbed };
        observer.unanswered(op, grounds, self.facts());
    }

    /// A client stops waiting for an operation.
    pub(super) fn give_up<W: Observer<S::Clock>>(&mut self, op: OpId, observer: &mut W) {
        let Some(Some(record)) = self.records.get_mut(op.index()) else { return };
        let client = record.client;
        record.open = false;
        let sent = record.asked_anyone();
        self.waiting[client.index()] = None;
        self.system.abandon(&mut self.clients[client.index()]);
        self.tally.info += 1;
        let completion = Completion {
            op,
            status: Status::Info,
            reason: Some(Reason::Abandoned),
            observation: None,
            timestamp: None,
            token: false,
        };
        let grounds = Grounds { covered: None, answered_by: None, sent, undisturbed: None };
        observer.completed(&completion, grounds, self.facts());
    }

    fn arrive<W: Observer<S::Clock>>(&mut self, op: OpId, name: MessageName, observer: &mut W) {
        let Some(parcel) = self.network.take(op, name) else { return };
        self.note_release(op);
        if self.may_arrive(&parcel.envelope) {
            self.queue.push_back(parcel);
            self.deliver_queued(observer);
        } else {
            self.hold_back(parcel);
        }
    }

    fn time_out<W: Observer<S::Clock>>(&mut self, op: OpId, observer: &mut W) {
        let Some(Some(record)) = self.records.get_mut(op.index()) else { return };
        if !record.open {
            return;
        }
        record.undisturbed = None;
        let via = record.via;
        if self.down.contains(via) || self.paused.contains(via) {
            return;
        }
        self.tally.events += 1;
        let mut outbox = std::mem::take(&mut self.outbox);
        self.changes.mark(via);
        self.system.time_out(&mut self.nodes[via.index()], op, &mut outbox);
        outbox.drain(..).for_each(|envelope| self.post(envelope, None));
        self.outbox = outbox;
        self.deliver_queued(observer);
    }

    pub(super) fn wake<W: Observer<S::Clock>>(&mut self, node: NodeId, observer: &mut W) {
        if !self.exists(node) || self.down.contains(node) || self.paused.contains(node) {
            return;
        }
        let mut outbox = std::mem::take(&mut self.outbox);
        let around = Surroundings {
            now: self.clock_of(node),
            suspects: self.suspects[node.index()],
            cluster: self.cluster,
            homes: &self.homes,
        };
        self.changes.mark(node);
        self.system.wake(&mut self.nodes[node.index()], around, &mut outbox);
        outbox.drain(..).for_each(|envelope| self.post(envelope, None));
        self.outbox = outbox;
        self.deliver_queued(observer);
    }

    /// Whether a late message can be delivered now.
    pub(super) fn may_arrive(&self, envelope: &Envelope<S::Body>) -> bool {
        let awake = match envelope.to {
            crate::model::Address::Node(node) => !self.paused.contains(node),
            crate::model::Address::Client(_) => true,
        };
        awake && self.network.passes(envelope.from, envelope.to)
    }

    /// Counts work. Returns whether the cause, which began at the tally `since`, may do more.
    pub(super) const fn spend(&mut self, work: u32, since: u32) -> bool {
        self.tally.work = self.tally.work.saturating_add(work);
        self.tally.storm |= self.tally.work - since > WORK_LIMIT;
        !self.tally.storm
    }
}

/// Whether a schedule's text could name the operation, its client and its key. Names begin at 1; an operation that
/// nobody could write does nothing.
const fn is_nameable(operation: &Operation) -> bool {
    let Operation { op, client, key, .. } = operation;
    let op = 1 <= op.0 && op.0 <= MAX_OPERATION;
    op && client.0 > 0 && client.index() < MAX_CLIENTS && key.0 > 0
}
