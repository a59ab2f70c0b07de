//! `quorate certify`: a counterexample, checked by somebody who did not find it.

use std::path::PathBuf;

use clap::Args;
use quorate::search::certificate::{Certificate, MOST_STEPS, Seen, Tried, below, certify};
use quorate::search::exhaust::Exhausted;
use quorate::story::wrap;
use quorate::world::scenario::Scenario;
use serde_json::json;

use super::arguments::Format;
use super::{Exit, output, replay};

/// Checks that a scenario fails, and that nothing in it can be left out or said more mildly
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
    let scenario = replay::read(&arguments.file)?;
    let subject = replay::find(&arguments.file, &scenario)?.subject;
    let steps = scenario.schedule.steps.len();
    if steps > MOST_STEPS {
        let file = arguments.file.display();
        return Err(format!("{file}: expected at most {MOST_STEPS} steps, found {steps}"));
    }
    let Some(certificate) = certify(subject, &scenario) else {
        match arguments.format {
            Format::Human => {
                output::text("✗ not a counterexample: it breaks nothing of what it is judged on")?;
            }
            Format::Json => output::json(&json!({ "verdict": "breaks-nothing" }))?,
        }
        return Ok(Exit::Violation);
    };
    let below = below(subject, &scenario, certificate.breakage, arguments.budget);
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

/// A smaller scenario that breaks the same, if there is one.
fn smaller(scenario: &Scenario, certificate: &Certificate, below: &Exhausted) -> Option<Scenario> {
    let refuted = certificate.refuted_by().map(|tried| tried.scenario.clone());
    refuted.or_else(|| {
        let (case, _) = below.found.as_ref()?;
        Some(Scenario { cluster: case.cluster, schedule: case.schedule.clone(), ..scenario.clone() })
    })
}

fn as_json(tried: &Tried) -> serde_json::Value {
    json!({ "change": tried.change, "seen": tried.seen.to_string() })
}

fn told(certificate: &Certificate, below: &Exhausted, smaller: Option<&Scenario>) -> String {
    let Certificate { breakage, because, tried } = certificate;
    let mut lines = vec![format!("✓ it fails: {breakage} is broken")];
    lines.extend(wrap(because, 96).into_iter().map(|line| format!("    {line}")));
    match certificate.refuted_by() {
        None => {
            lines.push(format!(
                "✓ it is 1-minimal: {} single changes were run, and none breaks the same",
                tried.len()
            ));
            lines.extend(tried.iter().flat_map(line));
        }
        Some(refuted) => {
            lines.push(format!("✗ it is not 1-minimal: {}, it breaks the same", refuted.change));
        }
    }
    let sign = if below.found.is_some() { '✗' } else { '✓' };
    lines.extend(indented(&format!("{sign} of smaller ones: {below}"), "    "));
    if let Some(smaller) = smaller {
        lines.push("\nThis is simpler, and breaks the same:\n".to_owned());
        lines.push(smaller.to_string());
    }
    lines.join("\n")
}

/// `    without step 2, `heal`: nothing is broken`.
fn line(tried: &Tried) -> Vec<String> {
    debug_assert!(!matches!(tried.seen, Seen::Same(_)));
    indented(&format!("    {}: {}", tried.change, tried.seen), "        ")
}

/// Lines of a text, those after the first indented.
fn indented(text: &str, indent: &str) -> Vec<String> {
    let lines = wrap(text, 100 - indent.len()).into_iter().enumerate();
    lines.map(|(at, line)| if at == 0 { line } else { format!("{indent}{line}") }).collect()
}
