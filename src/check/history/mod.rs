//! The judge of histories: what a store owes its clients, judged from what they asked and what they were answered.
//!
//! A [`HistoryJudge`] is told of each invocation and each completion as it happens, and keeps just enough to
//! judge the next read. So it serves a simulation, which stops at the first breach, and a recorded history of a
//! real store alike.
//!
//! It never looks at a clock of the store. A write `w` is **before** `w'` exactly if `w'` carried, as its context,
//! a token that covers `w`. The token of a write covers that write and what was before it; the token of a read
//! covers what the read showed. A read **shows** the writes it returned, the deletes it merged, and everything
//! before those. So a read that returns somebody else's later write, and not mine, has shown mine: no value is
//! ever compared with another.
//!
//! What is owed of a read on key k by session s:
//!
//! | guarantee | it must show |
//! |---|---|
//! | fresh | every write of k acknowledged before the read was invoked |
//! | read-your-writes | every acknowledged write of s to k |
//! | monotonic-reads | all that earlier reads of k by s showed |
//! | no-fabrication | only writes of k that were invoked before it ended and were not refused |
//! | monotonic-writes | no w1 in place of a w2 that the session of w2 wrote after w1 was acknowledged |
//! | writes-follow-reads | no w1 in place of a w2 whose session had been shown w1 before |
//!
//! The first two are owed where the replicas that the two operations wait for must meet, and where both wait for no
//! fewer than the quorums of which a claim is made ([`Stance::Owed`]), or always ([`Stance::Demanded`]). An obligation is one read and one write (for no-fabrication, one value).
//!
//! **Where a history does not tell, the verdict is weaker, never stricter.** If it tells only that a read was shown
//! some delete ([`Tombstones::Some`]), every delete of the key invoked by then may have been shown, with all before
//! it: it excuses what is missing, and obliges nobody to show it again. Under [`DataType::LastWriteWins`] a greater
//! write hides a lesser one by right. The order is by timestamp, so where a timestamp that matters is unknown, a
//! missing write stays undecided. A counter shows no single write, and a set does not show which removes it has
//! seen: without coverage both stay undecided.
//!
//! An operation that ended info obliges nobody: an info write may show up at once, late or never, an info read
//! was not answered. A client has one operation at a time; by invoking the next it gives up the one under way,
//! and an answer that still comes is not heard.
//!
//! monotonic-writes and writes-follow-reads speak of a w2 that the read *covers*. On a history alone that is known
//! only where w2 is fresh for the read (acknowledged before it, with R+W>N); of other acknowledged writes that
//! look shadowed the judge says unknown. Writes not acknowledged when the read began it does not consider.
//!
//! Not modelled: time that passed, causality across keys (a token covers writes of one key only), and whether
//! siblings that are returned are really concurrent, which is no promise of a history.

mod breach;
mod memory;
mod read;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;

pub use breach::{Breach, Cause, Fault};

use std::hash::{Hash, Hasher};

use crate::check::exemption::Exemption;
use crate::check::verdict::{Ruling, Stance};
use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::id::{ClientId, OpId};
use crate::model::{Action, Cluster, DataType, must_meet};
use crate::op_set::OpSet;
use crate::world::history::{Completion, Event, Excuse, Invocation, Names, Observation, Status, Tombstones};

pub(in crate::check) use memory::Memory;
use memory::{Pending, Stage};

/// The guarantees that this judge judges, in the order of [`Guarantee::ALL`], of which they are the first.
pub const JUDGED: [Guarantee; 6] = [
    Guarantee::NoFabrication,
    Guarantee::Fresh,
    Guarantee::ReadYourWrites,
    Guarantee::MonotonicReads,
    Guarantee::MonotonicWrites,
    Guarantee::WritesFollowReads,
];

/// What is known of a read beyond the history, at the moment it is answered. A recorded history knows nothing:
/// that is the default.
#[derive(Clone, Copy, Default, Debug)]
pub struct Circumstances<'a> {
    /// The writes that the replicas whose answers were merged had taken in. It names the cause of a missing write,
    /// stale or hidden; it is what a counter or a set has shown; and under last-write-wins it is what a greater
    /// write can have hidden. It excuses nothing in a register.
    pub covered: Option<&'a OpSet>,
    /// Writes that fresh and read-your-writes do not owe because of a fact of the run: disks lost, homes moved, a
    /// clock skewed. Waived by [`Stance::Demanded`].
    pub excused: Option<&'a OpSet>,
    /// Whether what excuses those is a skewed clock. Otherwise it is a lost disk.
    pub skewed: bool,
    /// Why monotonic-reads is not owed of this read, if it is not. Waived in the same way. (Of a read whose level
    /// asks fewer replicas than the store's R, of which the claim is made, it is never owed.)
    pub excused_monotonic: Option<Exemption>,
    /// Writes that monotonic-reads does not owe to this read, for a like reason. Waived in the same way.
    pub forgotten: Option<&'a OpSet>,
}

/// The judge. See the [module](self).
///
/// Two judges are equal if they remember the same and have found the same guarantees broken; how much each has
/// counted on the way does not matter, so that a search can tell states apart by what may still come of them.
#[derive(Clone, Debug)]
pub struct HistoryJudge {
    n: u8,
    r: u8,
    /// The quorums that a claim is made of, if one is: what it says is owed of them even where they need not meet.
    claimed: Option<Cluster>,
    data_type: DataType,
    stances: [Stance; JUDGED.len()],
    memory: Memory,
    findings: Findings,
}

/// What the judge has found so far.
#[derive(Clone, Debug, Default)]
struct Findings {
    broken: GuaranteeSet,
    rulings: [Ruling; JUDGED.len()],
    breaches: Option<Vec<Breach>>,
}

impl Findings {
    fn of(&mut self, guarantee: Guarantee) -> &mut Ruling {
        &mut self.rulings[guarantee.index()]
    }

    /// Counts a breach of as many obligations as it names writes.
    fn breach(&mut self, breach: Breach) {
        let ruling = self.of(breach.guarantee);
        ruling.breach(|| breach.violation(&Names::default()));
        ruling.broken += (breach.writes.len() as u64).saturating_sub(1);
        self.broken.insert(breach.guarantee);
        if let Some(breaches) = &mut self.breaches {
            breaches.push(breach);
        }
    }
}

impl HistoryJudge {
    /// A judge that has seen nothing, of a store with `n` replicas of a key whose reads wait for `r` answers unless
    /// their level says otherwise. The stances stand at
    /// [`Guarantee::index`]; those of guarantees it does not judge are not looked at.
    #[must_use]
    pub fn new(n: u8, r: u8, data_type: DataType, stances: [Stance; Guarantee::COUNT]) -> Self {
        Self {
            n,
            r,
            claimed: None,
            data_type,
            stances: std::array::from_fn(|i| stances[i]),
            memory: Memory::default(),
            findings: Findings::default(),
        }
    }

    /// Holds the store to what it claims for this cluster, even where its quorums need not meet.
    #[must_use]
    pub const fn of_claims(mut self, cluster: Cluster) -> Self {
        self.claimed = Some(cluster);
        self
    }

    /// Whether a write that waited for so many replicas is owed to a read that waits for `read`.
    fn owes(&self, read: u8) -> impl Fn(u8) -> bool + use<> {
        let (n, claimed) = (self.n, self.claimed);
        move |write| must_meet(n, read, write) || claimed.is_some_and(|cluster| cluster.owes(read, write))
    }

    /// Keeps every breach from here on, not only the first of each guarantee.
    #[must_use]
    pub fn listing_breaches(mut self) -> Self {
        self.findings.breaches = Some(Vec::new());
        self
    }

    /// Forgets the run, and keeps the stances and the room.
    pub fn reset(&mut self) {
        self.memory.clear();
        let breaches = self.findings.breaches.take().map(|mut breaches| {
            breaches.clear();
            breaches
        });
        self.findings = Findings { breaches, ..Findings::default() };
    }

    /// An operation begins. One that its client still had under way ends info.
    pub fn invoke(&mut self, invocation: &Invocation) {
        let Invocation { op, client, key, action, .. } = *invocation;
        if self.memory.invoked(op).is_some() {
            return;
        }
        if let Some(abandoned) = self.memory.client_mut(client).pending.take() {
            self.end(abandoned.op, Stage::Info);
        }
        let mut pending =
            Pending { op, key, via: invocation.via, required: invocation.required, due: Default::default() };
        if action.is_write() {
            self.invoke_write(invocation);
        } else {
            if self.needs_acked() {
                let owes = self.owes(invocation.required);
                pending.due = self.memory.key_mut(key).acked.due(owes);
            }
            let record = self.memory.op_mut(op);
            (record.stage, record.action) = (Stage::Pending, action);
            (record.client, record.key) = (client, key);
        }
        self.memory.client_mut(client).pending = Some(pending);
    }

    /// An operation ends, as its client sees it.
    pub fn complete(&mut self, completion: &Completion, circumstances: &Circumstances<'_>) {
        let Some(record) = self.memory.invoked(completion.op) else { return };
        let (client, action) = (record.client, record.action);
        let slot = &mut self.memory.client_mut(client).pending;
        let Some(pending) = slot.take_if(|pending| pending.op == completion.op) else { return };
        match completion.status {
            Status::Info => self.end(completion.op, Stage::Info),
            Status::Refused => self.refuse(&pending),
            Status::Ok if action.is_write() => self.acknowledge(&pending, client, completion.timestamp),
            Status::Ok => {
                const NOTHING: &Observation = &Observation::nothing();
                self.end(completion.op, Stage::Ok);
                let excused = self.excused_by_faults(circumstances.excused);
                let circumstances = Circumstances {
                    covered: circumstances.covered,
                    excused: excused.as_ref().or(circumstances.excused),
                    skewed: circumstances.skewed || self.memory.skewed,
                    excused_monotonic: circumstances
                        .excused_monotonic
                        .or((!self.memory.forgotten.is_empty()).then_some(Exemption::LostDisk))
                        .or((pending.required < self.r).then_some(Exemption::LowerLevel)),
                    forgotten: circumstances.forgotten,
                };
                let seen = completion.observation.as_ref().unwrap_or(NOTHING);
                self.judge_read(&pending, client, seen, &circumstances);
            }
        }
    }

    /// A fault of which nothing more is known than that it happened. After the loss of a disk, no write invoked
    /// before is owed any more, and no monotonic read; after a clock was put wrong, last-write-wins owes nothing.
    /// (Who knows which disks held what, and what came back, passes that as [`Circumstances`] instead.)
    pub fn befell(&mut self, excuse: Excuse) {
        match excuse {
            Excuse::DiskLost(_) => self.memory.forgotten = self.memory.all_writes(),
            Excuse::Skewed(_) => self.memory.skewed = true,
        }
    }

    /// An event of a history, about which nothing else is known.
    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Invoke(invocation) => self.invoke(invocation),
            Event::Complete(completion) => self.complete(completion, &Circumstances::default()),
            Event::Fault(excuse) => self.befell(*excuse),
        }
    }

    /// A write was given a timestamp; who knows it before the write is acknowledged, or although it never will be,
    /// tells the judge at once.
    pub fn stamped(&mut self, op: OpId, timestamp: u64) {
        if self.memory.invoked(op).is_some() {
            self.memory.op_mut(op).timestamp = Some(timestamp);
        }
    }

    /// What it says of each guarantee it judges.
    pub fn rulings(&self) -> impl Iterator<Item = (Guarantee, &Ruling)> {
        JUDGED.into_iter().zip(&self.findings.rulings)
    }

    /// What it says of one guarantee; of one it does not judge, nothing.
    #[must_use]
    pub fn ruling(&self, guarantee: Guarantee) -> Option<&Ruling> {
        self.findings.rulings.get(guarantee.index())
    }

    /// The guarantees broken so far.
    #[inline]
    #[must_use]
    pub const fn broken(&self) -> GuaranteeSet {
        self.findings.broken
    }

    /// Every breach so far, if it was told to list them.
    #[must_use]
    pub fn breaches(&self) -> &[Breach] {
        self.findings.breaches.as_deref().unwrap_or_default()
    }

    /// The writes that the token of a completed read or of a write may cover; of a read, what it may have shown.
    #[must_use]
    pub fn covered_by_token(&self, op: OpId) -> OpSet {
        self.memory.invoked(op).map(|record| record.sure.or(&record.maybe)).unwrap_or_default()
    }

    /// The writes that the token of a completed read or of a write certainly covers.
    #[must_use]
    pub fn surely_covered_by_token(&self, op: OpId) -> OpSet {
        self.memory.invoked(op).map(|record| record.sure.clone()).unwrap_or_default()
    }

    /// What is excused by faults of which nothing more is known, with what is excused anyway; none: nothing more.
    fn excused_by_faults(&self, anyway: Option<&OpSet>) -> Option<OpSet> {
        let all = self.memory.skewed && self.data_type == DataType::LastWriteWins;
        if !all && self.memory.forgotten.is_empty() {
            return None;
        }
        let mut excused = if all { self.memory.all_writes() } else { self.memory.forgotten.clone() };
        anyway.into_iter().for_each(|more| excused.join(more));
        Some(excused)
    }

    fn invoke_write(&mut self, invocation: &Invocation) {
        let Invocation { op, client, key, action, .. } = *invocation;
        let (mut sure, maybe) = if self.needs_shown() {
            self.memory.covered_by(&invocation.context, key)
        } else {
            Default::default()
        };
        sure.insert(op);
        let (mut after_own, mut after_read) = (OpSet::new(), OpSet::new());
        if let Some(session) = self.memory.session(client, key) {
            if self.judges(Guarantee::MonotonicWrites) {
                after_own = session.own.all();
            }
            if self.judges(Guarantee::WritesFollowReads) {
                after_read = session.seen.clone();
            }
        }
        let per_key = self.memory.key_mut(key);
        per_key.writes.insert(op);
        if action == Action::Delete {
            per_key.deletes.insert(op);
            per_key.behind_deletes.join(&sure);
            per_key.behind_deletes.join(&maybe);
        }
        if !after_own.is_empty() {
            per_key.with_own_before.insert(op);
        }
        if !after_read.is_empty() {
            per_key.with_read_before.insert(op);
        }
        let record = self.memory.op_mut(op);
        (record.stage, record.action) = (Stage::Pending, action);
        (record.client, record.key) = (client, key);
        (record.sure, record.maybe) = (sure, maybe);
        (record.after_own, record.after_read) = (after_own, after_read);
    }

    fn acknowledge(&mut self, pending: &Pending, client: ClientId, timestamp: Option<u64>) {
        self.end(pending.op, Stage::Ok);
        if timestamp.is_some() {
            self.memory.op_mut(pending.op).timestamp = timestamp;
        }
        if self.needs_acked() {
            self.memory.key_mut(pending.key).acked.insert(pending.required, pending.op);
        }
        if self.judges(Guarantee::ReadYourWrites) || self.judges(Guarantee::MonotonicWrites) {
            self.memory.session_mut(client, pending.key).own.insert(pending.required, pending.op);
        }
    }

    /// A refused write was never executed: it is out of every account, and a read that returned it was wrong.
    fn refuse(&mut self, pending: &Pending) {
        let op = pending.op;
        let returned_by = self.memory.op_mut(op).returned_by;
        self.end(op, Stage::Refused);
        let Some(mut per_key) = self.memory.key(pending.key).cloned() else { return };
        per_key.writes.remove(op);
        per_key.with_own_before.remove(op);
        per_key.with_read_before.remove(op);
        if per_key.deletes.contains(op) {
            per_key.deletes.remove(op);
            per_key.behind_deletes.clear();
            for record in per_key.deletes.iter().filter_map(|delete| self.memory.invoked(delete)) {
                per_key.behind_deletes.join(&record.sure);
                per_key.behind_deletes.join(&record.maybe);
            }
        }
        *self.memory.key_mut(pending.key) = per_key;
        if let Some((read, via)) = returned_by
            && self.judges(Guarantee::NoFabrication)
            && let Some(record) = self.memory.invoked(read)
        {
            let breach = Breach {
                guarantee: Guarantee::NoFabrication,
                read,
                client: record.client,
                key: record.key,
                via,
                returned: Default::default(),
                writes: [op].into_iter().collect(),
                fault: Fault::Refused,
            };
            self.findings.breach(breach);
        }
    }

    fn end(&mut self, op: OpId, stage: Stage) {
        let record = self.memory.op_mut(op);
        record.stage = stage;
        record.returned_by = None;
    }

    fn stance(&self, guarantee: Guarantee) -> Stance {
        self.stances[guarantee.index()]
    }

    #[inline]
    fn judges(&self, guarantee: Guarantee) -> bool {
        self.stance(guarantee) != Stance::Ignored
    }

    #[inline]
    fn needs_acked(&self) -> bool {
        self.judges(Guarantee::Fresh) || self.judges_shadows()
    }

    /// Whether it matters what reads showed: for all but no-fabrication.
    #[inline]
    fn needs_shown(&self) -> bool {
        self.stances[1..].iter().any(|stance| *stance != Stance::Ignored)
    }

    #[inline]
    fn judges_shadows(&self) -> bool {
        self.judges(Guarantee::MonotonicWrites) || self.judges(Guarantee::WritesFollowReads)
    }
}

impl PartialEq for HistoryJudge {
    fn eq(&self, other: &Self) -> bool {
        self.n == other.n
            && self.data_type == other.data_type
            && self.stances == other.stances
            && self.findings.broken == other.findings.broken
            && self.memory == other.memory
    }
}

impl Eq for HistoryJudge {}

impl Hash for HistoryJudge {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The rest is the same in all states of one search.
        self.findings.broken.hash(state);
        self.memory.hash(state);
    }
}
