//! `quorate judge`: what a recorded history says of the store it was recorded from.

use std::path::PathBuf;

use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::id::OpId;
use crate::judge::history::{Breach, JUDGED};
use crate::judge::history_report::{HistoryReport, HistoryVerdict, Judged, judge_histories};
use crate::world::history::Names;
use crate::world::history_file::{read_histories, read_histories_file};
use clap::Args;
use serde_json::{Value, json};

use super::arguments::{self, Format};
use super::{Exit, output};

/// Judges a recorded history of any store (kv-history/1, JSON Lines)
#[derive(Args)]
pub(super) struct Arguments {
    /// The history; `-` is standard input
    file: PathBuf,
    /// A guarantee that the store is to keep; may be given several times. Without any, it is only measured
    #[arg(long, value_name = "GUARANTEE", value_parser = arguments::guarantee(), hide_possible_values = true)]
    expect: Vec<Guarantee>,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let histories = match arguments.file.to_str() {
        Some("-") => read_histories(std::io::stdin().lock(), "standard input"),
        _ => read_histories_file(&arguments.file),
    };
    let histories = histories.map_err(|bad| bad.to_string())?;
    let expect: GuaranteeSet = arguments.expect.iter().copied().collect();
    if let Some(guarantee) = expect.iter().find(|guarantee| !JUDGED.contains(guarantee)) {
        let judged: Vec<_> = JUDGED.iter().map(|guarantee| guarantee.name()).collect();
        return Err(format!(
            "--expect {guarantee}: expected a guarantee that a history alone can be judged by: {}",
            judged.join(", ")
        ));
    }
    let report = judge_histories(histories, expect).expect("a file has a history, though an empty one");
    match arguments.format {
        Format::Human => output::text(report.to_string().trim_end())?,
        Format::Json => output::json(&told(&report, expect))?,
    }
    if expect.is_empty() {
        return Ok(Exit::NoViolation);
    }
    Ok(match report.verdict(expect) {
        HistoryVerdict::Pass => Exit::NoViolation,
        HistoryVerdict::Fail => Exit::Violation,
        HistoryVerdict::Unknown | HistoryVerdict::Vacuous => Exit::Inconclusive,
    })
}

fn told(report: &HistoryReport, expect: GuaranteeSet) -> Value {
    let (n, r, w) = report.quorum;
    let judged = |judged: &Judged| {
        json!({
            "guarantee": judged.guarantee,
            "verdict": judged.verdict().to_string(),
            "expected": judged.expected,
            "owed_by_quorums": judged.owed,
            "examined": judged.ruling.examined,
            "broken": judged.ruling.broken,
            "undecided": judged.ruling.unknown,
            "why_undecided": judged.ruling.why_unknown,
            "not_owed": judged.not_owed,
            "reads": judged.reads,
            "reads_for_puts": judged.reads_for_puts,
        })
    };
    let verdict = (!expect.is_empty()).then(|| report.verdict(expect).to_string());
    json!({
        "n": n, "r": r, "w": w,
        "verdict": verdict,
        "guarantees": report.judged.iter().map(judged).collect::<Vec<_>>(),
        "breaches": report.breaches().map(|(names, breach)| of_breach(breach, names)).collect::<Vec<_>>(),
        "most_siblings": report.most_siblings,
        "at_end": {
            "keys": report.keys_at_end(),
            "divergent": report.divergent().collect::<Vec<_>>(),
            "lost": report.lost().collect::<Vec<_>>(),
        },
    })
}

/// A breach as fields, by the names that the file gives, and as the sentence that the text has.
fn of_breach(breach: &Breach, names: &Names) -> Value {
    let writes = |ops: &[OpId]| ops.iter().map(|op| names.write(*op)).collect::<Vec<_>>();
    json!({
        "guarantee": breach.guarantee,
        "operation": names.operation(breach.op),
        "client": names.client(breach.client),
        "key": names.key(breach.key),
        "node": names.node(breach.via),
        "fault": breach.fault.name(),
        "writes": writes(&breach.writes),
        "writes_in_all": breach.count.writes,
        "returned": writes(&breach.returned),
        "returned_in_all": breach.count.returned,
        "sentence": breach.sentence(names),
    })
}
