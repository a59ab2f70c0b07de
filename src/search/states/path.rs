//! A path as a schedule: every message is late, and every delivery is an arrival.
//!
//! In the search, the world holds each message until a step delivers it. A schedule that names each message late does
//! the same. So the schedule of a path goes from state to state as the path does, under any runner of schedules. If the
//! path loses a message on its way, the schedule loses it when it is sent. No node's state holds such a message, and
//! the judges only excuse by what is undisturbed, so they find here what they found on the path. If the path doubles a
//! message on its way, the schedule sends it twice: the two are the same until the first arrives.

use rustc_hash::{FxHashMap, FxHashSet};

use super::choice::Choice;
use super::enabled_choices::{ChoiceLedger, Rules};
use super::worker::take;
use crate::judge::StateStack;
use crate::world::schedule::{Exception, Fate, Schedule, Step};

/// The schedule of these choices, from the beginning.
pub(super) fn schedule_of(
    rules: &Rules,
    mut state_stack: Box<dyn StateStack + '_>,
    path: &[u32],
) -> Schedule {
    // Spent messages must be named as well, or they would be delivered when they are sent.
    let mut rules = rules.clone();
    rules.reductions.spent = false;
    let mut ledger = ChoiceLedger::default();
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
