//! The steps of a story: each line of the schedule, its outcomes, and what every copy held after it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::listed;
use crate::guarantee::Guarantee;
use crate::id::{Key, NodeId, NodeSet, OpId};
use crate::judge::Violation;
use crate::model::{Action, Cluster, DataType, MessageKind, Status};
use crate::world::narration::{Begun, Frame, Holding, Narration, OperationEnd, Version};
use crate::world::schedule::{Operation, Schedule, Step};

/// What a reader should notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Nothing in particular.
    None,
    /// One of the writes that the failure is about.
    Concerned,
    /// The failure shows here.
    Wrong,
}

/// One line of a step's outcomes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Outcome {
    /// The line.
    pub text: String,
    /// Whether this line shows what is wrong.
    pub mark: Mark,
}

/// What became of a version in a copy during a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It was there before.
    Kept,
    /// It is new.
    Added,
    /// It is gone.
    Gone,
}

/// A version in a copy, or one that is gone from it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Held {
    /// The node.
    pub node: NodeId,
    /// The version, by its name in the story; with the key if there are several, and with the owner if the copy is kept
    /// for another node.
    pub text: String,
    /// What became of it.
    pub change: Change,
}

/// One step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// Its number; none: coming to rest.
    pub number: Option<usize>,
    /// Its line in the schedule.
    pub step: String,
    /// Whether it concerns the failure.
    pub mark: Mark,
    /// What it led to.
    pub outcomes: Vec<Outcome>,
    /// What the judges see if the step, or one of its messages that go astray, is left out: a line each.
    pub needed: Vec<String>,
    /// What the copies hold after it, if the system shows it.
    pub held: Vec<Held>,
}

/// The rows of a story, and the clocks of the versions in them.
pub(super) fn rows(
    schedule: &Schedule,
    cluster: Cluster,
    data_type: DataType,
    narration: &Narration,
    violation: Option<&Violation>,
) -> (Vec<Row>, Vec<(String, String)>) {
    let told_frames = narration.broken_in.map_or(narration.frames.len(), |last| last + 1);
    let names = VersionNames::of(&narration.frames[..told_frames.min(narration.frames.len())]);
    let several_keys = several_keys(schedule);
    let teller = Teller { schedule, narration, violation, names, several_keys, cluster, data_type };
    let steps = schedule.steps.len();
    let at_rest = narration.broken_in == Some(steps);
    // The story ends with the breach.
    let told = narration.broken_in.map_or(steps, |last| steps.min(last + 1)).min(narration.frames.len());
    let lines = schedule.lines().take(told).enumerate();
    let mut rows: Vec<Row> = lines.map(|(i, line)| teller.row(i, line.to_string())).collect();
    if at_rest {
        rows.push(teller.row(steps, "at rest: all healed, all delivered, every key read".to_owned()));
    }
    (rows, teller.names.clocks())
}

fn several_keys(schedule: &Schedule) -> bool {
    let mut keys: Vec<Key> = schedule.operations().map(|operation| operation.key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len() > 1
}

/// The names of versions: their values, with a letter if a value has several clocks.
struct VersionNames(BTreeMap<(OpId, String), Vec<String>>);

impl VersionNames {
    fn of(frames: &[Frame]) -> Self {
        let mut clocks: BTreeMap<(OpId, String), Vec<String>> = BTreeMap::new();
        for version in frames.iter().flat_map(|frame| &frame.copies).flat_map(|copy| &copy.versions) {
            let known = clocks.entry((version.op, version.value.clone())).or_default();
            if !known.contains(&version.clock) {
                known.push(version.clock.clone());
            }
        }
        Self(clocks)
    }

    fn name(&self, version: &Version) -> String {
        let clocks = self.0.get(&(version.op, version.value.clone())).map_or(&[][..], Vec::as_slice);
        match clocks.iter().position(|clock| *clock == version.clock) {
            Some(place) if clocks.len() > 1 => lettered(&short(&version.value), place),
            _ => short(&version.value),
        }
    }

    fn clocks(&self) -> Vec<(String, String)> {
        let named = |value: &str, clocks: &[String], place| {
            if clocks.len() > 1 { lettered(&short(value), place) } else { short(value) }
        };
        let all = self.0.iter().flat_map(|((_, value), clocks)| {
            clocks.iter().enumerate().map(move |(place, clock)| (named(value, clocks, place), clock.clone()))
        });
        all.collect()
    }
}

/// A value as shown in a column: a delete's name comes first, where the eye looks for it.
fn short(value: &str) -> String {
    value.strip_prefix("deleted by ").map_or_else(|| value.to_owned(), |op| format!("{op} deleted"))
}

/// `o1a`, `o1b`; after the letters, numbers.
fn lettered(value: &str, place: usize) -> String {
    match u8::try_from(place).ok().filter(|place| *place < 26) {
        Some(place) => format!("{value}{}", char::from(b'a' + place)),
        None => format!("{value}.{place}"),
    }
}

struct Teller<'a> {
    schedule: &'a Schedule,
    narration: &'a Narration,
    violation: Option<&'a Violation>,
    names: VersionNames,
    several_keys: bool,
    cluster: Cluster,
    data_type: DataType,
}

impl Teller<'_> {
    fn row(&self, i: usize, step: String) -> Row {
        let frame = &self.narration.frames[i];
        let at = self.schedule.steps.get(i);
        let mut outcomes = match at {
            Some(step) => self.outcomes(step, frame),
            None => Vec::new(),
        };
        let fails_here = self.narration.broken_in == Some(i);
        if fails_here {
            outcomes.push(Outcome { text: self.fault(), mark: Mark::Wrong });
        }
        let written = at.and_then(Step::operation).map(|operation| operation.op);
        let concerned = |op: OpId| self.violation.is_some_and(|violation| violation.writes.contains(&op));
        let mark = match written {
            _ if fails_here => Mark::Wrong,
            Some(op) if concerned(op) => Mark::Concerned,
            _ => Mark::None,
        };
        let before = i.checked_sub(1).map_or(&[][..], |i| self.narration.frames[i].copies.as_slice());
        let number = at.map(|_| i + 1);
        Row { number, step, mark, outcomes, needed: Vec::new(), held: self.held(before, &frame.copies) }
    }

    /// What is wrong with how an operation ended, or with its silence.
    fn unavailable(&self, violation: &Violation) -> &'static str {
        let mut ended = self.narration.frames.iter().flat_map(|frame| &frame.ended);
        match ended.find(|ended| Some(ended.of.op) == violation.shown_by).map(|ended| ended.completion.status)
        {
            Some(Status::Ok) => "it must not report success",
            Some(Status::Refused) => "it must not be refused",
            Some(_) => "it should have succeeded",
            None => "it should have been answered",
        }
    }

    /// What is wrong, in few words.
    fn fault(&self) -> String {
        use Guarantee as G;
        let Some(violation) = self.violation else { return "here it breaks".to_owned() };
        let writes = listed(&violation.writes);
        let said = match (violation.guarantee, violation.writes.as_slice()) {
            (G::Convergence, _) => "the replicas are not equal, or not right, or not quiet".to_owned(),
            (G::Available, _) => self.unavailable(violation).to_owned(),
            (G::OnceOnly, _) => format!("{writes} is stamped twice"),
            (G::OneDotOneWrite, _) => format!("{writes} have the same dot"),
            (G::ClockOrder, _) => format!("the clocks misorder {writes}"),
            (G::Antichain, _) => format!("{writes} stand side by side, and one supersedes the other"),
            (G::CausalOrder, [old, new, ..]) => format!("{old} is returned, which {new} supersedes"),
            (G::RealTimeOrder, [earlier, later, ..]) => {
                format!("{later} ranks below {earlier}, which was acknowledged before it began")
            }
            (G::Fresh | G::ReadYourWrites | G::MonotonicReads, [delete]) if self.deletes(*delete) => {
                format!("what {delete} deleted is back")
            }
            (G::MonotonicWrites | G::WritesFollowReads, [earlier, later, ..]) => {
                format!("{later} is hidden behind {earlier}")
            }
            (_, []) => "here it breaks".to_owned(),
            (G::NoLost | G::NoExtra, _) if self.data_type == DataType::Counter => {
                "the count is wrong".to_owned()
            }
            (G::NoExtra | G::NoFabrication, of) => format!("{writes} should not be there, and {}", is(of)),
            (_, of) => format!("{writes} should be there, and {} not", is(of)),
        };
        match violation.replica {
            Some(node) if violation.guarantee != G::Available => format!("{node}: {said}"),
            _ => said,
        }
    }

    fn deletes(&self, op: OpId) -> bool {
        self.schedule.operations().any(|of| of.op == op && of.action == Action::Delete)
    }

    fn outcomes(&self, step: &Step, frame: &Frame) -> Vec<Outcome> {
        let mut lines = Vec::new();
        match step {
            Step::Operation(operation) => {
                lines.extend(unreached(operation, frame));
                if !frame.ended.iter().any(|ended| ended.of.op == operation.op) {
                    lines.push(format!("{} has no answer yet", operation.op));
                }
            }
            Step::Arrive { .. } if frame.delivered.is_empty() => lines.push("nothing arrives".to_owned()),
            Step::Timeout { op } if frame.ended.is_empty() => lines.push(format!("{op} does not wait")),
            Step::Wake { node } if frame.delivered.is_empty() => {
                lines.push(format!("{node} has nothing to hand off"));
            }
            _ => {}
        }
        lines.extend(frame.ended.iter().map(ending));
        lines.extend(sent_on(frame));
        lines.into_iter().map(|text| Outcome { text, mark: Mark::None }).collect()
    }

    /// Compares the copies after a step with those before it.
    fn held(&self, before: &[Holding], after: &[Holding]) -> Vec<Held> {
        let mut lines = Vec::new();
        for copy in after {
            let same = |other: &&Holding| {
                (other.holder, other.owner, other.key) == (copy.holder, copy.owner, copy.key)
            };
            let was = before.iter().find(same).map_or(&[][..], |copy| copy.versions.as_slice());
            let mut line = |version: &Version, change| {
                let mut text = self.names.name(version);
                if self.several_keys {
                    text = format!("{} {text}", copy.key);
                }
                if copy.owner != copy.holder {
                    text.push_str(&format!(" for {}", copy.owner));
                }
                lines.push(Held { node: copy.holder, text, change });
            };
            let mut left: Vec<&Version> = was.iter().collect();
            for version in &copy.versions {
                match left.iter().position(|old| *old == version) {
                    Some(place) => {
                        left.remove(place);
                        line(version, Change::Kept);
                    }
                    None => line(version, Change::Added),
                }
            }
            left.into_iter().for_each(|version| line(version, Change::Gone));
        }
        debug_assert!(lines.iter().all(|line| line.node.index() < usize::from(self.cluster.nodes)));
        lines
    }
}

/// The replicas that the operation did not reach although its line does not name them.
fn unreached(operation: &Operation, frame: &Frame) -> Option<String> {
    let begun = frame.begun.iter().find(|begun| begun.op == operation.op)?;
    let reached = |kind| -> NodeSet {
        let delivered = frame.delivered.iter().filter(|(op, name)| *op == operation.op && name.kind == kind);
        delivered.filter_map(|(_, name)| name.replica).collect()
    };
    let asked = reached(MessageKind::Ask);
    let named: NodeSet = operation.exceptions.iter().filter_map(|exception| exception.name.replica).collect();
    let missed = begun.home.minus(asked).minus(named);
    let refused = frame.ended.iter().any(|ended| ended.completion.status == Status::Refused);
    let request = operation.exceptions.iter().any(|exception| exception.name.kind == MessageKind::Request);
    (!missed.is_empty() && !refused && !request).then(|| format!("does not reach {missed}"))
}

/// How an operation ended, and by whose answers.
fn ending(ended: &OperationEnd) -> String {
    let OperationEnd { of: Begun { op, action, required, .. }, completion, answered_by } = ended;
    let reason = completion.reason.as_ref().map_or_else(|| "no reason given".to_owned(), ToString::to_string);
    match completion.status {
        Status::Refused => format!("{op} refused: {reason}"),
        Status::Info => format!("{op} may or may not have happened: {reason}"),
        Status::Ok => {
            let by = answered_by.map_or_else(String::new, |nodes| match nodes.is_empty() {
                true => " by no replica".to_owned(),
                false => format!(" by {nodes}"),
            });
            if action.is_write() {
                format!("{op} ok, stored{by} (needs {required})")
            } else {
                format!("{op} ok, answered{by}: {}", ended.returned())
            }
        }
    }
}

/// Repairs and hand-offs that arrived.
fn sent_on(frame: &Frame) -> Vec<String> {
    let reached = |kind| -> NodeSet {
        let delivered = frame.delivered.iter().filter(|(_, name)| name.kind == kind);
        delivered.filter_map(|(_, name)| name.replica).collect()
    };
    let told = [(MessageKind::Repair, "then repairs"), (MessageKind::HandOff, "hands off to")];
    told.iter()
        .map(|(kind, verb)| (reached(*kind), verb))
        .filter(|(nodes, _)| !nodes.is_empty())
        .map(|(nodes, verb)| format!("{verb} {nodes}"))
        .collect()
}

fn is(writes: &[OpId]) -> &'static str {
    if writes.len() == 1 { "is" } else { "are" }
}
