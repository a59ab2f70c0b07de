//! All judges of a run, in one place. They are told of each event as it happens.
//!
//! A judge stands outside: it reads what the world reports and the ghosts, and touches neither. Each guarantee is
//! judged with its own [`Stance`](crate::judge::Stance); an ignored guarantee costs nothing.
//!
//! These facts of the environment excuse single obligations:
//!
//! * fresh and read-your-writes: R+W−N or more home disks that held the write were lost and have not taken it in again;
//! * monotonic-reads: at some time during the read, a home disk that held the write was lost and had not taken it in
//!   again; or the read's level asks fewer replicas than the configuration's R, which the claim assumes;
//! * durable: W or more home disks that held the write were lost;
//! * monotonic-writes and writes-follow-reads, under last-write-wins: the later write carried no token. Only one write
//!   survives there, and only a token could have put this one above what its session wrote or read;
//! * real-time-order: a clock was wrong earlier in the run.
//!
//! Not modelled: obligations across keys.

use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::judge::convergence::Acknowledgement;
use crate::judge::demands::Demands;
use crate::judge::exemption::Exemption;
use crate::judge::history::{Circumstances, HistoryJudge};
use crate::judge::lost_and_extra::Sessions;
use crate::judge::oracle::Oracle;
use crate::judge::real_time_order::RealTime;
use crate::judge::stamps::{BadStamp, Stamps, not_an_antichain, unjudged};
use crate::judge::verdict::{Ruling, Violation};
use crate::model::{Action, Causality, Cluster, DataType, Siblings, Status, VersionedValue};
use crate::op_set::OpSet;
use crate::world::history::{Completion, Excuse, Invocation};
use crate::world::observer::{CopyState, Facts, Grounds, Observer, Rest};

/// The history and coverage each judge a part of these; see [`history`](crate::judge::history).
const SHARED: [Guarantee; 3] = [Guarantee::MonotonicWrites, Guarantee::WritesFollowReads, Guarantee::NoExtra];

/// All judges of a run; see the [module](self).
#[derive(Clone, Debug)]
pub struct Judges<C> {
    pub(super) demands: Demands,
    pub(super) history: HistoryJudge,
    pub(super) oracle: Oracle,
    pub(super) stamps: Stamps<C>,
    /// By key: the last judged versions, if nothing was wrong with them. Replicas mostly come to hold the same
    /// versions, one after the other, and a read then shows the same.
    pub(super) sound: Vec<Siblings<C>>,
    pub(super) sessions: Sessions,
    pub(super) real_time: RealTime,
    pub(super) asked: Vec<Option<Asked>>,
    pub(super) rulings: [Ruling; Guarantee::COUNT],
    pub(super) broken: GuaranteeSet,
    /// For each read under way, by home replica: the writes that a lost disk held and had not got back, at any time
    /// since the read was invoked. A read may be answered long after it was decided.
    pub(super) amnesia: Vec<(OpId, Vec<OpSet>)>,
    pub(super) acknowledgements: Vec<Acknowledgement>,
    stop_at_first: bool,
    /// Whether the run is being brought to rest: no client asked for the reads from then on.
    pub(super) resting: bool,
}

/// What an operation asked for, as far as judges need it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Asked {
    pub(super) client: ClientId,
    pub(super) action: Action,
    pub(super) key: Key,
    pub(super) via: NodeId,
    pub(super) required: u8,
    pub(super) acknowledged: bool,
    /// Whether it is a read under way.
    pub(super) open: bool,
}

impl<C: Causality> Judges<C> {
    /// Judges that have seen nothing.
    #[must_use]
    pub fn new(cluster: Cluster, data_type: DataType, demands: Demands) -> Self {
        let mut history =
            HistoryJudge::new(cluster.n, cluster.r, data_type, demands.stances()).of_claims(cluster);
        if !demands.are_of_history_only() {
            // Coverage decides some obligations that the history alone leaves undecided: see `coverage`.
            history = history.beside_judges_of_coverage();
        }
        Self {
            demands,
            history,
            oracle: Oracle::new(data_type),
            stamps: Stamps::new(),
            sound: Vec::new(),
            sessions: Sessions::default(),
            real_time: RealTime::default(),
            asked: Vec::new(),
            rulings: Default::default(),
            broken: GuaranteeSet::NONE,
            amnesia: Vec::new(),
            acknowledgements: Vec::new(),
            stop_at_first: false,
            resting: false,
        }
    }

    /// Ends a run as soon as a guarantee is broken.
    #[must_use]
    pub const fn stopping_at_first(mut self) -> Self {
        self.stop_at_first = true;
        self
    }

    /// Forgets the run; keeps the demands and the allocations.
    pub fn reset(&mut self) {
        self.history.reset();
        self.oracle.reset();
        self.stamps.reset();
        self.sound.clear();
        self.sessions.reset();
        self.real_time.reset();
        self.asked.clear();
        self.amnesia.clear();
        self.acknowledgements.clear();
        self.resting = false;
        self.rulings = Default::default();
        self.broken = GuaranteeSet::NONE;
    }

    /// What the run is judged on.
    #[must_use]
    pub const fn demands(&self) -> &Demands {
        &self.demands
    }

    /// The guarantees broken so far.
    #[must_use]
    pub const fn broken(&self) -> GuaranteeSet {
        self.broken.or(self.history.broken())
    }

    /// The ruling on one guarantee.
    #[must_use]
    pub fn ruling(&self, guarantee: Guarantee) -> &Ruling {
        let own = &self.rulings[guarantee.index()];
        if SHARED.contains(&guarantee) && !self.demands.are_of_history_only() {
            return own;
        }
        self.history.ruling(guarantee).unwrap_or(own)
    }

    /// The first breach, in the order of [`Guarantee::ALL`].
    #[must_use]
    pub fn first_violation(&self) -> Option<&Violation> {
        Guarantee::ALL.into_iter().find_map(|guarantee| self.ruling(guarantee).violation.as_ref())
    }

    #[inline]
    pub(super) fn judges(&self, guarantee: Guarantee) -> bool {
        self.demands.judges(guarantee)
    }

    pub(super) fn asked(&self, op: OpId) -> Option<Asked> {
        self.asked.get(op.index()).copied().flatten()
    }

    /// Counts obligations that were examined.
    #[inline]
    pub(super) fn examined(&mut self, guarantee: Guarantee, obligations: usize) {
        self.rulings[guarantee.index()].examined += obligations as u64;
    }

    /// Counts an obligation that is not owed.
    pub(super) fn not_owed(&mut self, guarantee: Guarantee, by: Exemption) {
        self.rulings[guarantee.index()].not_owed.count(by, 1);
    }

    pub(super) fn breach(&mut self, guarantee: Guarantee, violation: impl FnOnce() -> Violation) {
        if self.judges(guarantee) {
            self.broken.insert(guarantee);
            self.rulings[guarantee.index()].breach(violation);
        }
    }

    /// The writes that a node lost with its disk and has not got back. Under last-write-wins, holding a write that
    /// ranks above them is as good.
    fn missing_since_loss(&self, node: NodeId, key: Key, facts: Facts<'_>) -> OpSet {
        let missing = facts.ghosts.missing_since_loss(node, key);
        if missing.is_empty() || self.oracle.data_type() != DataType::LastWriteWins {
            return missing;
        }
        let held = &facts.ghosts.of_copy(node, node, key).seen;
        let Some(highest) = held.iter().map(|op| self.oracle.rank(op)).max() else { return missing };
        missing.iter().filter(|op| self.oracle.rank(*op) > highest).collect()
    }

    /// Notes, for a read under way, which writes the lost disks have not got back.
    fn note_amnesia(&mut self, op: OpId, key: Key, facts: Facts<'_>) {
        let now = facts.home(key).iter().map(|&node| self.missing_since_loss(node, key, facts));
        let now: Vec<OpSet> = now.collect();
        match self.amnesia.iter_mut().find(|(read, _)| *read == op) {
            Some((_, missing)) => missing.iter_mut().zip(&now).for_each(|(held, now)| held.join(now)),
            None => self.amnesia.push((op, now)),
        }
    }

    /// The writes that fresh and read-your-writes do not owe to a read, and those that monotonic-reads does not owe.
    fn excuses(&mut self, op: OpId, read: Asked, facts: Facts<'_>) -> (Option<OpSet>, Option<OpSet>) {
        let noted = self.amnesia.iter().position(|(of, _)| *of == op);
        let missing = noted.map(|at| self.amnesia.swap_remove(at).1).unwrap_or_default();
        let mut candidates = OpSet::new();
        missing.iter().for_each(|writes| candidates.join(writes));
        if candidates.is_empty() {
            return (None, None);
        }
        let beyond_repair = |op: &OpId| {
            let disks = missing.iter().filter(|writes| writes.contains(*op)).count();
            let w = self.asked(*op).map_or(0, |asked| asked.required);
            disks + usize::from(facts.cluster.n) >= usize::from(read.required + w)
        };
        (Some(candidates.iter().filter(beyond_repair).collect()), Some(candidates))
    }

    fn needs_stamps(&self) -> bool {
        use Guarantee::{ClockOrder, OnceOnly, OneDotOneWrite};
        self.oracle.looks_at_versions()
            || [OneDotOneWrite, OnceOnly, ClockOrder].iter().any(|g| self.judges(*g))
    }

    /// Judges the versions that a replica holds or a read shows: their stamps, and whether they may stand side by side.
    fn judge_versions(
        &mut self,
        versions: &Siblings<C>,
        key: Key,
        replica: Option<NodeId>,
        shown_by: Option<OpId>,
        facts: Facts<'_>,
    ) {
        if self.judges(Guarantee::Antichain) {
            self.examined(Guarantee::Antichain, 1);
        }
        while self.sound.len() <= key.index() {
            self.sound.push(Siblings::new());
        }
        if self.sound[key.index()] == *versions {
            return;
        }
        let new = unjudged(versions, &self.sound[key.index()]);
        let mut sound = true;
        if self.needs_stamps() {
            let new = versions.iter().zip(&new).filter(|(_, new)| **new).map(|(version, _)| version);
            sound = self.judge_stamps(new, key, replica, shown_by, facts);
        }
        if self.judges(Guarantee::Antichain)
            && let Some((a, b)) = not_an_antichain(versions, &new)
        {
            sound = false;
            self.breach(Guarantee::Antichain, || Violation {
                guarantee: Guarantee::Antichain,
                key: Some(key),
                shown_by,
                replica,
                writes: [a.op, b.op].into_iter().collect(),
                because: match (shown_by, replica) {
                    (Some(read), _) => {
                        format!("{read} was shown {a} beside {b}, which the store itself orders")
                    }
                    (None, Some(node)) => {
                        format!("{node} holds {a} beside {b}, which the store itself orders")
                    }
                    (None, None) => format!("{a} stands beside {b}, which the store itself orders"),
                },
            });
        }
        if sound {
            self.sound[key.index()].clone_from(versions);
        }
    }

    /// Judges the stamps of these versions; returns whether they are sound.
    fn judge_stamps<'v>(
        &mut self,
        versions: impl Iterator<Item = &'v VersionedValue<C>>,
        key: Key,
        replica: Option<NodeId>,
        shown_by: Option<OpId>,
        facts: Facts<'_>,
    ) -> bool {
        use Guarantee::{ClockOrder, OnceOnly, OneDotOneWrite};
        let compared = self.judges(ClockOrder) || self.judges(OneDotOneWrite);
        let mut sound = true;
        for version in versions {
            let mut faults = smallvec::SmallVec::<[BadStamp<C>; 2]>::new();
            let new = self.stamps.meet(version, key, facts.ghosts, compared, |fault| faults.push(fault));
            if new {
                self.oracle.stamped(version.op, version.timestamp);
                self.oracle.wrote(version.op, &version.value);
                self.history.stamped(version.op, version.timestamp);
                for guarantee in [OneDotOneWrite, OnceOnly, ClockOrder] {
                    self.examined(guarantee, 1);
                }
            }
            sound &= faults.is_empty();
            for fault in faults {
                let (guarantee, other) = match &fault {
                    BadStamp::AlsoNames(other) => (OneDotOneWrite, Some(*other)),
                    BadStamp::Restamped(_) => (OnceOnly, None),
                    BadStamp::Misordered { other, .. } => (ClockOrder, Some(*other)),
                };
                self.breach(guarantee, || Violation {
                    guarantee,
                    key: Some(key),
                    shown_by,
                    replica,
                    writes: std::iter::once(version.op).chain(other).collect(),
                    because: fault.words(version),
                });
            }
        }
        sound
    }
}

impl<C: Causality> Observer<C> for Judges<C> {
    fn invoked(&mut self, invocation: &Invocation, facts: Facts<'_>) {
        let &Invocation { op, client, action, key, via, required, .. } = invocation;
        if !self.resting {
            self.history.invoke(invocation);
        }
        if self.asked.len() <= op.index() {
            self.asked.resize(op.index() + 1, None);
        }
        let open = !action.is_write();
        self.asked[op.index()] =
            Some(Asked { client, action, key, via, required, acknowledged: false, open });
        if action.is_write() {
            self.oracle.write(op, action == Action::Delete);
            self.note_write(op, client, key, !invocation.context.is_empty());
            self.note_begin(op, key, facts);
        } else if !self.resting && facts.ghosts.any_disk_lost() {
            self.note_amnesia(op, key, facts);
        }
    }

    fn befell(&mut self, excuse: Excuse, facts: Facts<'_>) {
        if !facts.transparent {
            return self.history.befell(excuse);
        }
        let reads = self.asked.iter().enumerate();
        let open: Vec<(OpId, Key)> = reads
            .filter_map(|(i, asked)| asked.filter(|asked| asked.open).map(|asked| (OpId::at(i), asked.key)))
            .collect();
        open.into_iter().for_each(|(op, key)| self.note_amnesia(op, key, facts));
    }

    fn shown(&mut self, op: OpId, key: Key, versions: &Siblings<C>, facts: Facts<'_>) {
        if !self.resting {
            self.judge_versions(versions, key, None, Some(op), facts);
        }
    }

    fn completed(&mut self, completion: &Completion, grounds: Grounds<'_>, facts: Facts<'_>) {
        let Some(Some(asked)) = self.asked.get_mut(completion.op.index()) else { return };
        asked.open = false;
        let asked = *asked;
        if self.resting {
            return self.judge_outcome(completion, asked, grounds, facts);
        }
        let ok = completion.status == Status::Ok;
        if ok && asked.action.is_write() {
            self.acknowledge(completion.op);
            // If every replica threw the write away on arrival, nothing else tells its timestamp.
            completion.timestamp.into_iter().for_each(|at| self.oracle.acknowledged(completion.op, at));
            self.note_acknowledged(completion.op, asked);
            self.judge_real_time(completion.op, asked, facts);
            self.note_durability(completion.op, asked.key, grounds.answered_by, facts);
        }
        let answered_read = ok && !asked.action.is_write();
        let (excused, forgotten) =
            if asked.action.is_write() { (None, None) } else { self.excuses(completion.op, asked, facts) };
        let circumstances = Circumstances {
            covered: grounds.covered.map(|ghost| &ghost.seen),
            excused: excused.as_ref(),
            excused_monotonic: None,
            forgotten: forgotten.as_ref(),
        };
        self.history.complete(completion, &circumstances);
        self.share();
        if let (true, Some(observation), Some(covered)) =
            (answered_read, &completion.observation, grounds.covered)
        {
            self.judge_read(completion.op, asked, observation, covered, facts);
        }
        self.judge_outcome(completion, asked, grounds, facts);
    }

    fn took(&mut self, copy: &CopyState<'_, C>, facts: Facts<'_>) {
        if self.resting {
            return;
        }
        self.judge_versions(copy.siblings, copy.key, Some(copy.holder), None, facts);
        self.judge_copy(copy, facts);
    }

    fn unanswered(&mut self, op: OpId, grounds: Grounds<'_>, facts: Facts<'_>) {
        if let Some(asked) = self.asked(op) {
            self.judge_silence(op, asked, grounds, facts);
        }
    }

    fn resting(&mut self) {
        self.resting = true;
    }

    fn rested(&mut self, rest: &Rest<'_, C>, facts: Facts<'_>) {
        self.judge_durability(rest, facts);
        self.judge_convergence(rest, facts);
    }

    fn is_done(&self) -> bool {
        self.stop_at_first && !self.broken().is_empty()
    }
}

impl<C: Causality> Judges<C> {
    /// Adds the history's rulings on the guarantees that need coverage as well.
    fn share(&mut self) {
        if self.demands.are_of_history_only() {
            return;
        }
        for guarantee in SHARED {
            let told = self.history.take_ruling(guarantee);
            self.rulings[guarantee.index()].add(told);
        }
    }

    fn acknowledge(&mut self, op: OpId) {
        if let Some(Some(asked)) = self.asked.get_mut(op.index()) {
            asked.acknowledged = true;
        }
    }
}
