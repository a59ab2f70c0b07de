//! The seed's partitioned and repairing coordinators in one: whoever is not taken for unreachable is asked, R or W of
//! them must be left, and what a read finds lacking is repaired by an ordinary write.
//!
//! Not modelled: anything that the two have not already.

use std::borrow::Cow;

use super::as_seeded_partitioned::reachable;
use super::as_seeded_repairing::AsSeededRepairing;
use crate::seam::*;

type C = VectorClock;

/// The combined coordinator; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct AsSeededCombined;

impl Protocol<C> for AsSeededCombined {
    fn base(&self) -> &dyn Protocol<C> {
        &AsSeededRepairing
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("as-seeded-combined")
    }

    fn targets(&self, task: &Task, view: &View<'_>) -> Targets {
        reachable(task, view, usize::MAX)
    }
}
