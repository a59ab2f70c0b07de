//! What a whole recorded history says about its store.
//!
//! Every judge of histories runs as if the store promised its guarantee: a store that promises little is measured, not
//! excused. The report also says what the store's own N, R and W owe. What the caller expects decides the overall
//! verdict.
//!
//! Not modelled: what needs a look inside the store (its clocks, its replicas), and how stale a stale read is in
//! time.

mod render;

use std::collections::BTreeMap;
use std::fmt;

use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::id::{Key, NodeId, OpId};
use crate::judge::history::{Breach, HistoryJudge, JUDGED};
use crate::judge::verdict::{Ruling, Stance};
use crate::model::{Action, DataType};
use crate::op_set::OpSet;
use crate::world::history::{Completion, Event, History, Invocation, Names, Observation, Status, Tombstones};

/// The verdict on one guarantee.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HistoryVerdict {
    /// Every obligation was met.
    Pass,
    /// An obligation was broken.
    Fail,
    /// No obligation was found broken, but some could not be decided.
    Unknown,
    /// There was no obligation.
    Vacuous,
}

impl HistoryVerdict {
    /// The verdict of a ruling.
    #[must_use]
    pub const fn of(ruling: &Ruling) -> Self {
        if ruling.broken > 0 {
            Self::Fail
        } else if ruling.unknown > 0 {
            Self::Unknown
        } else if ruling.examined == 0 {
            Self::Vacuous
        } else {
            Self::Pass
        }
    }
}

impl fmt::Display for HistoryVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Unknown => "UNKNOWN",
            Self::Vacuous => "VACUOUS",
        })
    }
}

/// How many operations of one kind ended how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EndCounts {
    /// Done.
    pub ok: usize,
    /// Refused.
    pub refused: usize,
    /// Unknown.
    pub info: usize,
}

/// What the history says about one guarantee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// The guarantee.
    pub guarantee: Guarantee,
    /// Whether the caller expects it.
    pub expected: bool,
    /// Whether N, R and W alone oblige the store to it. (Session guarantees over several writes need more than quorums
    /// that meet, so arithmetic does not oblige it to them.)
    pub owed: bool,
    /// Obligations examined, undecided and broken, as if all of them were owed.
    pub ruling: Ruling,
    /// How many of them N, R and W, or the levels of the operations, do not owe.
    pub not_owed: u64,
    /// Reads that broke it.
    pub reads: usize,
    /// The reads among them that broke it for a put; the others missed only deletes.
    pub reads_for_puts: usize,
    /// The most writes that one read missed.
    pub most: usize,
    /// The most puts that one read missed.
    pub most_puts: usize,
}

impl Judged {
    /// The verdict on this guarantee.
    #[must_use]
    pub const fn verdict(&self) -> HistoryVerdict {
        HistoryVerdict::of(&self.ruling)
    }
}

/// What is found in a history, or in the history of one key. Its ids are those of that history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportPart {
    /// What the history calls things.
    pub names: Names,
    /// Every breach, in the order of the history.
    pub breaches: Vec<Breach>,
    /// How the history ends.
    pub at_end: AtEnd,
}

/// How the history ends, if it ends with reads after the last write.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AtEnd {
    /// Keys that were read after their last write had ended.
    pub keys: usize,
    /// The keys among them for which two nodes gave different values when last asked.
    pub divergent: Vec<Key>,
    /// Acknowledged writes that all such reads miss. Not counted for counters and sets, which do not tell.
    pub lost: Vec<OpId>,
}

/// What a history says. See the [module](self).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryReport {
    /// N, R and W.
    pub quorum: (u8, u8, u8),
    /// The puts.
    pub puts: EndCounts,
    /// The deletes.
    pub deletes: EndCounts,
    /// The reads.
    pub gets: EndCounts,
    /// Each guarantee.
    pub judged: Vec<Judged>,
    /// The most values that one read returned.
    pub most_siblings: usize,
    /// What was found in the whole history or, for a long one, key by key.
    pub parts: Vec<ReportPart>,
}

/// Judges a history as a whole.
#[must_use]
pub fn judge_history(history: &History, expect: GuaranteeSet) -> HistoryReport {
    let mut demanded =
        HistoryJudge::new(history.n, history.r, history.data_type, [Stance::Expected; Guarantee::COUNT])
            .listing_breaches();
    let mut owed =
        HistoryJudge::new(history.n, history.r, history.data_type, [Stance::Owed; Guarantee::COUNT]);
    for event in &history.events {
        demanded.event(event);
        owed.event(event);
    }
    let part = ReportPart {
        names: history.names.clone(),
        breaches: demanded.breaches().to_vec(),
        at_end: at_end(history, &demanded),
    };
    let mut report = HistoryReport {
        quorum: (history.n, history.r, history.w),
        puts: EndCounts::default(),
        deletes: EndCounts::default(),
        gets: EndCounts::default(),
        judged: Vec::new(),
        most_siblings: 0,
        parts: Vec::new(),
    };
    let invocations = invocations(history);
    for event in &history.events {
        if let Event::Complete(completion) = event {
            report.count(completion, invocations.get(&completion.op).copied());
        }
    }
    let meet = u16::from(history.r) + u16::from(history.w) > u16::from(history.n);
    for guarantee in JUDGED {
        report.judged.push(Judged {
            guarantee,
            expected: expect.contains(guarantee),
            owed: match guarantee {
                Guarantee::NoFabrication | Guarantee::NoExtra => true,
                Guarantee::Fresh | Guarantee::ReadYourWrites => meet,
                _ => false,
            },
            ruling: demanded.ruling(guarantee).cloned().unwrap_or_default(),
            not_owed: owed.ruling(guarantee).map_or(0, |ruling| ruling.not_owed.total()),
            reads: 0,
            reads_for_puts: 0,
            most: 0,
            most_puts: 0,
        });
    }
    for judged in &mut report.judged {
        judged.count(&part.breaches);
    }
    report.parts.push(part);
    report
}

/// Judges a long history key by key, and adds up the results. Drops each part as soon as it is judged.
///
/// None if there is no part.
#[must_use]
pub fn judge_histories(
    histories: impl IntoIterator<Item = History>,
    expect: GuaranteeSet,
) -> Option<HistoryReport> {
    let reports = histories.into_iter().map(|history| judge_history(&history, expect));
    reports.reduce(HistoryReport::and)
}

impl Judged {
    /// Adds the result for another key.
    fn add(&mut self, other: &Self) {
        let (mine, theirs) = (&mut self.ruling, &other.ruling);
        mine.examined += theirs.examined;
        mine.broken += theirs.broken;
        mine.unknown += theirs.unknown;
        mine.not_owed.add(&theirs.not_owed);
        mine.why_unknown = mine.why_unknown.or(theirs.why_unknown);
        self.not_owed += other.not_owed;
        self.reads += other.reads;
        self.reads_for_puts += other.reads_for_puts;
        self.most = self.most.max(other.most);
        self.most_puts = self.most_puts.max(other.most_puts);
    }

    /// Counts reads. One read may break a guarantee several times (once for each value, for instance), in consecutive
    /// breaches; only a put refused after it was read is found out later.
    fn count(&mut self, breaches: &[Breach]) {
        let mut by_read: BTreeMap<OpId, (usize, usize)> = BTreeMap::new();
        for breach in breaches.iter().filter(|breach| breach.guarantee == self.guarantee) {
            let (writes, puts) = by_read.entry(breach.op).or_default();
            *writes += breach.count.writes;
            *puts += breach.count.puts;
        }
        self.reads = by_read.len();
        self.reads_for_puts = by_read.values().filter(|(_, puts)| *puts > 0).count();
        self.most = by_read.values().map(|(writes, _)| *writes).max().unwrap_or(0);
        self.most_puts = by_read.values().map(|(_, puts)| *puts).max().unwrap_or(0);
    }
}

fn invocations(history: &History) -> BTreeMap<OpId, &Invocation> {
    history
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Invoke(invocation) => Some((invocation.op, invocation)),
            Event::Complete(_) | Event::Fault(_) => None,
        })
        .collect()
}

/// The last read of each key at each node, among the reads invoked after the last write of the key had ended.
fn at_end(history: &History, judge: &HistoryJudge) -> AtEnd {
    let mut invocations: BTreeMap<OpId, (usize, &Invocation)> = BTreeMap::new();
    let mut last_write: BTreeMap<Key, usize> = BTreeMap::new();
    let mut acked: BTreeMap<Key, OpSet> = BTreeMap::new();
    for (i, event) in history.events.iter().enumerate() {
        let of = match event {
            Event::Invoke(invocation) => {
                invocations.insert(invocation.op, (i, invocation));
                invocation
            }
            Event::Complete(completion) => match invocations.get(&completion.op) {
                Some((_, of)) => of,
                None => continue,
            },
            Event::Fault(_) => continue,
        };
        if of.action.is_write() {
            last_write.insert(of.key, i);
            if matches!(event, Event::Complete(completion) if completion.status == Status::Ok) {
                acked.entry(of.key).or_default().insert(of.op);
            }
        }
    }
    let mut last: BTreeMap<Key, BTreeMap<NodeId, &Completion>> = BTreeMap::new();
    for event in &history.events {
        if let Event::Complete(completion) = event
            && let Some((begun, of)) = invocations.get(&completion.op)
            && completion.status == Status::Ok
            && last_write.get(&of.key).is_some_and(|written| written < begun)
        {
            last.entry(of.key).or_default().insert(of.via, completion);
        }
    }
    let mut end = AtEnd { keys: last.len(), ..AtEnd::default() };
    for (key, reads) in last {
        let mut answers = reads.values().map(|read| sorted(read.observation.as_ref()));
        let first = answers.next();
        if answers.any(|answer| Some(&answer) != first.as_ref()) {
            end.divergent.push(key);
        }
        if matches!(history.data_type, DataType::Register | DataType::LastWriteWins) {
            let mut lost = acked.remove(&key).unwrap_or_default();
            for seen in reads.values().filter_map(|read| read.observation.as_ref()) {
                lost = judge.missing(key, seen, &lost);
            }
            end.lost.extend(lost.iter());
        }
    }
    end
}

/// What an answer says, in a fixed order: its values, its deletes, and a counter's value.
fn sorted(seen: Option<&Observation>) -> Observation {
    let mut seen = seen.cloned().unwrap_or(Observation::nothing());
    seen.values.sort_unstable();
    seen.fabricated.sort_unstable();
    if let Tombstones::These(deletes) = &mut seen.tombstones {
        deletes.sort_unstable();
    }
    // Which sibling a client takes is its own affair.
    Observation { resolved: None, ..seen }
}

impl HistoryReport {
    /// Every breach, with the names of its part.
    pub fn breaches(&self) -> impl Iterator<Item = (&Names, &Breach)> {
        self.parts.iter().flat_map(|part| part.breaches.iter().map(|breach| (&part.names, breach)))
    }

    /// How many keys were read after their last write had ended.
    #[must_use]
    pub fn keys_at_end(&self) -> usize {
        self.parts.iter().map(|part| part.at_end.keys).sum()
    }

    /// The keys among them for which two nodes gave different values when last asked.
    pub fn divergent(&self) -> impl Iterator<Item = String> + '_ {
        self.parts.iter().flat_map(|part| part.at_end.divergent.iter().map(|key| part.names.key(*key)))
    }

    /// Acknowledged writes that all such reads miss.
    pub fn lost(&self) -> impl Iterator<Item = String> + '_ {
        self.parts.iter().flat_map(|part| part.at_end.lost.iter().map(|op| part.names.write(*op)))
    }

    /// Adds a report on other keys of the same store.
    fn and(mut self, mut other: Self) -> Self {
        let ended = [&mut self.puts, &mut self.deletes, &mut self.gets];
        for (mine, theirs) in ended.into_iter().zip([other.puts, other.deletes, other.gets]) {
            mine.ok += theirs.ok;
            mine.refused += theirs.refused;
            mine.info += theirs.info;
        }
        self.judged.iter_mut().zip(&other.judged).for_each(|(mine, theirs)| mine.add(theirs));
        self.most_siblings = self.most_siblings.max(other.most_siblings);
        self.parts.append(&mut other.parts);
        self
    }

    fn count(&mut self, completion: &Completion, of: Option<&Invocation>) {
        let Some(of) = of else { return };
        let ended = match of.action {
            Action::Put => &mut self.puts,
            Action::Get => &mut self.gets,
            Action::Delete => &mut self.deletes,
        };
        match completion.status {
            Status::Ok => ended.ok += 1,
            Status::Refused => ended.refused += 1,
            Status::Info => ended.info += 1,
        }
        if let Some(seen) = &completion.observation {
            self.most_siblings = self.most_siblings.max(seen.values.len() + seen.fabricated.len());
        }
    }

    /// The result for one guarantee, if a history can judge it.
    #[must_use]
    pub fn of(&self, guarantee: Guarantee) -> Option<&Judged> {
        self.judged.iter().find(|judged| judged.guarantee == guarantee)
    }

    /// The overall verdict on the guarantees that the caller expects: FAIL if one failed, else UNKNOWN or VACUOUS if
    /// one was. It is also VACUOUS if a history cannot judge one of them, or none was expected.
    #[must_use]
    pub fn verdict(&self, expect: GuaranteeSet) -> HistoryVerdict {
        let verdicts: Vec<HistoryVerdict> = expect
            .iter()
            .map(|guarantee| self.of(guarantee).map_or(HistoryVerdict::Vacuous, Judged::verdict))
            .collect();
        [HistoryVerdict::Fail, HistoryVerdict::Unknown, HistoryVerdict::Vacuous]
            .into_iter()
            .find(|verdict| verdicts.contains(verdict))
            .unwrap_or(if verdicts.is_empty() { HistoryVerdict::Vacuous } else { HistoryVerdict::Pass })
    }
}
