//! Schedules for proptest.
//!
//! * [`schedules`] is for `proptest!` and all that builds on it. Its tree shrinks as proptest asks: one candidate, one
//!   evaluation. proptest stops after four times as many evaluations as there are cases, so a long schedule may stay
//!   longer than it need be.
//! * [`shrunk_by`] and [`failing_schedules`] know what a failure is. At the first `simplify` their tree runs the
//!   **whole minimiser** itself. proptest spends only two evaluations, on the first failure and on the minimal one, so
//!   its limit never applies. `shrunk_by` asks a closure what still fails, `failing_schedules` asks the judges.
//!
//! proptest tells a tree only which of its candidates failed. Hence the closure: a caller of
//! [`check_property`](super::property::check_property) gives the property once, and tree and runner share it.
//!
//! ```
//! use proptest::prelude::*;
//! use quorate::model::Cluster;
//! use quorate::search::regressions::config;
//! use quorate::search::strategy::schedules;
//! use quorate::search::random::Shape;
//!
//! proptest! {
//!     #![proptest_config(config(64, "proptest-regressions/text.txt"))]
//!     // In a test module: #[test]
//!     fn what_is_printed_reads_back(schedule in schedules(Shape::of(Cluster::default()))) {
//!         prop_assert_eq!(schedule.to_string().parse(), Ok(schedule));
//!     }
//! }
//! what_is_printed_reads_back();
//! ```
//!
//! All strategies print their values as the text of the schedule. They return a failure that
//! [`regressions`](super::regressions) has kept as it is, whatever the shape.
//!
//! Not covered: proptest's limits on shrinking by time or count apply to its own evaluations; the minimiser inside a
//! tree has bounds of its own.

use std::fmt;
use std::rc::Rc;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::{Reason, TestRunner};
use rand::Rng;

use crate::judge::{Breakage, Demands, Subject};
use crate::search::minimise::{Case, minimise, minimise_with};
use crate::search::property::trial;
use crate::search::random::Shape;
use crate::search::regressions::stored;
use crate::search::shrink_iter::ShrinkIter;
use crate::search::symptom::Symptom;
use crate::world::schedule::Schedule;

/// Schedules of this shape, shrunk step by step.
#[must_use]
pub const fn schedules(shape: Shape) -> Schedules {
    Schedules { shape }
}

/// Cases of this shape, shrunk by the whole minimiser to the smallest for which `still_fails` holds. `still_fails` must
/// not panic.
pub fn shrunk_by<'a>(shape: Shape, still_fails: impl Fn(&Case) -> bool + 'a) -> Minimised<'a> {
    Minimised::by(shape, move |case| minimise_with(case, &mut |case| still_fails(case)).case)
}

/// Cases of this shape, shrunk by the whole minimiser to the smallest that breaks the same demand.
///
/// The cases are arbitrary, and most do not fail. The property should say that [`trial`] finds nothing.
pub fn failing_schedules(subject: &dyn Subject, demands: Demands, shape: Shape) -> Minimised<'_> {
    Minimised::by(shape, move |case| match breakage(subject, demands, &case) {
        Some(breakage) => minimise(subject, Symptom::new(breakage, demands), case, shape.faults).minimal.case,
        // Our judges do not see it fail.
        None => case,
    })
}

fn breakage(subject: &dyn Subject, demands: Demands, case: &Case) -> Option<Breakage> {
    trial(subject, demands, case).finding.map(|finding| finding.breakage)
}

/// Draws a case, or takes the one that was stored.
fn draw(shape: &Shape, runner: &mut TestRunner) -> Result<Case, Reason> {
    let stored = stored(runner.rng())?;
    let (cluster, schedule) = stored.unwrap_or_else(|| {
        let mut bits = || runner.rng().next_u64();
        (None, shape.schedule(bits(), bits()))
    });
    Ok(Case { cluster: cluster.unwrap_or(shape.cluster), schedule })
}

/// A strategy of schedules; see [`schedules`].
#[derive(Clone, Copy, Debug)]
pub struct Schedules {
    shape: Shape,
}

impl Strategy for Schedules {
    type Tree = StepByStep;
    type Value = Schedule;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let case = draw(&self.shape, runner)?;
        Ok(StepByStep { smaller: ShrinkIter::than(case), tried: None })
    }
}

/// A schedule that shrinks one candidate at a time. The cluster is not part of the value, so it stays.
#[derive(Clone, Debug)]
pub struct StepByStep {
    /// Its base is the smallest schedule that is known to fail.
    smaller: ShrinkIter,
    /// The candidate whose evaluation is awaited.
    tried: Option<Case>,
}

impl ValueTree for StepByStep {
    type Value = Schedule;

    fn current(&self) -> Schedule {
        self.tried.as_ref().unwrap_or(self.smaller.base()).schedule.clone()
    }

    /// Called when the current schedule failed.
    fn simplify(&mut self) -> bool {
        if let Some(failed) = self.tried.take() {
            self.smaller.adopt(failed);
        }
        self.tried = self.smaller.next();
        self.tried.is_some()
    }

    /// Called when the current schedule passed: drops it. If there is no other candidate, the last that failed is
    /// current.
    fn complicate(&mut self) -> bool {
        // If nothing was tried, there is nothing to undo.
        self.tried = self.tried.take().and_then(|_| self.smaller.next());
        self.tried.is_some()
    }
}

type Shrink<'a> = Rc<dyn Fn(Case) -> Case + 'a>;

/// A strategy of cases that are shrunk at once; see [`shrunk_by`] and [`failing_schedules`].
#[derive(Clone)]
pub struct Minimised<'a> {
    shape: Shape,
    shrink: Shrink<'a>,
}

impl<'a> Minimised<'a> {
    pub(super) fn by(shape: Shape, shrink: impl Fn(Case) -> Case + 'a) -> Self {
        Self { shape, shrink: Rc::new(shrink) }
    }
}

impl fmt::Debug for Minimised<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minimised").field("shape", &self.shape).finish_non_exhaustive()
    }
}

impl<'a> Strategy for Minimised<'a> {
    type Tree = AtOnce<'a>;
    type Value = Case;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let first = draw(&self.shape, runner)?;
        Ok(AtOnce { first, minimal: None, shrink: Some(Rc::clone(&self.shrink)) })
    }
}

/// A case that is minimised at the first `simplify`.
#[derive(Clone)]
pub struct AtOnce<'a> {
    first: Case,
    minimal: Option<Case>,
    /// `None` once it has been run.
    shrink: Option<Shrink<'a>>,
}

impl fmt::Debug for AtOnce<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, minimal, .. } = self;
        f.debug_struct("AtOnce").field("first", first).field("minimal", minimal).finish_non_exhaustive()
    }
}

impl ValueTree for AtOnce<'_> {
    type Value = Case;

    fn current(&self) -> Case {
        self.minimal.as_ref().unwrap_or(&self.first).clone()
    }

    fn simplify(&mut self) -> bool {
        let Some(shrink) = self.shrink.take() else { return false };
        self.minimal = Some(shrink(self.first.clone())).filter(|minimal| *minimal != self.first);
        self.minimal.is_some()
    }

    /// Called when the minimal case passed, though it failed a moment ago: the property is not a function of the case.
    /// Goes back to the case that proptest itself saw failing.
    fn complicate(&mut self) -> bool {
        self.minimal.take().is_some()
    }
}
