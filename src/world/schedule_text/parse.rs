//! Reading the text of a schedule.

use std::str::FromStr;

use smallvec::SmallVec;

use super::{BadText, Words, nearest, quoted};
use crate::id::{MAX_OPERATION, NodeId, NodeSet, OpId};
use crate::model::{Action, Level, MessageKind};
use crate::world::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};
use crate::world::schedule_check::{BadSchedule, Flaw, MAX_STEPS, check, check_messages};

/// The words that begin a step.
pub(in crate::world) const STEP_WORDS: [&str; 16] = [
    "put", "get", "delete", "arrive", "timeout", "cut", "heal", "pause", "crash", "restart", "wipe",
    "suspect", "trust", "skew", "tick", "wake",
];

/// A step, and whether its place gives its label.
struct Read {
    line: usize,
    step: Step,
    unlabelled: bool,
}

impl FromStr for Schedule {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        read_steps(lines_with_content(text)).map(|(schedule, _)| schedule)
    }
}

impl FromStr for Step {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        let mut lines = lines_with_content(text);
        let words = lines.next().unwrap_or_else(|| Words::of(1, ""))?;
        let step = step(words)?.step;
        match lines.next() {
            None => Ok(step),
            Some(second) => Err(second?.bad("one step by itself")),
        }
    }
}

impl FromStr for MessageName {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        whole(text, message)
    }
}

impl FromStr for Exception {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        whole(text, exception)
    }
}

/// Reads one thing that fills a line.
fn whole<T>(text: &str, read: impl FnOnce(&mut Words<'_>) -> Result<T, BadText>) -> Result<T, BadText> {
    let mut words = Words::of(1, text)?;
    let thing = read(&mut words)?;
    words.end()?;
    Ok(thing)
}

/// The lines that are not empty, each with its number.
pub(in crate::world) fn lines_with_content(text: &str) -> impl Iterator<Item = Result<Words<'_>, BadText>> {
    (1..)
        .zip(text.lines())
        .map(|(line, text)| Words::of(line, text))
        .filter(|words| words.as_ref().map_or(true, |words| words.peek().is_some()))
}

/// Reads the steps of a schedule, each with the line it stands on.
pub(in crate::world) fn read_steps<'t>(
    lines: impl Iterator<Item = Result<Words<'t>, BadText>>,
) -> Result<(Schedule, Vec<usize>), BadText> {
    let mut read = Vec::new();
    let mut operations = 0;
    for words in lines {
        let words = words?;
        let mut this = step(words)?;
        if read.len() == MAX_STEPS {
            return Err(BadText {
                line: this.line,
                expected: format!("at most {MAX_STEPS} steps"),
                found: "another".to_owned(),
            });
        }
        if let Step::Operation(operation) = &mut this.step {
            operations += 1;
            if operations > MAX_OPERATION {
                return Err(BadText {
                    line: this.line,
                    expected: format!("at most {MAX_OPERATION} operations"),
                    found: "another".to_owned(),
                });
            }
            if this.unlabelled {
                operation.op = OpId(operations);
            }
        }
        read.push(this);
    }
    let lines: Vec<usize> = read.iter().map(|read| read.line).collect();
    let unlabelled: Vec<bool> = read.iter().map(|read| read.unlabelled).collect();
    let schedule: Schedule = read.into_iter().map(|read| read.step).collect();
    check(&schedule.steps).map_err(|bad| in_text(&bad, &lines, &unlabelled))?;
    Ok((schedule, lines))
}

/// What is wrong with the schedule, in terms of its lines. A label that was not written needs more words.
fn in_text(bad: &BadSchedule, lines: &[usize], unlabelled: &[bool]) -> BadText {
    let line = lines[bad.step - 1];
    let (mut expected, mut found) = bad.fault.expected_and_found(|step| format!("line {}", lines[step - 1]));
    if let Flaw::LabelTaken { op, by } = bad.fault {
        if unlabelled[bad.step - 1] {
            expected = "a label, as in `as o100`".to_owned();
            found = format!("none, and the one by its place, `{op}`, is taken by line {}", lines[by - 1]);
        } else if unlabelled[by - 1] {
            found = format!("`{op}`, which line {} has by its place", lines[by - 1]);
        }
    }
    BadText { line, expected, found }
}

/// Reads a step, which fills a line.
fn step(mut words: Words<'_>) -> Result<Read, BadText> {
    let line = words.line;
    let first = words;
    let mut unlabelled = false;
    let step = match words.next().unwrap_or_default() {
        "put" => operation(Action::Put, &mut words, &mut unlabelled)?,
        "get" => operation(Action::Get, &mut words, &mut unlabelled)?,
        "delete" => operation(Action::Delete, &mut words, &mut unlabelled)?,
        "arrive" => Step::Arrive { op: words.name()?, name: message(&mut words)? },
        "timeout" => Step::Timeout { op: words.name()? },
        "cut" => cut(&mut words)?,
        "heal" => Step::Heal,
        "pause" => Step::Pause { node: words.name()? },
        "crash" => Step::Crash { node: words.name()? },
        "restart" => Step::Restart { node: words.name()? },
        "wipe" => Step::Wipe { node: words.name()? },
        "suspect" => {
            let whom = words.name()?;
            words.expect("at")?;
            Step::Suspect { at: words.name()?, whom }
        }
        "trust" => Step::Trust,
        "skew" => {
            let node = words.name()?;
            Step::Skew { node, ms: words.number(true, "milliseconds ahead or behind, such as +5 or -5")? }
        }
        "tick" => Step::Tick { ms: words.number(false, "milliseconds, such as 10")? },
        "wake" => Step::Wake { node: words.name()? },
        other => {
            let like = nearest(other, STEP_WORDS).map_or_else(
                || "a step, such as `put`, `get`, `arrive`, `cut` or `crash`".to_owned(),
                |word| format!("a step, perhaps `{word}`"),
            );
            return Err(first.bad(like));
        }
    };
    words.end()?;
    Ok(Read { line, step, unlabelled })
}

/// Reads an operation after its first word.
fn operation(action: Action, words: &mut Words<'_>, unlabelled: &mut bool) -> Result<Step, BadText> {
    let (client, key) = (words.name()?, words.name()?);
    words.expect("via")?;
    let via = words.name()?;
    let (mut blind, mut level, mut exceptions, mut label) = (false, Level::Default, SmallVec::new(), None);
    while let Some(word) = words.peek() {
        match word {
            "blind" if !blind => {
                words.next();
                blind = true;
            }
            "level" if level == Level::Default => {
                words.next();
                level = read_level(words)?;
            }
            "(" if exceptions.is_empty() => {
                words.next();
                exceptions = read_exceptions(words)?;
            }
            "as" if label.is_none() => {
                words.next();
                label = Some(words.name()?);
            }
            _ => {
                let left = [
                    ("`blind`", !blind),
                    ("`level`", level == Level::Default),
                    ("messages in brackets", exceptions.is_empty()),
                    ("`as` and a label", label.is_none()),
                ];
                return Err(words.bad(one_of_those_left(left)));
            }
        }
    }
    *unlabelled = label.is_none();
    let op = label.unwrap_or(OpId(1));
    let mut operation = Operation { op, action, client, key, via, blind, level, exceptions };
    check_messages(&operation.exceptions).map_err(|fault| {
        let (expected, found) = fault.expected_and_found(|step| format!("step {step}"));
        BadText { line: words.line, expected, found }
    })?;
    operation.sort_exceptions();
    Ok(Step::Operation(operation))
}

/// The clauses that the operation may still have, in words.
fn one_of_those_left(clauses: [(&str, bool); 4]) -> String {
    let left: Vec<&str> = clauses.iter().filter(|(_, left)| *left).map(|(clause, _)| *clause).collect();
    let or = if left.is_empty() { "" } else { " or " };
    format!("{}{or}the end of the line", left.join(", "))
}

fn read_level(words: &mut Words<'_>) -> Result<Level, BadText> {
    let level = match words.peek() {
        Some("one") => Level::One,
        Some("quorum") => Level::Quorum,
        Some("all") => Level::All,
        _ => return Err(words.bad("a level: `one`, `quorum` or `all`")),
    };
    words.next();
    Ok(level)
}

/// Reads exceptions up to the closing bracket.
fn read_exceptions(words: &mut Words<'_>) -> Result<SmallVec<[Exception; 2]>, BadText> {
    let mut exceptions = SmallVec::new();
    loop {
        exceptions.push(exception(words)?);
        if words.take(")") {
            return Ok(exceptions);
        }
        if !words.take(",") {
            return Err(words.bad("`,` or `)`"));
        }
    }
}

fn exception(words: &mut Words<'_>) -> Result<Exception, BadText> {
    let name = message(words)?;
    let fate = match words.peek() {
        Some("late") => Fate::Late,
        Some("doubled") => Fate::Doubled,
        Some("twice") => Fate::Twice,
        Some("lost") => Fate::Lost,
        _ => return Err(words.bad("`lost`, `late`, `doubled` or `twice`")),
    };
    words.next();
    Ok(Exception { name, fate })
}

fn message(words: &mut Words<'_>) -> Result<MessageName, BadText> {
    use MessageKind::{Answer, Ask, HandOff, HandedOff, Repair, Repaired, Reply, Request};
    let direction = |words: &mut Words<'_>, to, from| match words.peek() {
        Some("to") => Ok(to),
        Some("from") => Ok(from),
        _ => Err(words.bad("`to` or `from`")),
    };
    let kind = match words.peek() {
        Some("request") => Request,
        Some("reply") => Reply,
        Some("to") => Ask,
        Some("from") => Answer,
        Some("repair") => {
            words.next();
            direction(words, Repair, Repaired)?
        }
        Some("hand-off") => {
            words.next();
            direction(words, HandOff, HandedOff)?
        }
        _ => return Err(words.bad("a message, such as `reply`, `to n2`, `from n2` or `repair to n2`")),
    };
    words.next();
    let replica = if kind.is_of_client() { None } else { Some(words.name()?) };
    let attempt = if words.take("again") { attempt(words)? } else { 0 };
    Ok(MessageName { kind, replica, attempt })
}

/// Reads how many sendings came before, after the word `again`; one if there is no number.
fn attempt(words: &mut Words<'_>) -> Result<u8, BadText> {
    let at_number = words.peek().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    if !at_number {
        return Ok(1);
    }
    let before = *words;
    match words.number(false, "a number from 1 to 255")? {
        0 => Err(before.bad("a number from 1 to 255")),
        attempt => Ok(attempt),
    }
}

/// Reads a cut after its first word.
fn cut(words: &mut Words<'_>) -> Result<Step, BadText> {
    let one = side(words)?;
    if words.take("|") {
        Ok(Step::Cut { side: one, other: side(words)? })
    } else if words.take(">") {
        Ok(Step::CutOneWay { from: one, to: side(words)? })
    } else {
        Err(words.bad("another node, `|` or `>`"))
    }
}

fn side(words: &mut Words<'_>) -> Result<NodeSet, BadText> {
    if words.take("none") {
        return Ok(NodeSet::EMPTY);
    }
    let mut nodes = NodeSet::only(words.name()?);
    while words.peek().is_some_and(|word| word.starts_with('n')) {
        let node: NodeId = words.name()?;
        if nodes.contains(node) {
            let found = format!("{} twice", quoted(&node.to_string()));
            return Err(BadText { line: words.line, expected: "each node once".to_owned(), found });
        }
        nodes.insert(node);
    }
    Ok(nodes)
}
