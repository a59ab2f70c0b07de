//! Shrinking, measured: from many failing schedules of many bugs, where does it end, and what does it take?
//!
//! `cargo bench --bench shrinking` prints the table that is kept beside this file's folder as `shrinking.txt`.

// Times are measured and printed; nothing depends on them.
#![allow(clippy::disallowed_types, clippy::print_stdout)]

mod bugs;
mod ours;

use ours::median_and_worst;

fn main() {
    let only: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    for bug in bugs::ALL {
        let name = bug.name();
        if !only.is_empty() && !only.iter().any(|o| name.contains(o.as_str())) {
            continue;
        }
        let (failures, drawn) = bug.failures();
        if failures.is_empty() {
            println!("{name}: NONE in {drawn}");
            continue;
        }
        let m = ours::measure(bug, &failures);
        let least = m.least.failure.minimal.case.to_string();
        let (runs, runs_w) = median_and_worst(&m.shrunk.runs);
        let (us, us_w) = median_and_worst(&m.shrunk.micros);
        let (xr, _) = median_and_worst(&m.exact.runs);
        let (xu, _) = median_and_worst(&m.exact.micros);
        let proven = m.least.to_string();
        println!(
            "{}{name}: {} of {drawn}; size {} {proven}; shrunk at {} texts {} runs {runs} [{runs_w}] us {us} [{us_w}]; exact at {} texts {} runs {xr} us {xu}",
            if bug.held_out { "H " } else { "S " },
            failures.len(), m.least.failure.minimal.case.schedule.size(), m.shrunk.at(&least), m.shrunk.texts(), m.exact.at(&least), m.exact.texts()
        );
        for (case, times) in m.shrunk.cases().take(12) {
            println!("      {times} x size {} {}", case.schedule.size(), case.to_string().replace("\n", " · "));
        }
        for (case, times) in m.exact.cases().take(6) {
            println!("    X {times} x size {} {}", case.schedule.size(), case.to_string().replace("\n", " · "));
        }
    }
}
