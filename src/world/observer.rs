//! What the world tells those who watch a run.
//!
//! The world judges nothing. It reports what happened, with the facts that only it knows, and the watchers (the
//! judges of `check`, a recorder of histories, a story-teller) make of it what they will.

use crate::id::{Key, NodeId, NodeSet, OpId};
use crate::model::{Causality, Cluster, PreferenceList, Siblings};
use crate::world::ghost::Ghost;
use crate::world::ghosts::Ghosts;
use crate::world::history::{Completion, Event, Excuse, History, Invocation};
use crate::world::schedule::MessageName;

/// What holds at the moment of a report.
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
    /// Whether any clock was put wrong in this run.
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
    /// Of a read: what it covers. None where the oracle cannot look inside.
    pub covered: Option<&'a Ghost>,
    /// The replicas whose answers it rests on, if that can be seen: of those it names, the ones that have arrived.
    pub answered_by: Option<NodeSet>,
    /// Whether its coordinator sent anything to a replica.
    pub sent: bool,
    /// Of the coordinator and the replicas of the key, those that were up, rebuilt if they had lost their disk,
    /// unsuspected, and connected with the coordinator and with each other, and from or to which no message of the
    /// operation was lost, ever since it was invoked. None: the operation was disturbed itself (its coordinator
    /// failed, a timeout fired, its client gave up).
    pub undisturbed: Option<NodeSet>,
}

/// A copy of a key after something was delivered to it.
#[derive(Debug)]
pub struct CopyState<'a, C> {
    /// The node that has it.
    pub holder: NodeId,
    /// Whose copy it is.
    pub owner: NodeId,
    /// The key.
    pub key: Key,
    /// What it holds.
    pub siblings: &'a Siblings<C>,
    /// What it has taken in.
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

/// Somebody who watches a run.
pub trait Observer<C: Causality> {
    /// An operation begins.
    fn invoked(&mut self, invocation: &Invocation, facts: Facts<'_>) {
        let _ = (invocation, facts);
    }
    /// A read is about to end ok: the versions its client is shown.
    fn shown(&mut self, op: OpId, key: Key, versions: &Siblings<C>, facts: Facts<'_>) {
        let _ = (op, key, versions, facts);
    }
    /// A node has lost its disk, or its clock was put wrong.
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
    /// Something was delivered to a copy, and not refused.
    fn took(&mut self, copy: &CopyState<'_, C>, facts: Facts<'_>) {
        let _ = (copy, facts);
    }
    /// This operation has no answer, and nothing of it can still arrive: its client gives it up, or everything was
    /// delivered that can be under the faults in force.
    fn unanswered(&mut self, op: OpId, grounds: Grounds<'_>, facts: Facts<'_>) {
        let _ = (op, grounds, facts);
    }
    /// Everything has healed and arrived. What is invoked from here on the world reads itself, to bring the run to rest.
    fn resting(&mut self) {}
    /// The run has come to rest.
    fn rested(&mut self, rest: &Rest<'_, C>, facts: Facts<'_>) {
        let _ = (rest, facts);
    }
    /// Whether it has seen enough.
    fn is_done(&self) -> bool {
        false
    }
}

/// Nobody watches.
impl<C: Causality> Observer<C> for () {}

/// Two watch.
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
    resting: bool,
}

impl Recorder {
    /// Goes on from this history.
    #[must_use]
    pub const fn new(history: History) -> Self {
        Self { history, resting: false }
    }

    fn record(&mut self, event: impl FnOnce() -> Event) {
        if !self.resting {
            self.history.events.push(event());
        }
    }
}

impl<C: Causality> Observer<C> for Recorder {
    fn invoked(&mut self, invocation: &Invocation, _facts: Facts<'_>) {
        self.record(|| Event::Invoke(invocation.clone()));
    }
    fn completed(&mut self, completion: &Completion, _grounds: Grounds<'_>, _facts: Facts<'_>) {
        self.record(|| Event::Complete(completion.clone()));
    }
    fn befell(&mut self, excuse: Excuse, _facts: Facts<'_>) {
        self.record(|| Event::Fault(excuse));
    }
    fn resting(&mut self) {
        self.resting = true;
    }
}
