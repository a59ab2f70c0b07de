//! Values with their clocks, and sets of concurrent ones.

use std::cmp::Ordering::{Equal, Greater, Less};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::id::OpId;
use crate::model::Causality;

/// What a version holds. Every write's value is unique: it is named by the operation that wrote it, so that a
/// read tells which writes it saw.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    /// The value of the operation that wrote the version.
    Written,
    /// No value: a delete.
    Deleted,
    /// Several items, each named by the operation that added it: a shopping cart, a set.
    Items(Box<[OpId]>),
    /// A number: what a counter shows.
    Count(i64),
}

/// A value, the operation that wrote it, its timestamp and its clock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct VersionedValue<C> {
    /// The operation that wrote it.
    pub op: OpId,
    /// What it holds.
    pub value: Value,
    /// When it was stamped, by the clock of the node that did: milliseconds.
    pub timestamp: u64,
    /// What it is and what it follows.
    pub clock: C,
}

impl<C> VersionedValue<C> {
    /// Whether it is a delete.
    #[inline]
    #[must_use]
    pub const fn is_tombstone(&self) -> bool {
        matches!(self.value, Value::Deleted)
    }
}

impl<C: fmt::Display> fmt::Display for VersionedValue<C> {
    /// `o2 @ n1.2 after {n1:1}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Value::Written => write!(f, "{}", self.op)?,
            Value::Deleted => write!(f, "deleted by {}", self.op)?,
            Value::Items(items) => {
                write!(f, "{}[", self.op)?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { " " })?;
                }
                f.write_str("]")?;
            }
            Value::Count(count) => write!(f, "{count:+} by {}", self.op)?,
        }
        write!(f, " @ {}", self.clock)
    }
}

/// The versions of a key that stand beside each other.
///
/// Built by [`insert`](Siblings::insert) and [`join`](Siblings::join) it is an antichain, sorted, so that equal sets
/// are equal values and joining is commutative, associative and idempotent. A protocol that keeps what it should
/// not (the judge *siblings* looks for it) uses [`push`](Siblings::push).
///
/// A set is shared by all who hold or carry it, and copied when one of them changes it: most replicas hold, most
/// messages carry and most reads merge what is the same set already. To clone one costs a count, and to join a set
/// with itself a glance.
pub struct Siblings<C> {
    /// None: no version.
    shared: Option<Arc<Versions<C>>>,
}

type Versions<C> = SmallVec<[VersionedValue<C>; 1]>;

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

    /// Just this version.
    #[must_use]
    pub fn only(version: VersionedValue<C>) -> Self {
        Self { shared: Some(Arc::new(SmallVec::from_buf([version]))) }
    }

    /// The versions.
    pub fn iter(&self) -> std::slice::Iter<'_, VersionedValue<C>> {
        self.as_slice().iter()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.shared.is_none()
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.shared = None;
    }

    #[inline]
    fn as_slice(&self) -> &[VersionedValue<C>] {
        self.shared.as_ref().map_or(&[], |versions| versions.as_slice())
    }

    /// Whether the two are one and the same in memory. If not, they may still be equal.
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
    /// Adds a version whatever stands there already. No antichain, no order: for protocols that do not join.
    pub fn push(&mut self, version: VersionedValue<C>) {
        Arc::make_mut(self.shared.get_or_insert_default()).push(version);
    }

    /// The versions, to change in place: for protocols that do not leave them as they were stamped.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, VersionedValue<C>> {
        match &mut self.shared {
            Some(shared) => Arc::make_mut(shared).iter_mut(),
            None => [].iter_mut(),
        }
    }

    /// Keeps the versions of which this holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&VersionedValue<C>) -> bool) {
        let Some(shared) = &mut self.shared else { return };
        Arc::make_mut(shared).retain(|version| keep(version));
        if shared.is_empty() {
            self.shared = None;
        }
    }
}

impl<C: Causality> Siblings<C> {
    /// Takes in one version: unless one that is there supersedes or equals it, it is added, and those it
    /// supersedes go. Says whether it was added.
    pub fn insert(&mut self, version: &VersionedValue<C>) -> bool {
        let Some(stay) = self.beside(version) else { return false };
        if stay == 0 {
            self.shared = Self::only(version.clone()).shared;
        } else {
            self.insert_beside(stay, version);
        }
        true
    }

    /// How many of the versions stay where this one comes in; none: one of them supersedes or equals it.
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

    /// Takes in a version that no other supersedes; so many stay.
    fn insert_beside(&mut self, stay: usize, version: &VersionedValue<C>) {
        let goes = |held: &VersionedValue<C>| held.clock.partial_cmp(&version.clock) == Some(Less);
        let mut versions = Versions::<C>::with_capacity(stay + 1);
        let superseded = stay < self.len();
        versions.extend(self.iter().filter(|held| !(superseded && goes(held))).cloned());
        let place = versions.iter().position(|held| held.clock.rank(&version.clock) == Greater);
        versions.insert(place.unwrap_or(versions.len()), version.clone());
        self.shared = Some(Arc::new(versions));
    }

    /// The least upper bound of both. Says whether anything changed.
    pub fn join(&mut self, other: &Self) -> bool {
        if let [version] = other.as_slice() {
            // Mostly a write on its way: where it supersedes all that is there, it is what will be there.
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
        if other.is_known_to(self) {
            return false;
        }
        if self.gives_way_to(other) && other.is_canonical() {
            self.shared.clone_from(&other.shared);
            return true;
        }
        other.iter().filter(|version| self.insert(version)).count() > 0
    }

    /// Whether joining the other, version by version, leaves nothing of this set but what the other holds too.
    fn gives_way_to(&self, other: &Self) -> bool {
        self.iter().all(|held| {
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

    /// Whether it is an antichain, and sorted, as one that is built by [`insert`](Self::insert).
    fn is_canonical(&self) -> bool {
        let versions = self.as_slice();
        versions.windows(2).all(|pair| pair[0].clock.rank(&pair[1].clock) != Greater)
            && versions.iter().enumerate().all(|(i, version)| {
                versions[i + 1..].iter().all(|later| version.clock.partial_cmp(&later.clock).is_none())
            })
    }

    /// Those of these versions that `held` neither holds nor supersedes: what must be sent to bring it up to date.
    #[must_use]
    pub fn missing_from(&self, held: &Self) -> Self {
        let known = |version: &VersionedValue<C>| held.iter().any(|h| h.clock >= version.clock);
        match self.iter().filter(|version| !known(version)).count() {
            0 => Self::new(),
            all if all == self.len() => self.clone(),
            _ => self.iter().filter(|version| !known(version)).cloned().collect(),
        }
    }

    /// Whether `held` has all of these versions, or what supersedes them.
    #[must_use]
    pub fn is_known_to(&self, held: &Self) -> bool {
        self.is_shared_with(held) || {
            let held = held.as_slice();
            // Sets that are compared are mostly equal: what stands at the same place is looked at first.
            let (mine, rest) = self.as_slice().split_at(self.len().min(held.len()));
            let known = |version: &VersionedValue<C>| held.iter().any(|h| h.clock >= version.clock);
            mine.iter().zip(held).all(|(version, beside)| beside.clock >= version.clock || known(version))
                && rest.iter().all(known)
        }
    }

    /// What one has seen who has seen all of these.
    #[must_use]
    pub fn context(&self) -> C::Context {
        let mut context = C::Context::default();
        self.iter().for_each(|version| version.clock.cover(&mut context));
        context
    }

    /// In the order of [`Causality::rank`], for comparing sets whose order carries no meaning.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        if let Some(versions) = &mut sorted.shared {
            Arc::make_mut(versions).sort_by(|a, b| a.clock.rank(&b.clock).then(a.op.cmp(&b.op)));
        }
        sorted
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
    /// As they come, like [`Siblings::push`].
    fn from_iter<I: IntoIterator<Item = VersionedValue<C>>>(versions: I) -> Self {
        let versions: Versions<C> = versions.into_iter().collect();
        Self { shared: (!versions.is_empty()).then(|| Arc::new(versions)) }
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
