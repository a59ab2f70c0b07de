//! The bugs that are looked for: which protocol, on what, and what is expected of it.
//!
//! Every mutant but one, every form of the published program, and the entries of the literature that a built-in shows
//! where it is expected to give what it does not claim. Each on three nodes with R=W=2, unless it needs others.
//!
//! Not here: the mutant that tosses coins. What it breaks is seen by comparing two runs of any schedule, and it does
//! not do the same twice.

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::judge::{Breakage, Demands, Subject};
use quorate::model::Cluster;
use quorate::protocols::{ALL, MUTANTS, find};

use Guarantee as G;

/// One bug.
pub(crate) struct Bug {
    pub(crate) protocol: &'static str,
    pub(crate) cluster: Cluster,
    /// What is expected beside what is claimed; none, where that is enough.
    pub(crate) expected: Option<Guarantee>,
}

impl Bug {
    pub(crate) fn subject(&self) -> &'static dyn Subject {
        find(self.protocol).expect("a built-in protocol or mutant").subject
    }

    /// What its runs are judged on: as `check` does, with `--expect` of what is expected.
    pub(crate) fn demands(&self) -> Demands {
        let claimed = Demands::of_claims(&self.subject().claims(self.cluster));
        self.expected.map_or(claimed, |guarantee| claimed.expecting(GuaranteeSet::only(guarantee)))
    }

    pub(crate) fn name(&self) -> String {
        let Cluster { n, r, w, nodes } = self.cluster;
        let on = if nodes == n { String::new() } else { format!("/{nodes}") };
        let protocol = self.protocol.strip_prefix("mutant-").unwrap_or(self.protocol);
        let what = self.expected.map_or(String::new(), |guarantee| format!(" {guarantee}"));
        format!("{protocol} {n}{r}{w}{on}{what}")
    }
}

const USUAL: Cluster = Cluster::new(3, 2, 2);

/// What the literature tells of stores like these, and a built-in does where more is expected of it than it claims.
const TOLD: [(&str, Cluster, Guarantee); 9] = [
    // A stale read where R+W<=N; and the same with one more reply, and one acknowledgement less.
    ("textbook", Cluster::new(3, 1, 1), G::Fresh),
    ("textbook", Cluster::new(3, 2, 1), G::Fresh),
    // Two reads overlap one write, and the second misses what the first saw (Kleppmann, figure 9-6); the same with
    // W=N and R=1.
    ("textbook", USUAL, G::MonotonicReads),
    ("textbook", Cluster::new(3, 1, 3), G::MonotonicReads),
    // A sloppy quorum misses; what it acknowledged dies with its fallback (Dynamo, 4.6).
    ("sloppy-quorum", Cluster::new(3, 2, 2).on(5), G::Fresh),
    ("sloppy-quorum", Cluster::new(3, 1, 1).on(5), G::Durable),
    // A version vector for a server orders blind writes that are concurrent.
    ("version-vectors", USUAL, G::NoLost),
    // A slow clock loses a write that was acknowledged.
    ("last-write-wins", USUAL, G::CausalOrder),
    // Counters and clients: what is shown twice.
    ("last-write-wins", USUAL, G::MonotonicWrites),
];

/// All of them.
pub(crate) fn all() -> Vec<Bug> {
    let of_mutant = |name| match name {
        "mutant-hand-off-overwrites" | "mutant-hints-dropped" => USUAL.on(5),
        "mutant-one-ack-where-quorums-miss" => Cluster::new(3, 1, 2),
        _ => USUAL,
    };
    let mutants = MUTANTS.iter().filter(|mutant| mutant.breaks != Breakage::Nondeterminism);
    let mutants = mutants.map(|mutant| {
        let cluster = of_mutant(mutant.name);
        let expected = match mutant.breaks {
            Breakage::Guarantee(guarantee) if !mutant.subject.claims(cluster).claims(guarantee) => {
                Some(guarantee)
            }
            _ => None,
        };
        Bug { protocol: mutant.name, cluster, expected }
    });
    let seeded = ALL.iter().filter(|entry| entry.name.starts_with("as-seeded"));
    let seeded = seeded.map(|entry| Bug { protocol: entry.name, cluster: USUAL, expected: None });
    let told = TOLD.iter().map(|&(protocol, cluster, guarantee)| Bug {
        protocol,
        cluster,
        expected: Some(guarantee),
    });
    mutants.chain(seeded).chain(told).collect()
}
