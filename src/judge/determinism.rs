//! Whether a protocol does the same in two runs.
//!
//! Not covered: differences between two processes, or two machines.

use crate::judge::trial::{Breakage, Finding, Runner};
use crate::world::schedule::Schedule;

/// Runs a schedule twice and compares the states after every step. Returns how many steps agreed, and the finding; None
/// if all agreed.
pub(crate) fn compare_two_runs(runner: &mut dyn Runner, schedule: &Schedule) -> Option<(usize, Finding)> {
    let (once, again) = (runner.fingerprints(schedule), runner.fingerprints(schedule));
    if once == again {
        return None;
    }
    let same = once.iter().zip(&again).take_while(|(a, b)| a == b).count();
    let place = match schedule.lines().nth(same) {
        Some(line) => format!("after step {}, `{line}`,", same + 1),
        None => "at rest".to_owned(),
    };
    let finding = Finding {
        breakage: Breakage::Nondeterminism,
        because: format!(
            "{place} the same schedule led to another state the second time: some rule depends on more than its \
             arguments (the time, random numbers, the order of a hash map, what it remembers outside the replica)"
        ),
        violation: None,
    };
    Some((same, finding))
}
