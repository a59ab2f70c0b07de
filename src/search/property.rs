//! Properties of schedules under proptest: what to call from a test.
//!
//! [`check_property`] takes the property as a closure, [`check_protocol`] takes a store that must keep what it
//! promises. Both run proptest over our [strategies](super::strategy), so its configuration, its environment and its
//! file of regressions work as usual. Both return a failure that a person can read, so a test can simply return it:
//!
//! ```
//! use quorate::judge::Demands;
//! use quorate::model::{Cluster, Dotted, Textbook};
//! use quorate::search::property::{PropertyFailure, check_protocol};
//! use quorate::search::regressions::config;
//! use quorate::search::random::Shape;
//! use quorate::world::modelled::Modelled;
//!
//! // In a test module: #[test]
//! fn textbook_keeps_its_promises() -> Result<(), PropertyFailure> {
//!     let textbook: Modelled<'_, Dotted> = Modelled(&Textbook);
//!     check_protocol(config(64, "proptest-regressions/textbook.txt"), &textbook, Shape::of(Cluster::default()))
//! }
//! textbook_keeps_its_promises().unwrap();
//! ```
//!
//! A panic in a property is a failure like any other. The minimiser prints no panics while it tries its candidates.
//!
//! Not covered: which bug a closure finds. The minimiser cannot tell a closure's failures apart, so it may slip from
//! one bug to a smaller one. `check_protocol` does not, because it compares what is broken.

use std::cell::RefCell;
use std::fmt;

use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestError, TestRunner};

use crate::judge::panics::catching;
use crate::judge::{Demands, Subject, Trial};
use crate::search::minimise::{Case, minimise, minimise_with};
use crate::search::random::Shape;
use crate::search::strategy::Minimised;
use crate::search::symptom::Symptom;
use crate::world::scenario::Scenario;

/// Why a check failed. `Debug` prints what `Display` does, because a test shows what it returns with `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum PropertyFailure {
    /// A case that fails, as small as it could be made.
    Counterexample(Box<Counterexample>),
    /// There is no verdict: too many cases were rejected, or a stored one cannot be read.
    Aborted(String),
}

/// A case that fails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counterexample {
    /// What is wrong with it.
    pub because: String,
    /// The case, minimised.
    pub case: Case,
    /// The protocol that was checked, if a protocol was checked.
    pub protocol: Option<String>,
    /// What minimising it took.
    pub shrinking: Shrinking,
}

/// What minimising took.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Shrinking {
    /// The size of the first failure.
    pub from: usize,
    /// How many candidates were run.
    pub runs: u32,
    /// Whether it is known that no single step can be left out.
    pub one_minimal: bool,
}

impl Counterexample {
    /// The scenario that replays this case.
    #[must_use]
    pub fn scenario(&self, protocol: impl Into<String>) -> Scenario {
        Scenario::new(protocol, self.case.cluster, self.case.schedule.clone())
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { because, case: Case { cluster, schedule }, protocol, shrinking } = self;
        write!(f, "{because}\n\n")?;
        if let Some(protocol) = protocol {
            writeln!(f, "protocol {protocol}")?;
        }
        write!(f, "cluster {cluster}\n\n{schedule}\n\n# size {}", schedule.size())?;
        if shrinking.runs > 0 {
            write!(f, ", shrunk from {} in {} runs", shrinking.from, shrinking.runs)?;
        }
        f.write_str(if shrinking.one_minimal {
            "; without any one of its steps it does not fail"
        } else {
            ""
        })
    }
}

impl fmt::Display for PropertyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counterexample(counterexample) => fmt::Display::fmt(counterexample, f),
            Self::Aborted(why) => write!(f, "no verdict: {why}"),
        }
    }
}

impl fmt::Debug for PropertyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for PropertyFailure {}

/// Runs one case on a store, up to the first breakage.
pub fn trial(subject: &dyn Subject, demands: Demands, case: &Case) -> Trial {
    subject.runner(case.cluster, case.schedule.keys(), demands).run(&case.schedule)
}

/// Checks that a property holds for the cases of this shape.
///
/// # Errors
/// A failing case, as small as the minimiser can make it. The property itself says what still fails.
pub fn check_property(
    config: Config,
    shape: Shape,
    property: impl Fn(&Case) -> TestCaseResult,
) -> Result<(), PropertyFailure> {
    let property =
        |case: &Case| catching(|| property(case)).unwrap_or_else(|panic| Err(TestCaseError::fail(panic)));
    let fails = |case: &Case| matches!(property(case), Err(TestCaseError::Fail(_)));
    check(config, shape, property, |case| {
        let from = case.schedule.size();
        let minimal = minimise_with(case, &mut |case| fails(case));
        (minimal.case, Shrinking { from, runs: minimal.runs, one_minimal: minimal.one_minimal })
    })
}

/// Checks that a store keeps what it promises in the cluster of this shape.
///
/// # Errors
/// A case that breaks a promise, as small as the minimiser can make it with the same promise broken.
pub fn check_protocol(config: Config, subject: &dyn Subject, shape: Shape) -> Result<(), PropertyFailure> {
    check_demands(config, subject, Demands::of_claims(&subject.claims(shape.cluster)), shape)
}

/// Checks that a store does what is demanded of it.
///
/// # Errors
/// As [`check_protocol`].
pub fn check_demands(
    config: Config,
    subject: &dyn Subject,
    demands: Demands,
    shape: Shape,
) -> Result<(), PropertyFailure> {
    let finding = |case: &Case| trial(subject, demands, case).finding;
    let property = |case: &Case| match finding(case) {
        None => Ok(()),
        Some(finding) => Err(TestCaseError::fail(format!("{}: {}", finding.breakage, finding.because))),
    };
    // A small case may break something else as well. Reports what the case was minimised for.
    let told = RefCell::new(None);
    let checked = check(config, shape, property, |case| {
        let from = case.schedule.size();
        let Some(finding) = finding(&case) else { return (case, Shrinking::default()) };
        let failure = minimise(subject, Symptom::new(finding.breakage, demands), case, shape.faults);
        let minimal = failure.minimal;
        told.replace(failure.finding.map(|finding| format!("{}: {}", finding.breakage, finding.because)));
        (minimal.case, Shrinking { from, runs: minimal.runs, one_minimal: minimal.one_minimal })
    });
    checked.map_err(|failure| match failure {
        PropertyFailure::Counterexample(mut counterexample) => {
            counterexample.because = told.take().unwrap_or(counterexample.because);
            counterexample.protocol = Some(subject.name().into_owned());
            PropertyFailure::Counterexample(counterexample)
        }
        aborted @ PropertyFailure::Aborted(_) => aborted,
    })
}

/// Runs proptest, and notes what shrinking took, which proptest's tree cannot tell.
fn check(
    config: Config,
    shape: Shape,
    property: impl Fn(&Case) -> TestCaseResult,
    minimise: impl Fn(Case) -> (Case, Shrinking),
) -> Result<(), PropertyFailure> {
    let shrinking = RefCell::new(Shrinking::default());
    let strategy = Minimised::by(shape, |case| {
        let (minimal, took) = minimise(case);
        shrinking.replace(took);
        minimal
    });
    let outcome = TestRunner::new(config).run(&strategy, |case| property(&case));
    outcome.map_err(|error| match error {
        TestError::Fail(because, case) => {
            let because = because.message().to_owned();
            let shrinking = *shrinking.borrow();
            PropertyFailure::Counterexample(Box::new(Counterexample {
                because,
                case,
                protocol: None,
                shrinking,
            }))
        }
        TestError::Abort(why) => PropertyFailure::Aborted(why.message().to_owned()),
    })
}
