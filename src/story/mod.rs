//! The story of a failure: what was promised and why, what happened step by step, what should have been seen, what
//! still holds, and how to see it again.
//!
//! A [`Story`] needs runs of its own: the schedule is run once more under a [narrator](crate::world::narration), and
//! once demanding every guarantee, to see what else is broken. [`Story::render`] and `Display` give text, and serde
//! gives JSON.
//!
//! Not covered: runs whose failure does not show again, which are told by their steps alone; and what a node that
//! shows nothing of its inside holds.
//! shows nothing of its inside holds.

mod diff;
mod explain;
pub(crate) mod layout;
mod render;
mod reproduce;
mod rows;

use std::fmt;

use serde::Serialize;

use crate::guarantee::Guarantee;
use crate::id::{NodeId, OpId};
use crate::judge::{Breakage, Demands, Finding, Ruling, Stance, Subject};
use crate::model::Cluster;
use crate::plural::Plural;
use crate::world::scenario::Scenario;

use explain::ToldFailure;

pub use diff::{Divergence, Kept, all_broken, kept};
pub use layout::{WIDTH, wrap};
pub use render::{Paint, Plain, Role};
pub use reproduce::Replay;
pub use rows::{Change, Held, Mark, Outcome, Row};

/// How a failure was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Found {
    /// The seed of the campaign.
    pub seed: u64,
    /// The number of its schedule.
    pub number: u64,
    /// Schedules run in all.
    pub schedules: u64,
    /// The requested cluster; the story's cluster may be smaller.
    pub cluster: Cluster,
    /// The size of the schedule as found.
    pub size: usize,
    /// How many runs it took to make it smaller; 0: it was not made smaller.
    pub shrink_runs: u32,
    /// How long that took, in milliseconds.
    pub shrink_ms: u64,
    /// Whether leaving out each single thing was tried, and made the failure vanish.
    pub one_minimal: bool,
    /// What an exhaustive search says about smaller failures.
    pub below: Option<Below>,
}

/// What an exhaustive search says about everything smaller: none of it fails, as far as was searched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Below {
    /// Whether the search came to the end of its scope.
    pub complete: bool,
    /// Every schedule of the scope up to this size was run.
    pub size: usize,
    /// How many schedules were run.
    pub runs: u64,
    /// What was searched, in words.
    pub scope: String,
}

impl Below {
    /// In a sentence about failures, or about whatever else was searched for.
    fn said_of(&self, what: &str) -> String {
        let Self { complete, size, runs, scope } = self;
        let found = match complete {
            true => format!("no smaller {what} exists in this scope"),
            false => format!("no {what} up to size {size} in this scope; the budget ended there"),
        };
        format!("{found} ({} run; {scope})", Plural(*runs, "schedule"))
    }
}

/// The story of a failure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Story {
    /// What to run: all that a replay needs.
    pub scenario: Scenario,
    /// What is broken, by name.
    pub breakage: Breakage,
    /// What the guarantee says, if a guarantee is broken.
    pub statement: Option<&'static str>,
    /// Why the guarantee was judged: claimed, expected or demanded.
    pub owed: String,
    /// The broken obligation: what should have been, and what was.
    pub because: String,
    /// The nodes, whose states stand beside the steps; none if the system shows nothing.
    pub nodes: Vec<NodeId>,
    /// The steps, and what each led to.
    pub rows: Vec<Row>,
    /// The clocks of the versions in the rows, by their names in the rows.
    pub clocks: Vec<(String, String)>,
    /// Guarantees that this run tests and keeps.
    pub holds: Vec<Guarantee>,
    /// Other guarantees that the protocol claims and this run breaks.
    pub also_broken: Vec<Guarantee>,
    /// Guarantees that the protocol does not claim, and this run would break.
    pub not_claimed: Vec<Guarantee>,
    /// Other failures met while shrinking: what broke, and the schedule.
    pub met: Vec<(String, String)>,
    /// How it was found; none: it was replayed.
    pub found: Option<Found>,
    /// How to see it again.
    pub replay: Replay,
}

impl Story {
    /// Tells the story of what a scenario breaks. `demands` is what it was judged by when the finding was made.
    #[must_use]
    pub fn tell(subject: &dyn Subject, mut scenario: Scenario, demands: Demands, finding: Finding) -> Self {
        let cluster = scenario.cluster;
        let guarantee = match finding.breakage {
            Breakage::Guarantee(guarantee) => Some(guarantee),
            _ => None,
        };
        let claims = subject.claims(cluster);
        if let Some(guarantee) = guarantee.filter(|guarantee| !claims.claims(*guarantee)) {
            scenario.demands = vec![guarantee];
        }
        let judged = guarantee.map_or(Demands::NOTHING, |guarantee| demands.only(guarantee));
        let narration = subject.narrate(cluster, judged, &scenario.schedule);
        let violation = finding.violation.as_ref();
        let (mut rows, clocks) =
            rows::rows(&scenario.schedule, cluster, subject.data_type(), &narration, violation);
        let failure =
            ToldFailure { subject, scenario: &scenario, demands, finding: &finding, narration: &narration };
        for (row, needs) in rows.iter_mut().zip(failure.needs()) {
            row.needed = needs;
        }
        let (holds, broken) = what_else(subject, &scenario, guarantee);
        let (also_broken, not_claimed) = broken.into_iter().partition(|other| claims.claims(*other));
        Self {
            breakage: finding.breakage,
            statement: guarantee.map(Guarantee::statement),
            owed: why_owed(subject, cluster, demands, guarantee),
            because: finding.because,
            nodes: if narration.is_transparent { shown(&scenario, &rows) } else { Vec::new() },
            rows,
            clocks,
            holds,
            also_broken,
            not_claimed,
            met: Vec::new(),
            found: None,
            replay: Replay::of(subject, &scenario, finding.breakage),
            scenario,
        }
    }

    /// Adds how it was found.
    #[must_use]
    pub fn found_by(self, found: Found) -> Self {
        Self { found: Some(found), ..self }
    }

    /// Adds other failures that were met while this one was made smaller.
    #[must_use]
    pub fn having_met(self, met: Vec<(String, String)>) -> Self {
        Self { met, ..self }
    }

    /// Whether the story is of this guarantee.
    #[must_use]
    pub fn breaks(&self, guarantee: Guarantee) -> bool {
        self.breakage == Breakage::Guarantee(guarantee)
    }
}

impl fmt::Display for Story {
    /// As plain text, 100 columns wide.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Plain))
    }
}

/// The nodes whose states are shown: all nodes of a small cluster, and in a large one those that matter.
fn shown(scenario: &Scenario, rows: &[Row]) -> Vec<NodeId> {
    const SMALL: u8 = 5;
    let matters = |node: &NodeId| {
        scenario.schedule.nodes().contains(*node)
            || rows.iter().any(|row| row.held.iter().any(|held| held.node == *node))
    };
    let nodes = scenario.cluster.node_ids();
    nodes.filter(|node| scenario.cluster.nodes <= SMALL || matters(node)).collect()
}

/// Why a subject owed what it broke.
fn why_owed(
    subject: &dyn Subject,
    cluster: Cluster,
    demands: Demands,
    guarantee: Option<Guarantee>,
) -> String {
    let name = subject.name();
    let Some(guarantee) = guarantee else {
        return "Every protocol owes this, whatever it claims.".to_owned();
    };
    let claims = subject.claims(cluster);
    if let Some(reason) = claims.why_not(guarantee) {
        let asked = match demands.stance(guarantee) {
            Stance::Demanded => "demanded",
            _ => "expected",
        };
        return format!("It was {asked} here. {name} does not claim it at {cluster} ({reason}).");
    }
    if demands.stance(guarantee) == Stance::Demanded {
        return format!(
            "It was demanded here outright, so that no lost disk, wrong clock or lower level excuses it. {name} \
             claims it at {cluster}, but for those."
        );
    }
    let inherited = subject.base_claims(cluster).filter(|(_, of_base)| of_base.claims(guarantee));
    match inherited {
        Some((base, _)) => format!("{name} claims it at {cluster}, as does {base}, which it changes."),
        None => format!("{name} claims it at {cluster}."),
    }
}

/// Which other guarantees the same run keeps and breaks if all are demanded.
fn what_else(
    subject: &dyn Subject,
    scenario: &Scenario,
    but: Option<Guarantee>,
) -> (Vec<Guarantee>, Vec<Guarantee>) {
    let claims = subject.claims(scenario.cluster);
    let unclaimed = Guarantee::ALL.into_iter().filter(|guarantee| !claims.claims(*guarantee)).collect();
    let all = subject.judgeable(Demands::of_claims(&claims).demanding(unclaimed));
    let keys = scenario.schedule.keys();
    let mut runner = subject.runner(scenario.cluster, keys, all);
    let (trial, _) = runner.run_recorded(&scenario.schedule);
    if matches!(trial.finding.map(|finding| finding.breakage), Some(Breakage::Panic | Breakage::Storm)) {
        return (Vec::new(), Vec::new()); // It did not come to an end.
    }
    let others = || Guarantee::ALL.into_iter().filter(|guarantee| Some(*guarantee) != but);
    let keeps = |ruling: &Ruling| ruling.broken == 0 && ruling.unknown == 0 && ruling.examined > 0;
    let holds = others().filter(|guarantee| keeps(runner.ruling(*guarantee))).collect();
    let broken = others().filter(|guarantee| runner.ruling(*guarantee).broken > 0).collect();
    (holds, broken)
}

/// Lists operations: `o1, o2 and o3`.
fn listed(ops: &[OpId]) -> String {
    match ops {
        [] => String::new(),
        [one] => one.to_string(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(ToString::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}
