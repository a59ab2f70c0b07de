//! Two protocols side by side: the shortest schedule on which they differ, and which guarantees each keeps.
//!
//! Both run the same schedules. Not covered: schedules of different shapes for the two, and timing.

use std::collections::BTreeMap;
use std::thread;

use serde::Serialize;

use super::options::Options;
use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::harness::campaign::RUN_TWICE_EVERY;
use crate::harness::shrink::below;
use crate::harness::stopwatch::Stopwatch;
use crate::judge::determinism::compare_two_runs;
use crate::judge::{Breakage, Demands, Subject};
use crate::model::Cluster;
use crate::search::difference::{first_difference, shortest_difference};
use crate::story::{Divergence, Found, Kept, Paint, all_broken, kept};

/// How many schedules may be run to show that there is no smaller difference.
const CERTIFICATE: u64 = 50_000;

/// The result of a comparison.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Diff {
    /// The names of the two protocols.
    pub protocols: [String; 2],
    /// The cluster.
    pub cluster: Cluster,
    /// The seed of the schedules.
    pub seed: u64,
    /// How many schedules.
    pub schedules: u64,
    /// Where the two differ; none: they did the same on all schedules.
    pub divergence: Option<Divergence>,
    /// What each keeps and breaks of every guarantee, claimed or not, on the same schedules.
    pub guarantees: Vec<Kept>,
}

impl Diff {
    /// Whether both did the same whenever they were run twice. If not, comparing them says little.
    #[must_use]
    pub fn does_the_same_twice(&self) -> bool {
        let twice = |kept: &&Kept| kept.breakage == Breakage::Nondeterminism;
        self.guarantees.iter().find(twice).is_none_or(|kept| kept.broken == [0, 0])
    }

    /// As text, without a final line break.
    #[must_use]
    pub fn render(&self, paint: &dyn Paint) -> String {
        let [first, second] = &self.protocols;
        let told = match &self.divergence {
            Some(divergence) => divergence.render(paint),
            None => {
                let (schedules, seed, cluster) = (self.schedules, self.seed, self.cluster);
                let on = format!("on {schedules} schedules of seed {seed} at {cluster}");
                match self.does_the_same_twice() {
                    true => format!("= {first} and {second} do the same {on}"),
                    false => format!(
                        "? no difference between {first} and {second} was seen {on}, but one of them is not deterministic"
                    ),
                }
            }
        };
        format!("{told}\n\n{}", kept(&self.protocols, &self.guarantees, self.schedules, paint))
    }
}

/// Compares two subjects on the schedules of the options.
///
/// Every schedule is narrated frame by frame for both. That takes some ten times as long as running it.
#[must_use]
pub fn diff(first: &dyn Subject, second: &dyn Subject, options: &Options) -> Diff {
    let both = [first, second];
    let (divergence, broken) = thread::scope(|scope| {
        let parting = scope.spawn(|| told(both, options));
        let broken = both.map(|subject| broken(subject, options));
        let parting = parting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (parting, broken)
    });
    let claims = both.map(|subject| subject.claims(options.cluster()));
    let guarantees = breakages().map(|breakage| Kept {
        breakage,
        claimed: claims.each_ref().map(|claims| match breakage {
            Breakage::Guarantee(guarantee) => claims.claims(guarantee),
            _ => true,
        }),
        broken: broken.each_ref().map(|broken| broken.get(&breakage).copied().unwrap_or(0)),
    });
    Diff {
        protocols: both.map(|subject| subject.name().into_owned()),
        cluster: options.cluster(),
        seed: options.seed,
        schedules: options.schedules,
        divergence,
        guarantees: guarantees.collect(),
    }
}

/// Where the two differ, if they do.
fn told(both: [&dyn Subject; 2], options: &Options) -> Option<Divergence> {
    let Options { shape, seed, schedules, .. } = *options;
    let parting = first_difference(both, &shape, seed, schedules)?;
    let began = Stopwatch::start();
    let certified = shortest_difference(both, &parting, CERTIFICATE);
    let (below, shortest) = (below(&certified), certified.search.complete);
    let minimal = certified.failure.minimal;
    let divergence = Divergence::tell(both, minimal.case.cluster, minimal.case.schedule, parting.level);
    let divergence = Divergence { shortest, ..divergence };
    Some(divergence.found_by(Found {
        seed,
        number: parting.number,
        schedules: parting.schedules,
        cluster: options.cluster(),
        size: parting.case.schedule.size(),
        shrink_runs: minimal.runs,
        shrink_ms: began.elapsed().as_millis() as u64,
        one_minimal: minimal.one_minimal,
        below: Some(below),
    }))
}

/// All that can be wrong with either protocol.
fn breakages() -> impl Iterator<Item = Breakage> {
    let others = [Breakage::Panic, Breakage::Storm, Breakage::Nondeterminism];
    Guarantee::ALL.into_iter().map(Breakage::Guarantee).chain(others)
}

/// How many schedules break what: the claimed guarantees are owed, the others expected. (One in [`RUN_TWICE_EVERY`] is
/// run twice more, to see whether it does the same; if it does not, it counts for all of them.)
fn broken(subject: &dyn Subject, options: &Options) -> BTreeMap<Breakage, u64> {
    let mut counts = BTreeMap::new();
    let claims = subject.claims(options.cluster());
    let unclaimed: GuaranteeSet = Guarantee::ALL.into_iter().filter(|g| !claims.claims(*g)).collect();
    let demands = subject.judgeable(Demands::of_claims(&claims).expecting(unclaimed));
    let mut runner = subject.runner(options.cluster(), usize::from(options.shape.keys), demands);
    for number in 0..options.schedules {
        let schedule = options.shape.schedule(options.seed, number);
        let (trial, _) = runner.run_recorded(&schedule);
        all_broken(&trial).into_iter().for_each(|breakage| *counts.entry(breakage).or_default() += 1);
        if number % RUN_TWICE_EVERY == 0 && compare_two_runs(runner.as_mut(), &schedule).is_some() {
            let stands_for = RUN_TWICE_EVERY.min(options.schedules - number);
            *counts.entry(Breakage::Nondeterminism).or_default() += stands_for;
        }
    }
    counts
}
