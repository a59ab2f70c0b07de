//! What the simulator writes down can be judged again from the file, and never more strictly: a file tells less than
//! the oracle knows, so it may leave undecided, or excuse, what the oracle decides; it never condemns what the oracle
//! lets pass.

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::judge::Demands;
use quorate::judge::history_report::judge_history;
use quorate::model::{Cluster, Level};
use quorate::protocols;
use quorate::search::random::Shape;
use quorate::world::history::History;
use quorate::world::history_file::{read_history, write_history};
use quorate::world::schedule::Step;

const SCHEDULES: u64 = 2_500;

fn of_history() -> GuaranteeSet {
    Guarantee::ALL.into_iter().filter(|guarantee| guarantee.is_of_history()).collect()
}

fn written_and_read(history: &History) -> (History, String) {
    let mut file = Vec::new();
    write_history(history, &mut file).expect("a vector takes everything");
    let read = read_history(file.as_slice(), "simulated").expect("what was written is a history");
    let mut again = Vec::new();
    write_history(&read, &mut again).expect("a vector takes everything");
    let lines = |bytes: Vec<u8>| String::from_utf8(bytes).expect("JSON is text");
    let (first, second) = (lines(file), lines(again));
    assert_eq!(first, second, "a history that was read is written as it was");
    (read, first)
}

/// Of so many runs: how many broke a guarantee by the oracle, and by the file.
fn judge_both_ways(protocol: &str, cluster: Cluster) -> (usize, usize) {
    let subject = protocols::find(protocol).expect("a built-in protocol").subject;
    let shape = Shape::of(cluster);
    let mut runner = subject.runner(cluster, 2, Demands::NOTHING.expecting(of_history()));
    let (mut by_oracle, mut by_file) = (0, 0);
    for number in 0..SCHEDULES {
        let mut schedule = shape.schedule(11, number);
        for step in &mut schedule.steps {
            // With levels of their own, quorums need not meet, and what is expected here would be too much.
            if let Step::Operation(operation) = step {
                operation.level = Level::Default;
            }
        }
        let (trial, history) = runner.run_recorded(&schedule);
        let (read, _) = written_and_read(&history);
        let report = judge_history(&read, of_history());
        for guarantee in of_history().iter() {
            let broken_in_file = report.of(guarantee).is_some_and(|judged| judged.ruling.broken > 0);
            let broken = trial.broken.contains(guarantee);
            by_oracle += usize::from(broken);
            by_file += usize::from(broken_in_file);
            // What a read covers, a file tells only by what is fresh. Where fresh is broken that says too much.
            let by_freshness = matches!(
                guarantee,
                Guarantee::MonotonicWrites | Guarantee::WritesFollowReads | Guarantee::NoExtra
            ) && trial.broken.contains(Guarantee::Fresh);
            assert!(
                broken || by_freshness || !broken_in_file,
                "{protocol} {cluster}, schedule {number}: the file condemns {guarantee}, the oracle does not\n\
                 {schedule}\n{report}"
            );
        }
    }
    (by_oracle, by_file)
}

#[test]
fn a_correct_store_is_not_condemned_by_its_file() {
    let (by_oracle, by_file) = judge_both_ways("textbook", Cluster::new(3, 3, 3));
    assert_eq!((by_oracle, by_file), (0, 0));
}

#[test]
fn the_file_of_a_store_with_weak_quorums_condemns_most_of_what_the_oracle_does() {
    let (by_oracle, by_file) = judge_both_ways("textbook", Cluster::new(3, 1, 1));
    assert!(by_file > by_oracle / 2 && by_oracle > 1_000, "{by_file} of {by_oracle}");
}

#[test]
fn the_file_of_a_store_that_lets_the_last_write_win_is_never_stricter() {
    let (by_oracle, by_file) = judge_both_ways("last-write-wins", Cluster::new(3, 1, 2));
    assert!(by_file > 0 && by_oracle > by_file / 2, "{by_file} of {by_oracle}");
}

#[test]
fn the_file_of_the_published_store_is_never_stricter() {
    let (by_oracle, by_file) = judge_both_ways("as-seeded-combined", Cluster::new(3, 2, 2));
    assert!(by_file > 0 && by_oracle > by_file / 2, "{by_file} of {by_oracle}");
}
