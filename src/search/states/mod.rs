//! Exhaustive search of **states**: everything that can happen in a small world, breadth first.
//!
//! [`exhaust`](crate::search::schedules) runs whole schedules, one for each way in which things may go. This search
//! takes one step at a time, and goes on from each state once, however many ways lead to it. In each state it tries
//! every **choice**: a client invokes one of the scope's operations; any message on its way arrives; and as long as the
//! scope's faults are not spent, a message is lost or doubled, a coordinator or a client stops waiting, a node pauses,
//! crashes, loses its disk or suspects another, the network is cut, or a clock goes wrong. It also tries the steps that
//! end a fault. **Every message is held** until a choice delivers it, so the search covers all orders of delivery, not
//! only those in which some messages are late.
//!
//! A state is everything that can matter later: the nodes, the clients, the network, the ghosts, and what the judges
//! remember. The judges see every step. The search finds the first failure at the least possible depth, in choices from
//! the beginning, and gives it as a schedule that any runner replays. If no message on its way can still change
//! anything, the search also brings a copy of the state to rest, so that durable, convergence and available are judged
//! there. Coming to rest counts as one choice.
//!
//! # What is left out, and why no failure is lost by it
//!
//! The argument for each of the [`Reductions`] stands in its module: messages that can no longer change anything
//! (`world::held_messages`), names that nobody looks at (`choices`), and orders of deliveries that lead to the same
//! state (`sleep_sets`). Without them the search finds the same, at the same depth, in more time. A protocol itself
//! declares its symmetry in names; the search takes some paths again under other names, to check this.
//!
//! # What is certain
//!
//! States are compared by fingerprints of 64 bits. [`Explored::doubt`] bounds the probability that two different
//! states were taken for one. If a limit is met, the search says how deep it came, and decides nothing.
//!
//! Not covered: consistency levels; ticks and skews of other lengths than the scope's; a message that is doubled more
//! than once, or doubled and lost; on more than five nodes other cuts than of one node from all the rest, and two cuts
//! at once; and coming to rest while messages are on their way. Delivering these messages first makes up for that,
//! except for those that a cut or a pause keeps.

mod alphabet;
mod choice;
mod enabled_choices;
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
    /// Only the first of the nodes and clients that differ in name alone is tried.
    pub symmetry: bool,
    /// Only one of several orders of deliveries that do not disturb each other is tried.
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
    /// The most states that the search may visit.
    pub states: usize,
    /// The most bytes that the stored states may take. (What a thread notes of its steps has its own bound, about a
    /// hundred mebibytes.)
    pub bytes: usize,
    /// How many threads run. Only the time depends on it.
    pub threads: usize,
}

impl Default for Limits {
    /// A gibibyte, and one thread.
    fn default() -> Self {
        Self { states: usize::MAX, bytes: 1 << 30, threads: 1 }
    }
}

/// The limit that stopped a search.
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
    /// The scope that was searched.
    pub scope: StateScope,
    /// How many different states were visited.
    pub states: usize,
    /// How many steps were taken from these states, not counting those that failed.
    pub steps: u64,
    /// All states up to this depth were visited, and no step that leads to one of them fails.
    pub depth: u32,
    /// How many states of that depth have choices that were not tried, if a bound on depth left any.
    pub frontier: usize,
    /// How many states were run to quiescence.
    pub rested: u64,
    /// How many bytes the stored states take.
    pub bytes: usize,
    /// Whether the search reached the end of the scope, without meeting a limit or a failure.
    pub complete: bool,
    /// The limit that was met, if one was.
    pub limit: Option<Limit>,
    /// Whether the protocol declares itself symmetric in names, but was seen not to be. Then nothing is decided.
    pub misdeclared: bool,
    /// Whether the search took states that differ in names alone for one, because the protocol declares itself
    /// symmetric in names. (It took some paths again under other names, and saw no difference: see the module above.)
    pub rests_on_names: bool,
    /// If the search is complete: the guarantees to be judged that nothing in this world puts to the test. The search
    /// says nothing of them.
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
    /// The path as a schedule that names each message. It replays to the same failure.
    pub schedule: Schedule,
    /// What is wrong.
    pub finding: Finding,
}

impl Explored {
    /// A bound on the probability that the search took two different states for one, if fingerprints are as good as
    /// random. It is n²/2⁶⁵ for the states, plus 2¹⁸/2⁶⁴ for each step or state made again, which may be taken for one
    /// of the 2¹⁸ noted at a time.
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
    /// The depth of the states whose choices are being tried.
    pub depth: u32,
    /// How many states of that depth are still to be explored.
    pub frontier: usize,
    /// How many states were met one choice deeper.
    pub next: usize,
}

/// Receives the progress of a search.
pub trait Onlooker {
    /// Called after some thousand more states.
    fn progress(&self, progress: &SearchProgress) {
        let _ = progress;
    }
}

/// Ignores the progress.
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
