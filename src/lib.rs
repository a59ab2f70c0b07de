//! Property-based correctness tests for quorum-replicated, eventually consistent key-value protocols, in the manner
//! of Dynamo, Riak and Cassandra.
//!
//! You change a rule of such a store, and want to know what broke. Here a pure model of its nodes, coordinators and
//! clients is run over random schedules of operations, lost and late messages, cuts, crashes and lost disks. Judges
//! that never believe the store's own clocks compare every run with what the configuration promises. A failure is
//! made as small as it gets, and told as a story.
//!
//! # A first change
//!
//! A protocol is a set of decisions. Name the one that you change, and write what you change; the rest, its claims
//! included, stays as it was. Here a replica keeps only what arrives last:
//!
//! ```
//! use quorate::prelude::*;
//!
//! #[derive(Debug)]
//! struct Overwrite;
//!
//! impl Protocol for Overwrite {
//!     fn base(&self) -> &dyn Protocol {
//!         &Textbook
//!     }
//!
//!     fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
//!         *replica.siblings = delivery.versions.clone();
//!         Ack::stored()
//!     }
//! }
//!
//! let report = quorate::check(&Overwrite).run();
//! assert_eq!(report.verdict(), Verdict::Violation);
//!
//! // The second write knows nothing of the first, and should stand beside it. The read misses the first.
//! let story = &report.counterexamples[0];
//! assert_eq!(story.breakage.to_string(), "fresh");
//! assert_eq!(
//!     story.scenario.schedule.to_string(),
//!     "put c1 k1 via n1\n\
//!      put c1 k1 via n1 blind\n\
//!      get c1 k1 via n1"
//! );
//! ```
//!
//! In a test one line is enough, and panics with the whole story: `quorate::check!(Overwrite);`.
//!
//! # What a schedule is
//!
//! A [`Schedule`](world::schedule::Schedule) is a value, and a text that reads back to the same value. It says only
//! what was unusual: an operation runs to its end at once, but for the messages that its line names.
//!
//! ```
//! # fn main() -> Result<(), quorate::world::schedule_text::BadText> {
//! use quorate::world::schedule::Schedule;
//!
//! let schedule: Schedule = "
//!     put c1 k1 via n1 (to n2 lost, to n3 late) as o1
//!     cut n1 | n2 n3
//!     get c2 k1 via n3
//!     heal
//!     arrive o1 to n3"
//!     .parse()?;
//! assert_eq!(schedule.size(), 6, "two operations, a lost message, a late one, and a cut, which counts twice");
//! # Ok(())
//! # }
//! ```
//!
//! Every line is legal in every state, so what remains of a schedule when a line is taken out is a schedule: that is
//! what makes shrinking honest. Time moves only where a line says so.
//!
//! # What is judged
//!
//! A protocol **claims** guarantees, of each cluster other ones ([`Claims`](model::Claims)), and says why not the
//! rest. What is claimed is **owed**, unless a fact of the run excuses it (a lost disk, a wrong clock); what is not
//! claimed can be **expected** all the same, to see it fail:
//!
//! ```
//! use quorate::prelude::*;
//!
//! // One of three must answer: a read need not meet the write before it.
//! let cluster = Cluster::new(3, 1, 1);
//! assert!(!Protocol::<Dotted>::claims(&Textbook, cluster).claims(Guarantee::Fresh));
//! let report = quorate::check::<Dotted, _>(&Textbook).cluster(cluster).expect(Guarantee::Fresh).run();
//! assert_eq!(
//!     report.counterexamples[0].scenario.schedule.to_string(),
//!     "put c1 k1 via n1 (to n2 lost)\n\
//!      get c1 k1 via n2"
//! );
//! ```
//!
//! [`Guarantee`](guarantee::Guarantee) lists them, each with its statement. The judges go by **ghosts**, an account of
//! causality that the world keeps where no protocol can see it ([`world::ghosts`]): the commonest fault of this family
//! is a clock that says one write follows another whose writer never saw it, and a judge that believes the clock
//! calls the loss correct.
//!
//! The words are those of the field; what they mean here is in the glossary of `ARCHITECTURE.md`.
//!
//! # Where to go on
//!
//! | to | see |
//! |---|---|
//! | change a rule | [`model::protocol`]: the decisions, and what each of them sees |
//! | read how a store of this family works | [`model`] |
//! | find a failure by other means | [`search`]: random schedules, proptest, quickcheck, exhaustion |
//! | judge a history recorded from a real store | [`judge::history`] and `quorate judge` |
//! | put a store of your own into this world | [`world::system`] |
//! | look at what is known to be broken | [`protocols::mutants`] |
//!
//! Not covered: membership changes, tombstone collection, anti-entropy apart from reads, guarantees across keys, and
//! what a disk or a network does that is neither all nor nothing.

#![warn(clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "cli")]
pub mod cli;
pub mod escape;
pub mod guarantee;
pub mod harness;
pub mod id;
pub mod judge;
pub mod model;
pub mod op_set;
mod plural;
pub mod protocols;
pub mod seam;
pub mod search;
pub mod story;
pub mod world;

pub use harness::{
    check_protocol as check, check_system, play, play_system, replay, replay_builtin, replay_system,
};

/// Everything that a change of a protocol and its test need.
pub mod prelude {
    pub use crate::harness::{Report, Verdict};
    pub use crate::seam::*;
}
