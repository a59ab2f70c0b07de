//! The versions of a key that stand beside each other.

use std::cmp::Ordering::{Equal, Greater, Less};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::model::{Causality, Dotted, VersionedValue};

/// The versions of a key that stand beside each other.
///
/// Built by [`insert`](Siblings::insert) and [`join`](Siblings::join), it is a sorted antichain. So equal sets are
/// equal values, and joining is commutative, associative and idempotent. A protocol that keeps what it should not
/// (the judge *siblings* looks for it) uses [`push`](Siblings::push).
///
/// All who hold or carry a set share it; it is copied when one of them changes it. Most replicas hold, most messages
/// carry and most reads merge a set that is already the same. A clone costs a count, and the join of a set with
/// itself a glance.
pub struct Siblings<C = Dotted> {
    /// None: no version.
    shared: Option<Arc<Versions<C>>>,
}

#[derive(Clone)]
struct Versions<C> {
    list: SmallVec<[VersionedValue<C>; 1]>,
    /// Whether only joins made it; then it is known to be a sorted antichain.
    joined: bool,
}

impl<C> Clone for Siblings<C> {
    #[inline]
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<C> Default for Siblings<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: PartialEq> PartialEq for Siblings<C> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.is_shared_with(other) || self.as_slice() == other.as_slice()
    }
}

impl<C: Eq> Eq for Siblings<C> {}

impl<C: Hash> Hash for Siblings<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl<C: fmt::Debug> fmt::Debug for Siblings<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<C> Siblings<C> {
    /// No version: never written.
    #[must_use]
    pub const fn new() -> Self {
        Self { shared: None }
    }

    /// This version alone.
    #[must_use]
    pub fn only(version: VersionedValue<C>) -> Self {
        Self { shared: Some(Arc::new(Versions { list: SmallVec::from_buf([version]), joined: true })) }
    }

    /// The versions.
    pub fn iter(&self) -> std::slice::Iter<'_, VersionedValue<C>> {
        self.as_slice().iter()
    }

    /// How many versions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.shared.is_none()
    }

    /// Forgets all versions.
    pub fn clear(&mut self) {
        self.shared = None;
    }

    #[inline]
    fn as_slice(&self) -> &[VersionedValue<C>] {
        self.shared.as_ref().map_or(&[], |versions| versions.list.as_slice())
    }

    /// Whether it is known to be a sorted antichain.
    #[inline]
    fn is_joined(&self) -> bool {
        self.shared.as_ref().is_none_or(|versions| versions.joined)
    }

    /// Shares the other's set from now on if it is equal.
    pub(super) fn unify(&mut self, other: &Self) -> bool
    where
        C: PartialEq,
    {
        let same = self == other;
        if same && !self.is_shared_with(other) {
            self.shared.clone_from(&other.shared);
        }
        same
    }

    /// Whether the two are the same in memory. If not, they may still be equal.
    #[inline]
    fn is_shared_with(&self, other: &Self) -> bool {
        match (&self.shared, &other.shared) {
            (Some(mine), Some(theirs)) => Arc::ptr_eq(mine, theirs),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<C: Clone> Siblings<C> {
    /// Adds a version to whatever is there. No antichain, no order: for protocols that do not join.
    pub fn push(&mut self, version: VersionedValue<C>) {
        let Some(shared) = &mut self.shared else {
            *self = Self::only(version);
            return;
        };
        let versions = Arc::make_mut(shared);
        versions.list.push(version);
        versions.joined = false;
    }

    /// The versions, to change in place: for protocols that change versions after they are stamped.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, VersionedValue<C>> {
        match &mut self.shared {
            Some(shared) => {
                let versions = Arc::make_mut(shared);
                versions.joined = false;
                versions.list.iter_mut()
            }
            None => [].iter_mut(),
        }
    }

    /// Keeps the versions that satisfy the condition.
    pub fn retain(&mut self, mut keep: impl FnMut(&VersionedValue<C>) -> bool) {
        let Some(shared) = &mut self.shared else { return };
        Arc::make_mut(shared).list.retain(|version| keep(version));
        if shared.list.is_empty() {
            self.shared = None;
        }
    }
}

impl<C: Causality> Siblings<C> {
    /// Takes in one version, unless one that is there supersedes or equals it, and drops the versions that it
    /// supersedes. Returns whether it was added.
    pub fn insert(&mut self, version: &VersionedValue<C>) -> bool {
        let Some(stay) = self.beside(version) else { return false };
        if stay == 0 {
            self.shared = Self::only(version.clone()).shared;
        } else {
            self.insert_beside(stay, version);
        }
        true
    }

    /// How many versions stay when this one comes in; none: one of them supersedes or equals it.
    #[inline]
    fn beside(&self, version: &VersionedValue<C>) -> Option<usize> {
        let mut stay = 0;
        for held in self.as_slice() {
            match held.clock.partial_cmp(&version.clock) {
                Some(Greater | Equal) => return None,
                Some(Less) => {}
                None => stay += 1,
            }
        }
        Some(stay)
    }

    /// Takes in a version that no other supersedes; `stay` versions stay.
    fn insert_beside(&mut self, stay: usize, version: &VersionedValue<C>) {
        let some_go = stay < self.len();
        let stays =
            |held: &VersionedValue<C>| !some_go || held.clock.partial_cmp(&version.clock) != Some(Less);
        let place =
            self.iter().filter(|held| stays(held) && held.clock.rank(&version.clock) != Greater).count();
        if let Some(versions) = self.shared.as_mut().and_then(Arc::get_mut) {
            if some_go {
                versions.list.retain(|held| stays(held));
            }
            versions.list.insert(place, version.clone());
        } else {
            let mut list = SmallVec::with_capacity(stay + 1);
            self.iter().filter(|held| stays(held)).for_each(|held| list.push(held.clone()));
            list.insert(place, version.clone());
            self.shared = Some(Arc::new(Versions { list, joined: self.is_joined() }));
        }
    }

    /// The least upper bound of both. Returns whether anything changed.
    pub fn join(&mut self, other: &Self) -> bool {
        if let [version] = other.as_slice() {
            // Mostly a write on its way: if it supersedes all that is there, it replaces the whole set.
            return match self.beside(version) {
                None => false,
                Some(0) => {
                    self.shared.clone_from(&other.shared);
                    true
                }
                Some(stay) => {
                    self.insert_beside(stay, version);
                    true
                }
            };
        }
        if self.is_shared_with(other) {
            return false;
        }
        let new: SmallVec<[&VersionedValue<C>; 8]> = {
            let mut is_known = known_to(self.as_slice());
            other.iter().filter(|version| !is_known(version)).collect()
        };
        if new.is_empty() {
            return false;
        }
        if other.is_joined() && self.gives_way_to(other) {
            self.shared.clone_from(&other.shared);
            return true;
        }
        new.into_iter().filter(|version| self.insert(version)).count() > 0
    }

    /// Whether joining the other, version by version, leaves of this set only what the other holds too.
    fn gives_way_to(&self, other: &Self) -> bool {
        let mut theirs = other.iter();
        self.iter().all(|held| {
            // Mostly both hold it, in the same order; then no other of their versions precedes or follows it.
            if theirs.as_slice().iter().position(|new| new == held).is_some_and(|at| theirs.nth(at).is_some())
            {
                return true;
            }
            let mut goes = false;
            let in_order = other.iter().all(|new| match held.clock.partial_cmp(&new.clock) {
                Some(Less) => {
                    goes = true;
                    true
                }
                Some(Greater) => false,
                Some(Equal) => {
                    goes = true;
                    held == new
                }
                None => true,
            });
            goes && in_order
        })
    }

    /// The versions that `held` neither holds nor supersedes: those to send to bring it up to date.
    #[must_use]
    pub fn missing_from(&self, held: &Self) -> Self {
        let mut is_known = known_to(held.as_slice());
        let list: SmallVec<_> = self.iter().filter(|version| !is_known(version)).cloned().collect();
        match list.len() {
            0 => Self::new(),
            all if all == self.len() => self.clone(),
            _ => Self { shared: Some(Arc::new(Versions { list, joined: self.is_joined() })) },
        }
    }

    /// Whether `held` has all of these versions, or what supersedes them.
    #[must_use]
    pub fn is_known_to(&self, held: &Self) -> bool {
        self.is_shared_with(held) || self.iter().all(known_to(held.as_slice()))
    }

    /// What a client has seen that has seen all of these versions.
    #[must_use]
    pub fn context(&self) -> C::Context {
        let mut context = C::Context::default();
        self.iter().for_each(|version| version.clock.cover(&mut context));
        context
    }

    /// Sorted by [`Causality::rank`], for comparing sets whose order carries no meaning.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        if sorted.is_joined() {
            return sorted;
        }
        if let Some(versions) = &mut sorted.shared {
            Arc::make_mut(versions).list.sort_by(|a, b| a.clock.rank(&b.clock).then(a.op.cmp(&b.op)));
        }
        sorted
    }
}

/// Tells, one version after another, whether `held` holds it or supersedes it. Compared sets are mostly sorted alike
/// and nearly equal, so the search for a version begins where the one before it ended.
fn known_to<C: Causality>(held: &[VersionedValue<C>]) -> impl FnMut(&VersionedValue<C>) -> bool {
    let mut next = 0;
    move |version| {
        let is_it = |held: &VersionedValue<C>| held.clock >= version.clock;
        match held[next..].iter().take(2).position(is_it) {
            Some(at) => {
                next += at + 1;
                true
            }
            None => held.iter().any(is_it),
        }
    }
}

impl<'a, C> IntoIterator for &'a Siblings<C> {
    type Item = &'a VersionedValue<C>;
    type IntoIter = std::slice::Iter<'a, VersionedValue<C>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<C> FromIterator<VersionedValue<C>> for Siblings<C> {
    /// Keeps them as they come, like [`Siblings::push`].
    fn from_iter<I: IntoIterator<Item = VersionedValue<C>>>(versions: I) -> Self {
        let list: SmallVec<_> = versions.into_iter().collect();
        let joined = list.len() == 1;
        Self { shared: (!list.is_empty()).then(|| Arc::new(Versions { list, joined })) }
    }
}

impl<C: fmt::Display> fmt::Display for Siblings<C> {
    /// `nothing`, or the versions with ` | ` between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        for (i, version) in self.iter().enumerate() {
            write!(f, "{}{version}", if i == 0 { "" } else { " | " })?;
        }
        Ok(())
    }
}
