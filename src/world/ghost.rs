//! What a copy, a message or a token stands for: see [`ghosts`](crate::world::ghosts).

use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use crate::op_set::OpSet;

/// A set of writes, closed under what they follow, with those among them that another one follows.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub struct Ghost {
    /// The writes.
    pub seen: OpSet,
    /// Those of them that another one of them follows.
    pub superseded: OpSet,
}

impl Ghost {
    /// Nothing.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { seen: OpSet::new(), superseded: OpSet::new() }
    }

    /// Takes another one in.
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

    /// Whether the other one has all of this.
    #[inline]
    fn is_part_of(&self, other: &Self) -> bool {
        self.seen.is_subset(&other.seen) && self.superseded.is_subset(&other.superseded)
    }
}

/// A ghost that is shared by all who stand for it, and copied when one of them takes in another. Like the versions
/// beside which they travel, the ghosts of most copies and messages are the same.
///
/// Equal ghosts are equal values: nothing is always none.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct SharedGhost(Option<Arc<Ghost>>);

static NOTHING: Ghost = Ghost::nothing();

impl SharedGhost {
    /// Nothing.
    #[must_use]
    pub const fn nothing() -> Self {
        Self(None)
    }

    /// All of these.
    pub fn joined<'g>(ghosts: impl IntoIterator<Item = &'g Self>) -> Self {
        let mut all = Self::nothing();
        ghosts.into_iter().for_each(|ghost| all.join(ghost));
        all
    }

    /// Takes another one in.
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
    /// As what it shares.
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
