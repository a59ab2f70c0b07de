//! The bugs that are shrunk: which protocol, on what, and what it breaks.
//!
//! Each failing schedule is a random one, of the default shape, made for no bug in particular. The bugs stand in two
//! lists. Those that were *seen* while the minimiser's passes were written may have shaped them; the others were
//! *held out*, and are the better evidence that the passes are general.

use quorate::check::{Breakage, Demands, Subject};
use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::model::Cluster;
use quorate::protocols;
use quorate::search::minimise::Case;
use quorate::search::walk::Shape;

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
    owed("last-write-wins", G::LwwReal).expected().seen(),
    owed("as-seeded", G::OnceOnly).seen(),
    owed("as-seeded-combined", G::LwwReal).demanded().seen(),
    // Held out.
    owed("as-seeded", G::NoLost),
    owed("as-seeded", G::ReadYourWrites),
    owed("as-seeded", G::OneDotOneWrite),
    owed("as-seeded-partitioned", G::NoExtra),
    owed("as-seeded-partitioned", G::Available),
    owed("as-seeded-repairing", G::Convergence),
    owed("sloppy-quorum", G::Fresh).at(Cluster::new(3, 2, 2).on(5)).expected(),
    owed("textbook", G::Fresh).demanded(),
    owed("mutant-purges-deletes", G::NoExtra),
    owed("mutant-hides-tombstones", G::NoExtra),
    owed("mutant-repair-stamps", G::OnceOnly),
    owed("mutant-counter-as-vector", G::NoLost),
    owed("mutant-past-of-the-gone", G::ClockOrder),
    owed("mutant-siblings-limited", G::NoLost),
    owed("mutant-keeps-all", G::Siblings),
    owed("mutant-hints-dropped", G::NoLost).at(Cluster::new(3, 2, 2).on(5)),
    owed("mutant-vector-reused-after-wipe", G::OneDotOneWrite),
    owed("mutant-writes-back-too-late", G::MonotonicReads),
    owed("mutant-deletes-lose-ties", G::Convergence),
    owed("mutant-forgets-its-writes", G::MonotonicWrites),
    owed("mutant-forgets-its-reads", G::WritesFollowReads),
    owed("mutant-repair-marks", G::OnceOnly),
    owed("mutant-reads-too-few", G::ReadYourWrites),
    owed("mutant-counts-itself-twice", G::Fresh),
    owed("mutant-one-ack-where-quorums-miss", G::Durable).at(Cluster::new(5, 1, 2)),
    owed("mutant-refuses-what-it-knows", G::Available),
    owed("mutant-timestamps-itself", G::Convergence),
    owed("mutant-repairs-without-tombstones", G::Convergence),
    owed("mutant-says-the-first", G::NoLost),
    owed("mutant-saturates", G::NoLost),
    owed("mutant-panics", G::Fresh).instead(Breakage::Panic),
];
