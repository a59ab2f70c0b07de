//! The shortest schedule on which two systems behave differently.
//!
//! Two systems are run side by side on the same schedules, and compared frame by frame. That they differ is treated
//! as a failure like any other ([`Breakage::Difference`]), of a subject that is the [`Pair`] of them: so it is made
//! smaller and certified by the same means.
//!
//! What counts is what somebody could notice, the nearest first: a difference in the [answers](Level::Answers) that
//! clients get is looked for in all schedules before one in what the [copies](Level::Copies) hold, and that before
//! one in the [messages](Level::Messages) alone. Clocks are not compared: two protocols may well name the same
//! causality in different ways.
//!
//! Not covered: how long anything takes, and versions that differ in nothing but their metadata.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::check::{Breakage, Demands, Finding, Ruling, Runner, Subject, Trial};
use crate::guarantee::Guarantee;
use crate::id::OpId;
use crate::model::{Claims, Cluster, DataType, Status};
use crate::search::exhaust::{Certified, minimise_exactly};
use crate::search::minimise::Case;
use crate::search::walk::Shape;
use crate::world::history::History;
use crate::world::narration::{Ended, Frame, Narration};
use crate::world::schedule::{MessageName, Schedule};

/// What differs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// What clients are told: how an operation of the schedule ends, and what it returns.
    Answers,
    /// What copies hold after some step, or at rest: the writes, whatever their clocks.
    Copies,
    /// Which messages arrive.
    Messages,
}

impl Level {
    /// All of them, the most noticeable first.
    pub const ALL: [Self; 3] = [Self::Answers, Self::Copies, Self::Messages];
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Answers => "what clients are told",
            Self::Copies => "what replicas hold",
            Self::Messages => "which messages are sent",
        })
    }
}

/// Two systems as one subject, which fails where they differ.
pub struct Pair<'a> {
    /// One.
    pub first: &'a dyn Subject,
    /// The other.
    pub second: &'a dyn Subject,
    /// In what.
    pub level: Level,
}

/// Where two systems part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parting {
    /// In what they differ; in nothing more noticeable do they differ on any of the schedules.
    pub level: Level,
    /// The number of the schedule that showed it.
    pub number: u64,
    /// That schedule.
    pub found: Schedule,
    /// The shortest, and what is known of shorter ones.
    pub certified: Certified,
}

/// Looks for the most noticeable difference on so many random schedules, and makes it as small as it gets. None:
/// they do the same on all of them.
#[must_use]
pub fn first_difference(
    first: &dyn Subject,
    second: &dyn Subject,
    shape: &Shape,
    seed: u64,
    schedules: u64,
    budget: u64,
) -> Option<Parting> {
    let mut found: Option<(Level, u64)> = None;
    for number in 0..schedules {
        let schedule = shape.schedule(seed, number);
        let told = [first, second].map(|subject| subject.narrate(shape.cluster, Demands::NOTHING, &schedule));
        let better = |level: &Level| found.is_none_or(|(known, _)| *level < known);
        let parted = |level: &Level| difference(&told[0], &told[1], &schedule, *level).is_some();
        if let Some(level) = Level::ALL.into_iter().filter(better).find(parted) {
            found = Some((level, number));
        }
        if matches!(found, Some((Level::Answers, _))) {
            break;
        }
    }
    let (level, number) = found?;
    let schedule = shape.schedule(seed, number);
    let pair = Pair { first, second, level };
    let case = Case { cluster: shape.cluster, schedule: schedule.clone() };
    let certified = minimise_exactly(&pair, &Demands::NOTHING, case, Breakage::Difference, budget);
    Some(Parting { level, number, found: schedule, certified })
}

/// The first frame in which two accounts of a schedule differ on this level, and how. The frame after the last step
/// is that of the state at rest.
#[must_use]
pub fn difference(
    first: &Narration,
    second: &Narration,
    schedule: &Schedule,
    level: Level,
) -> Option<(usize, String)> {
    let steps = schedule.steps.len();
    let frames = match level {
        Level::Answers => steps,
        Level::Copies | Level::Messages => steps + 1,
    };
    (0..frames).find_map(|at| {
        let said = match (first.frames.get(at), second.frames.get(at)) {
            (Some(one), Some(other)) => parts(one, other, level)?,
            (None, None) => return None,
            _ => "one of them panicked".to_owned(),
        };
        Some((at, said))
    })
}

fn parts(one: &Frame, other: &Frame, level: Level) -> Option<String> {
    match level {
        Level::Answers => {
            let (told, otherwise) = (answers(one), answers(other));
            let differs = told.iter().find(|answer| !otherwise.contains(answer));
            let op = differs.or_else(|| otherwise.iter().find(|answer| !told.contains(answer)))?.op;
            Some(format!("{op} {}", contrast(&told, &otherwise, op)))
        }
        Level::Copies => {
            let (held, otherwise) = (copies(one), copies(other));
            let differs = held.iter().find(|copy| !otherwise.contains(copy));
            let copy = differs.or_else(|| otherwise.iter().find(|copy| !held.contains(copy)))?;
            Some(format!("{} does not hold the same", copy.0))
        }
        Level::Messages => {
            let differs = one.delivered.iter().find(|message| !other.delivered.contains(message));
            let missing = || other.delivered.iter().find(|message| !one.delivered.contains(message));
            let (op, name) = differs.or_else(missing)?;
            Some(format!("the message of {op} `{name}` arrives with one of them alone"))
        }
    }
}

/// What a client is told of an operation.
#[derive(Clone, PartialEq, Eq)]
struct AnswerTold {
    op: OpId,
    status: Status,
    returned: Vec<String>,
    said: String,
}

fn answers(frame: &Frame) -> Vec<AnswerTold> {
    frame.ended.iter().map(answer).collect()
}

fn answer(ended: &Ended) -> AnswerTold {
    let completion = &ended.completion;
    let mut returned: Vec<String> = Vec::new();
    if let Some(seen) = &completion.observation {
        returned.extend(seen.values.iter().map(ToString::to_string));
        returned.extend(seen.fabricated.iter().cloned());
        returned.extend(seen.count.map(|count| count.to_string()));
        returned.extend(seen.resolved.map(|taken| format!("takes {taken}")));
        returned.sort_unstable();
    }
    let said = match (completion.status, ended.of.action.is_write()) {
        (Status::Ok, true) => "done".to_owned(),
        (Status::Ok, false) => ended.returned(),
        (Status::Refused, _) => "refused".to_owned(),
        (Status::Info, _) => "no answer".to_owned(),
    };
    AnswerTold { op: completion.op, status: completion.status, returned, said }
}

/// `is told o1, and not o1 | o2`.
fn contrast(told: &[AnswerTold], otherwise: &[AnswerTold], op: OpId) -> String {
    let said = |answers: &[AnswerTold]| {
        let answer = answers.iter().find(|answer| answer.op == op);
        answer.map_or_else(|| "nothing yet".to_owned(), |answer| answer.said.clone())
    };
    format!("is told: {}; and with the other: {}", said(told), said(otherwise))
}

/// A copy in words, and the writes in it.
fn copies(frame: &Frame) -> Vec<(String, Vec<String>)> {
    let copy = |copy: &crate::world::narration::Holding| {
        let of = if copy.owner == copy.holder { String::new() } else { format!(" for {}", copy.owner) };
        let mut held: Vec<String> = copy.versions.iter().map(|version| version.value.clone()).collect();
        held.sort_unstable();
        (format!("{}'s copy of {}{of}", copy.holder, copy.key), held)
    };
    // A copy that is empty is as good as none.
    frame.copies.iter().map(copy).filter(|(_, held)| !held.is_empty()).collect()
}

impl Subject for Pair<'_> {
    fn name(&self) -> Cow<'static, str> {
        format!("{} against {}", self.first.name(), self.second.name()).into()
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.first.claims(cluster)
    }

    fn base_claims(&self, _cluster: Cluster) -> Option<(Cow<'static, str>, Claims)> {
        None
    }

    fn data_type(&self) -> DataType {
        self.first.data_type()
    }

    /// Nothing: they are compared, and not judged.
    fn judgeable(&self, _demands: Demands) -> Demands {
        Demands::NOTHING
    }

    fn runner<'a>(&'a self, cluster: Cluster, keys: usize, _demands: Demands) -> Box<dyn Runner + 'a> {
        let runner = |subject: &'a dyn Subject| subject.runner(cluster, keys, Demands::NOTHING);
        Box::new(PairRunner { pair: self, cluster, first: runner(self.first), second: runner(self.second) })
    }

    fn narrate(&self, cluster: Cluster, _demands: Demands, schedule: &Schedule) -> Narration {
        let told =
            [self.first, self.second].map(|subject| subject.narrate(cluster, Demands::NOTHING, schedule));
        let parted = difference(&told[0], &told[1], schedule, self.level);
        let [first, _] = told;
        Narration { broken_in: parted.map(|(at, _)| at), ..first }
    }
}

struct PairRunner<'a> {
    pair: &'a Pair<'a>,
    cluster: Cluster,
    first: Box<dyn Runner + 'a>,
    second: Box<dyn Runner + 'a>,
}

impl Runner for PairRunner<'_> {
    fn run(&mut self, schedule: &Schedule) -> Trial {
        let mut trial = self.first.run(schedule);
        self.second.run(schedule); // For what it sends.
        let told = [self.pair.first, self.pair.second]
            .map(|subject| subject.narrate(self.cluster, Demands::NOTHING, schedule));
        trial.finding = difference(&told[0], &told[1], schedule, self.pair.level)
            .map(|(_, because)| Finding { breakage: Breakage::Difference, because, violation: None });
        trial
    }

    fn run_recorded(&mut self, schedule: &Schedule) -> (Trial, History) {
        let (_, history) = self.first.run_recorded(schedule);
        (self.run(schedule), history)
    }

    fn fingerprints(&mut self, schedule: &Schedule) -> Vec<u64> {
        self.first.fingerprints(schedule)
    }

    fn sent(&self) -> Vec<(OpId, MessageName)> {
        let mut sent = self.first.sent();
        sent.extend(self.second.sent());
        sent.sort_unstable();
        sent.dedup();
        sent
    }

    fn ruling(&self, guarantee: Guarantee) -> &Ruling {
        self.first.ruling(guarantee)
    }
}
