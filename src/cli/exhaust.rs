//! `quorate exhaust`: everything that can happen in a small world, by states or by schedules.

mod by_schedules;
mod by_states;

use std::fmt;

use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::harness::Verdict;
use crate::judge::{Demands, Finding, Subject, Untested};
use crate::model::Cluster;
use crate::protocols::Entry;
use crate::search::random::{Fault, Faults};
use crate::story::Story;
use crate::world::scenario::Scenario;
use crate::world::schedule::Schedule;
use clap::{Args, ValueEnum};

use super::arguments::{self, ClusterArguments, Format};
use super::{Exit, output};

/// Looks at everything that can happen in a small world
///
/// By states: each step of each order of messages, and each state once. By schedules: whole schedules, from the
/// smallest on, each run to its end.
#[derive(Args)]
pub(super) struct Arguments {
    /// The protocol; `quorate protocols` lists them
    #[arg(long, value_name = "NAME", default_value = arguments::default_protocol(), value_parser = arguments::protocol(),
          hide_possible_values = true)]
    protocol: &'static Entry,
    #[command(flatten)]
    cluster: ClusterArguments,
    /// What is enumerated
    #[arg(long, value_enum, default_value = "states")]
    by: By,
    /// The most clients
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=8))]
    clients: u16,
    /// The most keys
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=8))]
    keys: u16,
    /// Deletes as well as puts and gets
    #[arg(long)]
    deletes: bool,
    /// Kinds of fault, with commas between them; `all` or `none` [default: lost,timeout by states, lost,late by
    /// schedules]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = arguments::faults())]
    faults: Option<Vec<Faults>>,
    /// The most faults, with lost, late and doubled messages counted [default: 1 by states, 2 by schedules]
    #[arg(long, value_name = "COUNT")]
    most_faults: Option<u8>,
    /// How long a tick is, and how far a wrong clock is ahead or behind, in milliseconds [default: 10]
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    tick: Option<u32>,
    #[command(flatten)]
    states: by_states::OfStates,
    #[command(flatten)]
    schedules: by_schedules::OfSchedules,
    /// Judges a guarantee though the protocol does not claim it; may be given several times
    #[arg(long, value_name = "GUARANTEE", value_parser = arguments::guarantee(), hide_possible_values = true)]
    expect: Vec<Guarantee>,
    /// How the result is printed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// What is enumerated.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// States, breadth first.
    States,
    /// Schedules, by size.
    Schedules,
}

impl Arguments {
    /// The kinds of fault; none given: none.
    fn faults(&self) -> Option<Faults> {
        let given = self.faults.as_ref()?;
        Some(given.iter().flat_map(|faults| faults.iter()).collect())
    }

    /// How many milliseconds pass in a tick, if time can pass or a clock be wrong; else 0.
    fn tick_ms(&self, faults: Faults, ticks: bool) -> u32 {
        if ticks || faults.has(Fault::Skew) { self.tick.unwrap_or(10) } else { 0 }
    }

    fn demands(&self, subject: &dyn Subject, cluster: Cluster) -> Demands {
        let expect: GuaranteeSet = self.expect.iter().copied().collect();
        subject.judgeable(Demands::of_claims(&subject.claims(cluster)).expecting(expect))
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    arguments::sound(arguments.protocol, arguments.cluster.cluster()?, 1)?;
    match arguments.by {
        By::States => {
            arguments.schedules.must_be_absent()?;
            by_states::run(arguments)
        }
        By::Schedules => {
            arguments.states.must_be_absent()?;
            by_schedules::run(arguments)
        }
    }
}

/// An option of the other way.
fn misplaced(option: &str, by: &str) -> Result<(), String> {
    Err(format!("--{option}: only with --by {by}"))
}

fn tell(
    subject: &dyn Subject,
    cluster: Cluster,
    schedule: Schedule,
    demands: Demands,
    finding: Finding,
) -> Story {
    Story::tell(subject, Scenario::new(subject.name(), cluster, schedule), demands, finding)
}

/// What a search comes to. That a world without a failure puts something demanded to no test is inconclusive.
const fn outcome(found: bool, complete: bool, untested: &[Untested]) -> (Verdict, Exit) {
    match (found, complete && untested.is_empty()) {
        (true, _) => (Verdict::Violation, Exit::Violation),
        (false, true) => (Verdict::NoViolation, Exit::NoViolation),
        (false, false) => (Verdict::Inconclusive, Exit::Inconclusive),
    }
}

/// What a search comes to, in words.
fn told(result: &dyn fmt::Display, story: Option<&Story>, verdict: Verdict, untested: &[Untested]) -> String {
    match (story, verdict) {
        (Some(story), _) => format!("{}\n\n{result}", story.render(&output::Colours)),
        (None, Verdict::NoViolation) => format!("✓ {result}"),
        (None, _) if untested.is_empty() => format!("? {result}"),
        (None, _) => {
            let lines: String = untested.iter().map(|untested| format!("\n  {untested}")).collect();
            format!("? {result}; not all that is owed or expected was put to the test:{lines}")
        }
    }
}
