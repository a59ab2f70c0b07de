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

/// What a campaign says in a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing that was owed or expected was broken in these schedules. Others may break it.
    NoViolation,
    /// Something was.
    Violation,
    /// Nothing was, and something was not looked at: see [`Report::inconclusive`].
    Inconclusive,
}

/// How a guarantee stood in the campaign.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "stance", content = "why_not")]
pub enum Standing {
    /// The subject claims it.
    Claimed,
    /// It does not, for this reason; it was expected all the same.
    Expected(&'static str),
    /// It does not, for this reason, and nobody asked.
    NotClaimed(&'static str),
    /// It claims it, or it was expected, and it cannot be judged: the subject shows nothing of its inside.
    NotJudged,
}

impl Standing {
    /// Whether obligations were counted.
    #[must_use]
    pub const fn is_judged(self) -> bool {
        matches!(self, Self::Claimed | Self::Expected(_))
    }
}

/// One guarantee in a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct GuaranteeRow {
    /// Which.
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

/// Claims of the protocol that a subject changes, and that the subject itself does not make.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Lowered {
    /// The protocol it changes.
    pub base: Cow<'static, str>,
    /// What that one claims and the subject does not.
    pub guarantees: Vec<Guarantee>,
}

/// What a campaign found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The subject's name.
    pub protocol: Cow<'static, str>,
    /// The cluster.
    pub cluster: Cluster,
    /// Which schedules: with the options, all that it takes to run them again.
    pub seed: u64,
    /// The number of the first.
    pub first: u64,
    /// Whether it was interrupted before all had run.
    pub interrupted: bool,
    /// How many were to run; none: as many as the time allows.
    pub wanted: Option<u64>,
    /// What was counted, up to the first failure if that ended the campaign.
    pub totals: Totals,
    /// How long the schedules took. Of all that is here the one thing that differs from run to run.
    pub elapsed: Duration,
    /// On how many threads.
    pub threads: usize,
    /// Every guarantee.
    pub lines: Vec<GuaranteeRow>,
    /// Whether an override gave up claims.
    pub lowered: Option<Lowered>,
    /// The failures, smallest schedule number first. Of a campaign that ended at the first failing chunk the one that
    /// says most: what was expected before what is claimed, what clients see before what is inside. Otherwise the
    /// first of each kind.
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

    /// The whole in a word.
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

    /// What was to be looked at and was not, one sentence each.
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

    /// The guarantees that were broken and of which no story is told.
    pub fn broken_as_well(&self) -> impl Iterator<Item = &GuaranteeRow> {
        let told = |guarantee| self.counterexamples.iter().any(|story| story.breaks(guarantee));
        self.lines.iter().filter(move |line| line.broken > 0 && !told(line.guarantee))
    }

    /// The line of a guarantee.
    #[must_use]
    pub fn line(&self, guarantee: Guarantee) -> Option<&GuaranteeRow> {
        self.lines.iter().find(|line| line.guarantee == guarantee)
    }

    /// The same without what differs from run to run: its times, and on how many threads it ran.
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
