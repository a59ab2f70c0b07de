//! Where this project's own shrinking ends, from each failing schedule of a bug, and what it takes.

use std::collections::BTreeMap;

use quorate::judge::Breakage;
use quorate::search::certificate::certify;
use quorate::search::minimise::{Case, minimise, minimise_with};
use quorate::search::random::Faults;
use quorate::search::schedules::{Certified, search_below};
use quorate::search::symptom::Symptom;
use quorate::world::scenario::Scenario;

use rustix::time::{ClockId, clock_gettime};

use crate::bugs::{Bug, Stance};

/// What the exhaustive search around a shrunk case may run.
const CERTIFICATE: u64 = 200_000;

/// Where shrinking ended, how often, and what it took.
#[derive(Default)]
pub(crate) struct Ends {
    texts: BTreeMap<String, usize>,
    pub(crate) sizes: Vec<u64>,
    pub(crate) runs: Vec<u64>,
    pub(crate) micros: Vec<u64>,
}

impl Ends {
    pub(crate) fn note(&mut self, case: &Case, runs: u64, micros: u64) {
        *self.texts.entry(case.to_string()).or_default() += 1;
        self.sizes.push(case.schedule.size() as u64);
        self.runs.push(runs);
        self.micros.push(micros);
    }

    pub(crate) fn texts(&self) -> usize {
        self.texts.len()
    }

    /// How often it ended at this text.
    pub(crate) fn at(&self, text: &str) -> usize {
        self.texts.get(text).copied().unwrap_or(0)
    }
}

/// The middle one, and the greatest.
pub(crate) fn median_and_worst(of: &[u64]) -> (u64, u64) {
    let mut sorted = of.to_vec();
    sorted.sort_unstable();
    (sorted.get(sorted.len() / 2).copied().unwrap_or(0), sorted.last().copied().unwrap_or(0))
}

/// The processor's time that this thread has taken, in microseconds.
pub(crate) fn time() -> u64 {
    let taken = clock_gettime(ClockId::ThreadCPUTime);
    taken.tv_sec as u64 * 1_000_000 + taken.tv_nsec as u64 / 1_000
}

/// What came of a bug.
pub(crate) struct Measured {
    /// Shrinking by passes.
    pub(crate) shrunk: Ends,
    /// The same, and the exhaustive search after it; of that its runs and its time alone.
    pub(crate) exact: Ends,
    /// The least that any seed came to, and what the search says of smaller ones.
    pub(crate) least: Certified,
}

/// Shrinks every failure.
pub(crate) fn measure(bug: &Bug, failures: &[Case]) -> Measured {
    let (subject, symptom) = (bug.subject(), Symptom::new(bug.breaks, bug.demands()));
    let (mut shrunk, mut exact) = (Ends::default(), Ends::default());
    // What the search does depends on the shrunk case alone: each different one is searched around once.
    let mut searched: BTreeMap<String, (Certified, u64)> = BTreeMap::new();
    for case in failures {
        let began = time();
        let found = minimise(subject, symptom, case.clone(), Faults::ALL);
        let micros = time() - began;
        assert!(found.minimal.one_minimal, "{}: not 1-minimal", bug.name());
        shrunk.note(&found.minimal.case, found.minimal.runs.into(), micros);
        let text = found.minimal.case.to_string();
        let (certified, micros) = searched.entry(text).or_insert_with(|| {
            let began = time();
            let certified = search_below(subject, symptom, found, Faults::ALL, CERTIFICATE);
            (certified, time() - began)
        });
        let runs = certified.search.runs;
        exact.note(&certified.failure.minimal.case, runs, *micros);
    }
    let least = searched.into_values().map(|(certified, _)| certified).min_by(|a, b| {
        let (a, b) = (&a.failure.minimal.case, &b.failure.minimal.case);
        (a.rank(), &a.schedule).cmp(&(b.rank(), &b.schedule))
    });
    let least = least.expect("a bug has failures");
    Measured { shrunk, exact, least }
}

/// Shrinking by passes with the cluster left as it is, as the peers must leave it.
pub(crate) fn on_its_cluster(bug: &Bug, failures: &[Case]) -> Ends {
    let mut ends = Ends::default();
    let mut breaks = bug.judge();
    for case in failures {
        let began = time();
        let minimal = minimise_with(case.clone(), &mut |case| case.cluster == bug.cluster && breaks(case));
        ends.note(&minimal.case, minimal.runs.into(), time() - began);
    }
    ends
}

/// What the separate checker says of a failure, from the text that a story would print: how many single changes it ran.
/// None: it refuses.
pub(crate) fn checked(bug: &Bug, least: &Case) -> Option<usize> {
    let mut scenario = Scenario::new(bug.protocol, least.cluster, least.schedule.clone());
    if let Breakage::Guarantee(guarantee) = bug.breaks
        && (bug.stance == Stance::Demanded || !bug.subject().claims(least.cluster).claims(guarantee))
    {
        scenario.demands = vec![guarantee];
    }
    let printed: Scenario = scenario.to_string().parse().expect("what is printed reads back");
    let certificate = certify(bug.subject(), &printed)?;
    (certificate.holds()).then_some(certificate.tried.len())
}
