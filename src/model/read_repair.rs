//! Read repair: who is stale, and what is sent to whom. Repairs are data; the coordinator makes messages of them.

use smallvec::SmallVec;

use crate::model::progress::{Progress, Slot};
use crate::model::protocol::Repair;
use crate::model::{Causality, Siblings};

/// To each slot of which `concerns` holds, just the versions it lacks.
///
/// Safe where a version's clock says what it follows and no more. Where it also covers versions that are not sent
/// (plain version vectors), a replica that has lost its disk meanwhile would take the difference for the whole:
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

/// To each slot of which `concerns` holds and that lacks something, all that was merged, in one message.
pub fn whole<C: Causality>(
    progress: &Progress<C>,
    merged: &Siblings<C>,
    concerns: impl Fn(&Slot<C>) -> bool,
) -> SmallVec<[Repair<C>; 2]> {
    stale(progress, merged, concerns)
        .map(|slot| Repair { slot, versions: merged.clone(), whole: true })
        .collect()
}

/// The slots of which `concerns` holds and that lack a version.
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
