//! The judge against a deliberately dumb twin: whole histories, sets of the standard library, everything computed
//! anew from the events for every read.

use std::collections::{BTreeMap, BTreeSet};

use quickcheck::{Arbitrary, Gen, TestResult, quickcheck};

use super::*;
use crate::id::{Key, NodeId};

type Set = BTreeSet<OpId>;

/// A history, and for each event what else is known.
#[derive(Clone, Debug)]
struct Case {
    events: Vec<(Event, Known)>,
    data_type: DataType,
    stance: Stance,
}

#[derive(Clone, Debug, Default)]
struct Known {
    covered: Option<Set>,
    excused: Set,
    excused_monotonic: bool,
}

impl Arbitrary for Case {
    fn arbitrary(g: &mut Gen) -> Self {
        let data_type = *g
            .choose(&[
                DataType::Register,
                DataType::Register,
                DataType::LastWriteWins,
                DataType::Counter,
                DataType::Set,
            ])
            .unwrap_or(&DataType::Register);
        let stance = *g.choose(&[Stance::Owed, Stance::Expected, Stance::Demanded]).unwrap_or(&Stance::Owed);
        let all_stamped = bool::arbitrary(g);
        let mut case = Self { events: Vec::new(), data_type, stance };
        let mut open: Vec<Invocation> = Vec::new();
        let mut ended: Vec<OpId> = Vec::new();
        for i in 0..u16::arbitrary(g) % 30 {
            let client = ClientId(u16::arbitrary(g) % 3 + 1);
            // An operation that its client gave up is sometimes answered all the same.
            open.retain(|of| of.client != client || u8::arbitrary(g) % 3 == 0);
            let action =
                *g.choose(&[Action::Put, Action::Get, Action::Get, Action::Delete]).unwrap_or(&Action::Get);
            let action = if i % 5 == 0 { Action::Put } else { action };
            let context: OpSet =
                ended.iter().copied().filter(|_| action.is_write() && u8::arbitrary(g) % 3 == 0).collect();
            let invocation = Invocation {
                op: OpId(i + 1),
                client,
                action,
                key: Key(u16::from(u8::arbitrary(g) % 4 == 0) + 1),
                via: NodeId(1),
                required: u8::arbitrary(g) % 3 + 1,
                context,
            };
            case.events.push((Event::Invoke(invocation.clone()), Known::default()));
            open.push(invocation);
            while !open.is_empty() && u8::arbitrary(g) % 3 > 0 {
                let of = open.remove(usize::arbitrary(g) % open.len());
                let status = *g
                    .choose(&[Status::Ok, Status::Ok, Status::Ok, Status::Ok, Status::Info, Status::Refused])
                    .unwrap_or(&Status::Ok);
                if status == Status::Ok {
                    ended.push(of.op);
                }
                case.complete(&of, status, all_stamped, i + 1, g);
            }
        }
        case
    }

    /// Whole operations leave, last first, and single answers.
    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let whole = self.clone();
        let dropped = (0..self.events.len()).rev().map(move |i| {
            let mut less = whole.clone();
            if let (Event::Invoke(gone), _) = less.events.remove(i) {
                less.events.retain(|(event, _)| match event {
                    Event::Invoke(_) => true,
                    Event::Complete(completion) => completion.op != gone.op,
                    Event::Fault(_) => true,
                });
            }
            less
        });
        Box::new(dropped)
    }
}

impl Case {
    fn complete(&mut self, of: &Invocation, status: Status, all_stamped: bool, ops: u16, g: &mut Gen) {
        let some = |g: &mut Gen, odds: u8| -> Vec<OpId> {
            (1..=ops).map(OpId).filter(|_| u8::arbitrary(g) % odds == 0).collect()
        };
        let plausible = |op: &OpId| {
            self.events.iter().any(
                |(event, _)| matches!(event, Event::Invoke(i) if i.op == *op && i.key == of.key && i.action == Action::Put),
            )
        };
        let mut known = Known::default();
        let mut observation = None;
        if of.action == Action::Get {
            let wild = u8::arbitrary(g) % 8 == 0;
            let values = some(g, 3).into_iter().filter(|op| wild || plausible(op)).collect();
            let tombstones = match u8::arbitrary(g) % 4 {
                0 => Tombstones::Some,
                1 => Tombstones::These(some(g, 5).into_iter().collect()),
                _ => Tombstones::none(),
            };
            let fabricated = if u8::arbitrary(g) % 20 == 0 { vec!["x".to_owned()] } else { Vec::new() };
            observation = Some(Observation { values, tombstones, fabricated, ..Observation::nothing() });
            known.covered = bool::arbitrary(g).then(|| some(g, 2).into_iter().collect());
            known.excused = some(g, 6).into_iter().collect();
            known.excused_monotonic = u8::arbitrary(g) % 6 == 0;
        }
        let timestamp =
            (of.action.is_write() && (all_stamped || bool::arbitrary(g))).then(|| u64::arbitrary(g) % 8);
        let completion = Completion {
            op: of.op,
            status,
            reason: None,
            observation,
            timestamp,
            token: status == Status::Ok,
        };
        self.events.push((Event::Complete(completion), known));
    }
}

/// A read that was answered.
#[derive(Clone, Copy)]
struct Read<'a> {
    of: &'a Invocation,
    begun: usize,
    at: usize,
    seen: &'a Observation,
    known: &'a Known,
}

impl Read<'_> {
    /// The deletes that it was shown, where they are known.
    fn tombstones(&self) -> impl Iterator<Item = OpId> {
        let known = match &self.seen.tombstones {
            Tombstones::These(deletes) => &deletes[..],
            Tombstones::Some => &[],
        };
        known.iter().copied()
    }
}

/// A history, looked at as a whole.
struct Dumb<'a> {
    case: &'a Case,
}

impl Dumb<'_> {
    fn invocation(&self, op: OpId) -> Option<(usize, &Invocation)> {
        self.case.events.iter().enumerate().find_map(|(at, (event, _))| match event {
            Event::Invoke(invocation) if invocation.op == op => Some((at, invocation)),
            _ => None,
        })
    }

    /// Where an operation ended as its client heard it: not after the client's next invocation.
    fn end(&self, op: OpId) -> Option<(usize, &Completion)> {
        let (begun, of) = self.invocation(op)?;
        for (at, (event, _)) in self.case.events.iter().enumerate().skip(begun + 1) {
            match event {
                Event::Invoke(next) if next.client == of.client => return None,
                Event::Complete(completion) if completion.op == op => return Some((at, completion)),
                _ => {}
            }
        }
        None
    }

    fn ended(&self, op: OpId, status: Status, before: usize) -> bool {
        self.end(op).is_some_and(|(at, completion)| at < before && completion.status == status)
    }

    /// The writes of a key invoked before, and not refused before.
    fn writes(&self, key: Key, before: usize) -> Vec<&Invocation> {
        let invoked = self.case.events[..before].iter().filter_map(|(event, _)| match event {
            Event::Invoke(of) if of.key == key && of.action.is_write() => Some(of),
            _ => None,
        });
        invoked.filter(|of| !self.ended(of.op, Status::Refused, before)).collect()
    }

    fn acked(&self, key: Key, before: usize) -> Vec<&Invocation> {
        self.writes(key, before).into_iter().filter(|of| self.ended(of.op, Status::Ok, before)).collect()
    }

    fn timestamp(&self, op: OpId, before: usize) -> Option<u64> {
        let (at, completion) = self.end(op)?;
        (at < before && completion.status == Status::Ok).then_some(completion.timestamp)?
    }

    /// What the token of an operation covers; `perhaps`: or may cover.
    fn token(&self, op: OpId, perhaps: bool) -> Set {
        let Some((begun, of)) = self.invocation(op) else { return Set::new() };
        if !of.action.is_write() {
            return match self.end(op) {
                Some((at, completion)) if completion.status == Status::Ok => {
                    let mut shown = self.shown(at, perhaps);
                    if perhaps {
                        shown.extend(self.behind_some_delete(at));
                    }
                    shown
                }
                _ => Set::new(),
            };
        }
        let mut covered = Set::from([op]);
        for before in of.context.iter() {
            if let Some((at, other)) = self.invocation(before)
                && at < begun
                && other.key == of.key
            {
                covered.extend(self.token(before, perhaps));
            }
        }
        covered
    }

    /// What the read that is answered at this event showed.
    fn shown(&self, at: usize, perhaps: bool) -> Set {
        let Some(read) = self.read(at) else { return Set::new() };
        let stands = |delete: &OpId| !read.seen.values.iter().any(|value| self.supersedes(*delete, *value));
        let returned = read.seen.values.iter().copied().chain(read.tombstones().filter(stands));
        let mut shown = Set::new();
        for write in returned {
            if self.invocation(write).is_some_and(|(begun, other)| {
                begun < at && other.key == read.of.key && other.action.is_write()
            }) {
                shown.extend(self.token(write, perhaps));
            }
        }
        if let (DataType::Counter | DataType::Set, Some(covered)) = (self.case.data_type, &read.known.covered)
        {
            shown.extend(covered);
        }
        shown
    }

    /// What the deletes may cover that the tombstone of a read can be of, if it was shown one of unknown origin.
    fn behind_some_delete(&self, at: usize) -> Set {
        let Some(read) = self.read(at) else { return Set::new() };
        let mut behind = Set::new();
        for delete in self.deletes(read.of.key, at) {
            let undone = |value: &OpId| {
                self.supersedes(delete, *value) || self.outranks(read.of.key, delete, *value, at)
            };
            if read.seen.tombstones == Tombstones::Some && !read.seen.values.iter().any(undone) {
                behind.extend(self.token(delete, true));
            }
        }
        behind
    }

    fn read(&self, at: usize) -> Option<Read<'_>> {
        let (Event::Complete(completion), known) = &self.case.events[at] else { return None };
        let (begun, of) = self.invocation(completion.op)?;
        const NOTHING: &Observation = &Observation::nothing();
        let seen = completion.observation.as_ref().unwrap_or(NOTHING);
        Some(Read { of, begun, at, seen, known })
    }

    fn deletes(&self, key: Key, at: usize) -> Vec<OpId> {
        let writes = self.writes(key, at).into_iter();
        writes.filter(|of| of.action == Action::Delete).map(|of| of.op).collect()
    }

    fn is_delete(&self, op: OpId) -> bool {
        self.invocation(op).is_some_and(|(_, of)| of.action == Action::Delete)
    }

    fn supersedes(&self, later: OpId, earlier: OpId) -> bool {
        let is_write = self.invocation(later).is_some_and(|(_, of)| of.action.is_write());
        is_write && later != earlier && self.token(later, false).contains(&earlier)
    }

    /// Nobody knows how a store breaks ties: neither outranks the other.
    fn rank(&self, key: Key, op: OpId, at: usize) -> Option<(u64, bool)> {
        let (begun, of) = self.invocation(op)?;
        (begun < at && of.key == key).then_some(())?;
        Some((self.timestamp(op, at)?, of.action == Action::Delete))
    }

    fn outranks(&self, key: Key, above: OpId, below: OpId, at: usize) -> bool {
        let (above, below) = (self.rank(key, above, at), self.rank(key, below, at));
        self.case.data_type == DataType::LastWriteWins && above.is_some() && below.is_some() && above > below
    }

    /// Of the writes that a read had to show: whether it missed one, if that can be told.
    fn missed(&self, read: &Read<'_>, write: OpId) -> Option<bool> {
        let (at, key, values) = (read.at, read.of.key, &read.seen.values);
        let is_shown = self.shown(at, true).contains(&write);
        let lww = self.case.data_type == DataType::LastWriteWins;
        let is_delete = self.deletes(key, at).contains(&write);
        if is_delete && self.case.data_type != DataType::Counter {
            let undone = if lww {
                !values.is_empty() && !values.iter().any(|value| self.outranks(key, *value, write, at))
            } else {
                values.iter().any(|value| self.supersedes(write, *value))
            };
            if !undone {
                return Some(false);
            }
        } else if is_shown {
            return Some(false);
        }
        if lww && let Some(verdict) = self.missed_by_rank(read, write) {
            return verdict;
        }
        if is_delete && self.case.data_type != DataType::Counter {
            return Some(true);
        }
        if self.case.data_type == DataType::Counter {
            return read.known.covered.is_some().then_some(true);
        }
        if self.behind_some_delete(at).contains(&write) {
            return Some(false);
        }
        let silent = values.is_empty() && read.seen.fabricated.is_empty();
        let mut doubtful = false;
        for delete in self.deletes(key, at) {
            let done = self.ended(delete, Status::Ok, at)
                || read.known.covered.as_ref().is_none_or(|covered| covered.contains(&delete));
            let undone = values.iter().any(|value| self.supersedes(delete, *value));
            let merged = read.known.covered.as_ref().is_some_and(|covered| covered.contains(&delete));
            let may_tell = match self.case.data_type {
                DataType::Set => true,
                DataType::Register => silent || merged,
                DataType::LastWriteWins | DataType::Counter => silent,
            };
            if !done || undone || !may_tell {
                continue;
            }
            if !lww {
                if self.token(delete, true).contains(&write) {
                    return Some(false);
                }
            } else if self.rank(key, write, at).is_none() || self.timestamp(delete, at).is_none() {
                doubtful = true;
            } else if !self.outranks(key, write, delete, at) {
                return Some(false);
            }
        }
        if doubtful || (self.case.data_type == DataType::Set && read.known.covered.is_none()) {
            return None;
        }
        Some(true)
    }

    /// What ranks below something that was returned, or may have been, is shown. None: above all of it.
    fn missed_by_rank(&self, read: &Read<'_>, write: OpId) -> Option<Option<bool>> {
        let (at, key) = (read.at, read.of.key);
        let mut above: Vec<OpId> = read.seen.values.iter().copied().chain(read.tombstones()).collect();
        if read.seen.tombstones == Tombstones::Some {
            let values = &read.seen.values;
            let possible =
                |delete: &OpId| !values.iter().any(|value| self.outranks(key, *delete, *value, at));
            above.extend(self.deletes(key, at).into_iter().filter(possible));
        }
        above.retain(|op| {
            self.invocation(*op)
                .is_some_and(|(begun, of)| begun < at && of.key == key && of.action.is_write())
        });
        let Some(mine) = self.rank(key, write, at) else { return (!above.is_empty()).then_some(None) };
        let ranks: Vec<_> = above.iter().map(|op| self.rank(key, *op, at)).collect();
        if ranks.iter().flatten().any(|rank| mine <= *rank) {
            return Some(Some(false));
        }
        ranks.contains(&None).then_some(None)
    }

    /// Examined, not owed, unknown, broken, of each guarantee.
    fn judge(&self) -> [[u64; 4]; JUDGED.len()] {
        let mut counts = [[0; 4]; JUDGED.len()];
        for at in 0..self.case.events.len() {
            let Some(read) = self.read(at).filter(|read| read.of.action == Action::Get) else { continue };
            if self
                .end(read.of.op)
                .is_some_and(|(end, completion)| end == at && completion.status == Status::Ok)
            {
                self.judge_read(&read, &mut counts);
            }
        }
        counts
    }

    fn judge_read(&self, read: &Read<'_>, counts: &mut [[u64; 4]; JUDGED.len()]) {
        let Read { of, begun, at, seen, known } = *read;
        self.judge_origin(of, at, seen, &mut counts[0]);
        let owe = |counts: &mut [u64; 4], owed: bool, write: OpId| match self.missed(read, write) {
            _ if !owed => counts[1] += 1,
            None => counts[2] += 1,
            Some(missed) => {
                counts[0] += 1;
                counts[3] += u64::from(missed);
            }
        };
        for write in self.acked(of.key, begun) {
            let owed = self.is_owed(read, write);
            owe(&mut counts[1], owed, write.op);
            if write.client == of.client {
                owe(&mut counts[2], owed, write.op);
            }
        }
        for write in self.seen_before(of, begun) {
            owe(&mut counts[3], !self.excuses() || !known.excused_monotonic, write);
        }
        if matches!(self.case.data_type, DataType::Register | DataType::LastWriteWins) {
            self.judge_sessions(read, counts);
        }
        if self.case.data_type != DataType::Counter {
            self.judge_extra(read, &mut counts[6]);
        }
    }

    fn excuses(&self) -> bool {
        self.case.stance != Stance::Demanded
    }

    /// Of an acknowledged write, whether fresh owes it to this read.
    fn is_owed(&self, read: &Read<'_>, write: &Invocation) -> bool {
        let meets = read.of.required + write.required > 3;
        let excused = self.excuses() && read.known.excused.contains(&write.op);
        (self.case.stance != Stance::Owed || meets) && !excused
    }

    fn judge_sessions(&self, read: &Read<'_>, counts: &mut [[u64; 4]; JUDGED.len()]) {
        let Read { of, begun, at, known, .. } = *read;
        let mut causal = self.shown(at, true);
        causal.extend(self.behind_some_delete(at));
        let sure = self.shown(at, false);
        let returned: Vec<OpId> = read.seen.values.iter().copied().chain(read.tombstones()).collect();
        let mut latest = [BTreeMap::new(), BTreeMap::new()];
        for later in self.writes(of.key, at) {
            let (later_begun, _) = self.invocation(later.op).unwrap();
            let mine = |w1: &&Invocation| w1.client == later.client;
            let own: Set =
                self.acked(of.key, later_begun).iter().filter(|w1| mine(w1)).map(|w1| w1.op).collect();
            let acked = self.ended(later.op, Status::Ok, begun);
            let meets = of.required + later.required > 3;
            let covered = acked && meets && !known.excused.contains(&later.op) || causal.contains(&later.op);
            for (i, before) in [own, self.seen_before(later, later_begun)].into_iter().enumerate() {
                let shadowed = !causal.contains(&later.op)
                    && returned.iter().any(|value| before.contains(value))
                    && (self.case.data_type != DataType::Register
                        || self.missed(read, later.op) == Some(true));
                if before.is_empty() {
                } else if covered {
                    counts[i + 4][0] += 1;
                    counts[i + 4][3] += u64::from(shadowed);
                } else if acked && shadowed {
                    counts[i + 4][2] += 1;
                }
                if sure.contains(&later.op) && !before.is_subset(&self.token(later.op, false)) {
                    if self.case.stance == Stance::Owed {
                        counts[i + 4][0] -= 1;
                        counts[i + 4][1] += 1;
                    } else {
                        latest[i].insert(later.client, before);
                    }
                }
            }
        }
        for (i, latest) in latest.into_iter().enumerate() {
            for before in latest.into_values() {
                let owed = before.into_iter().filter(|w1| !self.excuses() || !known.excused.contains(w1));
                let missed: Vec<Option<bool>> = owed.map(|w1| self.missed(read, w1)).collect();
                let broken = missed.iter().filter(|missed| **missed == Some(true)).count() as u64;
                counts[i + 4][3] += broken;
                if broken == 0 && missed.contains(&None) {
                    counts[i + 4][0] -= 1;
                    counts[i + 4][2] += 1;
                }
            }
        }
    }

    fn judge_extra(&self, read: &Read<'_>, counts: &mut [u64; 4]) {
        let (key, at, values, set) =
            (read.of.key, read.at, &read.seen.values, self.case.data_type == DataType::Set);
        let lww = self.case.data_type == DataType::LastWriteWins;
        let owed: Vec<OpId> = self
            .acked(key, read.begun)
            .iter()
            .filter(|write| read.of.required + write.required > 3)
            .filter(|write| !self.excuses() || !read.known.excused.contains(&write.op))
            .map(|write| write.op)
            .collect();
        counts[0] += values.len() as u64;
        for (i, &value) in values.iter().enumerate() {
            let beside = values.iter().copied().filter(|_| !set).chain(read.tombstones());
            let beside: Vec<OpId> = beside.collect();
            let is_extra = (!set && values[..i].contains(&value))
                || beside.iter().any(|&other| {
                    if !lww {
                        return self.supersedes(other, value);
                    }
                    let place = |op: OpId| beside.iter().position(|other| *other == op);
                    let tied = !self.outranks(key, value, other, at) && place(other) < place(value);
                    other != value && (self.outranks(key, other, value, at) || tied)
                })
                || owed.iter().any(|&later| match self.case.data_type {
                    DataType::LastWriteWins => self.outranks(key, later, value, at),
                    DataType::Set => self.is_delete(later) && self.supersedes(later, value),
                    _ => self.supersedes(later, value),
                });
            counts[3] += u64::from(is_extra);
        }
        let deletes = self.deletes(key, at);
        let undone = |delete: &OpId| values.iter().any(|value| self.supersedes(*delete, *value));
        if read.seen.tombstones == Tombstones::Some
            && !lww
            && !deletes.is_empty()
            && deletes.iter().all(undone)
        {
            counts[3] += 1;
        }
    }

    /// What earlier reads of the key in the session of this operation certainly showed.
    fn seen_before(&self, of: &Invocation, begun: usize) -> Set {
        let mut seen = Set::new();
        for at in 0..begun {
            if let Some(read) = self.read(at)
                && self.end(read.of.op).is_some_and(|(end, ended)| end == at && ended.status == Status::Ok)
                && (read.of.action, read.of.client, read.of.key) == (Action::Get, of.client, of.key)
            {
                seen.extend(self.shown(at, false));
            }
        }
        seen
    }

    fn judge_origin(&self, of: &Invocation, at: usize, seen: &Observation, counts: &mut [u64; 4]) {
        counts[0] += seen.fabricated.len() as u64;
        counts[3] += seen.fabricated.len() as u64;
        if seen.tombstones == Tombstones::Some {
            let deletes =
                self.writes(of.key, at).iter().filter(|other| other.action == Action::Delete).count();
            counts[0] += 1;
            counts[3] += u64::from(deletes == 0);
        }
        let deletes = if let Tombstones::These(deletes) = &seen.tombstones { &deletes[..] } else { &[] };
        for (i, write) in seen.values.iter().chain(deletes).copied().enumerate() {
            let action = if i < seen.values.len() { Action::Put } else { Action::Delete };
            let real = self.invocation(write).is_some_and(|(begun, other)| {
                // Refused at any time: also after it was read.
                let refused = self.ended(write, Status::Refused, usize::MAX);
                begun < at && other.key == of.key && other.action == action && !refused
            });
            counts[0] += 1;
            counts[3] += u64::from(!real);
        }
    }
}

fn incremental(case: &Case) -> [[u64; 4]; JUDGED.len()] {
    let mut judge = HistoryJudge::new(3, 1, case.data_type, [case.stance; Guarantee::COUNT]);
    for (event, known) in &case.events {
        match event {
            Event::Invoke(invocation) => judge.invoke(invocation),
            Event::Fault(excuse) => judge.befell(*excuse),
            Event::Complete(completion) => {
                let covered =
                    known.covered.as_ref().map(|covered| covered.iter().copied().collect::<OpSet>());
                let excused: OpSet = known.excused.iter().copied().collect();
                let circumstances = Circumstances {
                    covered: covered.as_ref(),
                    excused: Some(&excused),
                    excused_monotonic: known.excused_monotonic.then_some(Exemption::LostDisk),
                    forgotten: None,
                };
                judge.complete(completion, &circumstances);
            }
        }
    }
    let counts: Vec<[u64; 4]> =
        judge.rulings().map(|(_, r)| [r.examined, r.not_owed.total(), r.unknown, r.broken]).collect();
    std::array::from_fn(|i| counts[i])
}

quickcheck! {
    fn judges_as_its_dumb_twin(case: Case) -> TestResult {
        let (mine, twins) = (incremental(&case), Dumb { case: &case }.judge());
        // A write seen twice before it was refused is found out once, and counted once.
        let mine_no_fabrication = mine[0][3].min(1);
        if mine[1..] == twins[1..] && mine[0][0] == twins[0][0] && mine_no_fabrication == twins[0][3].min(1) {
            TestResult::passed()
        } else {
            TestResult::error(format!("judge {mine:?}, twin {twins:?}"))
        }
    }
}
