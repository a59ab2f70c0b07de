//! The one text of a schedule, in tests, stories, bug reports and replays.
//!
//! One step a line. Blank lines are skipped, and `#` begins a comment, anywhere in a line.
//!
//! ```text
//! put c1 k1 via n1                             a client asks a node to write a key;
//! get c2 k1 via n3                             to read it,
//! delete c1 k1 via n2                          or to delete it
//! put c1 k1 via n1 blind                       without the context it has,
//! get c1 k1 via n1 level quorum                at a consistency level: one, quorum or all
//! get c2 k1 via n3 (to n2 lost, from n1 late)  messages that are lost, late or doubled,
//! get c2 k1 via n3 (from n1 twice)              or both late and doubled
//! put c1 k1 via n1 (to n2 late) as o1          a label, by which others refer to it:
//! arrive o1 to n2                              a late or doubled message of o1 arrives
//! timeout o1                                   its coordinator stops waiting
//!
//! cut n1 | n2 n3    no message passes between them     suspect n2 at n1   n1 takes n2 for unreachable
//! cut n1 > n3       nor in this one direction          trust              every suspicion ends
//! heal              every cut ends                     skew n2 +5         n2's clock is 5 ms ahead
//! pause n2          it stops                           tick 10            10 ms pass
//! crash n2          it loses what was in memory        wake n4            it hands off what it holds
//! restart n2        it goes on, or comes up again
//! wipe n2           it loses its disk
//! ```
//!
//! **Messages.** `request` and `reply` pass between client and coordinator; `to n2` and `from n2` between
//! coordinator and replica; `repair to n2` and `repair from n2` are a read's repair and its acknowledgement;
//! `hand-off to n2` and `hand-off from n2` what a node held for n2. Any may be sent more than once:
//! `to n2 again` is the second sending, `to n2 again 2` the third.
//!
//! **Labels.** An operation is called by its place among the operations, `o1` the first. Its label is printed
//! if something refers to it, or if it is another one, as after the deletion of an earlier line. A label that
//! is not written is the ordinal, so no line may take the ordinal of an unlabelled one. A step by itself
//! prints its label always; read by itself without one it is `o1`, as the only operation there is.
//!
//! **Nobody.** When names are merged or lines taken apart, one side of a cut may be left empty; it is written
//! `none`.
//!
//! What is read and printed is canonical: the clauses in the order above, exceptions sorted by name. What is
//! printed reads back as the same value, if the value keeps to the documented bounds of its parts.
//!
//! ```
//! use quorate::world::schedule::Schedule;
//!
//! let schedule: Schedule = "
//!     put c1 k1 via n1 (to n2 late)   # n2 does not hear of it yet
//!     get c1 k1 via n2
//!     arrive o1 to n2
//! ".parse()?;
//! assert_eq!(schedule.size(), 3, "two operations and a late message");
//! assert_eq!(schedule.to_string(), "\
//! put c1 k1 via n1 (to n2 late) as o1
//! get c1 k1 via n2
//! arrive o1 to n2");
//!
//! let misspelt = "put c1 k1 via n1\ncrsh n2".parse::<Schedule>().unwrap_err();
//! assert_eq!(misspelt.to_string(), "line 2: expected a step, perhaps `crash`, found `crsh`");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Not covered: comments, which are not part of a schedule and are not kept; lines of more than [`MAX_LINE`]
//! bytes (some hundreds of exceptions on one operation); and what [`schedule_check`](super::schedule_check)
//! refuses.

mod parse;
mod words;

use std::fmt;

pub use words::{BadText, MAX_LINE, nearest};
pub(super) use words::{Words, quoted};

pub(super) use parse::{STEP_WORDS, lines_with_content, read_steps};

use super::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};
use crate::id::{NodeSet, OpId};
use crate::model::{Level, MessageKind};
use crate::op_set::OpSet;

impl fmt::Display for MessageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            MessageKind::Request => "request",
            MessageKind::Ask => "to",
            MessageKind::Answer => "from",
            MessageKind::Repair => "repair to",
            MessageKind::Repaired => "repair from",
            MessageKind::HandOff => "hand-off to",
            MessageKind::HandedOff => "hand-off from",
            MessageKind::Reply => "reply",
        })?;
        if let Some(replica) = self.replica {
            write!(f, " {replica}")?;
        }
        match self.attempt {
            0 => Ok(()),
            1 => f.write_str(" again"),
            times => write!(f, " again {times}"),
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Late => "late",
            Self::Doubled => "doubled",
            Self::Twice => "twice",
            Self::Lost => "lost",
        })
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.fate)
    }
}

impl fmt::Display for Step {
    /// Prints the label of an operation, since a step alone has no place to tell it. [`Schedule::lines`] leaves it out
    /// where it can.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Line { step: self, label: true }.fmt(f)
    }
}

/// A step as it stands in the text of its schedule.
#[derive(Clone, Copy, Debug)]
pub struct Line<'s> {
    step: &'s Step,
    label: bool,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Step::Operation(operation) => write_operation(f, operation, self.label),
            Step::Arrive { op, name } => write!(f, "arrive {op} {name}"),
            Step::Timeout { op } => write!(f, "timeout {op}"),
            Step::Cut { side, other } => write!(f, "cut {} | {}", Side(*side), Side(*other)),
            Step::CutOneWay { from, to } => write!(f, "cut {} > {}", Side(*from), Side(*to)),
            Step::Heal => f.write_str("heal"),
            Step::Pause { node } => write!(f, "pause {node}"),
            Step::Crash { node } => write!(f, "crash {node}"),
            Step::Restart { node } => write!(f, "restart {node}"),
            Step::Wipe { node } => write!(f, "wipe {node}"),
            Step::Suspect { at, whom } => write!(f, "suspect {whom} at {at}"),
            Step::Trust => f.write_str("trust"),
            Step::Skew { node, ms } => write!(f, "skew {node} {ms:+}"),
            Step::Tick { ms } => write!(f, "tick {ms}"),
            Step::Wake { node } => write!(f, "wake {node}"),
        }
    }
}

fn write_operation(f: &mut fmt::Formatter<'_>, operation: &Operation, label: bool) -> fmt::Result {
    let Operation { op, action, client, key, via, blind, level, exceptions } = operation;
    write!(f, "{} {client} {key} via {via}", action.word())?;
    if *blind {
        f.write_str(" blind")?;
    }
    match level {
        Level::Default => {}
        Level::One => f.write_str(" level one")?,
        Level::Quorum => f.write_str(" level quorum")?,
        Level::All => f.write_str(" level all")?,
    }
    for (i, exception) in exceptions.iter().enumerate() {
        write!(f, "{}{exception}", if i == 0 { " (" } else { ", " })?;
    }
    if !exceptions.is_empty() {
        f.write_str(")")?;
    }
    if label { write!(f, " as {op}") } else { Ok(()) }
}

/// One side of a cut. A renaming or a deletion may empty it, and an empty side needs a text too.
struct Side(NodeSet);

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("none") } else { fmt::Display::fmt(&self.0, f) }
    }
}

impl Schedule {
    /// Its lines, one for each step, as they stand in its text.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let referred_to: OpSet = self.steps.iter().filter_map(Step::refers_to).collect();
        let mut ordinal = 0;
        self.steps.iter().map(move |step| {
            let label = step.operation().is_some_and(|operation| {
                ordinal += 1;
                operation.op != OpId(ordinal) || referred_to.contains(operation.op)
            });
            Line { step, label }
        })
    }
}

impl fmt::Display for Schedule {
    /// Its lines, without a final line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, line) in self.lines().enumerate() {
            write!(f, "{}{line}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}
