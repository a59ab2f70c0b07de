//! Failures that show only when the run has come to rest.
//!
//! A run ends with reads of every key that no line of the schedule names. A failure that one of them shows can be
//! written out as steps, and then ends with the read that went wrong, like any other: so the same bug comes to the
//! same text, whether a walk happened to read in time or not. What cannot be written out (that the replicas are
//! equal, that repairs have ended) is judged at rest.

use crate::check::{Breakage, Demands, Subject};
use crate::model::Level;
use crate::world::narration::Frame;
use crate::world::schedule::{Operation, Step};

use super::Case;
use super::jury::sole_demand;

/// Whether the breakage shows only in the reads at rest. If it shows before, it has to go on doing so: what a person
/// reads should end with the step that went wrong.
pub(crate) fn shows_only_at_rest(
    subject: &dyn Subject,
    demands: &Demands,
    case: &Case,
    breakage: Breakage,
) -> bool {
    let keys = case.schedule.operations().map(|operation| operation.key.index() + 1).max();
    let before = sole_demand(subject, demands, breakage, case.cluster, false);
    let finding = subject.runner(case.cluster, keys.unwrap_or(1), before).run(&case.schedule).finding;
    demands.at_rest() && finding.is_none_or(|finding| finding.breakage != breakage)
}

/// The case with what happens at rest as steps, if the breakage then shows before the new rest, and did not yet.
pub(super) fn written_out(subject: &dyn Subject, demands: &Demands, case: Case, breakage: Breakage) -> Case {
    if !shows_only_at_rest(subject, demands, &case, breakage) {
        return case;
    }
    let narration = subject.narrate(case.cluster, *demands, &case.schedule);
    let Some(rest) = narration.frames.get(case.schedule.steps.len()) else { return case };
    let mut longer = case.clone();
    longer.schedule.steps.extend(steps(&case, rest));
    if shows_only_at_rest(subject, demands, &longer, breakage) { case } else { longer }
}

/// What happens at rest, as steps: all arrives that can, all heals, the rest arrives, and in rounds every node wakes
/// and every key is read. (Where there is nothing to heal or to arrive, a step does nothing.)
fn steps(case: &Case, rest: &Frame) -> Vec<Step> {
    let nodes = || case.cluster.node_ids();
    let reads = |op| rest.begun.iter().any(|begun| begun.op == op);
    let late =
        || rest.delivered.iter().filter(|(op, _)| !reads(*op)).map(|&(op, name)| Step::Arrive { op, name });
    let mut steps: Vec<Step> = late().chain([Step::Heal, Step::Trust]).collect();
    steps.extend(nodes().map(|node| Step::Restart { node }).chain(late()));
    let mut last = None;
    for read in &rest.begun {
        if last.is_none_or(|last| read.key <= last) {
            steps.extend(nodes().map(|node| Step::Wake { node }));
        }
        last = Some(read.key);
        steps.push(Step::Operation(Operation {
            op: read.op,
            action: read.action,
            client: read.client,
            key: read.key,
            via: read.via,
            blind: false,
            level: Level::Default,
            exceptions: smallvec::SmallVec::new(),
        }));
    }
    steps
}
