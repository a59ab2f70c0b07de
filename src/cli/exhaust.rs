//! `quorate exhaust`: everything that can happen in a small world, by states or by schedules.

mod by_schedules;
mod by_states;

use clap::{Args, ValueEnum};
use quorate::check::{Demands, Finding, Subject};
use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::harness::Verdict;
use quorate::model::Cluster;
use quorate::protocols::Entry;
use quorate::search::walk::Faults;
use quorate::story::Story;
use quorate::world::scenario::Scenario;
use quorate::world::schedule::Schedule;

use super::Exit;
use super::arguments::{self, ClusterArguments, Format};

/// Looks at everything that can happen in a small world
///
/// By states: each step of each order of messages, and each state once. By schedules: whole schedules, from the
/// smallest on, each run to its end.
#[derive(Args)]
pub(super) struct Arguments {
    /// The protocol; `quorate protocols` lists them
    #[arg(long, value_name = "NAME", default_value = "textbook", value_parser = arguments::protocol(),
          hide_possible_values = true)]
    protocol: &'static Entry,
    #[command(flatten)]
    cluster: ClusterArguments,
    /// What is enumerated
    #[arg(long, value_enum, default_value = "states")]
    by: By,
    /// At most so many clients
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=8))]
    clients: u16,
    /// At most so many keys
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=8))]
    keys: u16,
    /// Deletes as well as puts and gets
    #[arg(long)]
    deletes: bool,
    /// Kinds of fault, with commas between them; `all` or `none` [default: lost,timeout by states, lost,late by
    /// schedules]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = arguments::faults())]
    faults: Option<Vec<Faults>>,
    /// At most so many faults, lost, late and doubled messages counted [default: 1 by states, 2 by schedules]
    #[arg(long, value_name = "COUNT")]
    most_faults: Option<u8>,
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

    fn demands(&self, subject: &dyn Subject, cluster: Cluster) -> Demands {
        let expect: GuaranteeSet = self.expect.iter().copied().collect();
        subject.judgeable(Demands::of_claims(&subject.claims(cluster)).expecting(expect))
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
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

/// What a search comes to.
const fn outcome(found: bool, complete: bool) -> (Verdict, Exit) {
    match (found, complete) {
        (true, _) => (Verdict::Violation, Exit::Violation),
        (false, true) => (Verdict::NoViolation, Exit::NoViolation),
        (false, false) => (Verdict::Inconclusive, Exit::Inconclusive),
    }
}
