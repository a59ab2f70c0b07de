//! What a campaign found, and how much it looked at.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::guarantee::Guarantee;
use crate::harness::options::Options;
use crate::harness::tally::{Counts, Totals};
use crate::judge::{Demands, Stance, Subject};
use crate::model::Cluster;
use crate::story::Story;

/// The result of a campaign in a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing that was owed or expected was broken in these schedules. Others may break it.
    NoViolation,
    /// Something owed or expected was broken.
    Violation,
    /// Nothing was broken, but something was not examined: see [`Report::inconclusive`].
    Inconclusive,
}

/// How a guarantee stood in the campaign.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "stance", content = "why_not")]
pub enum Standing {
    /// The subject claims it.
    Claimed,
    /// The subject does not claim it, for this reason, but it was expected.
    Expected(&'static str),
    /// The subject does not claim it, for this reason, and nobody asked.
    NotClaimed(&'static str),
    /// It is claimed or expected, but cannot be judged: the subject shows nothing of its inside.
    NotJudged,
}

impl Standing {
    /// Whether its obligations were counted.
    #[must_use]
    pub const fn is_judged(self) -> bool {
        matches!(self, Self::Claimed | Self::Expected(_))
    }
}

/// One guarantee in a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct GuaranteeRow {
    /// The guarantee.
    pub guarantee: Guarantee,
    /// How it stood.
    #[serde(flatten)]
    pub outlook: Standing,
    /// What was counted.
    #[serde(flatten)]
    pub counts: Counts,
    /// How many schedules broke it.
    pub broken: u64,
}

/// Claims that a subject gives up: the protocol that it changes makes them, and the subject does not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Lowered {
    /// The protocol that the subject changes.
    pub base: Cow<'static, str>,
    /// What that protocol claims and the subject does not.
    pub guarantees: Vec<Guarantee>,
}

/// What a campaign found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The subject's name.
    pub protocol: Cow<'static, str>,
    /// The cluster.
    pub cluster: Cluster,
    /// The seed: with the options, it is enough to run the schedules again.
    pub seed: u64,
    /// The number of the first schedule.
    pub first: u64,
    /// Whether it was interrupted before all schedules had run.
    pub interrupted: bool,
    /// How many schedules to run; none: as many as the time allows.
    pub wanted: Option<u64>,
    /// What was counted, up to the first failure if that ended the campaign.
    pub totals: Totals,
    /// How long the schedules took. Only this differs from run to run.
    pub elapsed: Duration,
    /// How many threads ran.
    pub threads: usize,
    /// Every guarantee.
    pub lines: Vec<GuaranteeRow>,
    /// The claims that the subject gives up, if any.
    pub lowered: Option<Lowered>,
    /// The failures, smallest schedule number first. If the campaign ended at the first failing chunk, it is the one
    /// that says most: expected guarantees before claimed ones, and what clients see before what is inside. Otherwise
    /// it is the first of each kind.
    pub counterexamples: Vec<Story>,
}

impl Report {
    pub(super) fn new(
        subject: &dyn Subject,
        options: &Options,
        judged: Demands,
        totals: Totals,
        broken: &BTreeMap<Guarantee, u64>,
        counterexamples: Vec<Story>,
        elapsed: Duration,
    ) -> Self {
        let cluster = options.cluster();
        let claims = subject.claims(cluster);
        let wanted = options.demands(subject);
        let line = |guarantee: Guarantee| GuaranteeRow {
            guarantee,
            outlook: match (claims.why_not(guarantee), wanted.stance(guarantee)) {
                (Some(reason), Stance::Ignored) => Standing::NotClaimed(reason),
                _ if !judged.judges(guarantee) => Standing::NotJudged,
                (Some(reason), _) => Standing::Expected(reason),
                (None, _) => Standing::Claimed,
            },
            counts: totals.of[guarantee.index()],
            broken: broken.get(&guarantee).copied().unwrap_or(0),
        };
        let lowered = subject.base_claims(cluster).and_then(|(base, of_base)| {
            let given_up = |guarantee: &Guarantee| of_base.claims(*guarantee) && !claims.claims(*guarantee);
            let guarantees: Vec<_> = Guarantee::ALL.into_iter().filter(given_up).collect();
            (!guarantees.is_empty()).then_some(Lowered { base, guarantees })
        });
        Self {
            protocol: subject.name(),
            cluster,
            seed: options.seed,
            first: options.first,
            interrupted: false,
            wanted: (options.schedules < u64::MAX).then_some(options.schedules),
            elapsed,
            threads: options.threads(),
            lines: Guarantee::ALL.into_iter().map(line).collect(),
            lowered,
            counterexamples,
            totals,
        }
    }

    /// The result in a word.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if !self.counterexamples.is_empty() {
            Verdict::Violation
        } else if self.inconclusive().is_empty() {
            Verdict::NoViolation
        } else {
            Verdict::Inconclusive
        }
    }

    /// What was to be examined and was not, one sentence each.
    #[must_use]
    pub fn inconclusive(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if self.interrupted {
            let next = self.first.saturating_add(self.totals.schedules);
            reasons.push(format!(
                "interrupted after {} schedules; --seed {} --first {next} goes on from there",
                self.totals.schedules, self.seed
            ));
        } else if let Some(wanted) = self.wanted.filter(|wanted| self.totals.schedules < *wanted)
            && self.counterexamples.is_empty()
        {
            reasons.push(format!("the time was over after {} of {wanted} schedules", self.totals.schedules));
        }
        for GuaranteeRow { guarantee, outlook, counts, broken } in &self.lines {
            if *outlook == Standing::NotJudged {
                reasons.push(format!(
                    "{guarantee} cannot be judged from outside, and this system shows no inside: it should claim less, or show more"
                ));
            } else if outlook.is_judged() && counts.unknown > 0 {
                let why = counts.why_unknown.unwrap_or("no reason given");
                reasons.push(format!("{guarantee}: {} obligations undecided: {why}", counts.unknown));
            } else if outlook.is_judged() && counts.examined == 0 && *broken == 0 {
                let why = match counts.not_owed.total() {
                    0 => "no schedule gave rise to an obligation".to_owned(),
                    excused => format!("all {excused} obligations were excused"),
                };
                reasons.push(format!("{guarantee} is vacuous: {why}"));
            }
        }
        reasons
    }

    /// The guarantees that were broken without a story of their own.
    pub fn broken_as_well(&self) -> impl Iterator<Item = &GuaranteeRow> {
        let told = |guarantee| self.counterexamples.iter().any(|story| story.breaks(guarantee));
        self.lines.iter().filter(move |line| line.broken > 0 && !told(line.guarantee))
    }

    /// The line of a guarantee.
    #[must_use]
    pub fn line(&self, guarantee: Guarantee) -> Option<&GuaranteeRow> {
        self.lines.iter().find(|line| line.guarantee == guarantee)
    }

    /// The same report without what differs from run to run: its times, and how many threads ran.
    #[must_use]
    pub fn without_times(mut self) -> Self {
        self.elapsed = Duration::ZERO;
        self.threads = 0;
        for found in self.counterexamples.iter_mut().filter_map(|story| story.found.as_mut()) {
            found.shrink_ms = 0;
        }
        self
    }
}
