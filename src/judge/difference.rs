//! Where two accounts of the same schedule differ.
//!
//! It compares what somebody could notice, the most noticeable first: the [answers](DifferenceLevel::Answers) that clients get,
//! what the [copies](DifferenceLevel::Copies) hold, the [messages](DifferenceLevel::Messages). Clocks are not compared: two protocols may
//! well name the same causality in different ways.
//!
//! Not covered: how long anything takes, and versions that differ only in their metadata.

use std::fmt;

use serde::Serialize;

use crate::id::OpId;
use crate::model::Status;
use crate::world::narration::{Frame, Narration, OperationEnd};
use crate::world::schedule::Schedule;

/// What differs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceLevel {
    /// What clients are told: how an operation of the schedule ends, and what it returns.
    Answers,
    /// What copies hold after some step, or at rest: the writes, whatever their clocks.
    Copies,
    /// Which messages arrive.
    Messages,
}

impl DifferenceLevel {
    /// All of them, the most noticeable first.
    pub const ALL: [Self; 3] = [Self::Answers, Self::Copies, Self::Messages];
}

impl fmt::Display for DifferenceLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Answers => "what clients are told",
            Self::Copies => "what replicas hold",
            Self::Messages => "which messages are sent",
        })
    }
}

/// The first frame in which two accounts of a schedule differ on this level, and how. The frame after the last step
/// shows the state at rest.
#[must_use]
pub fn difference(
    first: &Narration,
    second: &Narration,
    schedule: &Schedule,
    level: DifferenceLevel,
) -> Option<(usize, String)> {
    let steps = schedule.steps.len();
    let frames = match level {
        DifferenceLevel::Answers => steps,
        DifferenceLevel::Copies | DifferenceLevel::Messages => steps + 1,
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

fn parts(one: &Frame, other: &Frame, level: DifferenceLevel) -> Option<String> {
    match level {
        DifferenceLevel::Answers => {
            let (told, otherwise) = (answers(one), answers(other));
            let differs = told.iter().find(|answer| !otherwise.contains(answer));
            let op = differs.or_else(|| otherwise.iter().find(|answer| !told.contains(answer)))?.op;
            Some(format!("{op} {}", divergence(&told, &otherwise, op)))
        }
        DifferenceLevel::Copies => {
            let (held, otherwise) = (copies(one), copies(other));
            let differs = held.iter().find(|copy| !otherwise.contains(copy));
            let copy = differs.or_else(|| otherwise.iter().find(|copy| !held.contains(copy)))?;
            Some(format!("{} does not hold the same", copy.0))
        }
        DifferenceLevel::Messages => {
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

fn answer(ended: &OperationEnd) -> AnswerTold {
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
fn divergence(told: &[AnswerTold], otherwise: &[AnswerTold], op: OpId) -> String {
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
    // An empty copy is as good as none.
    frame.copies.iter().map(copy).filter(|(_, held)| !held.is_empty()).collect()
}
