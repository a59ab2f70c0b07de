//! "Nothing in it can be left out" is true of what `replay` runs: of every broken protocol the counterexample is told,
//! and then each of its parts is taken away by hand, here, with no help from the minimiser.

use quorate::guarantee::GuaranteeSet;
use quorate::harness::{Options, check, demands_of};
use quorate::judge::{Breakage, Subject};
use quorate::prelude::*;
use quorate::protocols::MUTANTS;
use quorate::world::scenario::Scenario;
use quorate::world::schedule::{Schedule, Step};

#[test]
fn nothing_can_be_left_out_of_what_replay_runs() {
    let mut wrong = Vec::new();
    for mutant in MUTANTS {
        let cluster = match mutant.name {
            "mutant-one-ack-where-quorums-miss" => Cluster::new(5, 1, 2),
            _ => Cluster::new(3, 2, 2).on(3 + mutant.spare),
        };
        // Some are met by one schedule in a thousand.
        let options = Options { certificate: 0, threads: 1, schedules: 4_096, ..Options::of(cluster) };
        let report = check(mutant.subject, &options);
        let Some(story) = report.counterexamples.first() else {
            wrong.push(format!("{} is not refuted", mutant.name));
            continue;
        };
        let Breakage::Guarantee(guarantee) = story.breakage else { continue };
        assert_eq!(story.scenario.cluster, cluster, "{}", mutant.name);
        assert!(broken(mutant.subject, &story.scenario).contains(guarantee), "{}", mutant.name);
        for (what, schedule) in parts_left_out(&story.scenario.schedule) {
            let scenario = Scenario { schedule, ..story.scenario.clone() };
            if broken(mutant.subject, &scenario).contains(guarantee) {
                wrong.push(format!("{}: {guarantee} without {what} of\n{}", mutant.name, story.scenario));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a scenario breaks of what `replay` judges.
fn broken(subject: &dyn Subject, scenario: &Scenario) -> GuaranteeSet {
    let demands = subject.judgeable(demands_of(subject, scenario));
    let mut runner = subject.runner(scenario.cluster, 2, demands);
    runner.run_recorded(&scenario.schedule).0.broken
}

/// Without each step, and without each exception of each operation.
fn parts_left_out(schedule: &Schedule) -> Vec<(String, Schedule)> {
    let mut parts = Vec::new();
    for at in 0..schedule.steps.len() {
        let mut shorter = schedule.clone();
        shorter.steps.remove(at);
        parts.push((format!("step {}", at + 1), shorter));
        let exceptions = schedule.steps[at].operation().map_or(0, |operation| operation.exceptions.len());
        for gone in 0..exceptions {
            let mut milder = schedule.clone();
            if let Step::Operation(operation) = &mut milder.steps[at] {
                operation.exceptions.remove(gone);
            }
            parts.push((format!("exception {} of step {}", gone + 1, at + 1), milder));
        }
    }
    parts
}
