//! Four histories recorded from a real store (Garage 2.5.0, its K2V API: dotted version vectors, tokens, siblings),
//! under faults, and what is found in them. The numbers were found by an independent checker first.

use quorate::check::history::{Breach, Fault};
use quorate::check::history_report::{HistoryReport, Judged, Verdict, judge_history};
use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::world::history::History;
use quorate::world::history_file::{read_history, read_history_file, write_history};

fn history(name: &str) -> History {
    let path = format!("{}/tests/histories/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    read_history_file(path).unwrap_or_else(|error| panic!("{error}"))
}

fn report(name: &str) -> HistoryReport {
    judge_history(&history(name), promised())
}

/// What the store promises in its mode "consistent".
fn promised() -> GuaranteeSet {
    [Guarantee::NoFabrication, Guarantee::Fresh, Guarantee::ReadYourWrites, Guarantee::MonotonicReads]
        .into_iter()
        .collect()
}

/// Puts ok, puts info; reads that broke read-your-writes, monotonic-reads and fresh (for a put); most puts missed
/// by one read; lost and divergent at the end; most siblings.
fn row(report: &HistoryReport) -> [usize; 9] {
    let of = |guarantee| report.of(guarantee).unwrap();
    [
        report.puts.ok,
        report.puts.info,
        of(Guarantee::ReadYourWrites).reads,
        of(Guarantee::MonotonicReads).reads,
        of(Guarantee::Fresh).reads_for_puts,
        of(Guarantee::Fresh).most_puts,
        report.at_end.lost.len(),
        report.at_end.divergent.len(),
        report.most_siblings,
    ]
}

#[test]
fn what_an_independent_checker_found_is_found() {
    for (name, expected) in [
        ("consistent-steady", [445, 0, 0, 0, 0, 0, 0, 0, 7]),
        ("consistent-minority", [383, 7, 0, 0, 0, 0, 0, 0, 12]),
        ("degraded-minority", [406, 14, 8, 4, 56, 28, 0, 0, 7]),
        ("dangerous-minority", [495, 0, 28, 14, 300, 16, 0, 0, 8]),
    ] {
        let report = report(name);
        assert_eq!(row(&report), expected, "{name}");
        assert_eq!(report.at_end.keys, 4, "{name}");
        assert_eq!((report.thin_air, report.duplicates, report.false_siblings), (0, 0, 0), "{name}");
        assert_eq!(report.of(Guarantee::NoFabrication).unwrap().verdict(), Verdict::Pass, "{name}");
    }
}

/// A delete is a write too: one read and two reads more missed nothing but a delete.
#[test]
fn reads_that_miss_only_a_delete_count_as_well() {
    for (name, reads, most) in [("degraded-minority", 57, 34), ("dangerous-minority", 302, 17)] {
        let report = report(name);
        let fresh = report.of(Guarantee::Fresh).unwrap();
        assert_eq!((fresh.reads, fresh.most), (reads, most), "{name}");
    }
}

#[test]
fn quorums_that_meet_keep_their_promise_through_a_partition() {
    for name in ["consistent-steady", "consistent-minority"] {
        let report = report(name);
        assert_eq!(report.verdict(promised()), Verdict::Pass, "{name}\n{report}");
        assert!(report.judged.iter().all(|judged| judged.verdict() == Verdict::Pass), "{name}\n{report}");
        assert!(report.judged.iter().all(|judged| judged.ruling.examined > 1000 && judged.not_owed == 0));
    }
}

#[test]
fn quorums_that_need_not_meet_owe_nothing_by_arithmetic() {
    for name in ["degraded-minority", "dangerous-minority"] {
        let report = report(name);
        let owed: Vec<Guarantee> = report.judged.iter().filter(|j| j.owed).map(|j| j.guarantee).collect();
        assert_eq!(owed, [Guarantee::NoFabrication], "{name}");
        let Judged { ruling, not_owed, .. } = report.of(Guarantee::Fresh).unwrap();
        assert_eq!(ruling.examined, *not_owed, "{name}");
        // Whether a read that misses a write covers it, nobody knows.
        assert_eq!(report.of(Guarantee::MonotonicWrites).unwrap().verdict(), Verdict::Unknown, "{name}");
    }
}

/// Checked by hand: process 6 had read p0.18 at n2 (op 288) and put p6.14 with that token (op 289, acknowledged);
/// n3, cut off, then answered p4.21, three versions behind.
#[test]
fn the_read_checked_by_hand_is_told_as_it_happened() {
    let report = report("degraded-minority");
    let of_297: Vec<&Breach> =
        report.breaches.iter().filter(|breach| report.names.operation(breach.read) == "op 297").collect();
    assert!(of_297.iter().all(|breach| matches!(breach.fault, Fault::Missed(_))));
    let told: Vec<String> = of_297.iter().map(|breach| breach.sentence(&report.names)).collect();
    assert_eq!(
        told,
        [
            "op 297: process 6 read g09.k1 at n3 and missed g09.p3.17, g09.p0.18 and g09.p6.14, \
             acknowledged before the read began; it returned g09.p4.21",
            "op 297: process 6 read g09.k1 at n3 and missed g09.p6.14, its own and acknowledged; \
             it returned g09.p4.21",
            "op 297: process 6 read g09.k1 at n3 and missed g09.p3.17 and g09.p0.18, \
             which an earlier read of the session had been shown; it returned g09.p4.21",
        ]
    );
    assert!(report.to_string().contains(&told[1]), "{report}");
}

#[test]
fn what_is_read_can_be_written_and_read_again() {
    for name in ["consistent-minority", "degraded-minority"] {
        let history = history(name);
        let mut text = Vec::new();
        write_history(&history, &mut text).unwrap();
        assert_eq!(read_history(&text[..], "again").unwrap(), history, "{name}");
    }
}

/// Shown that it can fail: the same history of a store that forgets one acknowledged put, from every read.
#[test]
fn a_store_that_forgets_a_put_is_found_out() {
    let mut history = history("consistent-steady");
    let lost = (0..history.names.operations.len())
        .map(quorate::id::OpId::at)
        .find(|&op| history.names.write(op) == "g01.p4.62")
        .unwrap();
    for event in &mut history.events {
        if let quorate::world::history::Event::Complete(completion) = event
            && let Some(seen) = &mut completion.observation
        {
            seen.values.retain(|value| *value != lost);
        }
    }
    let report = judge_history(&history, promised());
    assert_eq!(report.verdict(promised()), Verdict::Fail);
    // With it goes the only proof of all that it had replaced.
    assert!(report.at_end.lost.len() > 100 && report.at_end.lost.contains(&lost));
    assert!(report.to_string().contains("acknowledged writes lost ("), "{report}");
}
