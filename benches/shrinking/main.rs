//! Shrinking, measured: from many failing schedules of many bugs, where does it end, and what does it take?
//!
//! `cargo bench --bench shrinking > benches/shrinking.txt` makes the table anew that is kept there; only the times in
//! it depend on the machine. Words after `--` keep the bugs whose names contain one of them.
//!
//! Not measured: how soon a bug is found; and what a person makes of the result.

#![allow(clippy::print_stdout)]

mod bugs;
mod ours;
mod peers;
mod table;
mod words;

use bugs::Bug;
use table::Row;

/// So many of the failures are put before the peers as well.
const PEERS: usize = 50;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |bug: &&Bug| words.is_empty() || words.iter().any(|word| bug.name().contains(word.as_str()));
    let rows: Vec<Row> = bugs::ALL.iter().filter(wanted).filter_map(row).collect();
    print!("{}", table::text(&rows));
}

fn row(bug: &'static Bug) -> Option<Row> {
    let (failures, drawn) = bug.failures();
    if failures.is_empty() {
        eprintln!("{}: none of {drawn} schedules fails", bug.name());
        return None;
    }
    eprintln!("{}: {} of {drawn} schedules fail", bug.name(), failures.len());
    let few = &failures[..failures.len().min(PEERS)];
    let measured = ours::measure(bug, &failures);
    let checked = ours::checked(bug, &measured.least.failure.minimal.case);
    Some(Row {
        bug,
        failures: failures.len(),
        measured,
        checked,
        on_its_cluster: ours::on_its_cluster(bug, few),
        peers: [
            peers::proptest_vec(bug, few),
            peers::state_machine(bug, few),
            peers::quickcheck_vec(bug, few),
        ],
    })
}
