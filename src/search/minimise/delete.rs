//! Passes that leave something out.

use std::ops::Range;

use itertools::Itertools;

use super::Case;
use super::descent::Descent;
use super::edits::{blind, blind_at};
use super::pass::{Candidates, Pass};
use crate::world::schedule::{Operation, Schedule, Step};

/// Leaves out everything of one kind at once: all exceptions, all faults, all keys but one, all of a client. Most of a
/// random schedule does not matter, and this shows it in a few runs.
pub(super) struct WholeKinds;

impl Pass for WholeKinds {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let bare = |case: &Case| case.edited(|schedule| exceptions_kept(schedule, |_| false));
        let peaceful = |case: &Case| case.edited(|s| s.steps.retain(|step| step.operation().is_some()));
        let faultless = |case: &Case| {
            case.edited(|s| s.steps.retain(|step| step.operation().is_some() || step.refers_to().is_some()))
        };
        let of_all = [bare(&peaceful(case)), peaceful(case), faultless(case), bare(case)];
        let keys = case.schedule.operations().map(|operation| operation.key).unique();
        let of_one_key = keys.map(|key| keeping(case, |operation| operation.key == key));
        let clients = case.schedule.operations().map(|operation| operation.client).unique();
        let without_client = clients.map(|client| keeping(case, |operation| operation.client != client));
        Box::new(of_all.into_iter().chain(of_one_key).chain(without_client))
    }
}

/// Leaves out halves, quarters, eighths of the steps, from the end (Zeller and Hildebrandt's ddmin, TSE 2002, deletions
/// only).
pub(super) struct Chunks;

impl Pass for Chunks {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let parts = case.schedule.steps.len();
        Box::new((0..parts).map(|at| without_steps(case, at..at + 1)))
    }

    fn run(&self, descent: &mut Descent<'_>) {
        in_chunks(descent, |case| case.schedule.steps.len(), without_steps);
    }
}

/// Like [`Chunks`], for messages that are lost, late or doubled.
pub(super) struct ExceptionChunks;

impl Pass for ExceptionChunks {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        Box::new((0..exceptions(case)).map(|at| without_exceptions(case, at..at + 1)))
    }

    fn run(&self, descent: &mut Descent<'_>) {
        in_chunks(descent, exceptions, without_exceptions);
    }
}

/// Leaves out a fault together with the step that ends it.
pub(super) struct Intervals;

impl Pass for Intervals {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let steps = &case.schedule.steps;
        let begins = steps.iter().enumerate().filter(|(_, step)| step.operation().is_none());
        let pairs = begins.filter_map(move |(begin, step)| {
            let end = steps.iter().enumerate().skip(begin + 1).find(|(_, end)| ends(step, end))?;
            Some((begin, end.0))
        });
        Box::new(pairs.map(|(begin, end)| {
            case.edited(|schedule| {
                schedule.steps.remove(end);
                schedule.steps.remove(begin);
            })
        }))
    }
}

/// Leaves out every step, every exception, and every late message with its arrival, one at a time.
///
/// Tries each deletion as it stands, with every write blind and, for an exception, with only one write blind. Two
/// writes are concurrent if they were sent blind, if the answer to the first was late, or if two clients sent them. So
/// one word does the work of a fault.
pub(super) struct Singles;

impl Pass for Singles {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let steps = (0..case.schedule.steps.len()).rev().map(|at| without_steps(case, at..at + 1));
        let exceptions = (0..exceptions(case)).rev().map(|at| without_exceptions(case, at..at + 1));
        let steps = steps.flat_map(|case| [case.clone(), blind(&case, None)]);
        let exceptions = exceptions.flat_map(|case| {
            let each = (0..case.schedule.steps.len()).map(|at| blind_at(&case, at)).collect_vec();
            [case.clone(), blind(&case, None)].into_iter().chain(each)
        });
        Box::new(steps.chain(exceptions))
    }
}

/// Tries to leave out ever smaller runs of parts, from the last to the first.
fn in_chunks(
    descent: &mut Descent<'_>,
    parts: impl Fn(&Case) -> usize,
    without: impl Fn(&Case, Range<usize>) -> Case,
) {
    let mut length = parts(descent.best()).div_ceil(2);
    while length > 0 {
        let mut end = parts(descent.best());
        while end > 0 {
            let start = end.saturating_sub(length);
            let candidate = without(descent.best(), start..end);
            descent.attempt(&candidate);
            // Steps that referred to a removed operation may be gone with it.
            end = start.min(parts(descent.best()));
        }
        length = if length == 1 { 0 } else { length.div_ceil(2) };
    }
}

/// The case without some steps. Normalising it also drops steps that refer to a removed operation, since they do
/// nothing.
fn without_steps(case: &Case, gone: Range<usize>) -> Case {
    let kept = case.schedule.steps.iter().enumerate().filter(|(at, _)| !gone.contains(at));
    case.with(kept.map(|(_, step)| step.clone()).collect())
}

/// Keeps only the operations for which `kept` holds, and all other steps.
fn keeping(case: &Case, kept: impl Fn(&Operation) -> bool) -> Case {
    let steps = case.schedule.steps.iter();
    case.with(steps.filter(|step| step.operation().is_none_or(&kept)).cloned().collect())
}

fn exceptions(case: &Case) -> usize {
    case.schedule.operations().map(|operation| operation.exceptions.len()).sum()
}

fn without_exceptions(case: &Case, gone: Range<usize>) -> Case {
    case.edited(|schedule| exceptions_kept(schedule, |at| !gone.contains(&at)))
}

/// Keeps the exceptions at these positions, counted through all operations, and drops the arrivals of the others.
fn exceptions_kept(schedule: &mut Schedule, kept: impl Fn(usize) -> bool) {
    let mut at = 0;
    let mut gone = Vec::new();
    for step in &mut schedule.steps {
        let Step::Operation(operation) = step else { continue };
        operation.exceptions.retain(|exception| {
            let kept = kept(at);
            at += 1;
            if !kept {
                gone.push((operation.op, exception.name));
            }
            kept
        });
    }
    schedule.steps.retain(|step| match step {
        Step::Arrive { op, name } => !gone.contains(&(*op, *name)),
        _ => true,
    });
}

/// Whether a step ends what another one began.
fn ends(begin: &Step, end: &Step) -> bool {
    match (begin, end) {
        (Step::Cut { .. } | Step::CutOneWay { .. }, Step::Heal) | (Step::Suspect { .. }, Step::Trust) => true,
        (Step::Pause { node } | Step::Crash { node }, Step::Restart { node: up }) => node == up,
        (Step::Skew { node, .. }, Step::Skew { node: again, .. }) => node == again,
        _ => false,
    }
}
