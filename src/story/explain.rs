//! Why each line of a counterexample is there: what the judges see if it is left out.
//!
//! Each step of a short schedule is left out once, and so is each message that goes astray and each word `blind`, one
//! at a time; the rest is run again. Nothing in a small failure can be spared, so a reader sees at once what each part
//! does: without the lost message the read shows the write; without the write there is nothing to miss.
//!
//! Not covered: two things left out at once, and schedules of more than [`MOST_STEPS`] steps, which nobody reads line
//! by line.

use crate::judge::determinism::compare_two_runs;
use crate::judge::{Breakage, Demands, Finding, Subject};
use crate::world::narration::{Narration, OperationEnd};
use crate::world::scenario::Scenario;
use crate::world::schedule::{Schedule, Step};

/// The longest schedule to explain.
const MOST_STEPS: usize = 32;

/// A scenario and what it breaks.
pub(super) struct ToldFailure<'a> {
    pub(super) subject: &'a dyn Subject,
    pub(super) scenario: &'a Scenario,
    /// What it was judged by.
    pub(super) demands: Demands,
    pub(super) finding: &'a Finding,
    /// The run.
    pub(super) narration: &'a Narration,
}

impl ToldFailure<'_> {
    /// For each step, what its parts are needed for, a line each; none if the schedule is long.
    pub(super) fn needs(&self) -> Vec<Vec<String>> {
        let steps = &self.scenario.schedule.steps;
        if steps.len() > MOST_STEPS {
            return vec![Vec::new(); steps.len()];
        }
        (0..steps.len()).map(|at| self.needs_of(at)).collect()
    }

    fn needs_of(&self, at: usize) -> Vec<String> {
        let schedule = &self.scenario.schedule;
        let mut lines = vec![format!("without it: {}", self.seen(&without_step(schedule, at)))];
        if schedule.steps[at].operation().is_some_and(|operation| operation.blind) {
            lines.push(format!("if not blind: {}", self.seen(&not_blind(schedule, at))));
        }
        let exceptions = schedule.steps[at].operation().map_or(&[][..], |o| o.exceptions.as_slice());
        for (place, exception) in exceptions.iter().enumerate() {
            let seen = self.seen(&without_exception(schedule, at, place));
            lines.push(format!("without ({exception}): {seen}"));
        }
        lines
    }

    /// What a schedule shows, in few words.
    fn seen(&self, schedule: &Schedule) -> String {
        if self.breaks_as_well(schedule) {
            return "it breaks as well".to_owned();
        }
        if self.finding.breakage == Breakage::Nondeterminism {
            return "it does the same twice".to_owned();
        }
        if let Some(breakage) = self.broken(schedule, self.demands) {
            return format!("{breakage} breaks instead");
        }
        self.shown_instead(schedule).unwrap_or_else(|| "nothing is broken".to_owned())
    }

    /// Whether the schedule breaks the same guarantee.
    fn breaks_as_well(&self, schedule: &Schedule) -> bool {
        if self.finding.breakage == Breakage::Nondeterminism {
            let mut runner = self.subject.runner(self.scenario.cluster, schedule.keys(), Demands::NOTHING);
            return compare_two_runs(runner.as_mut(), schedule).is_some();
        }
        let alone = match self.finding.breakage {
            Breakage::Guarantee(guarantee) => self.demands.only(guarantee),
            _ => self.demands.of_nothing(),
        };
        self.broken(schedule, alone) == Some(self.finding.breakage)
    }

    /// The first demanded guarantee that breaks.
    fn broken(&self, schedule: &Schedule, demands: Demands) -> Option<Breakage> {
        let demands = self.subject.judgeable(demands);
        let mut runner = self.subject.runner(self.scenario.cluster, schedule.keys(), demands);
        runner.run(schedule).finding.map(|finding| finding.breakage)
    }

    /// What the operation that showed the failure shows now, if it is still there and shows something else.
    fn shown_instead(&self, schedule: &Schedule) -> Option<String> {
        let shown_by = self.finding.violation.as_ref()?.shown_by?;
        schedule.operation(shown_by)?;
        let narration = self.subject.narrate(self.scenario.cluster, self.demands, schedule);
        let (was, is) = (ended(self.narration, shown_by)?, ended(&narration, shown_by));
        let is = match is {
            None => return Some(format!("{shown_by} has no answer")),
            Some(is) if !is.is_ok() => return Some(format!("{shown_by} does not end ok")),
            Some(is) => is.returned(),
        };
        if is.is_empty() {
            return None;
        }
        Some(match is == was.returned() {
            true => format!("{shown_by} is right to show {is}"),
            false => format!("{shown_by} shows {is}"),
        })
    }
}

/// How an operation ended.
fn ended(narration: &Narration, op: crate::id::OpId) -> Option<&OperationEnd> {
    narration.frames.iter().flat_map(|frame| &frame.ended).find(|ended| ended.of.op == op)
}

/// Leaves out one step, and the steps that refer to it. Labels stay as they are.
fn without_step(schedule: &Schedule, gone: usize) -> Schedule {
    let label = schedule.steps[gone].operation().map(|operation| operation.op);
    let steps = schedule.steps.iter().enumerate();
    let kept = steps.filter(|(at, step)| *at != gone && (label.is_none() || step.refers_to() != label));
    kept.map(|(_, step)| step.clone()).collect()
}

/// Lets a blind write carry its client's context.
fn not_blind(schedule: &Schedule, at: usize) -> Schedule {
    let mut schedule = schedule.clone();
    if let Step::Operation(operation) = &mut schedule.steps[at] {
        operation.blind = false;
    }
    schedule
}

/// Delivers one message in the ordinary way.
fn without_exception(schedule: &Schedule, at: usize, place: usize) -> Schedule {
    let mut schedule = schedule.clone();
    if let Step::Operation(operation) = &mut schedule.steps[at] {
        let (op, name) = (operation.op, operation.exceptions.remove(place).name);
        schedule.steps.retain(|step| *step != Step::Arrive { op, name });
    }
    schedule
}
