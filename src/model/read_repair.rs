//! Read repair: who is stale, and what to send to whom. Repairs are data; the coordinator turns them into messages.

use smallvec::SmallVec;

use crate::model::progress::{Progress, Slot};
use crate::model::protocol::Repair;
use crate::model::{Causality, Siblings};

/// Sends each slot that satisfies `concerns` only the versions it lacks.
///
/// This is safe if a version's clock says what it follows and no more. If it also covers versions that are not sent
/// (plain version vectors), a replica that has meanwhile lost its disk would take the difference for the whole:
/// see [`whole`].
pub fn differences<C: Causality>(
    progress: &Progress<C>,
    merged: &Siblings<C>,
    concerns: impl Fn(&Slot<C>) -> bool,
) -> SmallVec<[Repair<C>; 2]> {
    stale(progress, merged, concerns)
        .map(|slot| Repair { slot, versions: merged.missing_from(&progress.slots[slot].held), whole: false })
        .collect()
}

/// Sends each slot that satisfies `concerns` and lacks something all that was merged, in one message.
pub fn whole<C: Causality>(
    progress: &Progress<C>,
    merged: &Siblings<C>,
    concerns: impl Fn(&Slot<C>) -> bool,
) -> SmallVec<[Repair<C>; 2]> {
    stale(progress, merged, concerns)
        .map(|slot| Repair { slot, versions: merged.clone(), whole: true })
        .collect()
}

/// The slots that satisfy `concerns` and lack a version.
fn stale<C: Causality>(
    progress: &Progress<C>,
    merged: &Siblings<C>,
    concerns: impl Fn(&Slot<C>) -> bool,
) -> impl Iterator<Item = usize> {
    progress
        .slots
        .iter()
        .enumerate()
        .filter(move |(_, slot)| concerns(slot) && !merged.is_known_to(&slot.held))
        .map(|(i, _)| i)
}
