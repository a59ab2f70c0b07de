//! Four histories recorded from a real store (Garage 2.5.0, its K2V API: dotted version vectors, tokens, siblings),
//! under faults, and what is found in them. The numbers were found by an independent checker first.

use std::collections::BTreeMap;

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::id::OpId;
use quorate::judge::history::{Breach, BreachKind};
use quorate::judge::history_report::{HistoryReport, HistoryVerdict, Judged, judge_histories, judge_history};
use quorate::model::{Action, Status};
use quorate::op_set::OpSet;
use quorate::world::history::{Completion, Event, History, Invocation, Names};
use quorate::world::history_file::{
    MAX_OPERATIONS, read_histories, read_history, read_history_file, write_history,
};

fn path(name: &str) -> String {
    format!("{}/tests/histories/{name}.jsonl", env!("CARGO_MANIFEST_DIR"))
}

fn history(name: &str) -> History {
    read_history_file(path(name)).unwrap_or_else(|error| panic!("{error}"))
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
        report.lost().count(),
        report.divergent().count(),
        report.most_siblings,
    ]
}

#[test]
fn what_an_independent_checker_found_is_found() {
    for (name, expected) in [
        ("consistent-steady", [445, 0, 0, 0, 0, 0, 0, 0, 7]),
        ("consistent-minority", [383, 7, 0, 0, 0, 0, 0, 0, 12]),
        // The checker had 8 and 4: it let a tombstone stand for a delete that supersedes the values beside it (op 365).
        ("degraded-minority", [406, 14, 9, 5, 56, 28, 0, 0, 7]),
        // Of fresh it had 300, for the same reason.
        ("dangerous-minority", [495, 0, 28, 14, 301, 16, 0, 0, 8]),
    ] {
        let report = report(name);
        assert_eq!(row(&report), expected, "{name}");
        assert_eq!(report.keys_at_end(), 4, "{name}");
        assert_eq!(report.of(Guarantee::NoExtra).unwrap().ruling.broken, 0, "{name}");
        assert_eq!(report.of(Guarantee::NoFabrication).unwrap().verdict(), HistoryVerdict::Pass, "{name}");
    }
}

/// One read and two reads more missed nothing but a delete, and returned no value that it had deleted: nobody could
/// have observed that.
#[test]
fn a_delete_is_missed_only_where_a_value_is_back() {
    for (name, reads, most) in [("degraded-minority", 56, 28), ("dangerous-minority", 301, 16)] {
        let report = report(name);
        let fresh = report.of(Guarantee::Fresh).unwrap();
        assert_eq!((fresh.reads, fresh.most), (reads, most), "{name}");
    }
}

#[test]
fn quorums_that_meet_keep_their_promise_through_a_partition() {
    for name in ["consistent-steady", "consistent-minority"] {
        let report = report(name);
        assert_eq!(report.verdict(promised()), HistoryVerdict::Pass, "{name}\n{report}");
        assert!(
            report.judged.iter().all(|judged| judged.verdict() == HistoryVerdict::Pass),
            "{name}\n{report}"
        );
        assert!(report.judged.iter().all(|judged| judged.ruling.examined > 900));
        // Of a write that was sent without all that its session had before, the store was told nothing.
        let told = |judged: &&Judged| {
            !matches!(judged.guarantee, Guarantee::MonotonicWrites | Guarantee::WritesFollowReads)
        };
        assert!(report.judged.iter().filter(told).all(|judged| judged.not_owed == 0));
    }
}

#[test]
fn quorums_that_need_not_meet_owe_nothing_by_arithmetic() {
    for name in ["degraded-minority", "dangerous-minority"] {
        let report = report(name);
        let owed: Vec<Guarantee> = report.judged.iter().filter(|j| j.owed).map(|j| j.guarantee).collect();
        assert_eq!(owed, [Guarantee::NoFabrication, Guarantee::NoExtra], "{name}");
        let Judged { ruling, not_owed, .. } = report.of(Guarantee::Fresh).unwrap();
        assert_eq!(ruling.examined, *not_owed, "{name}");
        // Whether a read that misses a write covers it, nobody knows. That it shows w2 without w1 can be seen.
        let shown_alone =
            if name == "degraded-minority" { HistoryVerdict::Unknown } else { HistoryVerdict::Fail };
        assert_eq!(report.of(Guarantee::MonotonicWrites).unwrap().verdict(), shown_alone, "{name}");
    }
}

/// Checked by hand: process 6 had read p0.18 at n2 (op 288) and put p6.14 with that token (op 289, acknowledged);
/// n3, cut off, then answered p4.21, three versions behind.
#[test]
fn the_read_checked_by_hand_is_told_as_it_happened() {
    let report = report("degraded-minority");
    let of_297: Vec<(&Names, &Breach)> =
        report.breaches().filter(|(names, breach)| names.operation(breach.op) == "op 297").collect();
    assert!(of_297.iter().all(|(_, breach)| matches!(breach.fault, BreachKind::Missed { .. })));
    let told: Vec<String> = of_297.iter().map(|(names, breach)| breach.sentence(names)).collect();
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
    assert_eq!(report.verdict(promised()), HistoryVerdict::Fail);
    // With it goes the only proof of all that it had replaced, since the last delete.
    let missing: Vec<String> = report.lost().collect();
    assert!(missing.len() > 5 && missing.contains(&"g01.p4.62".to_owned()), "{missing:?}");
    assert!(report.to_string().contains("acknowledged writes lost ("), "{report}");
}

/// Three faults planted at reads of a store that is right: a value twice, a value beside one that supersedes it, and a
/// deleted value. Each is told, with the read.
#[test]
fn what_is_planted_in_an_answer_is_found_at_that_read() {
    let right = history("consistent-steady");
    // By operation: its invocation, the writes acknowledged when it was invoked, and what its token covers.
    let mut invoked: BTreeMap<OpId, (&Invocation, Vec<OpId>)> = BTreeMap::new();
    let mut covers: BTreeMap<OpId, OpSet> = BTreeMap::new();
    let mut acknowledged = Vec::new();
    let mut planted = [0; 3];
    for (at, event) in right.events.iter().enumerate() {
        let completion = match event {
            Event::Invoke(of) => {
                let mut covered = OpSet::only(of.op);
                of.context.iter().for_each(|token| covered.join(&covers[&token]));
                covers.insert(of.op, covered);
                invoked.insert(of.op, (of, acknowledged.clone()));
                continue;
            }
            Event::Complete(completion) if completion.status == Status::Ok => completion,
            _ => continue,
        };
        let (of, due) = &invoked[&completion.op];
        let Some(seen) = &completion.observation else {
            acknowledged.push(of.op);
            continue;
        };
        let is_old_put = |put: &OpId| invoked[put].0.action == Action::Put && !seen.values.contains(put);
        let behind = |op: &OpId| covers[op].iter().find(is_old_put);
        let is_delete_of_key = |op: &&OpId| {
            let of_write = invoked[*op].0;
            of_write.action == Action::Delete && of_write.key == of.key
        };
        for (kind, value) in [
            seen.values.first().copied(),
            seen.values.iter().find_map(behind),
            due.iter().filter(is_delete_of_key).find_map(behind),
        ]
        .into_iter()
        .enumerate()
        {
            let Some(value) = value.filter(|_| planted[kind] < 50) else { continue };
            let mut history = right.clone();
            if let Event::Complete(Completion { observation: Some(seen), .. }) = &mut history.events[at] {
                seen.values.push(value);
            }
            let report = judge_history(&history, GuaranteeSet::only(Guarantee::NoExtra));
            let told = report.breaches().find(|(_, breach)| breach.guarantee == Guarantee::NoExtra);
            assert_eq!(told.map(|(_, breach)| breach.op), Some(of.op), "planted {kind} at {at}\n{report}");
            assert_eq!(report.verdict(GuaranteeSet::only(Guarantee::NoExtra)), HistoryVerdict::Fail);
            planted[kind] += 1;
        }
        let mut shown = OpSet::new();
        seen.values.iter().for_each(|value| shown.join(&covers[value]));
        covers.insert(of.op, shown);
    }
    assert_eq!(planted, [50; 3]);
}

/// A long history is judged key by key: the same operations over and over, under other keys.
#[test]
fn a_history_too_long_for_one_is_judged_key_by_key() {
    let text = std::fs::read_to_string(path("degraded-minority")).unwrap();
    let mut lines = text.lines();
    let meta: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let lines: Vec<serde_json::Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.iter().filter_map(|line| line["op"].as_u64()).max().unwrap() + 1;
    let copies =
        MAX_OPERATIONS as u64 / lines.iter().filter(|line| line["type"] == "invoke").count() as u64 + 2;
    let mut long = meta.clone();
    long["value"].as_object_mut().unwrap().remove("keys");
    let mut file = format!("{long}\n");
    let (mut index, end) = (0, lines.last().unwrap()["time"].as_u64().unwrap() + 1);
    for copy in 0..copies {
        for line in &lines {
            index += 1;
            file.push_str(&format!("{}\n", of_copy(line, copy, index, copy * last, copy * end)));
        }
    }
    let histories = read_histories(file.as_bytes(), "long").unwrap();
    let keys = history("degraded-minority").names.keys.len();
    assert_eq!(histories.len(), keys * copies as usize);
    let long = judge_histories(histories, promised()).unwrap();
    let short = report("degraded-minority");
    for (long, short) in long.judged.iter().zip(&short.judged) {
        let of = |judged: &Judged| {
            let Judged { ruling, not_owed, reads, reads_for_puts, .. } = judged;
            [ruling.examined, ruling.broken, ruling.unknown, *not_owed, *reads as u64, *reads_for_puts as u64]
        };
        assert_eq!(of(long), of(short).map(|count| count * copies), "{}", short.guarantee);
        assert_eq!((long.most, long.most_puts), (short.most, short.most_puts), "{}", short.guarantee);
    }
    assert_eq!(long.keys_at_end(), short.keys_at_end() * copies as usize);
    let sentence = short.breaches().next().map(|(names, breach)| breach.sentence(names)).unwrap();
    let told =
        long.breaches().any(|(names, breach)| breach.sentence(names) == sentence.replace("g09.", "0:g09."));
    assert!(told, "{sentence}");
}

/// The same line, of the same operation under another number, on a key and with values of its own.
fn of_copy(line: &serde_json::Value, copy: u64, index: u64, operations: u64, time: u64) -> serde_json::Value {
    let mut line = line.clone();
    let named = |name: &str| format!("{copy}:{name}");
    let shifted = |value: &serde_json::Value, by: u64| value.as_u64().map(|number| number + by);
    line["index"] = index.into();
    line["time"] = shifted(&line["time"], time).into();
    if let Some(key) = line["key"].as_str().map(named) {
        line["key"] = key.into();
        line["op"] = shifted(&line["op"], operations).into();
    }
    if let Some(from) = line.get_mut("ctx_from").and_then(|from| from.as_array_mut()) {
        from.iter_mut().for_each(|op| *op = shifted(op, operations).into());
    }
    match line.get_mut("value") {
        Some(serde_json::Value::String(value)) => *value = named(value),
        Some(serde_json::Value::Array(values)) => {
            values.iter_mut().for_each(|value| *value = named(value.as_str().unwrap()).into());
        }
        _ => {}
    }
    line
}
