//! What the world tells those who watch a run.
//!
//! The world judges nothing. It reports what happened, with the facts that only it knows. The observers (judges, a
//! recorder of histories, a story-teller) decide what to make of it.

use crate::id::{Key, NodeId, NodeSet, OpId};
use crate::model::{Action, Causality, Cluster, PreferenceList, Siblings};
use crate::op_set::OpSet;
use crate::world::ghost::Ghost;
use crate::world::ghosts::Ghosts;
use crate::world::history::{Completion, Event, Excuse, History, Invocation, Tombstones};
use crate::world::schedule::MessageName;

/// The facts at the moment of a report.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The causality that no protocol can see.
    pub ghosts: &'a Ghosts,
    /// The configuration.
    pub cluster: Cluster,
    /// The replicas of each key, by position of the key.
    pub homes: &'a [PreferenceList],
    /// True time, in milliseconds.
    pub now: u64,
    /// Whether any clock was set wrong in this run.
    pub skewed: bool,
    /// Whether the oracle can look inside: see [`System::is_transparent`](crate::world::system::System).
    pub transparent: bool,
}

impl Facts<'_> {
    /// The replicas of a key.
    #[must_use]
    pub fn home(&self, key: Key) -> &[NodeId] {
        self.homes.get(key.index()).map_or(&[], |home| home.as_slice())
    }
}

/// What an answer rests on.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// What a read covers. None where the oracle cannot look inside.
    pub covered: Option<&'a Ghost>,
    /// The replicas among the counted slots whose replies have arrived, if the system shows them.
    pub answered_by: Option<NodeSet>,
    /// Whether its coordinator sent anything to a replica.
    pub sent: bool,
    /// The coordinator and the replicas of the key that were fit since the invocation: up, rebuilt after a lost disk,
    /// unsuspected, connected with the coordinator and with each other, with no message of the operation to or from
    /// them lost. None: something disturbed the operation itself (its coordinator failed, a timeout fired, or its
    /// client gave up).
    pub undisturbed: Option<NodeSet>,
}

/// A copy of a key after a delivery to it.
#[derive(Debug)]
pub struct CopyState<'a, C> {
    /// The node that holds the copy.
    pub holder: NodeId,
    /// Whose copy it is.
    pub owner: NodeId,
    /// The key.
    pub key: Key,
    /// What it holds.
    pub siblings: &'a Siblings<C>,
    /// What the copy has taken in.
    pub ghost: &'a Ghost,
}

/// What each home replica of a key holds.
pub type HomeCopies<C> = Vec<(NodeId, Siblings<C>)>;

/// The state at rest: everything healed, delivered, handed off and read.
#[derive(Debug)]
pub struct Rest<'a, C> {
    /// For each key that was used: what each home replica holds.
    pub keys: &'a [(Key, HomeCopies<C>)],
    /// How many rounds of reads it took.
    pub rounds: u32,
    /// Whether the last round repaired nothing and handed off nothing.
    pub quiet: bool,
}

/// Watches a run.
pub trait Observer<C: Causality> {
    /// An operation begins.
    fn invoked(&mut self, invocation: &Invocation, facts: Facts<'_>) {
        let _ = (invocation, facts);
    }
    /// A read is about to end ok; these versions are shown to its client.
    fn shown(&mut self, op: OpId, key: Key, versions: &Siblings<C>, facts: Facts<'_>) {
        let _ = (op, key, versions, facts);
    }
    /// A node has lost its disk, or its clock was set wrong.
    fn befell(&mut self, excuse: Excuse, facts: Facts<'_>) {
        let _ = (excuse, facts);
    }
    /// An operation ends.
    fn completed(&mut self, completion: &Completion, grounds: Grounds<'_>, facts: Facts<'_>) {
        let _ = (completion, grounds, facts);
    }
    /// A message is handed to a node or a client that is up.
    fn delivered(&mut self, op: OpId, name: MessageName) {
        let _ = (op, name);
    }
    /// A copy accepted a delivery.
    fn took(&mut self, copy: &CopyState<'_, C>, facts: Facts<'_>) {
        let _ = (copy, facts);
    }
    /// An operation has no answer, and none of its messages can still arrive: its client gives it up, or everything was
    /// delivered that the faults in force let through.
    fn unanswered(&mut self, op: OpId, grounds: Grounds<'_>, facts: Facts<'_>) {
        let _ = (op, grounds, facts);
    }
    /// Everything has healed and arrived. From here on the world invokes its own reads, to bring the run to rest.
    fn resting(&mut self) {}
    /// The run has come to rest.
    fn rested(&mut self, rest: &Rest<'_, C>, facts: Facts<'_>) {
        let _ = (rest, facts);
    }
    /// Whether the observer has seen enough.
    fn is_done(&self) -> bool {
        false
    }
}

/// Watches nothing.
impl<C: Causality> Observer<C> for () {}

/// Two observers of one run.
impl<C: Causality, A: Observer<C>, B: Observer<C>> Observer<C> for (A, B) {
    fn invoked(&mut self, invocation: &Invocation, facts: Facts<'_>) {
        self.0.invoked(invocation, facts);
        self.1.invoked(invocation, facts);
    }
    fn shown(&mut self, op: OpId, key: Key, versions: &Siblings<C>, facts: Facts<'_>) {
        self.0.shown(op, key, versions, facts);
        self.1.shown(op, key, versions, facts);
    }
    fn befell(&mut self, excuse: Excuse, facts: Facts<'_>) {
        self.0.befell(excuse, facts);
        self.1.befell(excuse, facts);
    }
    fn completed(&mut self, completion: &Completion, grounds: Grounds<'_>, facts: Facts<'_>) {
        self.0.completed(completion, grounds, facts);
        self.1.completed(completion, grounds, facts);
    }
    fn delivered(&mut self, op: OpId, name: MessageName) {
        self.0.delivered(op, name);
        self.1.delivered(op, name);
    }
    fn took(&mut self, copy: &CopyState<'_, C>, facts: Facts<'_>) {
        self.0.took(copy, facts);
        self.1.took(copy, facts);
    }
    fn unanswered(&mut self, op: OpId, grounds: Grounds<'_>, facts: Facts<'_>) {
        self.0.unanswered(op, grounds, facts);
        self.1.unanswered(op, grounds, facts);
    }
    fn resting(&mut self) {
        self.0.resting();
        self.1.resting();
    }
    fn rested(&mut self, rest: &Rest<'_, C>, facts: Facts<'_>) {
        self.0.rested(rest, facts);
        self.1.rested(rest, facts);
    }
    fn is_done(&self) -> bool {
        self.0.is_done() || self.1.is_done()
    }
}

impl<C: Causality, W: Observer<C>> Observer<C> for &mut W {
    fn invoked(&mut self, invocation: &Invocation, facts: Facts<'_>) {
        (**self).invoked(invocation, facts);
    }
    fn shown(&mut self, op: OpId, key: Key, versions: &Siblings<C>, facts: Facts<'_>) {
        (**self).shown(op, key, versions, facts);
    }
    fn befell(&mut self, excuse: Excuse, facts: Facts<'_>) {
        (**self).befell(excuse, facts);
    }
    fn completed(&mut self, completion: &Completion, grounds: Grounds<'_>, facts: Facts<'_>) {
        (**self).completed(completion, grounds, facts);
    }
    fn delivered(&mut self, op: OpId, name: MessageName) {
        (**self).delivered(op, name);
    }
    fn took(&mut self, copy: &CopyState<'_, C>, facts: Facts<'_>) {
        (**self).took(copy, facts);
    }
    fn unanswered(&mut self, op: OpId, grounds: Grounds<'_>, facts: Facts<'_>) {
        (**self).unanswered(op, grounds, facts);
    }
    fn resting(&mut self) {
        (**self).resting();
    }
    fn rested(&mut self, rest: &Rest<'_, C>, facts: Facts<'_>) {
        (**self).rested(rest, facts);
    }
    fn is_done(&self) -> bool {
        (**self).is_done()
    }
}

/// Records the history of a run: what its clients did, without the reads that bring it to rest.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recorder {
    /// The history so far.
    pub history: History,
    deletes: OpSet,
    resting: bool,
}

impl Recorder {
    /// Continues this history.
    #[must_use]
    pub const fn new(history: History) -> Self {
        Self { history, deletes: OpSet::new(), resting: false }
    }

    fn record(&mut self, event: impl FnOnce() -> Event) {
        if !self.resting {
            self.history.events.push(event());
        }
    }
}

impl<C: Causality> Observer<C> for Recorder {
    fn invoked(&mut self, invocation: &Invocation, _facts: Facts<'_>) {
        if invocation.action == Action::Delete {
            self.deletes.insert(invocation.op);
        }
        self.record(|| Event::Invoke(invocation.clone()));
    }
    /// A read may merge a delete and return none. Its history then says that there was some.
    fn completed(&mut self, completion: &Completion, grounds: Grounds<'_>, _facts: Facts<'_>) {
        let mut completion = completion.clone();
        if let (Some(seen), Some(covered)) = (&mut completion.observation, grounds.covered)
            && seen.tombstones == Tombstones::none()
            && covered.seen.meets(&self.deletes)
        {
            seen.tombstones = Tombstones::Some;
        }
        self.record(|| Event::Complete(completion));
    }
    fn befell(&mut self, excuse: Excuse, _facts: Facts<'_>) {
        self.record(|| Event::Fault(excuse));
    }
    fn resting(&mut self) {
        self.resting = true;
    }
}
