//! The search: makes skeletons depth first, and adds to each the exceptions that its runs allow.

use rustc_hash::FxHashSet;

use super::skeleton::{Class, Skeleton, faults};
use super::{Exhausted, ScheduleScope};
use crate::guarantee::GuaranteeSet;
use crate::id::OpId;
use crate::judge::determinism::compare_two_runs;
use crate::judge::{Breakage, Demands, Finding, Runner, Subject, Tested, Trial};
use crate::search::minimise::{Case, compare};
use crate::search::random::Fault;
use crate::world::schedule::{Exception, Fate, MessageName, Schedule, Step};

/// What the heaviest fault adds to the size of a schedule: see [`Schedule::size`].
const HEAVIEST: usize = 2;

/// If no failure is known yet, the search runs each of the first `ALL_TWICE` schedules twice more to check determinism,
/// then one in every `ONE_TWICE`.
const ALL_TWICE: u64 = 1024;
const ONE_TWICE: u64 = 64;

/// A search under way; see the [module](self).
pub(super) struct ScheduleSearch<'s> {
    runner: Box<dyn Runner + 's>,
    scope: ScheduleScope,
    alphabet: Vec<Step>,
    fates: Vec<Fate>,
    /// If given, only cases that rank below this one and break the same count.
    wanted: Option<(&'s Case, Breakage)>,
    most_runs: u64,
    judged: GuaranteeSet,
    tested: Tested,
    runs: u64,
    /// All schedules up to this size were run.
    size: usize,
    /// Whether there is nothing left to run.
    over: bool,
    spent: bool,
    least: Option<(Case, Finding)>,
    /// The schedules made of the current skeleton so far, since two exceptions can be added in either order.
    seen: FxHashSet<Schedule>,
}

impl<'s> ScheduleSearch<'s> {
    pub(super) fn new(
        subject: &'s dyn Subject,
        demands: Demands,
        scope: &ScheduleScope,
        wanted: Option<(&'s Case, Breakage)>,
    ) -> Self {
        let scope = scope.bounded();
        assert!(scope.cluster.validate().is_ok(), "{} cannot be built", scope.cluster);
        let fates = [(Fault::Lost, Fate::Lost), (Fault::Late, Fate::Late), (Fault::Doubled, Fate::Doubled)];
        Self {
            runner: subject.runner(scope.cluster, usize::from(scope.keys), demands),
            alphabet: faults(&scope),
            fates: fates.into_iter().filter(|(f, _)| scope.faults.has(*f)).map(|(_, fate)| fate).collect(),
            scope,
            wanted,
            most_runs: 0,
            judged: subject.judgeable(demands).judged(),
            tested: Tested::default(),
            runs: 0,
            size: 0,
            over: scope.size == 0,
            spent: false,
            least: None,
            seen: FxHashSet::default(),
        }
    }

    pub(super) fn run(mut self, budget: u64) -> Exhausted {
        while !self.over && !self.spent {
            self.advance(budget - self.runs);
        }
        self.end()
    }

    /// How many schedules were run.
    pub(super) const fn runs(&self) -> u64 {
        self.runs
    }

    /// Whether there is nothing left to run.
    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    /// Whether anything was found.
    pub(super) const fn has_found(&self) -> bool {
        self.least.is_some()
    }

    /// Runs the schedules of the next size, at most `budget` of them. If that is not enough, call it again with more.
    pub(super) fn advance(&mut self, budget: u64) {
        if self.over {
            return;
        }
        self.spent = false;
        self.most_runs = self.runs + budget;
        let next = self.size + 1;
        self.run_size(next);
        // At the size of the case to beat, it runs only what ranks below the case.
        let beaten = self.wanted.is_some_and(|(case, _)| case.schedule.size() == next);
        let whole = self.least.is_none() && !self.spent;
        if whole && !beaten {
            self.size = next;
        }
        self.over = self.least.is_some() || whole && (beaten || next >= self.scope.size);
    }

    /// The result so far. A search that is not over ends as if its budget were spent.
    pub(super) fn end(self) -> Exhausted {
        let Self { scope, runs, size, least, spent, over, tested, judged, .. } = self;
        let complete = over && !spent;
        let untested = if complete && least.is_none() { tested.untested(judged) } else { Vec::new() };
        Exhausted { scope, size, runs, found: least, complete, untested }
    }

    /// Runs the classes of a size in order of preference, to the end of the first with a failure, or to the class of
    /// the case to beat.
    fn run_size(&mut self, size: usize) {
        let beaten =
            self.wanted.filter(|(case, _)| case.schedule.size() == size).map(|(case, _)| class(case));
        let most = self.scope.most_faults.min(size);
        let classes =
            (0..=most).flat_map(|faults| (0..=most - faults).map(move |exceptions| (faults, exceptions)));
        for (faults, exceptions) in classes {
            let beyond = beaten.is_some_and(|class| (class.faults, class.exceptions) < (faults, exceptions));
            let empty = (faults > 0 && self.alphabet.is_empty()) || (exceptions > 0 && self.fates.is_empty());
            if empty {
                continue;
            }
            if beyond || self.spent || self.least.is_some() {
                return;
            }
            for weight in faults..=faults * HEAVIEST {
                if size > exceptions + weight {
                    let operations = size - exceptions - weight;
                    let class = Class { operations, faults, weight, exceptions };
                    self.grow(&Skeleton::new(class, &self.scope), exceptions);
                }
            }
        }
    }

    fn grow(&mut self, skeleton: &Skeleton, exceptions: usize) {
        if self.spent {
            return;
        }
        if skeleton.is_whole() {
            self.seen.clear();
            self.except(Schedule::from(skeleton.steps.clone()), exceptions, skeleton.free_left);
        }
        let alphabet = std::mem::take(&mut self.alphabet);
        let next = skeleton.next(&self.scope, &alphabet);
        self.alphabet = alphabet;
        for longer in next {
            self.grow(&longer, exceptions);
        }
    }

    /// Adds this many exceptions, each to a message of the run before it, and the arrivals of late messages.
    fn except(&mut self, schedule: Schedule, exceptions: usize, free_left: usize) {
        let Some(trial) = self.trial(&schedule) else { return };
        if exceptions == 0 {
            self.judge(schedule, trial);
            return;
        }
        let sent = self.runner.sent();
        for (op, name) in sent {
            let operation =
                schedule.steps.iter().position(|step| step.operation().is_some_and(|o| o.op == op));
            let Some(at) = operation else { continue };
            for fate in self.fates.clone() {
                if let Some(next) = with_exception(&schedule, at, Exception { name, fate }) {
                    self.except_and_arrive(next, (at, op, name), fate, exceptions - 1, free_left);
                }
            }
        }
    }

    fn except_and_arrive(
        &mut self,
        schedule: Schedule,
        (at, op, name): (usize, OpId, MessageName),
        fate: Fate,
        exceptions: usize,
        free_left: usize,
    ) {
        if self.spent || !self.seen.insert(schedule.clone()) {
            return;
        }
        if fate != Fate::Lost && free_left > 0 {
            for place in at + 1..=schedule.steps.len() {
                let mut arriving = schedule.clone();
                arriving.steps.insert(place, Step::Arrive { op, name });
                if self.seen.insert(arriving.clone()) {
                    self.except(arriving, exceptions, free_left - 1);
                }
            }
        }
        self.except(schedule, exceptions, free_left);
    }

    /// Runs a schedule; `None` if the budget is spent.
    fn trial(&mut self, schedule: &Schedule) -> Option<Trial> {
        if self.runs >= self.most_runs {
            self.spent = true;
            return None;
        }
        self.runs += 1;
        let twice = self.wanted.is_none() && (self.runs < ALL_TWICE || self.runs.is_multiple_of(ONE_TWICE));
        let differs = twice.then(|| compare_two_runs(self.runner.as_mut(), schedule)).flatten();
        let mut trial = self.runner.run(schedule);
        trial.finding = differs.map(|(_, finding)| finding).or(trial.finding);
        self.judged.iter().for_each(|guarantee| self.tested.add(guarantee, self.runner.ruling(guarantee)));
        Some(trial)
    }

    fn judge(&mut self, schedule: Schedule, trial: Trial) {
        let Some(finding) = trial.finding else { return };
        let case = Case { cluster: self.scope.cluster, schedule };
        let lower = match (&self.least, self.wanted) {
            (Some((least, _)), _) => compare(&case, least).is_lt(),
            (None, Some((case_to_beat, _))) => compare(&case, case_to_beat).is_lt(),
            (None, None) => true,
        };
        let same = self.wanted.is_none_or(|(_, breakage)| breakage == finding.breakage);
        if lower && same {
            self.least = Some((case, finding));
        }
    }
}

/// The class of a case.
fn class(case: &Case) -> Class {
    let exceptions = case.schedule.operations().map(|operation| operation.exceptions.len()).sum();
    let operations = case.schedule.operations().count();
    let steps = case.schedule.steps.iter();
    let begun = || steps.clone().filter(|step| step.operation().is_none() && step.size() > 0);
    Class { operations, faults: begun().count(), weight: begun().map(Step::size).sum(), exceptions }
}

/// The schedule with one more exception; `None` if there can be no such exception, or the message already has a fate.
fn with_exception(schedule: &Schedule, at: usize, exception: Exception) -> Option<Schedule> {
    let mut schedule = schedule.clone();
    let Some(Step::Operation(operation)) = schedule.steps.get_mut(at) else { return None };
    let taken = operation.exceptions.iter().any(|other| other.name == exception.name);
    if taken || (exception.name.kind.is_of_client() && exception.fate == Fate::Doubled) {
        return None;
    }
    operation.exceptions.push(exception);
    operation.exceptions.sort_unstable();
    Some(schedule)
}
