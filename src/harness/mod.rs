//! The parts joined: schedules are drawn, run and judged; a failure is shrunk and told.
//!
//! [`check`] runs the schedules of a seed, numbered from 0, on as many threads as there are cores, until one of
//! them breaks something or all have run. A chunk in which one fails is run to its end. Of all failures in it, the one
//! that says most is told, whichever came first; of one kind, the one with the lowest number.
//!
//! The report depends only on the subject and the [`Options`]: the verdict, the counterexample and every count are
//! the same on one thread and on sixteen. Schedules are taken in chunks, and only an unbroken run of chunks from the
//! first is counted.
//!
//! One schedule in [`RUN_TWICE_EVERY`] is run twice more, and the states are compared after every step. Nobody can
//! check a protocol that looks at a wall clock, at dice or at the order of a hash map, so the report says that first.
//!
//! ```
//! use quorate::harness::{Options, Verdict, check};
//! use quorate::model::Cluster;
//! use quorate::protocols;
//!
//! let textbook = protocols::find("textbook").unwrap();
//! let options = Options { schedules: 100, ..Options::of(Cluster::default()) };
//! let report = check(textbook.subject, &options);
//! assert_eq!(report.counterexamples.len(), 0);
//! assert_ne!(report.verdict(), Verdict::Violation);
//! ```
//!
//! Not covered: a campaign bounded by seconds, which runs as many schedules as the machine manages; and a loop
//! without end inside the subject, which no thread can interrupt. The watch says which schedule it was.

mod campaign;
mod diff;
mod failure_priority;
mod options;
mod play;
mod render;
mod report;
mod shrink;
mod stopwatch;
mod tally;
mod test_entry;
mod watchdog;
mod watched_subject;

pub use campaign::{RUN_TWICE_EVERY, check, check_watched};
pub use diff::{Diff, diff};
pub use options::{Options, Stop};
pub use play::{Played, play, play_system};
pub use report::{GuaranteeRow, Lowered, Report, Standing, Verdict};
pub use tally::{Counts, Totals};
pub use test_entry::{
    Check, check as check_protocol, check_system, demands_of, replay, replay_builtin, replay_system,
    replayed, untested,
};
pub use watchdog::{CampaignProgress, Monitor, Origin, Silent, Stuck};
pub use watched_subject::watched;
