//! The judge of histories: judges what a store owes its clients from their requests and the answers they got.
//!
//! A [`HistoryJudge`] is told of each invocation and each completion as it happens, and keeps just enough to judge the
//! next read. So it serves both a simulation, which stops at the first breach, and a recorded history of a real store.
//!
//! The only clocks of the store that it looks at are the timestamps of last-write-wins. A write `w` is **before** `w'`
//! exactly if the context of `w'` holds a token that covers `w`. The token of a write covers that write and what was
//! before it; the token of a read covers what the read showed. A read **shows** the writes it returned, the deletes it
//! merged, and everything before those. So a read that returns somebody else's later write, and not mine, has shown
//! mine. The judge never compares values.
//!
//! What a read of key k by session s owes:
//!
//! | guarantee | it must show |
//! |---|---|
//! | fresh | every write of k acknowledged before the read was invoked |
//! | read-your-writes | every acknowledged write of s to k |
//! | monotonic-reads | all that earlier reads of k by s returned, and what was before it |
//! | no-fabrication | only writes of k that were invoked before it ended and were not refused |
//! | monotonic-writes | with a w2 all that its session had written before it; no such w1 in place of a w2 |
//! | writes-follow-reads | with a w2 all that its session had been shown before it; no such w1 in place of a w2 |
//! | no-extra | nothing twice, nothing beside what replaced it, nothing that a write it must show has replaced |
//!
//! Under [`Stance::Owed`], fresh and read-your-writes are owed where the replicas that the two operations wait for must
//! meet, and also where both wait for at least the quorums that a claim names. Under [`Stance::Demanded`] they are
//! always owed. An obligation is one read and one write (for no-fabrication and no-extra, one value).
//!
//! # Last-write-wins
//!
//! All writes of a key have a **rank**: timestamp, then a delete over a put, then the operation. A client that is shown
//! a write cannot tell whether a lesser one was there. So a read shows every write that ranks below what it returned,
//! covered or not, and obligations are comparisons of ranks. They hold whatever the clocks say, and no skew excuses
//! them. (Real-time-order and causal-order ask whether the ranks are just.)
//!
//! # Deletes
//!
//! A client observes a missed delete only when a value that the delete superseded comes back. So a read misses a delete
//! if and only if it returns such a value: one before the delete, or under last-write-wins one below it. A read that
//! returns nothing does not miss a put that a delete superseded: nothing is left. (No-lost, which looks inside, judges
//! absent tombstones.)
//!
//! # Where a history does not tell
//!
//! The verdict is weaker, never stricter. If a history tells only that a read was shown some delete
//! ([`Tombstones::Some`]), any delete of the key invoked by then may have covered a missing put: the delete excuses the
//! put, and obliges nobody to show it again. Under [`DataType::LastWriteWins`], a missing write stays undecided if a
//! timestamp that matters is unknown. Two different writes with equal timestamps have no order, because stores break
//! ties differently. A counter shows no single write, and a set does not show which removes it has seen: without
//! coverage both stay undecided.
//!
//! An operation that ended info obliges nobody: an info write may show up at once, late or never; an info read was not
//! answered. A client has one operation at a time. By invoking the next it gives up the one under way, and the judge
//! ignores a late answer.
//!
//! # Why monotonic-writes has two halves
//!
//! Terry and others (PDIS 1994) require two things of a server that has w2: it has w1, which the session wrote before,
//! and it orders w1 before w2. The first half needs no look inside a store: a read that shows w2 and not w1 breaks it.
//! The second half concerns a w2 that the read *covers* and that is hidden behind w1. A history alone tells this only
//! if w2 is fresh for the read (acknowledged before it, with R+W>N). The judge calls other acknowledged writes that
//! look shadowed unknown, and ignores writes not acknowledged when the read began.
//!
//! Where tokens carry the session, only the token of w2 tells the store that w2 follows w1. So the first half is owed
//! only for a w2 whose token covers w1, and then it holds by what a read shows. Any other w2 is judged where the
//! guarantee is expected or demanded, not where it is claimed. Where coverage is known, judges of coverage judge the
//! second half and no-extra in place of this judge. The same holds for writes-follow-reads.
//!
//! Not modelled: causality across keys (a token covers writes of one key only).

mod breach;
mod judge_read;
mod last_write_wins;
mod memory;
mod no_extra;
#[cfg(test)]
mod reference;
mod sessions;
#[cfg(test)]
mod tests;

pub use breach::{Breach, BreachKind, Cause, Count, MOST_NAMED};

use std::hash::{Hash, Hasher};

use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::judge::exemption::Exemption;
use crate::judge::verdict::{Ruling, Stance};
use crate::model::{Action, Cluster, DataType, must_meet};
use crate::op_set::OpSet;
use crate::world::history::{Completion, Event, Excuse, Invocation, Names, Observation, Status, Tombstones};

pub(in crate::judge) use memory::Memory;
use memory::{PendingOperation, WriteStage};

/// The guarantees that this judge judges, in the order of [`Guarantee::ALL`].
pub const JUDGED: [Guarantee; 7] = [
    Guarantee::NoFabrication,
    Guarantee::Fresh,
    Guarantee::ReadYourWrites,
    Guarantee::MonotonicReads,
    Guarantee::MonotonicWrites,
    Guarantee::WritesFollowReads,
    Guarantee::NoExtra,
];

/// The position of a guarantee in [`JUDGED`].
#[inline]
const fn slot(guarantee: Guarantee) -> Option<usize> {
    match guarantee {
        Guarantee::NoFabrication => Some(0),
        Guarantee::Fresh => Some(1),
        Guarantee::ReadYourWrites => Some(2),
        Guarantee::MonotonicReads => Some(3),
        Guarantee::MonotonicWrites => Some(4),
        Guarantee::WritesFollowReads => Some(5),
        Guarantee::NoExtra => Some(6),
        _ => None,
    }
}

/// What is known about a read beyond the history when it is answered. A recorded history knows nothing: that is the
/// default.
#[derive(Clone, Copy, Default, Debug)]
pub struct Circumstances<'a> {
    /// The writes taken in by the replicas whose answers were merged. They tell whether a missing write is stale or
    /// hidden, and they are what a counter or a set has shown. They excuse nothing.
    pub covered: Option<&'a OpSet>,
    /// Writes that fresh and read-your-writes do not owe because of lost disks. Waived by [`Stance::Demanded`].
    pub excused: Option<&'a OpSet>,
    /// Why this read does not owe monotonic-reads, if it does not. Waived in the same way. (A read whose level asks
    /// fewer replicas than the store's R, which the claim assumes, never owes it.)
    pub excused_monotonic: Option<Exemption>,
    /// Writes that monotonic-reads does not owe to this read because of lost disks. Waived in the same way.
    pub forgotten: Option<&'a OpSet>,
}

/// The judge. See the [module](self).
///
/// Two judges are equal if they remember the same and have found the same guarantees broken; their counts do not
/// matter, so that a search can tell states apart by their future.
#[derive(Clone, Debug)]
pub struct HistoryJudge {
    n: u8,
    r: u8,
    /// The cluster of the claim, if there is one: the claim is owed even where its quorums need not meet.
    claimed: Option<Cluster>,
    data_type: DataType,
    stances: [Stance; JUDGED.len()],
    /// Whether it works beside judges that look inside, in a world that breaks ties as we do.
    looks_inside: bool,
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
        &mut self.rulings[slot(guarantee).expect("only what it judges")]
    }

    fn not_owed(&mut self, guarantee: Guarantee, by: Exemption, obligations: usize) {
        self.of(guarantee).not_owed.count(by, obligations as u64);
    }

    /// Counts a breach once for each write that it is about.
    fn breach(&mut self, breach: Breach) {
        let ruling = self.of(breach.guarantee);
        ruling.breach(|| breach.violation(&Names::default()));
        ruling.broken += (breach.count.writes as u64).saturating_sub(1);
        self.broken.insert(breach.guarantee);
        if let Some(breaches) = &mut self.breaches {
            breaches.push(breach);
        }
    }
}

impl HistoryJudge {
    /// A judge that has seen nothing. Its store has `n` replicas of a key, and reads wait for `r` answers unless their
    /// level says otherwise. Stances are indexed by [`Guarantee::index`]; those of guarantees it does not judge are
    /// ignored.
    #[must_use]
    pub fn new(n: u8, r: u8, data_type: DataType, stances: [Stance; Guarantee::COUNT]) -> Self {
        Self {
            n,
            r,
            claimed: None,
            data_type,
            stances: JUDGED.map(|guarantee| stances[guarantee.index()]),
            looks_inside: false,
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

    /// Whether a read that waits for `read` replicas is owed a write that waited for the given number.
    fn owes(&self, read: u8) -> impl Fn(u8) -> bool + use<> {
        let (n, claimed) = (self.n, self.claimed);
        move |write| must_meet(n, read, write) || claimed.is_some_and(|cluster| cluster.owes(read, write))
    }

    /// Works beside judges that look inside. It leaves to them what coverage judges better (which write is hidden
    /// behind which, and what is extra), and it knows how ties are broken.
    #[must_use]
    pub fn beside_judges_of_coverage(mut self) -> Self {
        self.looks_inside = true;
        for (judged, stance) in JUDGED.iter().zip(&mut self.stances) {
            let is_of_sessions = matches!(judged, Guarantee::MonotonicWrites | Guarantee::WritesFollowReads);
            if *judged == Guarantee::NoExtra || is_of_sessions && !stance.waives_configuration() {
                *stance = Stance::Ignored;
            }
        }
        self
    }

    /// Keeps every breach from here on, not only the first of each guarantee.
    #[must_use]
    pub fn listing_breaches(mut self) -> Self {
        self.findings.breaches = Some(Vec::new());
        self
    }

    /// Forgets the run; keeps the stances and the allocations.
    pub fn reset(&mut self) {
        self.memory.clear();
        let breaches = self.findings.breaches.take().map(|mut breaches| {
            breaches.clear();
            breaches
        });
        self.findings = Findings { breaches, ..Findings::default() };
    }

    /// An operation begins. An earlier one that its client still had under way ends info.
    pub fn invoke(&mut self, invocation: &Invocation) {
        let Invocation { op, client, key, action, .. } = *invocation;
        if self.memory.invoked(op).is_some() {
            return;
        }
        if let Some(abandoned) = self.memory.client_mut(client).pending.take() {
            self.end(abandoned.op, WriteStage::Info);
        }
        let mut pending = PendingOperation {
            op,
            key,
            via: invocation.via,
            required: invocation.required,
            due: Default::default(),
        };
        if action.is_write() {
            self.invoke_write(invocation);
        } else {
            if self.needs_acked() {
                let owes = self.owes(invocation.required);
                pending.due = self.memory.key_mut(key).acked.due(owes);
            }
            let record = self.memory.op_mut(op);
            (record.stage, record.action) = (WriteStage::PendingOperation, action);
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
            Status::Info => self.end(completion.op, WriteStage::Info),
            Status::Refused => self.refuse(&pending),
            Status::Ok if action.is_write() => self.acknowledge(&pending, client, completion.timestamp),
            Status::Ok => {
                const NOTHING: &Observation = &Observation::nothing();
                self.end(completion.op, WriteStage::Ok);
                let excused = self.excused_by_faults(circumstances.excused);
                let circumstances = Circumstances {
                    covered: circumstances.covered,
                    excused: excused.as_ref().or(circumstances.excused),
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

    /// A fault happened, and nothing more is known about it. After the loss of a disk, neither the writes invoked
    /// before nor monotonic reads are owed any more. (A caller that knows which disks held what, and what came back,
    /// passes [`Circumstances`] instead.)
    pub fn befell(&mut self, excuse: Excuse) {
        match excuse {
            Excuse::DiskLost(_) => self.memory.forgotten = self.memory.all_writes(),
            Excuse::Skewed(_) => {}
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

    /// A write was given a timestamp. A caller that knows it before an acknowledgement, or without one, tells the judge
    /// at once.
    pub fn stamped(&mut self, op: OpId, timestamp: u64) {
        if self.memory.invoked(op).is_some() {
            self.memory.op_mut(op).timestamp.get_or_insert(timestamp);
        }
    }

    /// The ruling on each guarantee that it judges.
    pub fn rulings(&self) -> impl Iterator<Item = (Guarantee, &Ruling)> {
        JUDGED.into_iter().zip(&self.findings.rulings)
    }

    /// The ruling on one guarantee; None if it does not judge that one.
    #[must_use]
    pub fn ruling(&self, guarantee: Guarantee) -> Option<&Ruling> {
        slot(guarantee).map(|slot| &self.findings.rulings[slot])
    }

    /// Takes the ruling on one guarantee, and leaves an empty one.
    pub(in crate::judge) fn take_ruling(&mut self, guarantee: Guarantee) -> Ruling {
        slot(guarantee).map(|slot| std::mem::take(&mut self.findings.rulings[slot])).unwrap_or_default()
    }

    /// The guarantees broken so far.
    #[inline]
    #[must_use]
    pub const fn broken(&self) -> GuaranteeSet {
        self.findings.broken
    }

    /// Every breach so far, if it lists them.
    #[must_use]
    pub fn breaches(&self) -> &[Breach] {
        self.findings.breaches.as_deref().unwrap_or_default()
    }

    /// The writes in `owed` that a read of this key would miss if it returned `seen` now. Its quorum does not matter;
    /// where a history does not tell, nothing is missed.
    #[must_use]
    pub fn missing(&self, key: Key, seen: &Observation, owed: &OpSet) -> OpSet {
        let pending =
            PendingOperation { op: OpId(0), key, via: NodeId(0), required: 0, due: Default::default() };
        self.missing_from(&pending, seen, owed)
    }

    /// The writes excused by faults of unknown effect, joined with `anyway`; None if such faults excuse none.
    fn excused_by_faults(&self, anyway: Option<&OpSet>) -> Option<OpSet> {
        if self.memory.forgotten.is_empty() {
            return None;
        }
        let mut excused = self.memory.forgotten.clone();
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
        let turn = per_key.turns;
        per_key.turns += u32::from(!(after_own.is_empty() && after_read.is_empty()));
        per_key.writes.insert(op);
        if action == Action::Delete {
            per_key.deletes.insert(op);
            per_key.behind_deletes.join(&sure);
            per_key.behind_deletes.join(&maybe);
        }
        for (before, with, unsaid) in [
            (&after_own, &mut per_key.with_own_before, &mut per_key.own_unsaid),
            (&after_read, &mut per_key.with_read_before, &mut per_key.read_unsaid),
        ] {
            if !before.is_empty() {
                with.insert(op);
            }
            if !before.is_subset(&sure) {
                unsaid.insert(op);
            }
        }
        let record = self.memory.op_mut(op);
        (record.stage, record.action) = (WriteStage::PendingOperation, action);
        (record.client, record.key) = (client, key);
        (record.sure, record.maybe) = (sure, maybe);
        (record.after_own, record.after_read, record.turn) = (after_own, after_read, turn);
    }

    fn acknowledge(&mut self, pending: &PendingOperation, client: ClientId, timestamp: Option<u64>) {
        self.end(pending.op, WriteStage::Ok);
        let record = self.memory.op_mut(pending.op);
        record.timestamp = record.timestamp.or(timestamp);
        if self.needs_acked() {
            let record = self.memory.op_mut(pending.op);
            let replaces = record.is_delete() || self.data_type == DataType::Register;
            let replaced = (replaces && self.judges(Guarantee::NoExtra)).then(|| {
                self.memory.invoked(pending.op).map(|record| record.sure.clone()).unwrap_or_default()
            });
            let acked = &mut self.memory.key_mut(pending.key).acked;
            acked.insert(pending.required, pending.op, replaced.as_ref());
        }
        if self.judges(Guarantee::ReadYourWrites) || self.judges(Guarantee::MonotonicWrites) {
            self.memory.session_mut(client, pending.key).own.insert(pending.required, pending.op, None);
        }
    }

    /// A refused write was never executed: it leaves every account, and a read that returned it was wrong.
    fn refuse(&mut self, pending: &PendingOperation) {
        let op = pending.op;
        let returned_by = self.memory.op_mut(op).returned_by;
        self.end(op, WriteStage::Refused);
        let Some(mut per_key) = self.memory.key(pending.key).cloned() else { return };
        per_key.writes.remove(op);
        per_key.with_own_before.remove(op);
        per_key.own_unsaid.remove(op);
        per_key.with_read_before.remove(op);
        per_key.read_unsaid.remove(op);
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
                op: read,
                client: record.client,
                key: record.key,
                via,
                returned: Default::default(),
                writes: [op].into_iter().collect(),
                count: Count { writes: 1, puts: 1, returned: 0 },
                fault: BreachKind::Refused,
            };
            self.findings.breach(breach);
        }
    }

    fn end(&mut self, op: OpId, stage: WriteStage) {
        let record = self.memory.op_mut(op);
        record.stage = stage;
        record.returned_by = None;
    }

    fn stance(&self, guarantee: Guarantee) -> Stance {
        slot(guarantee).map_or(Stance::Ignored, |slot| self.stances[slot])
    }

    #[inline]
    fn judges(&self, guarantee: Guarantee) -> bool {
        self.stance(guarantee) != Stance::Ignored
    }

    #[inline]
    fn needs_acked(&self) -> bool {
        self.judges(Guarantee::Fresh) || self.judges_sessions() || self.judges(Guarantee::NoExtra)
    }

    /// Whether it matters what reads showed: it does for every guarantee but no-fabrication.
    #[inline]
    fn needs_shown(&self) -> bool {
        self.stances[1..].iter().any(|stance| *stance != Stance::Ignored)
    }

    #[inline]
    fn judges_sessions(&self) -> bool {
        self.judges(Guarantee::MonotonicWrites) || self.judges(Guarantee::WritesFollowReads)
    }
}

impl PartialEq for HistoryJudge {
    fn eq(&self, other: &Self) -> bool {
        self.n == other.n
            && self.data_type == other.data_type
            && self.stances == other.stances
            && self.looks_inside == other.looks_inside
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
