//! The seed's coordinator with read repair: a read waits for all N, answers, and sends what each replica lacks as an
//! ordinary write, which is stamped again.
//!
//! Not modelled: a read that goes on without a replica that is dead; it waits for ever.

use std::borrow::Cow;

use super::as_seeded::AsSeeded;
use crate::seam::*;

type C = VectorClock;

/// The repairing coordinator; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct AsSeededRepairing;

impl Protocol<C> for AsSeededRepairing {
    fn base(&self) -> &dyn Protocol<C> {
        &AsSeeded
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("as-seeded-repairing")
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.base().claims(cluster).and(&[Guarantee::Convergence])
    }

    fn symmetry(&self) -> Symmetry {
        Symmetry { late_replies: false, ..self.base().symmetry() }
    }

    fn quorum(&self, progress: &Progress<C>) -> Option<SlotSet> {
        if progress.task.action.is_write() {
            return self.base().quorum(progress);
        }
        progress.slots.iter().all(Slot::replied).then_some(progress.replied())
    }

    fn repair(&self, progress: &Progress<C>, merged: &Siblings<C>) -> Repairs<C> {
        let mut repairs = Repairs::default();
        for (slot, Slot { held, .. }) in progress.slots.iter().enumerate() {
            let lacking = merged.iter().filter(|version| held.iter().all(|own| own.clock != version.clock));
            let each = |version: &VersionedValue<_>| Siblings::only(version.clone());
            repairs.send.extend(lacking.map(|one| Repair { slot, versions: each(one), whole: false }));
        }
        repairs
    }
}
