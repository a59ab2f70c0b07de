//! The bugs that are shrunk: which protocol, on what, and what it breaks.
//!
//! Each failing schedule is a random one, of the default shape, made for no bug in particular. The bugs stand in two
//! lists. Those that were *seen* while the minimiser's passes were written may have shaped them; the others were
//! *held out*, and are the better evidence that the passes are general.

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::judge::{Breakage, Demands, Subject};
use quorate::model::Cluster;
use quorate::protocols;
use quorate::search::minimise::Case;
use quorate::search::random::Shape;

/// The stance towards the one guarantee.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stance {
    /// It is claimed.
    Owed,
    /// It is not claimed, and looked for all the same.
    Expected,
    /// Outright: what happened in the run excuses nothing.
    Demanded,
}

/// One bug.
pub(crate) struct Bug {
    pub(crate) protocol: &'static str,
    pub(crate) cluster: Cluster,
    pub(crate) breaks: Breakage,
    pub(crate) stance: Stance,
    pub(crate) held_out: bool,
}

/// Schedules are drawn until this many failed, or until all these were run.
pub(crate) const FAILURES: usize = 200;
const DRAWN: u64 = 60_000;
const SEED: u64 = 7;

impl Bug {
    pub(crate) fn subject(&self) -> &'static dyn Subject {
        protocols::find(self.protocol).expect("a built-in protocol or mutant").subject
    }

    /// What its runs are judged on.
    pub(crate) fn demands(&self) -> Demands {
        let claimed = Demands::of_claims(&self.subject().claims(self.cluster));
        match (self.breaks, self.stance) {
            (Breakage::Guarantee(guarantee), Stance::Expected) => {
                claimed.expecting(GuaranteeSet::only(guarantee))
            }
            (Breakage::Guarantee(guarantee), Stance::Demanded) => {
                claimed.demanding(GuaranteeSet::only(guarantee))
            }
            _ => claimed,
        }
    }

    /// Whether a schedule breaks it, as a function of the schedule.
    pub(crate) fn judge(&self) -> impl FnMut(&Case) -> bool + 'static {
        let demands = match self.breaks {
            Breakage::Guarantee(guarantee) => self.demands().only(guarantee),
            _ => self.demands(),
        };
        let mut runner = self.subject().runner(self.cluster, 2, demands);
        let breaks = self.breaks;
        move |case| runner.run(&case.schedule).finding.is_some_and(|found| found.breakage == breaks)
    }

    /// After how many of its steps a failing schedule shows that it fails.
    pub(crate) fn shown_after(&self, case: &Case) -> usize {
        let demands = match self.breaks {
            Breakage::Guarantee(guarantee) => self.demands().only(guarantee),
            _ => self.demands(),
        };
        let broken_in = self.subject().narrate(case.cluster, demands, &case.schedule).broken_in;
        broken_in.map_or(case.schedule.steps.len(), |at| at + 1)
    }

    /// Failing schedules, as random walks find them; and how many were run for them.
    pub(crate) fn failures(&self) -> (Vec<Case>, u64) {
        let (mut breaks, mut drawn) = (self.judge(), 0);
        let failing = (0..DRAWN).filter_map(|number| {
            drawn = number + 1;
            let schedule = Shape::of(self.cluster).schedule(SEED, number);
            let case = Case { cluster: self.cluster, schedule };
            breaks(&case).then_some(case)
        });
        let failing = failing.take(FAILURES).collect();
        (failing, drawn)
    }

    pub(crate) fn name(&self) -> String {
        let Cluster { n, r, w, nodes } = self.cluster;
        let on = if nodes == n { String::new() } else { format!("/{nodes}") };
        let protocol = self.protocol.strip_prefix("mutant-").unwrap_or(self.protocol);
        format!("{protocol} {n}{r}{w}{on} {}", self.breaks)
    }
}

const USUAL: Cluster = Cluster::new(3, 2, 2);

/// A mutant or a built-in that breaks what it claims.
const fn owed(protocol: &'static str, breaks: Guarantee) -> Bug {
    Bug {
        protocol,
        cluster: USUAL,
        breaks: Breakage::Guarantee(breaks),
        stance: Stance::Owed,
        held_out: true,
    }
}

impl Bug {
    const fn seen(mut self) -> Self {
        self.held_out = false;
        self
    }

    const fn at(mut self, cluster: Cluster) -> Self {
        self.cluster = cluster;
        self
    }

    const fn expected(mut self) -> Self {
        self.stance = Stance::Expected;
        self
    }

    const fn demanded(mut self) -> Self {
        self.stance = Stance::Demanded;
        self
    }

    const fn instead(mut self, breaks: Breakage) -> Self {
        self.breaks = breaks;
        self
    }
}

use Guarantee as G;

/// All of them: first those that were seen.
pub(crate) static ALL: &[Bug] = &[
    owed("textbook", G::Fresh).at(Cluster::new(3, 1, 1)).expected().seen(),
    owed("version-vectors", G::NoLost).expected().seen(),
    owed("mutant-overwrites", G::NoLost).seen(),
    owed("mutant-repair-overwrites", G::NoLost).seen(),
    owed("mutant-keeps-nothing", G::Fresh).seen(),
    owed("mutant-acknowledges-too-early", G::Fresh).seen(),
    owed("mutant-shows-one-sibling", G::NoLost).seen(),
    owed("mutant-never-repairs", G::Convergence).seen(),
    owed("mutant-count-forgotten", G::OneDotOneWrite).seen(),
    owed("mutant-waits-for-all", G::Available).seen(),
    owed("mutant-last-arrival-wins", G::NoLost).seen(),
    owed("mutant-dot-reused-after-wipe", G::OneDotOneWrite).seen(),
    owed("mutant-hand-off-overwrites", G::NoLost).at(Cluster::new(3, 2, 2).on(5)).seen(),
    owed("mutant-empty-after-restart", G::Fresh).seen(),
    owed("textbook", G::MonotonicReads).expected().seen(),
    owed("last-write-wins", G::CausalOrder).expected().seen(),
    owed("as-seeded", G::OnceOnly).seen(),
    owed("as-seeded-combined", G::CausalOrder).demanded().seen(),
    owed("as-seeded", G::NoLost).seen(),
    owed("as-seeded", G::ReadYourWrites).seen(),
    owed("as-seeded", G::OneDotOneWrite).seen(),
    owed("as-seeded-partitioned", G::NoExtra).seen(),
    owed("as-seeded-partitioned", G::Available).seen(),
    owed("as-seeded-repairing", G::Convergence).seen(),
    owed("sloppy-quorum", G::Fresh).at(Cluster::new(3, 2, 2).on(5)).expected().seen(),
    owed("textbook", G::Fresh).demanded().seen(),
    owed("mutant-purges-deletes", G::NoExtra).seen(),
    owed("mutant-hides-tombstones", G::NoExtra).seen(),
    owed("mutant-repair-stamps", G::OnceOnly).seen(),
    owed("mutant-counter-as-vector", G::NoLost).seen(),
    owed("mutant-past-of-the-gone", G::ClockOrder).seen(),
    owed("mutant-siblings-limited", G::NoLost).seen(),
    owed("mutant-keeps-all", G::Antichain).seen(),
    owed("mutant-hints-dropped", G::NoLost).at(Cluster::new(3, 2, 2).on(5)).seen(),
    owed("mutant-vector-reused-after-wipe", G::OneDotOneWrite).seen(),
    owed("mutant-writes-back-too-late", G::MonotonicReads).seen(),
    owed("mutant-deletes-lose-ties", G::Convergence).seen(),
    owed("mutant-forgets-its-writes", G::MonotonicWrites).seen(),
    owed("mutant-forgets-its-reads", G::WritesFollowReads).seen(),
    owed("mutant-repair-marks", G::OnceOnly).seen(),
    owed("mutant-reads-too-few", G::ReadYourWrites).seen(),
    owed("mutant-counts-itself-twice", G::Fresh).seen(),
    owed("mutant-one-ack-where-quorums-miss", G::Durable).at(Cluster::new(5, 1, 2)).seen(),
    owed("mutant-refuses-what-it-knows", G::Available).seen(),
    owed("mutant-timestamps-itself", G::Convergence).seen(),
    owed("mutant-repairs-without-tombstones", G::Convergence).seen(),
    owed("mutant-says-the-first", G::NoLost).seen(),
    owed("mutant-saturates", G::NoLost).seen(),
    owed("mutant-panics", G::Fresh).instead(Breakage::Panic).seen(),
    // Held out.
    owed("mutant-context-ignored", G::NoExtra),
    owed("mutant-delete-ignores-context", G::NoExtra),
    owed("mutant-delete-writes-a-value", G::NoFabrication),
    owed("mutant-past-of-the-copy", G::NoLost),
    owed("mutant-one-name-for-all", G::OneDotOneWrite),
    owed("mutant-counts-what-it-holds", G::OneDotOneWrite),
    owed("mutant-keeps-the-first", G::NoLost),
    owed("mutant-stamps-at-every-replica", G::OnceOnly),
    owed("mutant-repair-refused", G::Convergence),
    owed("mutant-waits-for-the-first", G::Available),
    owed("mutant-asks-just-enough", G::Available),
    owed("mutant-hides-refusals", G::Available),
    owed("mutant-casual-readers", G::Fresh),
    owed("mutant-shows-the-first-reply", G::NoLost),
    owed("mutant-concatenates", G::Antichain),
    owed("mutant-fabricates", G::NoFabrication),
    owed("mutant-repairs-by-count", G::Convergence),
    owed("mutant-context-not-met", G::CausalOrder),
    owed("mutant-counts-the-node", G::NoExtra),
    owed("mutant-never-negative", G::NoExtra),
    owed("mutant-hides-tombstones", G::MonotonicWrites),
    owed("as-seeded-combined", G::Convergence),
    owed("textbook", G::Durable).at(Cluster::new(3, 2, 1)).demanded(),
    owed("last-write-wins", G::Fresh).at(Cluster::new(3, 1, 2)).expected(),
];
