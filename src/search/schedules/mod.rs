//! Bounded exhaustive search: every schedule of a [`ScheduleScope`], smallest first.
//!
//! Schedules are enumerated by **size**, and within a size by the number of faults begun and of messages lost, late or
//! doubled. [`minimise`](crate::search::minimise) shrinks in the same order of preference. The search finishes the
//! first such class that holds a failing schedule, and reports the least of its failures in the order of
//! [`Rank`](crate::search::minimise::Rank). If it finds none, the scope holds none.
//!
//! # What makes it finite
//!
//! A size bounds operations, exceptions and faults, and these are of finitely many kinds. [`ScheduleScope::free_steps`]
//! bounds the steps that cost nothing. A budget bounds the number of schedules run, so a search of too large a scope
//! also ends, and says how far it came.
//!
//! # What is left out, and why no failure is lost by it
//!
//! Each schedule left out does the same, step for step, as one that is run and that ranks no higher.
//!
//! * **Exceptions of messages that are never sent.** The run itself says what is sent. Take a schedule, and its
//!   exceptions in the order in which they take effect. Up to the first exception, the run is that of the schedule
//!   without them; so the first exception's message is sent there. With the first in place, the run goes the same way
//!   up to the second; and so on. Hence adding one exception at a time, each to a message of the run before, reaches
//!   every schedule whose exceptions all matter. If one does not matter, a smaller schedule does the same.
//! * **Steps that do nothing**: a heal without a cut, the restart of a node that is up, a cut where there is one
//!   already, the crash of a node that is down; an arrival of what is not late; a timeout of an operation not yet
//!   invoked.
//! * **Other orders of adjacent steps that commute**: two crashes, two pauses, two suspicions, two skews; heal,
//!   restart, trust and tick. They stand in one order only.
//! * **Other names of clients**: a client is new or was used before. Clients differ in name alone.
//! * **A blind first write**: a client without context has none to leave out.
//!
//! Nodes and keys are *not* interchangeable: a preference list has an order, and each key has its own list.
//!
//! Not covered, and so not certified: consistency levels, ticks of other lengths than the scope's, two fates of one
//! message, and on more than five nodes other cuts than of one node from all the rest. The search does not compare
//! states, so it follows two ways to the same state both.

mod scope;
mod search;
mod search_below;
mod skeleton;

use std::fmt;

use crate::judge::{Demands, Finding, Subject, Untested};
use crate::plural::Plural;
use crate::search::minimise::Case;

pub use scope::ScheduleScope;
pub use search_below::{Certified, minimise_exactly, search_below};
pub(super) use skeleton::faults;

/// How far an exhaustive search came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exhausted {
    /// The scope that was searched.
    pub scope: ScheduleScope,
    /// Every schedule of the scope up to this size was run, and passed.
    pub size: usize,
    /// How many schedules were run.
    pub runs: u64,
    /// The least failing schedule, if any fails. Every schedule of its size that ranks lower was run and passed, unless
    /// the budget ran out first.
    pub found: Option<(Case, Finding)>,
    /// Whether the search came to its end: the budget did not stop it.
    pub complete: bool,
    /// If the search is complete: the guarantees to be judged that no schedule put to the test.
    pub untested: Vec<Untested>,
}

impl fmt::Display for Exhausted {
    /// One sentence that says what is now known, and what is not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, size, runs, found, complete, .. } = self;
        match (found, complete) {
            (Some((case, _)), true) => {
                write!(f, "no failure is smaller than {} in this scope", case.schedule.size())?;
            }
            (Some((case, _)), false) => {
                write!(f, "a failure of size {} found, none up to size {size}", case.schedule.size())?;
            }
            (None, true) => f.write_str("no failure exists in this scope")?,
            (None, false) => {
                write!(f, "no failure up to size {size} in this scope; the budget ended there")?;
            }
        }
        write!(f, " ({} run; {scope})", Plural(*runs, "schedule"))
    }
}

/// Runs every schedule of a scope, smallest first, until one fails or `budget` schedules have been run.
///
/// The first breakage of anything that the demands judge counts.
///
/// # Panics
/// If the scope's cluster cannot be built.
pub fn exhaust(subject: &dyn Subject, demands: &Demands, scope: &ScheduleScope, budget: u64) -> Exhausted {
    search::ScheduleSearch::new(subject, *demands, scope, None).run(budget)
}
