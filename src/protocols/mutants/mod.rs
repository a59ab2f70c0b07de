//! Protocols that are known to be broken: what the judges must catch.
//!
//! Each changes one rule of a built-in, through the public seam, the way such rules have been got wrong in real
//! stores: an acknowledgement too many, a clock that covers too much, a repair that is stamped again, a tombstone
//! that is dropped. A judge that no mutant ever makes speak is decoration, and a change of the harness after which
//! some mutant survives has made it blind.
//!
//! A mutant names the guarantee that it breaks. That one is *demanded* of it, though its base may excuse it.
//!
//! Not here: faults that the seam cannot express. A coordinator cannot count one target's answer twice, since it
//! answers with a set of slots; two writes cannot have one value, since a value is its operation's name; and there is
//! no second attempt of an operation that could be counted as a new one.

/// A guarantee by its name, or what breaks any program.
macro_rules! breakage {
    (Panic) => {
        $crate::judge::Breakage::Panic
    };
    (Storm) => {
        $crate::judge::Breakage::Storm
    };
    (Nondeterminism) => {
        $crate::judge::Breakage::Nondeterminism
    };
    ($guarantee:ident) => {
        $crate::judge::Breakage::Guarantee($crate::guarantee::Guarantee::$guarantee)
    };
}

/// A protocol that changes one rule of another. Its documentation is its line in the list.
macro_rules! mutant {
    (
        $(#[doc = $about:literal])+
        $name:literal = $mutant:ident: $base:expr, over $clock:ty, breaks $breaks:ident;
        $($rule:tt)*
    ) => {
        $(#[doc = $about])+
        #[derive(Debug)]
        pub struct $mutant;

        impl Protocol<$clock> for $mutant {
            fn base(&self) -> &dyn Protocol<$clock> {
                &$base
            }

            fn name(&self) -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            $($rule)*
        }

        impl $mutant {
            /// Its description in `protocols --mutants`.
            pub const ABOUT: &'static str = concat!($($about),+).trim_ascii();
            /// Its name.
            pub const NAME: &'static str = $name;
            /// What it breaks.
            pub const BREAKS: $crate::judge::Breakage = breakage!($breaks);
        }
    };
}

pub mod coordinators;
pub mod counters;
pub mod false_refusal;
pub mod last_writes;
pub mod panics_and_storms;
pub mod reads;
pub mod replicas;
pub mod stamps;

use std::ops::Deref;

use super::Entry;
use super::pn_counter::ActorCount;
use crate::judge::Breakage;
use crate::model::{Dotted, LastWrite, VectorClock};
use crate::world::modelled::Modelled;

/// A broken protocol.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// Its name, what is wrong with it, and the protocol, as of any other.
    pub entry: Entry,
    /// What it is sure to break.
    pub breaks: Breakage,
    /// The built-in that it changes.
    pub base: &'static str,
}

impl Deref for Mutant {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}

macro_rules! list {
    ($($base:literal over $clock:ty, $spare:literal nodes to spare { $($module:ident::$mutant:ident),+ $(,)? })+) => {
        /// The broken protocols.
        pub const MUTANTS: &[Mutant] = &[
            $($(Mutant {
                entry: Entry {
                    name: $module::$mutant::NAME,
                    about: $module::$mutant::ABOUT,
                    subject: &Modelled::<$clock>(&$module::$mutant),
                    spare: $spare,
                },
                breaks: $module::$mutant::BREAKS,
                base: $base,
            },)+)+
            Mutant {
                entry: Entry { name: false_refusal::NAME, about: false_refusal::ABOUT, subject: &false_refusal::Lies, spare: 0 },
                breaks: breakage!(NoFabrication),
                base: "textbook",
            },
        ];
    };
}

list! {
    "textbook" over Dotted, 0 nodes to spare {
        stamps::ContextIgnored, stamps::DeleteIgnoresContext, stamps::DeleteWritesAValue, stamps::PastOfTheCopy, stamps::CounterAsVector,
        stamps::DotReusedAfterWipe, stamps::CountForgotten, stamps::OneNameForAll, stamps::CountsWhatItHolds, stamps::PastOfTheGone,
        replicas::KeepsNothing, replicas::Overwrites, replicas::KeepsTheFirst, replicas::KeepsAll,
        replicas::SiblingsLimited, replicas::StampsAtEveryReplica, replicas::RepairStamps,
        replicas::RepairOverwrites, replicas::RepairRefused, replicas::PurgesDeletes, replicas::EmptyAfterRestart,
        replicas::TimestampsItself, replicas::RefusesWhatItKnows,
        coordinators::AcknowledgesTooEarly, coordinators::ReadsTooFew, coordinators::CountsItselfTwice,
        coordinators::WaitsForTheFirst, coordinators::WaitsForAll, coordinators::AsksJustEnough,
        coordinators::HidesRefusals, coordinators::CasualReaders, coordinators::OneAckWhereQuorumsMiss,
        reads::ShowsTheFirstReply, reads::ShowsOneSibling, reads::Concatenates, reads::HidesTombstones,
        reads::Fabricates, reads::NeverRepairs, reads::RepairsByCount, reads::RepairsWithoutTombstones, reads::JoinsThePasts,
        panics_and_storms::Panics, panics_and_storms::Storms, panics_and_storms::TossesCoins,
    }
    "write-back" over Dotted, 0 nodes to spare { reads::WritesBackTooLate }
    "sloppy-quorum" over Dotted, 2 nodes to spare { replicas::HandOffOverwrites, replicas::HintsDropped }
    "version-vectors" over VectorClock, 0 nodes to spare { stamps::VectorReusedAfterWipe, replicas::KeepsWhatTheWriterMissed }
    "last-write-wins" over LastWrite, 0 nodes to spare {
        last_writes::Backwards, last_writes::FirstWriteWins,
        last_writes::LastArrivalWins, last_writes::DeletesLoseTies, last_writes::RepairMarks,
    }
    "hybrid-clock" over LastWrite, 0 nodes to spare {
        last_writes::ContextNotMet, last_writes::ForgetsItsWrites, last_writes::ForgetsItsReads,
    }
    "pn-counter" over ActorCount, 0 nodes to spare {
        counters::CountsTheNode, counters::SaysTheFirst, counters::NeverNegative, counters::Saturates,
    }
}
