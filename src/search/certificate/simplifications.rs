//! Every single change that makes a scenario simpler.
//!
//! | what | becomes |
//! |---|---|
//! | a step, a fault with what ends it, the fate of a message | nothing |
//! | a doubled message, a late one | late or lost, lost |
//! | a wipe, a crash | a crash or a pause, a pause |
//! | a cut | a cut in one direction |
//! | a delete, a put | a put, a get |
//! | a blind write, a consistency level | an ordinary one |
//! | a client, a key, a coordinator | a lower one, if the scenario then names no more nodes |
//! | a client or a key, wherever it occurs | a lower one |
//! | milliseconds | fewer |
//!
//! Not here: changes that are only different, and neither less nor milder.

use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::{Action, Level};
use crate::world::scenario::Scenario;
use crate::world::schedule::{Fate, Operation, Schedule, Step};

/// Every single change, in words, with the simpler scenario. Each scenario can be run: its cluster can be built and has
/// its nodes.
pub(super) fn of(scenario: &Scenario) -> Vec<(String, Scenario)> {
    let steps = &scenario.schedule.steps;
    let mut schedules = Vec::new();
    for (at, line) in scenario.schedule.lines().enumerate() {
        let number = at + 1;
        schedules.push((format!("without step {number}, `{line}`"), without(steps, &[at])));
        for end in (at + 1..steps.len()).filter(|&end| ends(&steps[at], &steps[end])) {
            let change = format!("without step {number}, `{line}`, and its end");
            schedules.push((change, without(steps, &[at, end])));
        }
        match &steps[at] {
            Step::Operation(operation) => of_operation(steps, at, operation, &mut schedules),
            fault => schedules.extend(
                milder(fault)
                    .into_iter()
                    .map(|milder| (format!("step {number} as `{milder}`"), with(steps, at, milder))),
            ),
        }
    }
    schedules.extend(throughout(&scenario.schedule));
    let nodes = scenario.schedule.nodes();
    schedules.retain(|(_, simpler)| simpler.nodes().len() <= nodes.len() && *simpler != scenario.schedule);
    let simpler =
        schedules.into_iter().map(|(change, schedule)| (change, Scenario { schedule, ..scenario.clone() }));
    let mut all: Vec<_> = simpler.collect();
    all.retain(|(_, simpler)| simpler.clone().validate().is_ok());
    all
}

fn of_operation(steps: &[Step], at: usize, operation: &Operation, all: &mut Vec<(String, Schedule)>) {
    let number = at + 1;
    for (place, exception) in operation.exceptions.iter().enumerate() {
        let mut less = operation.clone();
        let name = less.exceptions.remove(place).name;
        let arrives = Step::Arrive { op: operation.op, name };
        let (awaiting_none, place_there) = unarrived(steps, at, &arrives);
        let less = with(&awaiting_none, place_there, Step::Operation(less));
        all.push((format!("step {number} without `{exception}`"), less));
        let milder: &[Fate] = match exception.fate {
            Fate::Twice => &[Fate::Doubled, Fate::Late, Fate::Lost],
            Fate::Doubled => &[Fate::Late, Fate::Lost],
            Fate::Late => &[Fate::Lost],
            Fate::Lost => &[],
        };
        for &fate in milder {
            let mut other = operation.clone();
            other.exceptions[place].fate = fate;
            let (steps, at) =
                if fate == Fate::Lost { unarrived(steps, at, &arrives) } else { (steps.to_vec(), at) };
            all.push((
                format!("step {number} with `{name} {fate}`"),
                with(&steps, at, Step::Operation(other)),
            ));
        }
    }
    let mut word = |change: String, edit: &dyn Fn(&mut Operation)| {
        let mut other = operation.clone();
        edit(&mut other);
        all.push((format!("step {number} {change}"), with(steps, at, Step::Operation(other))));
    };
    if operation.blind {
        word("not blind".to_owned(), &|o| o.blind = false);
    }
    if operation.level != Level::Default {
        word("without its level".to_owned(), &|o| o.level = Level::Default);
    }
    if operation.action == Action::Delete {
        word("as a put".to_owned(), &|o| o.action = Action::Put);
    }
    if operation.action.is_write() {
        word("as a get".to_owned(), &|o| (o.action, o.blind) = (Action::Get, false));
    }
    for client in (1..operation.client.0).map(ClientId) {
        word(format!("by {client}"), &|o| o.client = client);
    }
    for key in (1..operation.key.0).map(Key) {
        word(format!("of {key}"), &|o| o.key = key);
    }
    for via in (1..operation.via.0).map(NodeId) {
        word(format!("via {via}"), &|o| o.via = via);
    }
}

/// Gives the highest client, or the highest key, a lower name wherever it occurs.
fn throughout(schedule: &Schedule) -> Vec<(String, Schedule)> {
    let mut all = Vec::new();
    let mut each = |change: String, edit: &dyn Fn(&mut Operation)| {
        let mut renamed = schedule.clone();
        for step in &mut renamed.steps {
            if let Step::Operation(operation) = step {
                edit(operation);
            }
        }
        all.push((change, renamed));
    };
    let clients = schedule.operations().map(|operation| operation.client).max();
    let keys = schedule.operations().map(|operation| operation.key).max();
    if let Some(high) = clients {
        for low in (1..high.0).map(ClientId) {
            each(format!("with {high} as {low}"), &|o| {
                o.client = if o.client == high { low } else { o.client }
            });
        }
    }
    if let Some(high) = keys {
        for low in (1..high.0).map(Key) {
            each(format!("with {high} as {low}"), &|o| o.key = if o.key == high { low } else { o.key });
        }
    }
    all
}

/// The milder steps that a fault, or a span of time, may become.
fn milder(step: &Step) -> Vec<Step> {
    match *step {
        Step::Wipe { node } => vec![Step::Crash { node }, Step::Pause { node }],
        Step::Crash { node } => vec![Step::Pause { node }],
        Step::Cut { side, other } => {
            [(side, other), (other, side)].map(|(from, to)| Step::CutOneWay { from, to }).to_vec()
        }
        Step::Skew { node, ms } if ms.abs() > 1 => vec![Step::Skew { node, ms: ms - ms.signum() }],
        Step::Tick { ms } if ms > 1 => vec![Step::Tick { ms: ms - 1 }],
        _ => Vec::new(),
    }
}

/// Whether a step ends a fault that another one begins.
fn ends(begin: &Step, end: &Step) -> bool {
    match (begin, end) {
        (Step::Cut { .. } | Step::CutOneWay { .. }, Step::Heal) | (Step::Suspect { .. }, Step::Trust) => true,
        (Step::Pause { node } | Step::Crash { node }, Step::Restart { node: up }) => node == up,
        _ => false,
    }
}

/// The schedule without some steps, and without the steps that refer to a removed operation.
fn without(steps: &[Step], gone: &[usize]) -> Schedule {
    let lost: Vec<OpId> = gone.iter().filter_map(|&at| Some(steps[at].operation()?.op)).collect();
    let kept = steps
        .iter()
        .enumerate()
        .filter(|(at, step)| !gone.contains(at) && step.refers_to().is_none_or(|op| !lost.contains(&op)));
    kept.map(|(_, step)| step.clone()).collect()
}

/// The schedule with another step in this place.
fn with(steps: &[Step], at: usize, step: Step) -> Schedule {
    let mut steps = steps.to_vec();
    steps[at] = step;
    steps.into()
}

/// The steps without the arrivals of a message, and the new place of the step at `at`.
fn unarrived(steps: &[Step], at: usize, arrives: &Step) -> (Vec<Step>, usize) {
    let before = steps[..at].iter().filter(|step| *step == arrives).count();
    (steps.iter().filter(|step| *step != arrives).cloned().collect(), at - before)
}
