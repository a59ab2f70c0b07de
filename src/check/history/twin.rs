//! The judge against a deliberately dumb twin: whole histories, sets of the standard library, everything computed
//! anew from the events for every read.

use std::collections::BTreeSet;

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
        let stance = if bool::arbitrary(g) { Stance::Owed } else { Stance::Demanded };
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
                Some((at, completion)) if completion.status == Status::Ok => self.shown(at, perhaps).0,
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

    /// What the read that is answered at this event showed, and what of it is not merely outranked.
    fn shown(&self, at: usize, perhaps: bool) -> (Set, Set) {
        let (Event::Complete(completion), known) = &self.case.events[at] else { return Default::default() };
        let Some((_, of)) = self.invocation(completion.op) else { return Default::default() };
        let nothing = Observation::nothing();
        let seen = completion.observation.as_ref().unwrap_or(&nothing);
        let returned = self.returned(seen);
        let mut shown = Set::new();
        for &write in &returned {
            if let Some((begun, other)) = self.invocation(write)
                && begun < at
                && other.key == of.key
                && other.action.is_write()
            {
                shown.extend(self.token(write, perhaps));
            }
        }
        if perhaps && seen.tombstones == Tombstones::Some {
            for delete in self.writes(of.key, at).iter().filter(|other| other.action == Action::Delete) {
                shown.extend(self.token(delete.op, true));
            }
        }
        let causal = shown.clone();
        match (self.case.data_type, &known.covered) {
            (DataType::LastWriteWins, covered) => {
                for write in self.writes(of.key, at) {
                    if covered.as_ref().is_none_or(|covered| covered.contains(&write.op)) {
                        let lower = self.lower(write, seen, at);
                        let sure = lower == Some(true) && covered.is_some();
                        let maybe = lower == Some(true) || (lower.is_none() && covered.is_some());
                        if sure || (perhaps && maybe) {
                            shown.extend(self.token(write.op, perhaps));
                        }
                    }
                }
            }
            (DataType::Counter | DataType::Set, Some(covered)) => shown.extend(covered),
            _ => {}
        }
        (shown, causal)
    }

    fn returned(&self, seen: &Observation) -> Vec<OpId> {
        let mut returned = seen.values.to_vec();
        if let Tombstones::These(deletes) = &seen.tombstones {
            returned.extend(deletes);
        }
        returned
    }

    /// Whether the write is lower than something the read may have returned; `None` if nobody knows.
    fn lower(&self, write: &Invocation, seen: &Observation, at: usize) -> Option<bool> {
        let mut above = self.returned(seen);
        if seen.tombstones == Tombstones::Some {
            let writes = self.writes(write.key, at);
            above.extend(writes.iter().filter(|other| other.action == Action::Delete).map(|other| other.op));
        }
        above.retain(|other| *other != write.op);
        let rank = |op: OpId| {
            let (begun, of) = self.invocation(op)?;
            (begun < at).then_some(())?;
            Some((self.timestamp(op, at)?, of.action == Action::Delete, op))
        };
        let compared: Vec<Option<bool>> =
            above.iter().map(|other| Some(rank(write.op)? < rank(*other)?)).collect();
        if compared.contains(&Some(true)) {
            Some(true)
        } else if compared.contains(&None) {
            None
        } else {
            Some(false)
        }
    }

    fn doubtful(&self, op: OpId, at: usize, seen: &Observation, known: &Known, key: Key) -> bool {
        if known.covered.is_some() || !self.writes(key, at).iter().any(|write| write.op == op) {
            return false;
        }
        match self.case.data_type {
            DataType::Register => false,
            DataType::LastWriteWins => {
                self.invocation(op).is_some_and(|(_, write)| self.lower(write, seen, at).is_none())
            }
            DataType::Counter | DataType::Set => true,
        }
    }

    /// Examined, not owed, unknown, broken, of each guarantee.
    fn judge(&self) -> [[u64; 4]; JUDGED.len()] {
        let mut counts = [[0; 4]; JUDGED.len()];
        for (at, (event, known)) in self.case.events.iter().enumerate() {
            let Event::Complete(completion) = event else { continue };
            if !self.ended(completion.op, Status::Ok, at + 1) {
                continue;
            }
            if let Some((begun, of)) =
                self.invocation(completion.op).filter(|(_, of)| of.action == Action::Get)
            {
                self.judge_read(of, begun, at, completion, known, &mut counts);
            }
        }
        counts
    }

    fn judge_read(
        &self,
        of: &Invocation,
        begun: usize,
        at: usize,
        completion: &Completion,
        known: &Known,
        counts: &mut [[u64; 4]; JUDGED.len()],
    ) {
        let nothing = Observation::nothing();
        let seen = completion.observation.as_ref().unwrap_or(&nothing);
        self.judge_origin(of, at, seen, &mut counts[0]);
        let (may, causal) = self.shown(at, true);
        let owe = |counts: &mut [u64; 4], owed: bool, write: OpId| {
            let verdict = if !owed {
                1
            } else if !may.contains(&write) && self.doubtful(write, at, seen, known, of.key) {
                2
            } else {
                counts[3] += u64::from(!may.contains(&write));
                0
            };
            counts[verdict] += 1;
        };
        let demanded = self.case.stance == Stance::Demanded;
        let meets = |write: &Invocation| of.required + write.required > 3;
        for write in self.acked(of.key, begun) {
            let owed = demanded || (meets(write) && !known.excused.contains(&write.op));
            owe(&mut counts[1], owed, write.op);
            if write.client == of.client {
                owe(&mut counts[2], owed, write.op);
            }
        }
        for write in self.seen_before(of, begun) {
            owe(&mut counts[3], demanded || !known.excused_monotonic, write);
        }
        if matches!(self.case.data_type, DataType::Counter | DataType::Set) {
            return;
        }
        let returned = self.returned(seen);
        for later in self.writes(of.key, at) {
            let (later_begun, _) = self.invocation(later.op).unwrap();
            let mine = |w1: &&Invocation| w1.client == later.client;
            let own: Set =
                self.acked(of.key, later_begun).iter().filter(|w1| mine(w1)).map(|w1| w1.op).collect();
            let read = self.seen_before(later, later_begun);
            let acked = self.ended(later.op, Status::Ok, begun);
            let fresh = acked && meets(later) && !known.excused.contains(&later.op);
            let covered = match &known.covered {
                Some(covered) => covered.contains(&later.op),
                None => fresh || causal.contains(&later.op),
            };
            for (i, before) in [(4, own), (5, read)] {
                let shadowed =
                    !causal.contains(&later.op) && returned.iter().any(|value| before.contains(value));
                if before.is_empty() {
                } else if covered {
                    counts[i][0] += 1;
                    counts[i][3] += u64::from(shadowed);
                } else if acked && known.covered.is_none() && shadowed {
                    counts[i][2] += 1;
                }
            }
        }
    }

    /// What earlier reads of the key in the session of this operation certainly showed.
    fn seen_before(&self, of: &Invocation, begun: usize) -> Set {
        let mut seen = Set::new();
        for (at, (event, _)) in self.case.events[..begun].iter().enumerate() {
            if let Event::Complete(completion) = event
                && self.ended(completion.op, Status::Ok, at + 1)
                && let Some((_, other)) = self.invocation(completion.op)
                && (other.action, other.client, other.key) == (Action::Get, of.client, of.key)
            {
                seen.extend(self.shown(at, false).0);
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
        for (i, write) in self.returned(seen).into_iter().enumerate() {
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
                    skewed: false,
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
