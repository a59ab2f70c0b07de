//! Exploration, measured: how soon do random schedules find a bug, by how they are drawn and how long they are?
//!
//! `cargo bench --bench random_search > benches/random_search.txt` makes the table anew that is kept there, the same on
//! every machine, in about half an hour. Words after `--` choose among its parts: `ways`, `shapes`, `default`, `quiet`.
//!
//! Not measured: time. What it takes to draw a schedule is little beside running it, but for `cover`, which draws
//! four, and `novel`, which runs each twice.

#![allow(clippy::print_stdout)]

mod bugs;
mod measure;
mod quiet;
mod strategies;
mod table;
mod words;

use bugs::Bug;
use measure::Hunt;
use strategies::{Contender, DEFAULT, SHAPES, WAYS};

/// Searches for each bug, for comparing; and with the default, for its interval.
const SEEDS: u64 = 20;
const SEEDS_OF_DEFAULT: u64 = 400;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |part: &str| words.is_empty() || words.iter().any(|word| word == part);
    let bugs = bugs::all();
    if words.is_empty() {
        print!("{}", table::HEAD);
    }
    if wanted("ways") {
        print!("{}", side_by_side("WAYS TO DRAW, of 12 to 36 operations", WAYS, &bugs));
        print!("{}", words::WHY_NOT);
    }
    if wanted("shapes") {
        print!("{}", side_by_side("LENGTHS AND KEYS", SHAPES, &bugs));
        print!("{}", words::WHY_SO_LONG);
    }
    if wanted("default") {
        print!("{}", table::in_full(&bugs, &hunts(&DEFAULT, &bugs, SEEDS_OF_DEFAULT)));
    }
    if wanted("quiet") {
        print!("{}", quiet::text());
    }
}

fn side_by_side(title: &str, contenders: &[Contender], bugs: &[Bug]) -> String {
    let columns: Vec<Vec<Hunt>> = contenders.iter().map(|contender| hunts(contender, bugs, SEEDS)).collect();
    table::side_by_side(title, contenders, bugs, &columns)
}

fn hunts(contender: &Contender, bugs: &[Bug], seeds: u64) -> Vec<Hunt> {
    eprintln!("{}: {}", contender.name, contender.about);
    measure::hunts(bugs, contender, seeds)
}
