//! The built-ins as a stranger would write them: this test is a foreign crate, and each file of `src/protocols`
//! compiles in it as it stands, with the seam for its only import. A run of it is a run of the registered one.

#![allow(unreachable_pub, dead_code)]

use std::borrow::Cow;

use quorate::guarantee::GuaranteeSet;
use quorate::judge::{Demands, Subject};
use quorate::protocols::find;
use quorate::search::random::Shape;
use quorate::world::modelled::Modelled;

use seam::*;

mod seam {
    pub use quorate::seam::*;
}

#[path = "../src/protocols/as_seeded.rs"]
mod as_seeded;
#[path = "../src/protocols/as_seeded_combined.rs"]
mod as_seeded_combined;
#[path = "../src/protocols/as_seeded_partitioned.rs"]
mod as_seeded_partitioned;
#[path = "../src/protocols/as_seeded_repairing.rs"]
mod as_seeded_repairing;
#[path = "../src/protocols/hybrid_clock.rs"]
mod hybrid_clock;
#[path = "../src/protocols/last_write_wins.rs"]
mod last_write_wins;
#[path = "../src/protocols/pn_counter.rs"]
mod pn_counter;
#[path = "../src/protocols/sloppy_quorum.rs"]
mod sloppy_quorum;
#[path = "../src/protocols/version_vectors.rs"]
mod version_vectors;
#[path = "../src/protocols/write_back.rs"]
mod write_back;

const CLUSTERS: [Cluster; 4] =
    [Cluster::new(3, 2, 2), Cluster::new(3, 1, 1), Cluster::new(3, 2, 2).on(5), Cluster::new(2, 2, 1)];

/// Both run the same schedules and do the same, in every detail that a trial tells.
fn same_trials(registered: &dyn Subject, foreign: &dyn Subject) {
    assert_eq!(registered.data_type(), foreign.data_type());
    for cluster in CLUSTERS {
        assert_eq!(registered.claims(cluster), foreign.claims(cluster), "{cluster}");
        // Everything is judged, so that there is something to compare.
        let demands = Demands::NOTHING.demanding(GuaranteeSet::ALL);
        let mut ours = registered.runner(cluster, 2, demands);
        let mut theirs = foreign.runner(cluster, 2, demands);
        for number in 0..60 {
            let schedule = Shape::of(cluster).schedule(5, number);
            assert_eq!(ours.run(&schedule), theirs.run(&schedule), "{cluster}\n{schedule}");
            assert_eq!(ours.fingerprints(&schedule), theirs.fingerprints(&schedule), "{cluster}\n{schedule}");
        }
    }
}

/// A change of a built-in that changes nothing, and one that lowers its claims.
macro_rules! built_in {
    ($test:ident: $name:literal is $protocol:expr, over $clock:ty) => {
        #[test]
        fn $test() {
            #[derive(Debug)]
            struct Changed;
            impl Protocol<$clock> for Changed {
                fn base(&self) -> &dyn Protocol<$clock> {
                    &$protocol
                }
                fn hand_off(&self, hint: &Hint<'_, $clock>) -> bool {
                    !hint.suspected
                }
            }

            #[derive(Debug)]
            struct Modest;
            impl Protocol<$clock> for Modest {
                fn base(&self) -> &dyn Protocol<$clock> {
                    &$protocol
                }
                fn name(&self) -> Cow<'static, str> {
                    "modest".into()
                }
                fn claims(&self, cluster: Cluster) -> Claims {
                    self.base().claims(cluster).except(&[Guarantee::OnceOnly], "it is a modest change")
                }
            }

            let registered = find($name).expect("registered").subject;
            let foreign = Modelled::<$clock>(&$protocol);
            assert_eq!(Subject::name(&foreign), $name);
            same_trials(registered, &foreign);

            let changed = Modelled::<$clock>(&Changed);
            assert_eq!(Subject::name(&changed), "Changed", "a change has a name of its own");
            same_trials(registered, &changed);

            let modest = Modelled::<$clock>(&Modest);
            let (before, after) = (registered.claims(CLUSTERS[0]), Subject::claims(&modest, CLUSTERS[0]));
            assert_ne!(before, after);
            assert_eq!(after.why_not(Guarantee::OnceOnly), Some("it is a modest change"));
            assert_eq!(after.and(&[Guarantee::OnceOnly]), before, "and nothing else was lowered");
        }
    };
}

built_in!(textbook: "textbook" is Textbook, over Dotted);
built_in!(version_vectors_: "version-vectors" is version_vectors::VersionVectors, over VectorClock);
built_in!(last_write_wins_: "last-write-wins" is last_write_wins::LastWriteWins, over LastWrite);
built_in!(hybrid_clock_: "hybrid-clock" is hybrid_clock::HybridClock, over LastWrite);
built_in!(sloppy_quorum_: "sloppy-quorum" is sloppy_quorum::SloppyQuorum, over Dotted);
built_in!(write_back_: "write-back" is write_back::WriteBack, over Dotted);
built_in!(pn_counter_: "pn-counter" is pn_counter::PnCounter, over pn_counter::ActorCount);
built_in!(as_seeded_: "as-seeded" is as_seeded::AsSeeded, over VectorClock);
built_in!(partitioned: "as-seeded-partitioned" is as_seeded_partitioned::AsSeededPartitioned, over VectorClock);
built_in!(repairing: "as-seeded-repairing" is as_seeded_repairing::AsSeededRepairing, over VectorClock);
built_in!(combined: "as-seeded-combined" is as_seeded_combined::AsSeededCombined, over VectorClock);
