//! The seed's coordinator that simulates partitions: it leaves out whom it takes for unreachable, asks just R or W of
//! the others, and reports too few of them as "not found" or as done.
//!
//! Not modelled: what is done when the partition heals, which is nothing.

use std::borrow::Cow;

use super::as_seeded::AsSeeded;
use crate::seam::*;

type C = VectorClock;

/// The partitioned coordinator; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct AsSeededPartitioned;

impl Protocol<C> for AsSeededPartitioned {
    fn base(&self) -> &dyn Protocol<C> {
        &AsSeeded
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("as-seeded-partitioned")
    }

    fn targets(&self, task: &Task, view: &View<'_>) -> Targets {
        reachable(task, view, usize::from(task.required))
    }
}

/// Those of the home replicas that are in view; nobody, if they are fewer than needed.
pub(super) fn reachable(task: &Task, view: &View<'_>, at_most: usize) -> Targets {
    let in_view = view.home.iter().filter(|&&node| !view.suspects.contains(node));
    let asked = in_view.take(at_most).map(|&node| Target::home(node)).collect::<Vec<_>>();
    let enough = asked.len() >= usize::from(task.required);
    Targets::Ask(asked.into_iter().filter(|_| enough).collect())
}
