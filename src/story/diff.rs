//! Two systems on one schedule: what both do is told once, and where they differ, each is told by itself.
//!
//! Not covered: what comes after the step in which they part.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::layout::{WIDTH, grouped, labelled, pad, width, wrap};
use super::render::{Columns, how};
use super::rows::{Change, Held, Mark, Row, rows};
use super::{Found, Paint, Plain, Role};
use crate::guarantee::GuaranteeSet;
use crate::id::NodeId;
use crate::judge::determinism::compare_two_runs;
use crate::judge::difference::{DifferenceLevel, difference};
use crate::judge::{Breakage, Demands, Subject, Trial};
use crate::model::Cluster;
use crate::world::schedule::Schedule;

/// The story of where two systems differ.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Divergence {
    /// The names of the two systems.
    pub protocols: [String; 2],
    /// What they differ in.
    pub level: DifferenceLevel,
    /// The cluster of the shortest schedule, which may be smaller than the one asked for.
    pub cluster: Cluster,
    /// The difference, in one sentence.
    pub because: String,
    /// The schedule that shows it.
    pub schedule: Schedule,
    /// The nodes, whose states stand beside the steps.
    pub nodes: Vec<NodeId>,
    /// Whether it is certain that no schedule is shorter, within the scope that `found` tells.
    pub shortest: bool,
    /// The steps up to the first difference; that step has a row for each of the two.
    pub rows: Vec<Row>,
    /// What each breaks on this schedule, by name: guarantees, and whether it panics or does not end.
    pub broken: [Vec<Breakage>; 2],
    /// How it was found.
    pub found: Option<Found>,
}

/// How two systems keep one guarantee over many schedules; or how often they panic, send messages without end, or are
/// nondeterministic.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Kept {
    /// The guarantee, or the other failure.
    #[serde(rename = "guarantee")]
    pub breakage: Breakage,
    /// Whether each claims it. (Every system claims not to panic.)
    pub claimed: [bool; 2],
    /// How many schedules of each break it.
    pub broken: [u64; 2],
}

impl Divergence {
    /// Tells where two systems differ on a schedule.
    #[must_use]
    pub fn tell(
        both: [&dyn Subject; 2],
        cluster: Cluster,
        schedule: Schedule,
        level: DifferenceLevel,
    ) -> Self {
        let told = both.map(|subject| subject.narrate(cluster, Demands::NOTHING, &schedule));
        let parted = difference(&told[0], &told[1], &schedule, level);
        let (at, because) = parted.unwrap_or((0, "what they do is not the same every time".to_owned()));
        let nodes = if told.iter().any(|told| told.is_transparent) {
            cluster.node_ids().collect()
        } else {
            Vec::new()
        };
        let [one, other] = told.map(|mut told| {
            told.broken_in = Some(at);
            let mut rows = rows(&schedule, cluster, both[0].data_type(), &told, None).0;
            // The systems differ here; nothing is wrong.
            rows.iter_mut().for_each(|row| row.outcomes.retain(|outcome| outcome.mark != Mark::Wrong));
            rows
        });
        Self {
            protocols: both.map(|subject| subject.name().into_owned()),
            level,
            cluster,
            because,
            rows: side_by_side(&both.map(Subject::name), &nodes, one, other),
            nodes,
            shortest: false,
            broken: both.map(|subject| broken(subject, cluster, &schedule)),
            found: None,
            schedule,
        }
    }

    /// Adds how it was found.
    #[must_use]
    pub fn found_by(self, found: Found) -> Self {
        Self { found: Some(found), ..self }
    }

    /// As text, without a final line break.
    #[must_use]
    pub fn render(&self, paint: &dyn Paint) -> String {
        let [first, second] = &self.protocols;
        let mut out = String::new();
        let heading = format!("≠ {first} and {second} differ in {}", self.level);
        let cluster = self.cluster;
        out.push_str(&format!("{}\n", paint.paint(Role::Strong, &heading)));
        let shortest = if self.shortest { "shortest at" } else { "at" };
        out.push_str(&format!("  {shortest} {cluster}\n\n"));
        wrap(&self.because, WIDTH - 2).iter().for_each(|line| out.push_str(&format!("  {line}\n")));
        out.push('\n');
        Columns::of(&self.rows, &self.nodes).table(&self.rows, &self.nodes, paint, &mut out);
        out.push('\n');
        for (name, broken) in self.protocols.iter().zip(&self.broken) {
            let (role, said) = match broken.is_empty() {
                true => (Role::Right, format!("{name} keeps every guarantee here, claimed or not")),
                false => (Role::Wrong, what_it_breaks(name, broken)),
            };
            wrap(&said, WIDTH - 2)
                .iter()
                .for_each(|line| out.push_str(&format!("  {}\n", paint.paint(role, line))));
        }
        out.push('\n');
        if let Some(found) = &self.found {
            labelled("found", &how(found, self.schedule.size(), &self.cluster), &mut out);
            if let Some(below) = &found.below {
                labelled("smaller ones", &below.said_of("difference"), &mut out);
            }
        }
        out.truncate(out.trim_end().len());
        out
    }
}

impl fmt::Display for Divergence {
    /// As plain text, 100 columns wide.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Plain))
    }
}

/// Puts what both do in one row, and what they do differently in rows below each other.
fn side_by_side(names: &[Cow<'_, str>; 2], nodes: &[NodeId], one: Vec<Row>, other: Vec<Row>) -> Vec<Row> {
    let mut all = Vec::new();
    for (one, other) in one.into_iter().zip(other) {
        if (&one.outcomes, &one.held) == (&other.outcomes, &other.held) {
            all.push(Row { mark: Mark::None, ..one });
            continue;
        }
        // The two rows below show what is held; here the columns stay empty.
        let empty = |node: &NodeId| Held { node: *node, text: String::new(), change: Change::Kept };
        let held = nodes.iter().map(empty).collect();
        all.push(Row { mark: Mark::Concerned, outcomes: Vec::new(), held, ..one.clone() });
        for (name, row) in names.iter().zip([one, other]) {
            all.push(Row { number: None, step: format!("  with {name}"), mark: Mark::None, ..row });
        }
    }
    all
}

/// What a schedule breaks if every guarantee is expected.
fn broken(subject: &dyn Subject, cluster: Cluster, schedule: &Schedule) -> Vec<Breakage> {
    let all = subject.judgeable(Demands::NOTHING.expecting(GuaranteeSet::ALL));
    let keys = schedule.keys();
    let mut runner = subject.runner(cluster, keys, all);
    let differs = compare_two_runs(runner.as_mut(), schedule).map(|(_, finding)| finding.breakage);
    let mut broken = all_broken(&runner.run_recorded(schedule).0);
    broken.extend(differs);
    broken
}

/// All that a trial breaks: guarantees, and whether it ended at all.
#[must_use]
pub fn all_broken(trial: &Trial) -> Vec<Breakage> {
    let panicked = trial.finding.as_ref().is_some_and(|finding| finding.breakage == Breakage::Panic);
    let mut broken: Vec<_> = trial.broken.iter().map(Breakage::Guarantee).collect();
    broken.extend(panicked.then_some(Breakage::Panic));
    broken.extend(trial.tally.storm.then_some(Breakage::Storm));
    broken
}

/// One clause for each sort of failure.
fn what_it_breaks(name: &str, broken: &[Breakage]) -> String {
    let guarantees: Vec<_> = broken
        .iter()
        .filter_map(|breakage| match breakage {
            Breakage::Guarantee(guarantee) => Some(guarantee.name()),
            _ => None,
        })
        .collect();
    let guarantees = (!guarantees.is_empty())
        .then(|| format!("{name} breaks {} here, claimed or not", guarantees.join(", ")));
    let others = broken.iter().filter_map(|breakage| match breakage {
        Breakage::Panic => Some(format!("{name} panics here")),
        Breakage::Storm => Some(format!("{name} sends messages without end here")),
        Breakage::Nondeterminism => Some(format!("{name} does not do the same twice here")),
        Breakage::Guarantee(_) | Breakage::Difference => None,
    });
    guarantees.into_iter().chain(others).collect::<Vec<_>>().join("; ")
}

/// The width of `not claimed, broken in 100.0 %`.
const NARROWEST: usize = 30;

/// What both keep and break over many schedules, as a table.
#[must_use]
pub fn kept(protocols: &[String; 2], lines: &[Kept], schedules: u64, paint: &dyn Paint) -> String {
    let column = protocols.iter().map(|name| width(name)).max().unwrap_or(0).max(NARROWEST) + 2;
    let told = |line: &Kept, of: usize| {
        let claimed = if line.claimed[of] { "claimed" } else { "not claimed" };
        match line.broken[of] {
            0 if !is_guarantee(line) => (Role::Faint, "never".to_owned()),
            times if !is_guarantee(line) => {
                (Role::Wrong, format!("on {:.1} %", 100.0 * times as f64 / schedules.max(1) as f64))
            }
            0 => (Role::Faint, format!("{claimed}, kept")),
            times => {
                let share = 100.0 * times as f64 / schedules.max(1) as f64;
                let role = if line.claimed[of] { Role::Wrong } else { Role::Faint };
                (role, format!("{claimed}, broken in {share:.1} %"))
            }
        }
    };
    let heading = format!("on {} schedules", grouped(schedules));
    let mut out = format!("  {}", pad(&heading, 24));
    protocols.iter().for_each(|name| out.push_str(&pad(&paint.paint(Role::Strong, name), column)));
    out.truncate(out.trim_end().len());
    out.push('\n');
    let alike = |line: &Kept| line.broken == [0, 0] && line.claimed[0] == line.claimed[1];
    for line in lines.iter().filter(|line| !alike(line)) {
        let mut text = format!("  {}", pad(&line.breakage.to_string(), 24));
        for of in 0..2 {
            let (role, said) = told(line, of);
            text.push_str(&pad(&paint.paint(role, &said), column));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    let same = lines.iter().filter(|line| alike(line) && is_guarantee(line));
    let same: Vec<_> = same.map(|line| line.breakage.to_string()).collect();
    if !same.is_empty() {
        labelled("kept by both", &same.join(", "), &mut out);
    }
    out.truncate(out.trim_end().len());
    out
}

const fn is_guarantee(line: &Kept) -> bool {
    matches!(line.breakage, Breakage::Guarantee(_))
}
