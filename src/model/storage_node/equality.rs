//! When two nodes are the same, and how one becomes a copy of another.

use std::hash::{Hash, Hasher};

use super::{Copy, State, StorageNode};
use crate::model::Causality;

/// Skips copies of keys in which nothing is held or remembered: they are as good as none.
impl<C: Causality> Hash for StorageNode<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.id, self.actor, &self.state, &self.in_progress).hash(state);
        let is_vacuous = |copy: &&Copy<C>| copy.siblings.is_empty() && copy.state == State::default();
        self.copies.iter().filter(|copy| !is_vacuous(copy)).for_each(|copy| copy.hash(state));
    }
}

/// A search copies the same few nodes again and again, so `clone_from` reuses the target's memory.
impl<C: Causality> Clone for StorageNode<C> {
    fn clone(&self) -> Self {
        Self {
            id: self.id,
            actor: self.actor,
            copies: self.copies.clone(),
            state: self.state.clone(),
            in_progress: self.in_progress.clone(),
        }
    }

    fn clone_from(&mut self, other: &Self) {
        (self.id, self.actor) = (other.id, other.actor);
        self.copies.clone_from(&other.copies);
        self.state.clone_from(&other.state);
        self.in_progress.clone_from(&other.in_progress);
    }
}
