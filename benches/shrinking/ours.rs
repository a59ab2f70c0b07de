//! Where this project's own shrinking ends, from each failing schedule of a bug, and what it takes.

use std::collections::BTreeMap;
use std::time::Instant;

use quorate::search::exhaust::{Certified, search_below};
use quorate::search::minimise::{Case, minimise, minimise_with};

use crate::bugs::Bug;

/// What the exhaustive search around a shrunk case may run.
const CERTIFICATE: u64 = 200_000;

/// Where shrinking ended, how often, and what it took.
#[derive(Default)]
pub(crate) struct Ends {
    texts: BTreeMap<String, (Case, usize)>,
    pub(crate) sizes: Vec<u64>,
    pub(crate) runs: Vec<u64>,
    pub(crate) micros: Vec<u64>,
}

impl Ends {
    pub(crate) fn note(&mut self, case: &Case, runs: u64, micros: u64) {
        self.note_text(case);
        self.sizes.push(case.schedule.size() as u64);
        self.runs.push(runs);
        self.micros.push(micros);
    }

    fn note_text(&mut self, case: &Case) {
        self.texts.entry(case.to_string()).or_insert_with(|| (case.clone(), 0)).1 += 1;
    }

    pub(crate) fn texts(&self) -> usize {
        self.texts.len()
    }

    /// How often it ended at this text.
    pub(crate) fn at(&self, text: &str) -> usize {
        self.texts.get(text).map_or(0, |(_, times)| *times)
    }

    /// The cases at which it ended, and how often at each.
    pub(crate) fn cases(&self) -> impl Iterator<Item = &(Case, usize)> {
        self.texts.values()
    }
}

/// The middle one, and the greatest.
pub(crate) fn median_and_worst(of: &[u64]) -> (u64, u64) {
    let mut sorted = of.to_vec();
    sorted.sort_unstable();
    (sorted.get(sorted.len() / 2).copied().unwrap_or(0), sorted.last().copied().unwrap_or(0))
}

/// What came of a bug.
pub(crate) struct Measured {
    /// Shrinking by passes.
    pub(crate) shrunk: Ends,
    /// The same, and the exhaustive search after it; of that its runs and its time alone.
    pub(crate) exact: Ends,
    /// Shrinking by passes with the cluster left as it is, as the peers must leave it.
    pub(crate) on_its_cluster: Ends,
    /// The least that any seed came to, and what the search says of smaller ones.
    pub(crate) least: Certified,
}

/// Shrinks every failure.
pub(crate) fn measure(bug: &Bug, failures: &[Case]) -> Measured {
    let (subject, demands) = (bug.subject(), bug.demands());
    let (mut shrunk, mut exact) = (Ends::default(), Ends::default());
    // What the search does depends on the shrunk case alone: each different one is searched around once.
    let mut searched: BTreeMap<String, (Certified, u64)> = BTreeMap::new();
    for case in failures {
        let began = Instant::now();
        let found = minimise(subject, &demands, case.clone(), bug.breaks);
        let micros = began.elapsed().as_micros() as u64;
        assert!(found.minimal.one_minimal, "{}: not 1-minimal", bug.name());
        shrunk.note(&found.minimal.case, found.minimal.runs.into(), micros);
        let text = found.minimal.case.to_string();
        let (certified, micros) = searched.entry(text).or_insert_with(|| {
            let began = Instant::now();
            let certified = search_below(subject, &demands, found, bug.breaks, bug.cluster, CERTIFICATE);
            (certified, began.elapsed().as_micros() as u64)
        });
        let runs = certified.search.runs + certified.elsewhere.runs;
        exact.note(&certified.failure.minimal.case, runs, *micros);
    }
    let least = searched.into_values().map(|(certified, _)| certified).min_by(|a, b| {
        let (a, b) = (&a.failure.minimal.case, &b.failure.minimal.case);
        (a.rank(), &a.schedule).cmp(&(b.rank(), &b.schedule))
    });
    let least = least.expect("a bug has failures");
    Measured { shrunk, exact, on_its_cluster: on_its_cluster(bug, failures), least }
}

fn on_its_cluster(bug: &Bug, failures: &[Case]) -> Ends {
    let mut ends = Ends::default();
    let mut breaks = bug.judge();
    for case in failures {
        let began = Instant::now();
        let minimal = minimise_with(case.clone(), &mut |case| case.cluster == bug.cluster && breaks(case));
        ends.note(&minimal.case, minimal.runs.into(), began.elapsed().as_micros() as u64);
    }
    ends
}
