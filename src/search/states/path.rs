//! A path as a schedule: every message of it late, and every delivery an arrival.
//!
//! A world that holds keeps each message until a step delivers it; a schedule that names each message late does the
//! same to it. So the schedule of a path goes from state to state as the path does, under any runner of schedules. A
//! message that was lost on its way is lost when it is sent: it is in no node's state, and by what is undisturbed the
//! judges only excuse, so that what they found on the path they find here. One that was doubled on its way is sent
//! twice: the two are the same until the first arrives.

use rustc_hash::{FxHashMap, FxHashSet};

use super::choice::Choice;
use super::choices::{Ledger, Rules};
use super::worker::take;
use crate::judge::StateStack;
use crate::world::schedule::{Exception, Fate, Schedule, Step};

/// The schedule of these choices, from the beginning.
pub(super) fn schedule_of(
    rules: &Rules,
    mut state_stack: Box<dyn StateStack + '_>,
    path: &[u32],
) -> Schedule {
    // What is spent has to be named as well, or it would be delivered when it is sent.
    let mut rules = rules.clone();
    rules.reductions.spent = false;
    let mut ledger = Ledger::default();
    let mut steps = Vec::new();
    let mut sent = Vec::new();
    let mut known = FxHashSet::default();
    let mut fates = FxHashMap::default();
    for choice in path.iter().map(|code| Choice::of(*code)) {
        steps.extend(rules.step(choice, &ledger));
        match choice {
            Choice::Lose(op, name) => fates.insert((op, name), Fate::Lost),
            Choice::Double(op, name) => fates.insert((op, name), Fate::Twice),
            _ => None,
        };
        take(&rules, state_stack.as_mut(), choice, &mut ledger);
        sent.extend(state_stack.on_their_way().into_iter().filter(|message| known.insert(*message)));
    }
    for step in &mut steps {
        if let Step::Operation(operation) = step {
            let own = sent.iter().filter(|(op, _)| *op == operation.op);
            operation.exceptions = own
                .map(|message| Exception {
                    name: message.1,
                    fate: fates.get(message).copied().unwrap_or(Fate::Late),
                })
                .collect();
            operation.exceptions.sort_unstable_by_key(|exception| exception.name);
        }
    }
    Schedule { steps }
}
