//! What a copy, a message or a token stands for: see [`ghosts`](crate::world::ghosts).

use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use crate::op_set::OpSet;

/// A set of writes, closed under what they follow, and which of them another one follows.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub struct Ghost {
    /// The writes.
    pub seen: OpSet,
    /// The writes among them that another of them follows.
    pub superseded: OpSet,
}

impl Ghost {
    /// The empty ghost.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { seen: OpSet::new(), superseded: OpSet::new() }
    }

    /// Takes in another ghost.
    #[inline]
    pub fn join(&mut self, other: &Self) {
        self.seen.join(&other.seen);
        self.superseded.join(&other.superseded);
    }

    /// The writes that no other one follows.
    #[must_use]
    pub fn current(&self) -> OpSet {
        self.seen.minus(&self.superseded)
    }

    /// Whether the other ghost contains all of this one.
    #[inline]
    fn is_part_of(&self, other: &Self) -> bool {
        self.seen.is_subset(&other.seen) && self.superseded.is_subset(&other.superseded)
    }
}

/// A shared ghost, copied when one of its owners takes in another ghost. Most copies and messages have the same
/// ghost, as they have the same versions.
///
/// Equal ghosts are equal values: the empty ghost is always `None`.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct SharedGhost(Option<Arc<Ghost>>);

static NOTHING: Ghost = Ghost::nothing();

impl SharedGhost {
    /// The empty ghost.
    #[must_use]
    pub const fn nothing() -> Self {
        Self(None)
    }

    /// The join of these ghosts.
    pub fn joined<'g>(ghosts: impl IntoIterator<Item = &'g Self>) -> Self {
        let mut all = Self::nothing();
        ghosts.into_iter().for_each(|ghost| all.join(ghost));
        all
    }

    /// Takes in another ghost.
    #[inline]
    pub fn join(&mut self, other: &Self) {
        let Some(theirs) = &other.0 else { return };
        match &mut self.0 {
            Some(mine) if Arc::ptr_eq(mine, theirs) || theirs.is_part_of(mine) => {}
            Some(mine) if !mine.is_part_of(theirs) => Arc::make_mut(mine).join(theirs),
            _ => self.0 = Some(Arc::clone(theirs)),
        }
    }
}

impl Hash for SharedGhost {
    /// Hashes the shared ghost.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl From<Ghost> for SharedGhost {
    fn from(ghost: Ghost) -> Self {
        Self((!ghost.seen.is_empty()).then(|| Arc::new(ghost)))
    }
}

impl Deref for SharedGhost {
    type Target = Ghost;

    #[inline]
    fn deref(&self) -> &Ghost {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}
