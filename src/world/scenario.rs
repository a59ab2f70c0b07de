//! A scenario: a schedule, with the protocol and the cluster that it runs on. A replay needs this, and nothing
//! more.
//!
//! Its text is a few header lines, in any order, and then the [text of the schedule](super::schedule_text):
//!
//! ```text
//! protocol as-seeded
//! cluster N=3 R=2 W=2          or, on more nodes than N: cluster N=3 R=2 W=2 on 5 nodes
//! demand fresh                 a guarantee to be judged whether it is owed or not; any number of them
//!
//! put c1 k1 via n1 (to n2 lost)
//! get c2 k1 via n2
//! ```
//!
//! There is no version number: the language only grows. An unknown word is refused with its line, never guessed at.
//!
//! Not covered: whether a protocol of this name exists, which only the one who runs it knows; and what the run
//! is to show, beyond the guarantees it is judged by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::schedule::Schedule;
use super::schedule_text::{BadText, STEP_WORDS, Words, lines_with_content, nearest, quoted, read_steps};
use crate::guarantee::{Guarantee, UnknownGuarantee};
use crate::id::{NodeId, NodeSet};
use crate::model::{BadCluster, Cluster};

/// The longest name of a protocol, in bytes.
pub const MAX_PROTOCOL_NAME: usize = 100;

/// The words that begin a header line.
const HEADER_WORDS: [&str; 3] = ["protocol", "cluster", "demand"];

/// A schedule with all that a run of it needs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Scenario {
    /// The protocol's name: one line of text, without `#` and without space at its ends.
    pub protocol: String,
    /// The nodes and the quorums.
    pub cluster: Cluster,
    /// The guarantees to judge whether or not the protocol owes them. Empty: those it owes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub demands: Vec<Guarantee>,
    /// What happens.
    pub schedule: Schedule,
}

/// A scenario as JSON says it, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    protocol: String,
    cluster: Cluster,
    #[serde(default)]
    demands: Vec<Guarantee>,
    schedule: Schedule,
}

impl TryFrom<Unchecked> for Scenario {
    type Error = BadScenario;

    fn try_from(unchecked: Unchecked) -> Result<Self, BadScenario> {
        let Unchecked { protocol, cluster, demands, schedule } = unchecked;
        Self { protocol, cluster, demands, schedule }.validate()
    }
}

/// Why a scenario cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadScenario {
    /// No protocol can have that name.
    Protocol(String),
    /// There can be no such cluster.
    Cluster(Cluster, BadCluster),
    /// A step names a node that the cluster does not have.
    NoSuchNode {
        /// The step, counted from 1.
        step: usize,
        /// The node it names.
        node: NodeId,
        /// How many nodes there are.
        nodes: u8,
    },
}

impl BadScenario {
    fn expected_and_found(&self) -> (String, String) {
        match self {
            Self::Protocol(name) => (
                format!("a protocol's name, of 1 to {MAX_PROTOCOL_NAME} bytes on one line, without `#`"),
                quoted(name),
            ),
            Self::Cluster(cluster, bad) => {
                ("a cluster that can be built".to_owned(), format!("`{cluster}`: {bad}"))
            }
            Self::NoSuchNode { node, nodes, .. } => {
                (format!("a node of the cluster, at most n{nodes}"), quoted(&node.to_string()))
            }
        }
    }
}

impl fmt::Display for BadScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (expected, found) = self.expected_and_found();
        if let Self::NoSuchNode { step, .. } = self {
            write!(f, "step {step}: ")?;
        }
        write!(f, "expected {expected}, found {found}")
    }
}

impl std::error::Error for BadScenario {}

impl Scenario {
    /// A scenario without demands.
    #[must_use]
    pub fn new(protocol: impl Into<String>, cluster: Cluster, schedule: Schedule) -> Self {
        Self { protocol: protocol.into(), cluster, demands: Vec::new(), schedule }
    }

    /// Checks that it can run, and can be read back from its text.
    ///
    /// # Errors
    /// Names what is impossible: the protocol's name, the cluster, or the first step with a node that the cluster
    /// lacks.
    pub fn validate(self) -> Result<Self, BadScenario> {
        let name = &self.protocol;
        let is_name = !name.is_empty()
            && name.len() <= MAX_PROTOCOL_NAME
            && name.trim() == name
            && !name.contains(|c: char| c == '#' || c.is_control());
        if !is_name {
            return Err(BadScenario::Protocol(self.protocol));
        }
        self.cluster.validate().map_err(|bad| BadScenario::Cluster(self.cluster, bad))?;
        let nodes = self.cluster.nodes;
        let all = NodeSet::first(usize::from(nodes));
        for (step, s) in (1..).zip(&self.schedule.steps) {
            let stranger = s.nodes().minus(all).iter().next();
            if let Some(node) = stranger {
                return Err(BadScenario::NoSuchNode { step, node, nodes });
            }
        }
        Ok(self)
    }
}

impl fmt::Display for Scenario {
    /// The header, a blank line and the schedule, without a final line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "protocol {}\ncluster {}", self.protocol, self.cluster)?;
        self.demands.iter().try_for_each(|guarantee| write!(f, "\ndemand {guarantee}"))?;
        if self.schedule.steps.is_empty() { Ok(()) } else { write!(f, "\n\n{}", self.schedule) }
    }
}

impl FromStr for Scenario {
    type Err = BadText;

    fn from_str(text: &str) -> Result<Self, BadText> {
        let mut header = Header::default();
        let mut lines = lines_with_content(text).peekable();
        let end = loop {
            match lines.peek() {
                Some(Ok(words)) if header.read(*words)? => lines.next(),
                Some(Ok(first_step)) => break *first_step,
                Some(Err(bad)) => return Err(bad.clone()),
                None => break Words::of(text.lines().count().max(1), "")?,
            };
        };
        let (protocol_line, protocol) = header.protocol.ok_or_else(|| missing("protocol …", end))?;
        let (cluster_line, cluster) = header.cluster.ok_or_else(|| missing("cluster N=… R=… W=…", end))?;
        let lines = lines.map(|words| match words {
            Ok(words) if words.peek().is_some_and(|word| HEADER_WORDS.contains(&word)) => {
                Err(words.bad("a step, since header lines come before the first"))
            }
            words => words,
        });
        let (schedule, step_lines) = read_steps(lines)?;
        Self { protocol, cluster, demands: header.demands, schedule }.validate().map_err(|bad| {
            let (expected, found) = bad.expected_and_found();
            let line = match bad {
                BadScenario::Protocol(_) => protocol_line,
                BadScenario::Cluster(..) => cluster_line,
                BadScenario::NoSuchNode { step, .. } => step_lines[step - 1],
            };
            BadText { line, expected, found }
        })
    }
}

/// What to say if the header ends too soon. A misspelt header line was taken for the first step.
fn missing(line: &str, end: Words<'_>) -> BadText {
    let Some(word) = end.peek() else {
        let found = "the end of the text".to_owned();
        return BadText { line: end.line, expected: format!("a header line `{line}`"), found };
    };
    let misspelt = Some(word).filter(|word| !STEP_WORDS.contains(word));
    match misspelt.and_then(|word| nearest(word, HEADER_WORDS)) {
        Some(meant) => end.bad(format!("a header line, perhaps `{meant}`")),
        None => end.bad(format!("a header line `{line}`")),
    }
}

/// The header read so far, with the line of each part.
#[derive(Default)]
struct Header {
    protocol: Option<(usize, String)>,
    cluster: Option<(usize, Cluster)>,
    demands: Vec<Guarantee>,
}

impl Header {
    /// Reads a line; returns whether it belongs to the header.
    fn read(&mut self, mut words: Words<'_>) -> Result<bool, BadText> {
        let start = words;
        let once = |first: Option<usize>| {
            first.map_or(Ok(()), |line| {
                let mut bad = start.bad("each header line once");
                bad.found = format!("{} again, after line {line}", bad.found);
                Err(bad)
            })
        };
        if words.take("protocol") {
            once(self.protocol.as_ref().map(|(line, _)| *line))?;
            if words.rest().is_empty() {
                return Err(words.bad("a protocol's name"));
            }
            self.protocol = Some((words.line, words.rest().to_owned()));
        } else if words.take("cluster") {
            once(self.cluster.map(|(line, _)| line))?;
            self.cluster = Some((words.line, cluster(&mut words)?));
            words.end()?;
        } else if words.take("demand") {
            let name = words.peek().unwrap_or_default();
            let guarantee = name.parse().map_err(|_: UnknownGuarantee| unknown_guarantee(name, words))?;
            self.demands.push(guarantee);
            words.next();
            words.end()?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

fn unknown_guarantee(name: &str, words: Words<'_>) -> BadText {
    let names = || Guarantee::ALL.into_iter().map(Guarantee::name);
    match nearest(name, names()) {
        Some(meant) => words.bad(format!("a guarantee, perhaps `{meant}`")),
        None => words.bad(format!("a guarantee: {}", names().collect::<Vec<_>>().join(", "))),
    }
}

/// Reads a cluster in its usual form: `N=3 R=2 W=2 on 5 nodes`.
fn cluster(words: &mut Words<'_>) -> Result<Cluster, BadText> {
    let mut numbers = [0; 3];
    for (number, letter) in numbers.iter_mut().zip(["N=", "R=", "W="]) {
        let digits = words.peek().and_then(|word| word.strip_prefix(letter));
        let digits = digits.filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()));
        *number = digits
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| words.bad(format!("`{letter}` and a number, as in `N=3 R=2 W=2 on 5 nodes`")))?;
        words.next();
    }
    let cluster = Cluster::new(numbers[0], numbers[1], numbers[2]);
    if !words.take("on") {
        return Ok(cluster);
    }
    let nodes = words.number(false, "how many nodes")?;
    words.expect("nodes")?;
    Ok(cluster.on(nodes))
}
