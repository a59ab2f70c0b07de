//! Exhaustive search of **states**: everything that can happen in a small world, breadth first.
//!
//! Where [`exhaust`](crate::search::schedules) runs whole schedules, one for each way in which things may go, this
//! search takes one step at a time, and goes on from each state once, however many ways lead to it. In each state it
//! tries every **choice**: a client invokes one of the scope's operations; a message that is on its way arrives, any
//! of them; and as long as the scope's faults are not spent, one is lost or doubled, a coordinator or a client stops
//! waiting, a node pauses, crashes, loses its disk or suspects another, the network is cut, a clock goes wrong. What
//! ends a fault is tried as well. **Every message is held** until a choice delivers it, so all orders of delivery are
//! covered, not only those in which some messages are late.
//!
//! A state is all that can matter for what may still come: the nodes, the clients, the network, the ghosts, and what
//! the judges remember. The judges are told of every step. The first failure is at the least depth there is, in
//! choices from the beginning, and is given as a schedule that any runner replays. A state in which nothing is on its
//! way that can still change anything is also brought to rest, on a copy, so that durable, convergence and available
//! are judged there; coming to rest counts as one choice.
//!
//! # What is left out, and why no failure is lost by it
//!
//! Each of the [`Reductions`] says it where it is made: messages that can no longer change anything (`world::held_messages`),
//! names that nobody looks at (`choices`), and orders of deliveries that lead to the same state (`asleep`). Without
//! them the search finds the same, at the same depth, in more time. Symmetry in names is what a protocol declares of
//! itself; some paths are taken again under other names, to see whether it is so.
//!
//! # What is certain
//!
//! States are compared by fingerprints of 64 bits. [`Explored::doubt`] bounds the probability that two different
//! states were taken for one. If a limit is met, the search says how deep it came, and decides nothing.
//!
//! Not covered: consistency levels; ticks and skews of other lengths than the scope's; a message that is doubled more
//! than once, or doubled and lost; on more than five nodes other cuts than of one node from all the rest, and two cuts
//! at once; and coming to rest while messages are on their way, which the same messages delivered first make up for,
//! except those that a cut or a pause keeps.

mod alphabet;
mod choice;
mod choices;
mod path;
mod scope;
mod search;
mod sleep_sets;
mod symmetry_check;
mod visited;
mod worker;

use std::fmt;

use crate::judge::{Demands, Finding, Subject, Untested};
use crate::plural::Plural;
use crate::world::schedule::Schedule;

pub use scope::StateScope;

/// What a search leaves out because something else stands for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reductions {
    /// Messages that can no longer change anything are dropped.
    pub spent: bool,
    /// Of nodes and clients that differ in name alone only the first is tried.
    pub symmetry: bool,
    /// Of several orders of deliveries that do not disturb each other one is tried.
    pub order: bool,
}

impl Reductions {
    /// All of them.
    pub const ALL: Self = Self { spent: true, symmetry: true, order: true };
    /// None: the plain search.
    pub const NONE: Self = Self { spent: false, symmetry: false, order: false };
}

/// When a search gives up, and on how many threads it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// After so many states.
    pub states: usize,
    /// When what is kept of the states takes so many bytes. (What a thread notes of the steps it took is bounded by
    /// itself, at about a hundred mebibytes.)
    pub bytes: usize,
    /// How many threads; nothing but the time depends on it.
    pub threads: usize,
}

impl Default for Limits {
    /// A gibibyte, and one thread.
    fn default() -> Self {
        Self { states: usize::MAX, bytes: 1 << 30, threads: 1 }
    }
}

/// What a search was not to go beyond.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// [`Limits::states`].
    States,
    /// [`Limits::bytes`].
    Memory,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::States => "states",
            Self::Memory => "memory",
        })
    }
}

/// How far a search came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explored {
    /// What was looked at.
    pub scope: StateScope,
    /// How many different states were visited.
    pub states: usize,
    /// How many steps were taken from them, besides those that failed.
    pub steps: u64,
    /// All states up to this depth were visited, and no step that leads to one of them fails.
    pub depth: u32,
    /// How many states of that depth are left whose choices were not tried, as far as a bound on depth left any.
    pub frontier: usize,
    /// How many states were brought to rest.
    pub rested: u64,
    /// The room that was taken by what is kept of the states.
    pub bytes: usize,
    /// Whether the search came to the end of the scope: no limit was met and nothing found.
    pub complete: bool,
    /// The limit that was met, if one was.
    pub limit: Option<Limit>,
    /// Whether the protocol declares itself symmetric in names, and was seen not to be: then nothing is decided.
    pub misdeclared: bool,
    /// Whether states were taken for the same that differ in names alone, since the protocol declares itself symmetric in
    /// them. (Of some, the path was taken again under other names, and nothing else was seen: see the module above.)
    pub rests_on_names: bool,
    /// If the search came to its end: the guarantees that were to be judged and that nothing in this world puts to
    /// the test, so that it says nothing of them.
    pub untested: Vec<Untested>,
    /// The first failure at the least depth, if any.
    pub found: Option<FailingPath>,
}

/// A failure that a search met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailingPath {
    /// How many choices lead to it; coming to rest is one.
    pub depth: u32,
    /// Whether it shows only when the run comes to rest.
    pub at_rest: bool,
    /// The way there, each message by name. It replays to the same failure.
    pub schedule: Schedule,
    /// What is wrong.
    pub finding: Finding,
}

impl Explored {
    /// A bound on the probability that two different states were taken for one, if fingerprints are as good as random:
    /// n²/2⁶⁵ for the states, and for each step, or state made again, that it was taken for one of the 2¹⁸ that are
    /// noted at a time.
    #[must_use]
    pub fn doubt(&self) -> f64 {
        let (states, steps) = (self.states as f64, self.steps as f64);
        states * states / 65_f64.exp2() + (steps + states) * 18_f64.exp2() / 64_f64.exp2()
    }
}

impl fmt::Display for Explored {
    /// One sentence that says what is now known, and what is not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, states, steps, depth, rested, complete, found, .. } = self;
        match (found, complete) {
            (Some(found), _) => write!(f, "a failure after {} choices, and none after fewer", found.depth)?,
            (None, true) => {
                f.write_str("no failure exists in this world")?;
                if self.rests_on_names {
                    f.write_str(", if the protocol looks at no names, as it says it does not")?;
                }
            }
            (None, false) if self.misdeclared => {
                f.write_str(
                    "nothing is decided: the protocol declares itself symmetric in names, and is not",
                )?;
            }
            (None, false) => {
                write!(f, "no failure up to depth {depth} of this world")?;
                if let Some(limit) = self.limit {
                    write!(f, ", and there is no more room: the limit of {limit} is met")?;
                }
            }
        }
        let (states, steps) = (Plural(*states as u64, "state"), Plural(*steps, "step"));
        write!(f, " ({states}, {steps}, brought to rest {}; {scope}", Plural(*rested, "time"))?;
        if *complete && found.is_none() {
            write!(f, "; two states were taken for one with probability below {:.0e}", self.doubt())?;
        }
        f.write_str(")")
    }
}

/// How far a search is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SearchProgress {
    /// How many states were visited.
    pub states: usize,
    /// The depth of those whose choices are being tried,
    pub depth: u32,
    /// how many of them are left,
    pub frontier: usize,
    /// and how many were met that lie one choice deeper.
    pub next: usize,
}

/// Somebody who looks on.
pub trait Onlooker {
    /// Some thousand states more were looked at.
    fn progress(&self, progress: &SearchProgress) {
        let _ = progress;
    }
}

/// Nobody looks on.
impl Onlooker for () {}

/// Visits every state of a scope, breadth first, until a step fails or a limit is met.
///
/// # Panics
/// If the scope's cluster cannot be built, or the subject's states cannot be searched.
pub fn explore(
    subject: &dyn Subject,
    demands: &Demands,
    scope: &StateScope,
    reductions: Reductions,
    limits: Limits,
    onlooker: &dyn Onlooker,
) -> Explored {
    assert!(scope.cluster.validate().is_ok(), "{} cannot be built", scope.cluster);
    let demands = subject.judgeable(*demands);
    let rules = search::rules(subject, &demands, scope, reductions);
    search::StateSearch::new(subject, demands, &rules, limits).run(onlooker)
}
