//! `quorate diff`: two protocols side by side.

use crate::harness::{Options, diff, watched};
use crate::protocols::Entry;
use crate::search::random::Shape;
use clap::Args;

use super::arguments::{self, ClusterArguments, Format};
use super::{Exit, output};

/// Shows the shortest schedule on which two protocols behave differently, and what each keeps and breaks
///
/// Ends 0 if they do the same, 1 if they differ.
#[derive(Args)]
pub(super) struct Arguments {
    /// One protocol; `quorate protocols` lists them
    #[arg(long, value_name = "NAME", default_value = arguments::default_protocol(), value_parser = arguments::protocol(),
          hide_possible_values = true)]
    protocol: &'static Entry,
    /// The other
    #[arg(long, value_name = "NAME", value_parser = arguments::protocol(), hide_possible_values = true)]
    against: &'static Entry,
    #[command(flatten)]
    cluster: ClusterArguments,
    /// How many schedules both run
    #[arg(long, value_name = "COUNT", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..))]
    schedules: u64,
    /// Which schedules: the same seed gives the same ones
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    seed: u64,
    /// How it is printed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let spare = arguments.protocol.spare.max(arguments.against.spare);
    let cluster = arguments.cluster.cluster_with(spare)?;
    for protocol in [arguments.protocol, arguments.against] {
        arguments::sound(protocol, cluster, Shape::of(cluster).keys)?;
    }
    let options = Options { schedules: arguments.schedules, seed: arguments.seed, ..Options::of(cluster) };
    let both = [arguments.protocol.subject, arguments.against.subject];
    let monitor = output::Impatient(arguments.format);
    let diff = watched(both, options.patience, &monitor, |[one, other]| diff(one, other, &options));
    match arguments.format {
        Format::Human => output::text(&diff.render(&output::Colours))?,
        Format::Json => output::json(&diff)?,
    }
    Ok(match (&diff.divergence, diff.does_the_same_twice()) {
        (Some(_), _) => Exit::Violation,
        (None, true) => Exit::NoViolation,
        (None, false) => Exit::Inconclusive,
    })
}
