//! `quorate replay`: one scenario, run and told.

use std::io::{Read, stdin};
use std::path::{Path, PathBuf};

use crate::harness::{Options, replayed, untested, watched};
use crate::protocols::{self, Entry};
use crate::world::scenario::Scenario;
use crate::world::scenario_file::MAX_FILE;
use crate::world::schedule_text::nearest;
use clap::Args;
use serde_json::json;

use super::arguments::{self, Format};
use super::{Exit, output};

/// Runs a scenario from a file, and tells what it breaks
#[derive(Args)]
pub(super) struct Arguments {
    /// A scenario, as text or JSON; `-` reads standard input
    file: PathBuf,
    /// How it is told
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let (scenario, entry) = read(&arguments.file)?;
    let (patience, format) = (Options::of(scenario.cluster).patience, arguments.format);
    let (story, vacuous) = watched([entry.subject], patience, &output::Impatient(format), |[subject]| {
        let story = replayed(subject, &scenario);
        let vacuous = if story.is_some() { Vec::new() } else { untested(subject, &scenario) };
        (story, vacuous)
    });
    let verdict = match (&story, vacuous.is_empty()) {
        (Some(_), _) => Exit::Violation,
        (None, true) => Exit::NoViolation,
        (None, false) => Exit::Inconclusive,
    };
    match (arguments.format, &story) {
        (Format::Json, story) => {
            let word = match verdict {
                Exit::Violation => "violation",
                Exit::NoViolation => "no-violation",
                Exit::Inconclusive => "inconclusive",
            };
            output::json(&json!({ "verdict": word, "story": story }))?;
        }
        (Format::Human, Some(story)) => output::text(&story.render(&output::Colours))?,
        (Format::Human, None) if !vacuous.is_empty() => {
            let names: Vec<_> = vacuous.iter().map(|guarantee| guarantee.name()).collect();
            output::text(&format!(
                "? inconclusive: nothing in this schedule puts {} to the test, which it demands",
                names.join(", ")
            ))?;
        }
        (Format::Human, None) => {
            let demanded: Vec<_> = scenario.demands.iter().map(|guarantee| guarantee.name()).collect();
            let what = match demanded.is_empty() {
                true => format!("what {} claims at {}", scenario.protocol, scenario.cluster),
                false => format!("{}, which it demands", demanded.join(", ")),
            };
            output::text(&format!("✓ this schedule breaks nothing of {what}"))?;
        }
    }
    Ok(verdict)
}

/// The scenario in a file, or on standard input, and the protocol that it names.
pub(super) fn read(file: &Path) -> Result<(Scenario, &'static Entry), String> {
    if file != Path::new("-") {
        let scenario = Scenario::read(file).map_err(|bad| bad.to_string())?;
        let text = || std::fs::read_to_string(file).unwrap_or_default();
        let entry = find(&scenario).map_err(|bad| bad.at(&file.display().to_string(), &text()))?;
        sound(entry, &scenario)?;
        return Ok((scenario, entry));
    }
    let mut bytes = Vec::new();
    let read = stdin().lock().take(MAX_FILE as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("{STANDARD_INPUT}: {error}"))?;
    if bytes.len() > MAX_FILE {
        return Err(format!("{STANDARD_INPUT}: expected at most {MAX_FILE} bytes, found more"));
    }
    let scenario = Scenario::from_bytes(&bytes).map_err(|bad| {
        format!("{STANDARD_INPUT}:{}: expected {}, found {}", bad.line, bad.expected, bad.found)
    })?;
    let entry = find(&scenario).map_err(|bad| bad.at(STANDARD_INPUT, &String::from_utf8_lossy(&bytes)))?;
    sound(entry, &scenario)?;
    Ok((scenario, entry))
}

fn sound(entry: &Entry, scenario: &Scenario) -> Result<(), String> {
    arguments::sound(entry, scenario.cluster, scenario.schedule.keys() as u16)
}

const STANDARD_INPUT: &str = "standard input";

/// A scenario names a protocol that there is not.
struct NoSuchProtocol {
    name: String,
    expected: String,
}

impl NoSuchProtocol {
    /// What to say of it: where it stands in a text, and what was expected there.
    fn at(&self, file: &str, text: &str) -> String {
        let Self { name, expected } = self;
        let line = text.lines().position(|line| line.contains("protocol") && line.contains(name.as_str()));
        let line = line.map_or(1, |at| at + 1);
        format!(
            "{file}:{line}: expected {expected}, found `{name}` (quorate::main! makes a command line over your \
             own)"
        )
    }
}

fn find(scenario: &Scenario) -> Result<&'static Entry, NoSuchProtocol> {
    let name = scenario.protocol.to_string();
    protocols::find(&name).ok_or_else(|| {
        let names: Vec<_> = protocols::own().chain(protocols::ALL).map(|entry| entry.name).collect();
        let expected = match nearest(&name, names.iter().copied()) {
            Some(meant) => format!("a protocol, perhaps `{meant}`"),
            None => format!("a protocol of this command line: {}", names.join(", ")),
        };
        NoSuchProtocol { name, expected }
    })
}
