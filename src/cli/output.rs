//! What is written where: reports to standard output, errors and bars to standard error.

use std::io::{self, Write};

use crate::escape::{self, Escaped};
use crate::story::{Paint, Role};
use owo_colors::{OwoColorize, Style};
use serde::Serialize;
use serde_json::json as value;

use super::Exit;
use super::arguments::Format;
use crate::harness::{Monitor, Origin, Stuck};

/// Colours for a terminal. The stream takes them out again where there is none, or where `NO_COLOR` is set.
pub(super) struct Colours;

impl Paint for Colours {
    fn paint(&self, role: Role, text: &str) -> String {
        let style = match role {
            Role::Wrong => Style::new().red().bold(),
            Role::Right => Style::new().green().bold(),
            Role::Strong => Style::new().bold(),
            Role::Faint => Style::new().dimmed(),
            Role::Added => Style::new().green(),
            Role::Gone => Style::new().red(),
        };
        text.style(style).to_string()
    }
}

/// Writes a text to standard output.
pub(super) fn text(text: &str) -> Result<(), String> {
    let mut out = anstream::stdout().lock();
    written(writeln!(out, "{text}").and_then(|()| out.flush()))
}

/// Writes a value to standard output, as JSON that is safe to look at: its strings may come from files, and hold what
/// a terminal obeys.
pub(super) fn json(value: &impl Serialize) -> Result<(), String> {
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    let mut out = io::stdout().lock();
    // Newlines stand between tokens only: in strings they are escaped already.
    let mut lines = text.lines();
    written(lines.try_for_each(|line| writeln!(out, "{}", escape::json(line))).and_then(|()| out.flush()))
}

/// Whoever reads may stop when they have seen enough.
fn written(outcome: io::Result<()>) -> Result<(), String> {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}

/// Says that a run has not ended: nothing is known of it but that.
pub(super) fn stuck(stuck: &Stuck, format: Format) -> Exit {
    if format == Format::Json {
        let elapsed = stuck.elapsed.as_secs();
        let number = match stuck.origin {
            Origin::Campaign(number) => Some(number),
            Origin::Tried | Origin::State => None,
        };
        let scenario = (stuck.origin != Origin::State).then_some(&stuck.scenario);
        let why = format!("a run has not ended after {elapsed} s");
        // If standard output is gone there is nobody left to tell.
        let _ = json(&value!({
            "verdict": "inconclusive",
            "inconclusive": [why],
            "stuck": { "number": number, "seconds": elapsed, "scenario": scenario },
        }));
    } else {
        note(&stuck.to_string());
    }
    Exit::Inconclusive
}

/// Ends the process at a run without end: the thread that runs it cannot be ended.
pub(super) struct Impatient(pub(super) Format);

impl Monitor for Impatient {
    fn stuck(&self, stuck: &Stuck) {
        std::process::exit(self::stuck(stuck, self.0) as i32);
    }
}

/// Says what is wrong with the input, on standard error.
pub(super) fn error(said: &str) {
    let mut err = anstream::stderr().lock();
    // If standard error is gone there is nobody left to tell.
    let said = Escaped(said);
    let _ = writeln!(err, "{} {said}", "error:".style(Style::new().red().bold()));
}

/// Says something by the way, on standard error.
pub(super) fn note(said: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{said}");
}
