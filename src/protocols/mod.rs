//! The built-in protocols. Each but the textbook is a file of its own, written against the public seam alone: its
//! imports are those of the prelude, and the same file compiles in a foreign crate.

pub mod as_seeded;
pub mod as_seeded_combined;
pub mod as_seeded_partitioned;
pub mod as_seeded_repairing;
pub mod hybrid_clock;
pub mod last_write_wins;
pub mod mutants;
pub mod pn_counter;
pub mod sloppy_quorum;
pub mod version_vectors;
pub mod write_back;

pub use mutants::{MUTANTS, Mutant};

use std::sync::OnceLock;

use crate::judge::Subject;
use crate::model::{Causality, Dotted, LastWrite, Protocol, Textbook, VectorClock};
use crate::world::modelled::Modelled;

/// A protocol that can be named on the command line and in files.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// The protocol, ready for trial.
    pub subject: &'static dyn Subject,
    /// How many nodes beyond N it takes to try all that it does: those that stand in for others.
    pub spare: u8,
}

/// The built-in protocols, in the order in which they are listed.
pub const ALL: &[Entry] = &[
    Entry {
        name: "textbook",
        about: "Dynamo's rules as the literature has mended them: stamped once, joined, repaired verbatim",
        subject: &Modelled::<Dotted>(&Textbook),
        spare: 0,
    },
    Entry {
        name: "version-vectors",
        about: "the textbook over plain version vectors: a blind write hides one that its writer never saw",
        subject: &Modelled::<VectorClock>(&version_vectors::VersionVectors),
        spare: 0,
    },
    Entry {
        name: "last-write-wins",
        about: "no siblings: the greatest timestamp survives, right or wrong",
        subject: &Modelled::<LastWrite>(&last_write_wins::LastWriteWins),
        spare: 0,
    },
    Entry {
        name: "hybrid-clock",
        about: "last write wins, by timestamps that exceed all that node and writer have seen",
        subject: &Modelled::<LastWrite>(&hybrid_clock::HybridClock),
        spare: 0,
    },
    Entry {
        name: "sloppy-quorum",
        about: "fallbacks stand in for home replicas that seem away, are read, and hand over what they hold",
        subject: &Modelled::<Dotted>(&sloppy_quorum::SloppyQuorum),
        spare: 2,
    },
    Entry {
        name: "write-back",
        about: "a read answers only when what it shows is held so widely that no later read can miss it",
        subject: &Modelled::<Dotted>(&write_back::WriteBack),
        spare: 0,
    },
    Entry {
        name: "pn-counter",
        about: "a counter: a put adds one, a delete takes one away",
        subject: &Modelled::<pn_counter::ActorCount>(&pn_counter::PnCounter),
        spare: 0,
    },
    Entry {
        name: "as-seeded",
        about: "the published chapter's store: every replica stamps, and the first R in order must answer",
        subject: &Modelled::<VectorClock>(&as_seeded::AsSeeded),
        spare: 0,
    },
    Entry {
        name: "as-seeded-partitioned",
        about: "the same, leaving out whom it takes for unreachable, and hiding it when too few are left",
        subject: &Modelled::<VectorClock>(&as_seeded_partitioned::AsSeededPartitioned),
        spare: 0,
    },
    Entry {
        name: "as-seeded-repairing",
        about: "the same, with a read repair that stamps what it repairs again",
        subject: &Modelled::<VectorClock>(&as_seeded_repairing::AsSeededRepairing),
        spare: 0,
    },
    Entry {
        name: "as-seeded-combined",
        about: "the seed's partitioned and repairing coordinators in one",
        subject: &Modelled::<VectorClock>(&as_seeded_combined::AsSeededCombined),
        spare: 0,
    },
];

impl Entry {
    /// A protocol of a user's own.
    ///
    /// # Panics
    /// If its base leads back to itself: see [`Protocol::base`].
    #[must_use]
    pub fn of<C: Causality, P: Protocol<C>>(protocol: &'static P) -> Self {
        let subject: &'static Modelled<'static, C> = Box::leak(Box::new(Modelled(protocol)));
        let base = Protocol::base(protocol).name();
        let spare = find(&base).map_or(0, |base| base.spare);
        let leaked = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let (name, about) = (leaked(protocol.name().into_owned()), leaked(format!("changes {base}")));
        Self { name, about, subject, spare }
    }
}

static OWN: OnceLock<Vec<Entry>> = OnceLock::new();

/// Lets these be found by name as well, for the rest of the process.
///
/// # Errors
/// If two protocols have the same name, or if some were registered before.
pub fn register(own: Vec<Entry>) -> Result<(), String> {
    for (i, entry) in own.iter().enumerate() {
        if find(entry.name).is_some() || own[..i].iter().any(|other| other.name == entry.name) {
            return Err(format!(
                "two protocols are called `{}`: expected another `Protocol::name`",
                entry.name
            ));
        }
    }
    OWN.set(own).map_err(|_| "protocols were registered before".to_owned())
}

/// The protocols that were registered, if any.
pub fn own() -> impl Iterator<Item = &'static Entry> {
    OWN.get().into_iter().flatten()
}

/// The protocol of this name: one that was registered, a built-in or a mutant.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    let mutants = MUTANTS.iter().map(|mutant| &mutant.entry);
    own().chain(ALL).chain(mutants).find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_is_registered_under_its_own_name() {
        for entry in ALL.iter().chain(MUTANTS.iter().map(|mutant| &mutant.entry)) {
            assert_eq!(entry.subject.name(), entry.name);
            let found = find(entry.name).map(|found| found.about);
            assert_eq!(found, Some(entry.about), "{} twice", entry.name);
        }
    }

    #[test]
    fn a_mutant_has_a_base_and_its_claims() {
        for mutant in MUTANTS {
            assert!(mutant.name.starts_with("mutant-"), "{}", mutant.name);
            let base = ALL.iter().find(|entry| entry.name == mutant.base).map(|entry| entry.subject);
            let cluster = crate::model::Cluster::default();
            assert_eq!(base.map(|base| base.claims(cluster)), Some(mutant.subject.claims(cluster)));
        }
    }
}
