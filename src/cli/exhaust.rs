//! `quorate exhaust`: every schedule of a small world.

use clap::Args;
use quorate::check::Demands;
use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::harness::Verdict;
use quorate::protocols::Entry;
use quorate::search::exhaust::{Exhausted, Scope, exhaust};
use quorate::search::walk::Faults;
use quorate::story::Story;
use quorate::world::scenario::Scenario;
use serde_json::json;

use super::arguments::{self, ClusterArguments, Format};
use super::{Exit, output};

/// Runs every schedule of a small world, from the smallest on
#[derive(Args)]
pub(super) struct Arguments {
    /// The protocol; `quorate protocols` lists them
    #[arg(long, value_name = "NAME", default_value = "textbook", value_parser = arguments::protocol(),
          hide_possible_values = true)]
    protocol: &'static Entry,
    #[command(flatten)]
    cluster: ClusterArguments,
    /// Schedules up to this size: operations, lost, late and doubled messages, and faults begun
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    size: u16,
    /// At most so many clients
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=8))]
    clients: u16,
    /// At most so many keys
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=8))]
    keys: u16,
    /// Deletes as well as puts and gets
    #[arg(long)]
    deletes: bool,
    /// Kinds of fault, with commas between them; `all` or `none`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "lost,late",
          value_parser = arguments::faults())]
    faults: Vec<Faults>,
    /// At most so many faults, lost, late and doubled messages counted
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    most_faults: u8,
    /// At most so many steps that cost nothing: heal, restart, trust, arrive, timeout, tick, wake
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    free_steps: u8,
    /// How many schedules may be run
    #[arg(long, value_name = "COUNT", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    budget: u64,
    /// Judges a guarantee though the protocol does not claim it; may be given several times
    #[arg(long, value_name = "GUARANTEE", value_parser = arguments::guarantee(), hide_possible_values = true)]
    expect: Vec<Guarantee>,
    /// How the result is printed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let cluster = arguments.cluster.cluster()?;
    let faults: Faults = arguments.faults.iter().flat_map(|faults| faults.iter()).collect();
    let scope = Scope {
        clients: arguments.clients,
        keys: arguments.keys,
        deletes: arguments.deletes,
        faults,
        most_faults: arguments.most_faults.into(),
        free_steps: arguments.free_steps.into(),
        ..Scope::of(cluster, arguments.size.into())
    };
    let subject = arguments.protocol.subject;
    let expect: GuaranteeSet = arguments.expect.iter().copied().collect();
    let demands = subject.judgeable(Demands::of_claims(&subject.claims(cluster)).expecting(expect));
    let exhausted = exhaust(subject, &demands, &scope, arguments.budget);
    let story = exhausted.found.clone().map(|(case, finding)| {
        let scenario = Scenario::new(subject.name(), case.cluster, case.schedule);
        Story::tell(subject, scenario, demands, finding)
    });
    let (verdict, exit) = match (&story, exhausted.complete) {
        (Some(_), _) => (Verdict::Violation, Exit::Violation),
        (None, true) => (Verdict::NoViolation, Exit::NoViolation),
        (None, false) => (Verdict::Inconclusive, Exit::Inconclusive),
    };
    match arguments.format {
        Format::Human => output::text(&told(&exhausted, story.as_ref()))?,
        Format::Json => output::json(&json!({
            "verdict": verdict,
            "scope": scope.to_string(),
            "runs": exhausted.runs,
            "complete": exhausted.complete,
            "size": exhausted.size,
            "story": story,
        }))?,
    }
    Ok(exit)
}

fn told(exhausted: &Exhausted, story: Option<&Story>) -> String {
    match story {
        Some(story) => format!("{}\n\n{exhausted}", story.render(&output::Colours)),
        None if exhausted.complete => format!("✓ {exhausted}"),
        None => format!("? {exhausted}"),
    }
}
