//! Every bug, from many failing schedules: where do they all end?

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use quorate::judge::Demands;
use quorate::search::minimise::{Case, minimise};
use quorate::search::random::{Faults, Shape};
use quorate::search::schedules::minimise_exactly;

use crate::shrinking::bugs::{ALL, Bug};
use crate::shrinking::naive;

/// Failing schedules of a bug, as random walks find them.
fn failing(bug: &Bug, wanted: usize) -> Vec<Case> {
    let mut runner = bug.subject.runner(bug.cluster, 2, Demands::only(bug.demands(), bug.breaks));
    (0..20_000)
        .map(|number| Shape::of(bug.cluster).schedule(7, number))
        .filter(|schedule| runner.run(schedule).finding.is_some())
        .take(wanted)
        .map(|schedule| Case { cluster: bug.cluster, schedule })
        .collect()
}

/// Where shrinking ended, how often, and what it took.
#[derive(Default)]
struct Row {
    texts: BTreeMap<(usize, String), usize>,
    runs: Vec<u64>,
    micros: Vec<u128>,
}

impl Row {
    fn note(&mut self, case: &Case, runs: u64, began: Instant) {
        self.micros.push(began.elapsed().as_micros());
        self.runs.push(runs);
        let text = format!("{}\n{}", case.cluster, case.schedule);
        *self.texts.entry((case.schedule.size(), text)).or_default() += 1;
    }

    fn line(mut self) -> String {
        self.runs.sort_unstable();
        self.micros.sort_unstable();
        let (n, least) = (self.runs.len(), self.least());
        let at: usize = self.texts.iter().filter(|((size, _), _)| *size == least).map(|(_, n)| n).sum();
        let mut line = format!(
            "size {least} in {at} of {n}, {} text(s), runs {} [{}], µs {} [{}]\n",
            self.texts.len(),
            self.runs[n / 2],
            self.runs[n - 1],
            self.micros[n / 2],
            self.micros[n - 1],
        );
        for ((size, text), times) in self.texts.iter().take(4) {
            let _ = writeln!(line, "      {times} × size {size}: {}", text.replace('\n', " · "));
        }
        line
    }

    fn least(&self) -> usize {
        self.texts.keys().next().map_or(0, |(size, _)| *size)
    }
}

#[test]
#[allow(clippy::print_stdout)]
fn every_seed_ends_in_one_text_and_that_is_the_least_there_is() {
    let mut different = Vec::new();
    for bug in ALL {
        let cases = failing(bug, 48);
        assert!(cases.len() >= 40, "{}: random walks found it only {} times", bug.name, cases.len());
        let (mut shrunk, mut certified) = (Row::default(), Row::default());
        let mut ends = BTreeMap::new();
        for case in &cases {
            let began = Instant::now();
            let found = minimise(bug.subject, bug.symptom(), case.clone(), Faults::ALL);
            shrunk.note(&found.minimal.case, found.minimal.runs.into(), began);
            assert!(found.minimal.one_minimal, "{}", bug.name);
            assert_eq!(found.finding.unwrap().breakage, bug.breakage(), "{}", bug.name);
            naive::check(bug, &found.minimal.case);
            // What is certified depends on the shrunk case alone, so each different one is certified once.
            *ends.entry((found.minimal.case.cluster, found.minimal.case.schedule)).or_insert(0_usize) += 1;
        }
        for ((cluster, schedule), times) in ends {
            let case = Case { cluster, schedule };
            let began = Instant::now();
            let exact = minimise_exactly(bug.subject, bug.symptom(), case, Faults::ALL, 1_000_000);
            assert!(exact.search.complete, "{}: {exact}", bug.name);
            naive::check(bug, &exact.failure.minimal.case);
            (0..times).for_each(|_| certified.note(&exact.failure.minimal.case, exact.search.runs, began));
        }
        let certified_least = certified.least();
        assert_eq!(certified.texts.len(), 1, "{}: {}", bug.name, certified.line());
        let text = certified.texts.keys().next().unwrap().1.clone();
        println!("{}\n  shrunk     {}  certified  {}", bug.name, shrunk.line(), certified.line());
        if text != bug.least {
            different.push(format!("{} (size {}):\n{text}", bug.name, certified_least));
        }
    }
    assert!(different.is_empty(), "other texts than expected:\n{}", different.join("\n"));
}

#[test]
fn what_else_is_broken_on_the_way_is_told_and_not_slid_to() {
    let mut told = 0;
    for bug in ALL {
        for case in failing(bug, 12) {
            let found = minimise(bug.subject, bug.symptom(), case, Faults::ALL);
            assert_eq!(found.finding.unwrap().breakage, bug.breakage());
            for (other, case) in found.others {
                assert_ne!(other, bug.breakage());
                let mut runner = bug.subject.runner(case.cluster, 2, bug.demands_on(case.cluster));
                assert!(runner.run(&case.schedule).finding.is_some(), "{other}\n{}", case.schedule);
                told += 1;
            }
        }
    }
    assert!(told > 0, "broken protocols break more than one guarantee");
}

#[test]
fn a_case_that_does_not_fail_is_given_back() {
    let bug = &ALL[0];
    let schedule = "put c1 k1 via n1\ncrash n3\nget c2 k1 via n2".parse().unwrap();
    let case = Case { cluster: bug.cluster, schedule };
    let found = minimise(bug.subject, bug.symptom(), case.clone(), Faults::ALL);
    assert_eq!((found.minimal.case, found.minimal.one_minimal, found.finding), (case.clone(), false, None));
    let exact = minimise_exactly(bug.subject, bug.symptom(), case, Faults::ALL, 1_000);
    assert_eq!((exact.search.runs, exact.search.complete), (0, false));
}
