//! How to see a failure again: a command, and a test to paste.

use serde::Serialize;

use crate::judge::{Breakage, Subject};
use crate::protocols;
use crate::world::scenario::Scenario;

/// How to see a failure again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Replay {
    /// A command for a shell. None: the protocol is not built in, so the command line does not know it.
    pub command: Option<String>,
    /// A test to paste into a test file.
    pub test: String,
}

impl Replay {
    pub(super) fn of(subject: &dyn Subject, scenario: &Scenario, breakage: Breakage) -> Self {
        let known = protocols::find(&scenario.protocol).is_some();
        let built_in = known && !protocols::own().any(|own| own.name == scenario.protocol);
        let command = known.then(|| format!("quorate replay - <<'END'\n{scenario}\nEND"));
        let call = if built_in { "quorate::replay_builtin(".to_owned() } else { subject.in_a_test() };
        let call = format!("{call}\"");
        let mut test = format!("#[test]\nfn {}() {{\n    {call}\n", test_name(scenario, breakage));
        for line in scenario.to_string().lines() {
            let indent = if line.is_empty() { "" } else { "        " };
            test.push_str(&format!("{indent}{line}\n"));
        }
        test.push_str("    \");\n}");
        Self { command, test }
    }
}

/// The test's name, such as `textbook_keeps_fresh`: it passes if that is true.
fn test_name(scenario: &Scenario, breakage: Breakage) -> String {
    let verb = match breakage {
        Breakage::Guarantee(_) => "keeps",
        _ => "has_no",
    };
    let mut name = String::new();
    for c in format!("{}_{verb}_{breakage}", scenario.protocol).chars() {
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            'A'..='Z' => {
                // `LastWins` becomes `last_wins`.
                if name.ends_with(|before: char| before.is_ascii_lowercase()) {
                    name.push('_');
                }
                name.push(c.to_ascii_lowercase());
            }
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}
