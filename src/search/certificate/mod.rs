//! A second opinion on a counterexample, by a checker that does not know how it was found.
//!
//! A shrunk failure claims that nothing in it can be left out or said more mildly. The checker believes none of it. It
//! takes the text of a [`Scenario`], replays it, makes each simplification by itself, one change each, and runs them
//! all. It shares no code with the [minimiser](crate::search::minimise): it defines again what is simpler, so plainly
//! that a reader can check it.
//!
//! A scenario that breaks several things is judged for each of them, and gets its certificate if it is minimal for one:
//! its text does not say which of them it was shrunk for.
//!
//! [`certify_exactly`] adds what an exhaustive search says of smaller failures.
//!
//! Not covered: two changes at once, other orders of the steps, and other names for nodes. A certificate of this kind
//! does not say whether a failure is the least of its bug.

mod simplifications;

use std::fmt;

use crate::guarantee::GuaranteeSet;
use crate::judge::{Breakage, Demands, Subject, Trial};
use crate::search::minimise::Case;
use crate::search::random::Faults;
use crate::search::schedules::{Exhausted, ScheduleScope, exhaust};
use crate::world::scenario::Scenario;

/// Callers that check scenarios from outside refuse longer ones: the work grows with the square of the steps, and
/// nothing of this length is minimal.
pub const MOST_STEPS: usize = 200;

/// What was run to check a scenario, and the result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// What the scenario breaks.
    pub breakage: Breakage,
    /// How the scenario breaks it.
    pub because: String,
    /// Every single change that makes the scenario simpler.
    pub tried: Vec<Tried>,
}

/// A simpler scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tried {
    /// What was changed, in words.
    pub change: String,
    /// What was run.
    pub scenario: Scenario,
    /// What the judges saw.
    pub seen: Seen,
}

/// What the judges saw of a simpler scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// It breaks the same: the scenario is not minimal.
    Same(String),
    /// It breaks something else, and not the same.
    Another(Breakage),
    /// It breaks nothing of what is judged.
    Nothing,
}

impl Certificate {
    /// The first simpler scenario that breaks the same guarantee.
    #[must_use]
    pub fn refuted_by(&self) -> Option<&Tried> {
        self.tried.iter().find(|tried| matches!(tried.seen, Seen::Same(_)))
    }

    /// Whether every simplification was run, and none breaks the same.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.refuted_by().is_none()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(because) => write!(f, "it breaks the same: {because}"),
            Self::Another(breakage) => write!(f, "{breakage} is broken instead"),
            Self::Nothing => f.write_str("nothing is broken"),
        }
    }
}

/// Checks that a scenario fails and is 1-minimal. Returns the certificate of the first breakage for which it is
/// minimal; otherwise that of the first breakage. `None` if the scenario breaks nothing.
#[must_use]
pub fn certify(subject: &dyn Subject, scenario: &Scenario) -> Option<Certificate> {
    let mut refuted = None;
    for (charge, because) in charges(subject, scenario) {
        let certificate = charge.certificate(subject, scenario, because);
        if certificate.holds() {
            return Some(certificate);
        }
        refuted = refuted.or(Some(certificate));
    }
    refuted
}

/// Like [`certify`], then searches up to `budget` smaller schedules. Prefers a breakage that nothing smaller shows as
/// well; if there is none, returns the breakage that [`certify`] returns.
#[must_use]
pub fn certify_exactly(
    subject: &dyn Subject,
    scenario: &Scenario,
    budget: u64,
) -> Option<(Certificate, Exhausted)> {
    let mut refuted = None;
    for (charge, because) in charges(subject, scenario) {
        let certificate = charge.certificate(subject, scenario, because);
        let holds = certificate.holds();
        let below = below(subject, scenario, charge, budget);
        if holds && below.found.is_none() {
            return Some((certificate, below));
        }
        let is_better = refuted.as_ref().is_none_or(|(other, _): &(Certificate, _)| holds && !other.holds());
        if is_better {
            refuted = Some((certificate, below));
        }
    }
    refuted
}

/// Runs every smaller schedule of the scope around a scenario, until one breaks the same or `budget` have been run.
fn below(subject: &dyn Subject, scenario: &Scenario, charge: Charge, budget: u64) -> Exhausted {
    let case = Case { cluster: scenario.cluster, schedule: scenario.schedule.clone() };
    let around = ScheduleScope::around(&case, Faults::ALL);
    let scope = ScheduleScope { size: around.size.saturating_sub(1), ..around };
    exhaust(subject, &charge.demands(subject, scenario), &scope, budget)
}

/// Everything that a scenario breaks, each judged alone, and how.
fn charges(subject: &dyn Subject, scenario: &Scenario) -> Vec<(Charge, String)> {
    let guarantees = demands(subject, scenario).judged().iter().map(Breakage::Guarantee).collect::<Vec<_>>();
    let any = [Breakage::Panic, Breakage::Storm, Breakage::Nondeterminism];
    guarantees.into_iter().chain(any).filter_map(|breakage| Charge::of(subject, scenario, breakage)).collect()
}

/// What a scenario is judged on: what it demands outright or, if it demands nothing, what is claimed.
fn demands(subject: &dyn Subject, scenario: &Scenario) -> Demands {
    let demanded: GuaranteeSet = scenario.demands.iter().copied().collect();
    subject.judgeable(match demanded.is_empty() {
        true => Demands::of_claims(&subject.claims(scenario.cluster)),
        // Runs as long as the run that was found: a panic, for instance, may show only at rest.
        false => Demands::NOTHING.demanding(demanded).through_rest(),
    })
}

/// What a scenario is accused of.
#[derive(Clone, Copy)]
struct Charge {
    breakage: Breakage,
}

impl Charge {
    /// The charge that a scenario breaks this, and how; `None` if it does not.
    fn of(subject: &dyn Subject, scenario: &Scenario, breakage: Breakage) -> Option<(Self, String)> {
        let charge = Self { breakage };
        Some((charge, charge.holds(subject, scenario)?))
    }

    /// Runs every single change.
    fn certificate(self, subject: &dyn Subject, scenario: &Scenario, because: String) -> Certificate {
        let changes = simplifications::of(scenario).into_iter();
        let tried =
            changes.filter(|(_, simpler)| self.is_brought(subject, simpler)).map(|(change, simpler)| {
                let seen = self.seen(subject, &simpler);
                Tried { change, scenario: simpler, seen }
            });
        Certificate { breakage: self.breakage, because, tried: tried.collect() }
    }

    /// The demands that judge only this breakage.
    fn demands(self, subject: &dyn Subject, scenario: &Scenario) -> Demands {
        let all = demands(subject, scenario);
        match self.breakage {
            Breakage::Guarantee(guarantee) => all.only(guarantee),
            _ => all.of_nothing(),
        }
    }

    /// Whether a scenario owes anything of the kind. If it does not promise the guarantee, it is no simplification.
    fn is_brought(self, subject: &dyn Subject, scenario: &Scenario) -> bool {
        match self.breakage {
            Breakage::Guarantee(guarantee) => demands(subject, scenario).judges(guarantee),
            _ => true,
        }
    }

    /// How a scenario breaks it, if it does.
    fn holds(self, subject: &dyn Subject, scenario: &Scenario) -> Option<String> {
        if self.breakage == Breakage::Nondeterminism {
            let keys = scenario.schedule.keys();
            let mut runner = subject.runner(scenario.cluster, keys, Demands::NOTHING);
            let once = runner.fingerprints(&scenario.schedule);
            let again = runner.fingerprints(&scenario.schedule);
            return (once != again).then(|| "run twice, it did not do the same".to_owned());
        }
        let finding = run(subject, scenario, self.demands(subject, scenario)).finding?;
        (finding.breakage == self.breakage).then_some(finding.because)
    }

    fn seen(self, subject: &dyn Subject, scenario: &Scenario) -> Seen {
        if let Some(because) = self.holds(subject, scenario) {
            return Seen::Same(because);
        }
        match run(subject, scenario, demands(subject, scenario)).finding {
            Some(finding) => Seen::Another(finding.breakage),
            None => Seen::Nothing,
        }
    }
}

fn run(subject: &dyn Subject, scenario: &Scenario, demands: Demands) -> Trial {
    subject.runner(scenario.cluster, scenario.schedule.keys(), demands).run(&scenario.schedule)
}
