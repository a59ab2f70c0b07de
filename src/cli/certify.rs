//! `quorate certify`: a counterexample, checked by somebody who did not find it.

use std::path::PathBuf;

use crate::harness::{Options, watched};
use crate::search::certificate::{Certificate, MOST_STEPS, Tried, certify_exactly};
use crate::search::schedules::Exhausted;
use crate::story::{WIDTH, wrap};
use crate::world::scenario::Scenario;
use clap::Args;
use serde_json::json;

use super::arguments::Format;
use super::{Exit, output, replay};

/// Checks that a scenario fails, and that no simplification of it fails
///
/// Every single deletion and simplification is made anew and run, and then every smaller schedule, up to the budget.
/// Exit codes: 0 it fails and is minimal; 1 it is not, or does not fail; 2 usage or bad input.
#[derive(Args)]
pub(super) struct Arguments {
    /// A scenario, as text or JSON; `-` reads standard input
    file: PathBuf,
    /// How many smaller schedules may be run, to see whether one of them fails as well
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    budget: u64,
    /// How it is told
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let (scenario, entry) = replay::read(&arguments.file)?;
    let subject = entry.subject;
    let steps = scenario.schedule.steps.len();
    if steps > MOST_STEPS {
        let file = arguments.file.display();
        return Err(format!("{file}: expected at most {MOST_STEPS} steps, found {steps}"));
    }
    let patience = Options::of(scenario.cluster).patience;
    let certified = watched([subject], patience, &output::Impatient(arguments.format), |[subject]| {
        certify_exactly(subject, &scenario, arguments.budget)
    });
    let Some((certificate, below)) = certified else {
        match arguments.format {
            Format::Human => {
                output::text("✗ not a counterexample: it breaks nothing of what it is judged on")?;
            }
            Format::Json => output::json(&json!({ "verdict": "breaks-nothing" }))?,
        }
        return Ok(Exit::Violation);
    };
    let smaller = smaller(&scenario, &certificate, &below);
    match arguments.format {
        Format::Human => output::text(&told(&certificate, &below, smaller.as_ref()))?,
        Format::Json => output::json(&json!({
            "verdict": if smaller.is_none() { "minimal" } else { "not-minimal" },
            "breakage": certificate.breakage.to_string(),
            "because": certificate.because,
            "tried": certificate.tried.iter().map(as_json).collect::<Vec<_>>(),
            "below": below.to_string(),
            "smaller": smaller,
        }))?,
    }
    Ok(if smaller.is_none() { Exit::NoViolation } else { Exit::Violation })
}

/// The smallest scenario met that breaks the same and is simpler, if there is one.
fn smaller(scenario: &Scenario, certificate: &Certificate, below: &Exhausted) -> Option<Scenario> {
    let found = below.found.as_ref().map(|(case, _)| Scenario {
        cluster: case.cluster,
        schedule: case.schedule.clone(),
        ..scenario.clone()
    });
    let smaller = found.or_else(|| certificate.refuted_by().map(|tried| tried.scenario.clone()))?;
    Some(Scenario { schedule: smaller.schedule.normalised(), ..smaller })
}

fn as_json(tried: &Tried) -> serde_json::Value {
    json!({ "change": tried.change, "seen": tried.seen.to_string() })
}

fn told(certificate: &Certificate, below: &Exhausted, smaller: Option<&Scenario>) -> String {
    let Certificate { breakage, because, tried } = certificate;
    let mut lines = vec![format!("✓ it fails: {breakage} is broken")];
    lines.extend(indented(4, because));
    match certificate.refuted_by() {
        None => {
            let count = tried.len();
            lines.push(format!(
                "✓ it is 1-minimal: {count} single changes were run, and none breaks the same"
            ));
            lines.extend(tried.iter().flat_map(line));
        }
        Some(refuted) => {
            lines.push(format!("✗ it is not 1-minimal: {}, it breaks the same", refuted.change));
        }
    }
    lines.push(match &below.found {
        Some((case, _)) => {
            format!("✗ a smaller counterexample exists, of size {}; of those below it:", case.schedule.size())
        }
        None if below.complete => "✓ every smaller schedule was run:".to_owned(),
        None => "? not every smaller schedule was run:".to_owned(),
    });
    lines.extend(indented(4, &below.to_string()));
    if let Some(smaller) = smaller {
        lines.push("\nThis is simpler, and breaks the same:\n".to_owned());
        lines.push(smaller.to_string());
    }
    lines.join("\n")
}

/// `    without step 2, `heal`: nothing is broken`.
fn line(tried: &Tried) -> Vec<String> {
    indented(4, &format!("{}: {}", tried.change, tried.seen))
}

/// Lines of a text, indented by so many columns.
fn indented(columns: usize, text: &str) -> Vec<String> {
    let lines = wrap(text, WIDTH - columns).into_iter();
    lines.map(|line| format!("{}{line}", " ".repeat(columns))).collect()
}
