//! Every schedule of a small world, from the smallest on.

use crate::harness::{Options, watched};
use crate::search::schedules::{ScheduleScope, exhaust};
use clap::Args;
use serde_json::json;

use super::super::arguments::Format;
use super::super::{Exit, output};

/// What only this way takes.
#[derive(Args)]
pub(super) struct OfSchedules {
    /// By schedules: those up to this size, in operations, lost, late and doubled messages, and faults begun
    /// [default: 4]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64))]
    size: Option<u16>,
    /// By schedules: the most steps that cost nothing (heal, restart, trust, arrive, timeout, tick, wake)
    /// [default: 2]
    #[arg(long, value_name = "COUNT")]
    free_steps: Option<u8>,
    /// By schedules: how many may be run [default: 1000000]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    budget: Option<u64>,
}

impl OfSchedules {
    pub(super) fn must_be_absent(&self) -> Result<(), String> {
        let given = [
            ("size", self.size.is_some()),
            ("free-steps", self.free_steps.is_some()),
            ("budget", self.budget.is_some()),
        ];
        given.iter().filter(|(_, given)| *given).try_for_each(|(name, _)| super::misplaced(name, "schedules"))
    }
}

pub(super) fn run(arguments: &super::Arguments) -> Result<Exit, String> {
    let cluster = arguments.cluster.cluster()?;
    let own = &arguments.schedules;
    let scope = ScheduleScope::of(cluster, own.size.unwrap_or(4).into());
    let faults = arguments.faults().unwrap_or(scope.faults);
    let scope = ScheduleScope {
        clients: arguments.clients,
        keys: arguments.keys,
        deletes: arguments.deletes,
        faults,
        tick_ms: arguments.tick_ms(faults, arguments.tick.is_some()),
        most_faults: arguments.most_faults.map_or(scope.most_faults, usize::from),
        free_steps: own.free_steps.map_or(scope.free_steps, usize::from),
        ..scope
    };
    let subject = arguments.protocol.subject;
    let demands = arguments.demands(subject, cluster);
    let patience = Options::of(cluster).patience;
    let monitor = output::Impatient(arguments.format);
    let (exhausted, story) = watched([subject], patience, &monitor, |[subject]| {
        let exhausted = exhaust(subject, &demands, &scope, own.budget.unwrap_or(1_000_000));
        let found = exhausted.found.clone();
        let story =
            found.map(|(case, finding)| super::tell(subject, cluster, case.schedule, demands, finding));
        (exhausted, story)
    });
    let untested = &exhausted.untested;
    let (verdict, exit) = super::outcome(story.is_some(), exhausted.complete, untested);
    match arguments.format {
        Format::Human => output::text(&super::told(&exhausted, story.as_ref(), verdict, untested))?,
        Format::Json => output::json(&json!({
            "verdict": verdict,
            "scope": scope.to_string(),
            "runs": exhausted.runs,
            "complete": exhausted.complete,
            "untested": untested.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "size": exhausted.size,
            "story": story,
        }))?,
    }
    Ok(exit)
}
