//! Values with their clocks, and sets of concurrent ones.

use std::fmt;

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
#[derive(PartialEq, Eq, Hash, Debug)]
pub struct Siblings<C> {
    versions: SmallVec<[VersionedValue<C>; 1]>,
}

impl<C: Clone> Clone for Siblings<C> {
    /// Mostly there is one version or none: that case skips the vector's general way.
    fn clone(&self) -> Self {
        match self.versions.as_slice() {
            [] => Self::new(),
            [version] => Self::only(version.clone()),
            several => Self { versions: several.iter().cloned().collect() },
        }
    }
}

impl<C> Default for Siblings<C> {
    fn default() -> Self {
        Self { versions: SmallVec::new_const() }
    }
}

impl<C> Siblings<C> {
    /// No version: never written.
    #[must_use]
    pub const fn new() -> Self {
        Self { versions: SmallVec::new_const() }
    }

    /// Just this version.
    #[must_use]
    pub fn only(version: VersionedValue<C>) -> Self {
        let mut siblings = Self::new();
        siblings.versions.push(version);
        siblings
    }

    /// Adds a version whatever stands there already. No antichain, no order: for protocols that do not join.
    pub fn push(&mut self, version: VersionedValue<C>) {
        self.versions.push(version);
    }

    /// Keeps the versions of which this holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&VersionedValue<C>) -> bool) {
        self.versions.retain(|version| keep(version));
    }

    /// The versions.
    pub fn iter(&self) -> std::slice::Iter<'_, VersionedValue<C>> {
        self.versions.iter()
    }

    /// The versions, to change in place: for protocols that do not leave them as they were stamped.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, VersionedValue<C>> {
        self.versions.iter_mut()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.versions.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.versions.clear();
    }
}

impl<C: Causality> Siblings<C> {
    /// Takes in one version: unless one that is there supersedes or equals it, it is added, and those it
    /// supersedes go. Says whether it was added.
    pub fn insert(&mut self, version: &VersionedValue<C>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let mut supersedes = false;
        for held in &self.versions {
            match held.clock.partial_cmp(&version.clock) {
                Some(Greater | Equal) => return false,
                Some(Less) => supersedes = true,
                None => {}
            }
        }
        if supersedes {
            self.versions.retain(|held| held.clock.partial_cmp(&version.clock) != Some(Less));
        }
        let place = self
            .versions
            .iter()
            .position(|held| held.clock.rank(&version.clock) == Greater)
            .unwrap_or(self.versions.len());
        self.versions.insert(place, version.clone());
        true
    }

    /// The least upper bound of both. Says whether anything changed.
    pub fn join(&mut self, other: &Self) -> bool {
        other.versions.iter().filter(|version| self.insert(version)).count() > 0
    }

    /// Those of these versions that `held` neither holds nor supersedes: what must be sent to bring it up to date.
    #[must_use]
    pub fn missing_from(&self, held: &Self) -> Self {
        let known = |version: &VersionedValue<C>| held.versions.iter().any(|h| h.clock >= version.clock);
        Self { versions: self.versions.iter().filter(|version| !known(version)).cloned().collect() }
    }

    /// Whether `held` has all of these versions, or what supersedes them.
    #[must_use]
    pub fn is_known_to(&self, held: &Self) -> bool {
        self.versions.iter().all(|version| held.versions.iter().any(|h| h.clock >= version.clock))
    }

    /// What one has seen who has seen all of these.
    #[must_use]
    pub fn context(&self) -> C::Context {
        let mut context = C::Context::default();
        self.versions.iter().for_each(|version| version.clock.cover(&mut context));
        context
    }

    /// In the order of [`Causality::rank`], for comparing sets whose order carries no meaning.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        sorted.versions.sort_by(|a, b| a.clock.rank(&b.clock).then(a.op.cmp(&b.op)));
        sorted
    }
}

impl<'a, C> IntoIterator for &'a Siblings<C> {
    type Item = &'a VersionedValue<C>;
    type IntoIter = std::slice::Iter<'a, VersionedValue<C>>;

    fn into_iter(self) -> Self::IntoIter {
        self.versions.iter()
    }
}

impl<C> FromIterator<VersionedValue<C>> for Siblings<C> {
    /// As they come, like [`Siblings::push`].
    fn from_iter<I: IntoIterator<Item = VersionedValue<C>>>(versions: I) -> Self {
        Self { versions: versions.into_iter().collect() }
    }
}

impl<C: fmt::Display> fmt::Display for Siblings<C> {
    /// `nothing`, or the versions with ` | ` between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.versions.is_empty() {
            return f.write_str("nothing");
        }
        for (i, version) in self.versions.iter().enumerate() {
            write!(f, "{}{version}", if i == 0 { "" } else { " | " })?;
        }
        Ok(())
    }
}
