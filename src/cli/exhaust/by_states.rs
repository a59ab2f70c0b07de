//! Every state of a small world, breadth first.

use std::fmt;
use std::io::{IsTerminal, stderr};

use crate::harness::{Options, watched};
use crate::judge::{Demands, Subject};
use crate::search::minimise::{Case, minimise};
use crate::search::random::{Fault, Faults};
use crate::search::states::{FailingPath, Limits, Onlooker, Reductions, SearchProgress, StateScope, explore};
use crate::search::symptom::Symptom;
use crate::story::Story;
use clap::Args;
use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};
use serde_json::json;

use super::super::arguments::Format;
use super::super::{Exit, output};

/// What only this way takes.
#[derive(Args)]
pub(super) struct OfStates {
    /// By states: the most operations [default: 2]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=64))]
    operations: Option<u16>,
    /// By states: the most choices after each other [default: no bound]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    depth: Option<u32>,
    /// By states: the most wakes, in which nodes hand off what they hold [default: 0]
    #[arg(long, value_name = "COUNT")]
    wakes: Option<u8>,
    /// By states: the most ticks, in which time passes [default: 0]
    #[arg(long, value_name = "COUNT")]
    ticks: Option<u8>,
    /// By states: about how many may be visited [default: as many as there is memory for]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    states: Option<u64>,
    /// By states: how much memory may be taken for those visited, in mebibytes; each thread takes up to about a
    /// hundred more [default: 1024]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    memory: Option<u32>,
    /// By states: on how many threads [default: one for each core]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// By states: leaves nothing out that other states or orders stand for, and finds the same
    #[arg(long)]
    plain: bool,
}

impl OfStates {
    pub(super) fn must_be_absent(&self) -> Result<(), String> {
        let given = [
            ("operations", self.operations.is_some()),
            ("depth", self.depth.is_some()),
            ("wakes", self.wakes.is_some()),
            ("ticks", self.ticks.is_some()),
            ("states", self.states.is_some()),
            ("memory", self.memory.is_some()),
            ("threads", self.threads.is_some()),
            ("plain", self.plain),
        ];
        given.iter().filter(|(_, given)| *given).try_for_each(|(name, _)| super::misplaced(name, "states"))
    }

    fn limits(&self) -> Limits {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Limits {
            states: self.states.map_or(usize::MAX, |states| usize::try_from(states).unwrap_or(usize::MAX)),
            bytes: (self.memory.unwrap_or(1024) as usize) << 20,
            threads: self.threads.map_or_else(cores, usize::from),
        }
    }
}

pub(super) fn run(arguments: &super::Arguments) -> Result<Exit, String> {
    let own = &arguments.states;
    let scope = scope(arguments)?;
    let subject = arguments.protocol.subject;
    let demands = arguments.demands(subject, scope.cluster);
    let reductions = if own.plain { Reductions::NONE } else { Reductions::ALL };
    let bar = Bar::new();
    let patience = Options::of(scope.cluster).patience;
    let monitor = output::Impatient(arguments.format);
    let (explored, story) = watched([subject], patience, &monitor, |[subject]| {
        let explored = explore(subject, &demands, &scope, reductions, own.limits(), &bar);
        bar.0.finish_and_clear();
        let story = explored.found.as_ref().map(|found| story(subject, &scope, demands, found));
        (explored, story)
    });
    let untested = &explored.untested;
    let (verdict, exit) = super::outcome(story.is_some(), explored.complete, untested);
    match arguments.format {
        Format::Human => output::text(&super::told(&explored, story.as_ref(), verdict, untested))?,
        Format::Json => output::json(&json!({
            "verdict": verdict,
            "scope": explored.scope.to_string(),
            "states": explored.states,
            "limit": explored.limit.map(|limit| limit.to_string()),
            "steps": explored.steps,
            "depth": explored.depth,
            "rested": explored.rested,
            "bytes": explored.bytes,
            "complete": explored.complete,
            "untested": untested.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "doubt": explored.doubt(),
            "path": explored.found.as_ref().map(|found| found.schedule.to_string()),
            "story": story,
        }))?,
    }
    Ok(exit)
}

fn scope(arguments: &super::Arguments) -> Result<StateScope, String> {
    let own = &arguments.states;
    let faults = arguments.faults().unwrap_or(Faults::NONE.with(Fault::Lost).with(Fault::Timeout));
    Ok(StateScope {
        clients: arguments.clients,
        keys: arguments.keys,
        deletes: arguments.deletes,
        wakes: own.wakes.unwrap_or(0),
        ticks: own.ticks.unwrap_or(0),
        tick_ms: arguments.tick_ms(faults, own.ticks.is_some()),
        depth: own.depth,
        ..StateScope::of(arguments.cluster.cluster()?, own.operations.unwrap_or(2))
            .with_faults(arguments.most_faults.unwrap_or(1), faults)
    })
}

/// The story of what was found, made smaller first.
fn story(subject: &dyn Subject, scope: &StateScope, demands: Demands, found: &FailingPath) -> Story {
    let case = Case { cluster: scope.cluster, schedule: found.schedule.clone() };
    let smaller = minimise(
        subject,
        Symptom::new(found.finding.breakage, demands),
        case,
        scope.faults.with(Fault::Late),
    );
    match smaller.finding {
        Some(finding) => {
            let Case { cluster, schedule } = smaller.minimal.case;
            super::tell(subject, cluster, schedule, demands, finding)
        }
        // What does not happen again cannot be made smaller.
        None => super::tell(subject, scope.cluster, found.schedule.clone(), demands, found.finding.clone()),
    }
}

/// A line on a terminal; nothing elsewhere, and nothing under CI.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        if !stderr().is_terminal() || std::env::var_os("CI").is_some() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("  {spinner} {human_pos} states, {rate}/s, {msg}");
        let rate = |state: &ProgressState, text: &mut dyn fmt::Write| {
            let _ = write!(text, "{}", HumanCount(state.per_sec() as u64));
        };
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).with_key("rate", rate));
        bar.set_message("depth 0");
        Self(bar)
    }
}

impl Onlooker for Bar {
    fn progress(&self, progress: &SearchProgress) {
        let SearchProgress { states, depth, frontier, next } = *progress;
        self.0.set_position(states as u64);
        let (left, next) = (HumanCount(frontier as u64), HumanCount(next as u64));
        self.0.set_message(format!("depth {depth}, frontier {left}, and {next} of the next"));
    }
}
