//! The shortest schedule on which two systems behave differently.
//!
//! The search runs two systems on the same schedules and compares them frame by frame. A difference is a failure like
//! any other ([`Breakage::Difference`]), of the [`Pair`] of systems as its subject. So the same code minimises and
//! certifies it.
//!
//! The search looks for the most noticeable difference in all schedules: one in the [answers](DifferenceLevel::Answers) that
//! clients get comes before one in what the [copies](DifferenceLevel::Copies) hold, and that before one in the
//! [messages](DifferenceLevel::Messages) alone.
//!
//! Not covered: what [`difference`] does not compare.

use std::borrow::Cow;

use crate::guarantee::Guarantee;
use crate::id::OpId;
use crate::judge::difference::{DifferenceLevel, difference};
use crate::judge::{Breakage, Demands, Finding, Ruling, Runner, Subject, Trial};
use crate::model::{Claims, Cluster, DataType};
use crate::search::minimise::Case;
use crate::search::random::{Faults, Shape};
use crate::search::schedules::{Certified, minimise_exactly};
use crate::search::symptom::Symptom;
use crate::world::history::History;
use crate::world::narration::Narration;
use crate::world::schedule::{MessageName, Schedule};

/// Two systems as one subject, which fails where they differ.
pub struct Pair<'a> {
    /// The first system.
    pub first: &'a dyn Subject,
    /// The second system.
    pub second: &'a dyn Subject,
    /// The level at which they are compared.
    pub level: DifferenceLevel,
}

/// A schedule on which two systems differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parting {
    /// The level at which they differ. No schedule shows a more noticeable difference.
    pub level: DifferenceLevel,
    /// The number of the schedule.
    pub number: u64,
    /// How many schedules were looked at.
    pub schedules: u64,
    /// The schedule.
    pub case: Case,
}

/// Looks for the most noticeable difference on this many random schedules. `None` if the systems do the same on all of
/// them.
#[must_use]
pub fn first_difference(
    both: [&dyn Subject; 2],
    shape: &Shape,
    seed: u64,
    schedules: u64,
) -> Option<Parting> {
    let mut found: Option<Parting> = None;
    for number in 0..schedules {
        let schedule = shape.schedule(seed, number);
        let told = both.map(|subject| subject.narrate(shape.cluster, Demands::NOTHING, &schedule));
        let better = |level: &DifferenceLevel| found.as_ref().is_none_or(|found| *level < found.level);
        let parted = |level: &DifferenceLevel| difference(&told[0], &told[1], &schedule, *level).is_some();
        if let Some(level) = DifferenceLevel::ALL.into_iter().filter(better).find(parted) {
            let case = Case { cluster: shape.cluster, schedule };
            found = Some(Parting { level, number, schedules, case });
            if level == DifferenceLevel::Answers {
                return found.map(|found| Parting { schedules: number + 1, ..found });
            }
        }
    }
    found
}

/// Minimises a difference, and runs up to `budget` schedules to show that there is no smaller one.
#[must_use]
pub fn shortest_difference(both: [&dyn Subject; 2], parting: &Parting, budget: u64) -> Certified {
    let [first, second] = both;
    let pair = Pair { first, second, level: parting.level };
    minimise_exactly(
        &pair,
        Symptom::new(Breakage::Difference, Demands::NOTHING),
        parting.case.clone(),
        Faults::ALL,
        budget,
    )
}

impl Subject for Pair<'_> {
    fn name(&self) -> Cow<'static, str> {
        format!("{} against {}", self.first.name(), self.second.name()).into()
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.first.claims(cluster)
    }

    fn base_claims(&self, _cluster: Cluster) -> Option<(Cow<'static, str>, Claims)> {
        None
    }

    fn data_type(&self) -> DataType {
        self.first.data_type()
    }

    /// Nothing: the systems are compared, not judged.
    fn judgeable(&self, _demands: Demands) -> Demands {
        Demands::NOTHING
    }

    fn runner<'a>(&'a self, cluster: Cluster, keys: usize, _demands: Demands) -> Box<dyn Runner + 'a> {
        let runner = |subject: &'a dyn Subject| subject.runner(cluster, keys, Demands::NOTHING);
        Box::new(PairRunner { pair: self, cluster, first: runner(self.first), second: runner(self.second) })
    }

    fn narrate(&self, cluster: Cluster, _demands: Demands, schedule: &Schedule) -> Narration {
        let told =
            [self.first, self.second].map(|subject| subject.narrate(cluster, Demands::NOTHING, schedule));
        let parted = difference(&told[0], &told[1], schedule, self.level);
        let [first, _] = told;
        Narration { broken_in: parted.map(|(at, _)| at), ..first }
    }
}

struct PairRunner<'a> {
    pair: &'a Pair<'a>,
    cluster: Cluster,
    first: Box<dyn Runner + 'a>,
    second: Box<dyn Runner + 'a>,
}

impl Runner for PairRunner<'_> {
    fn run(&mut self, schedule: &Schedule) -> Trial {
        let mut trial = self.first.run(schedule);
        self.second.run(schedule); // For what it sends.
        let told = [self.pair.first, self.pair.second]
            .map(|subject| subject.narrate(self.cluster, Demands::NOTHING, schedule));
        trial.finding = difference(&told[0], &told[1], schedule, self.pair.level)
            .map(|(_, because)| Finding { breakage: Breakage::Difference, because, violation: None });
        trial
    }

    fn run_recorded(&mut self, schedule: &Schedule) -> (Trial, History) {
        let (_, history) = self.first.run_recorded(schedule);
        (self.run(schedule), history)
    }

    fn fingerprints(&mut self, schedule: &Schedule) -> Vec<u64> {
        self.first.fingerprints(schedule)
    }

    fn sent(&self) -> Vec<(OpId, MessageName)> {
        let mut sent = self.first.sent();
        sent.extend(self.second.sent());
        sent.sort_unstable();
        sent.dedup();
        sent
    }

    fn ruling(&self, guarantee: Guarantee) -> &Ruling {
        self.first.ruling(guarantee)
    }
}
