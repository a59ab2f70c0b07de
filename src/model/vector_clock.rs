//! Dots and vector clocks.
//!
//! A vector clock maps each actor to how many events of that actor are known. It is compared pointwise, and merged by
//! the pointwise maximum. It cannot say "the second event, but not the first": it claims the first even if nobody saw
//! it. [`DotSet`](crate::model::DotSet) can say so.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use smallvec::SmallVec;

use crate::id::{Actor, NodeId, ParseIdError};
use crate::model::{Causality, Context};

/// One event: the `counter`-th that `actor` minted. Counters begin at 1.
///
/// ```
/// use quorate::id::{Actor, NodeId};
/// use quorate::model::Dot;
///
/// let actor = Actor { node: NodeId(1), incarnation: 1 };
/// assert_eq!(Dot { actor, counter: 2 }.to_string(), "n1'.2");
/// assert_eq!("n1'.2".parse(), Ok(Dot { actor, counter: 2 }));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dot {
    /// The actor that minted it.
    pub actor: Actor,
    /// This actor's event number.
    pub counter: u32,
}

impl Hash for Dot {
    /// Hashes one word instead of three fields.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(word(self.actor, self.counter));
    }
}

impl fmt::Display for Dot {
    /// `n1.2`, or `n1'.2` for an actor whose disk was lost once.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.actor, self.counter)
    }
}

impl fmt::Debug for Dot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Dot {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        text.split_once('.')
            .filter(|(_, digits)| digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|(actor, digits)| {
                Some(Self { actor: actor.parse().ok()?, counter: digits.parse().ok()? })
            })
            .ok_or_else(|| ParseIdError { expected: "a dot such as n1.2", found: text.to_owned() })
    }
}

/// An actor as a number, in the order of actors.
#[inline]
pub(super) const fn number(actor: Actor) -> u16 {
    (actor.node.0 as u16) << 8 | actor.incarnation as u16
}

/// The actor with this number.
#[inline]
pub(super) const fn actor(number: u16) -> Actor {
    Actor { node: NodeId((number >> 8) as u8), incarnation: number as u8 }
}

/// An actor and its counter in one word, in the order of dots.
#[inline]
const fn word(actor: Actor, counter: u32) -> u64 {
    (number(actor) as u64) << 32 | counter as u64
}

/// Combines the two halves of an order.
#[inline]
pub(super) const fn order(at_most: bool, at_least: bool) -> Option<Ordering> {
    match (at_most, at_least) {
        (true, true) => Some(Ordering::Equal),
        (true, false) => Some(Ordering::Less),
        (false, true) => Some(Ordering::Greater),
        (false, false) => None,
    }
}

/// How many events of each actor are known; a missing actor has none.
///
/// The order is the causal one, pointwise: `a < b` iff `b` knows all that `a` knows, and more.
///
/// ```
/// use quorate::id::{Actor, NodeId};
/// use quorate::model::VectorClock;
///
/// let (n1, n2) = (Actor::first(NodeId(1)), Actor::first(NodeId(2)));
/// let mut ours = VectorClock::new();
/// ours.increment(n1);
/// let mut theirs = ours.clone();
/// ours.increment(n1);
/// theirs.increment(n2);
/// assert!(ours.concurrent(&theirs));
///
/// let mut both = ours.clone();
/// both.merge(&theirs);
/// assert_eq!(both.to_string(), "{n1:2, n2:1}");
/// assert!(ours < both && theirs.happens_before(&both));
/// ```
#[derive(Default, PartialEq, Eq, Hash)]
pub struct VectorClock {
    /// Sorted by actor, one word each, never with counter 0: equal clocks are equal words. Four are inline,
    /// 40 bytes in all: for the three replicas of a usual key, and one more that lost its disk.
    words: SmallVec<[u64; 4]>,
}

impl VectorClock {
    /// Nothing is known.
    #[must_use]
    pub const fn new() -> Self {
        Self { words: SmallVec::new_const() }
    }

    /// How many events of this actor are known.
    #[inline]
    #[must_use]
    pub fn get(&self, actor: Actor) -> u32 {
        let number = u64::from(number(actor));
        self.words.iter().find(|&word| word >> 32 == number).map_or(0, |&word| word as u32)
    }

    /// Whether the event is among those known.
    #[inline]
    #[must_use]
    pub fn covers(&self, dot: Dot) -> bool {
        dot.counter <= self.get(dot.actor)
    }

    /// Adds one event of this actor; returns how many that makes. At `u32::MAX` it stays.
    pub fn increment(&mut self, actor: Actor) -> u32 {
        let counter = self.get(actor).saturating_add(1);
        self.set(actor, counter);
        counter
    }

    /// Sets how many events of this actor are known; 0 forgets the actor.
    pub fn set(&mut self, actor: Actor, counter: u32) {
        let at = self.words.partition_point(|&known| known < word(actor, 0));
        let is_known = self.words.get(at).is_some_and(|known| known >> 32 == u64::from(number(actor)));
        match (is_known, counter) {
            (true, 0) => {
                self.words.remove(at);
            }
            (true, _) => self.words[at] = word(actor, counter),
            (false, 0) => {}
            (false, _) => self.words.insert(at, word(actor, counter)),
        }
    }

    /// Takes in what the other knows: the pointwise maximum.
    #[inline]
    pub fn merge(&mut self, other: &Self) {
        if self.has_actors_of(other) {
            for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
                *mine = (*mine).max(*theirs);
            }
        } else {
            self.merge_other_actors(other);
        }
    }

    /// The lattice's word for [`merge`](Self::merge).
    #[inline]
    pub fn join(&mut self, other: &Self) {
        self.merge(other);
    }

    #[inline(never)]
    fn merge_other_actors(&mut self, other: &Self) {
        let mut at = 0;
        for &theirs in &other.words {
            while self.words.get(at).is_some_and(|mine| mine >> 32 < theirs >> 32) {
                at += 1;
            }
            match self.words.get_mut(at) {
                Some(mine) if *mine >> 32 == theirs >> 32 => *mine = theirs.max(*mine),
                _ => self.words.insert(at, theirs),
            }
        }
    }

    /// Whether the two know events of the same actors: the usual case, compared and merged word by word.
    #[inline]
    fn has_actors_of(&self, other: &Self) -> bool {
        self.words.len() == other.words.len()
            && self.words.iter().zip(&other.words).all(|(mine, theirs)| mine >> 32 == theirs >> 32)
    }

    /// Whether the other knows all that this one knows.
    #[inline]
    fn is_known_to(&self, other: &Self) -> bool {
        let mut theirs = other.words.iter();
        self.words.iter().all(|mine| {
            theirs
                .find(|word| *word >> 32 >= mine >> 32)
                .is_some_and(|word| word >> 32 == mine >> 32 && mine <= word)
        })
    }

    /// Whether the other knows all that this one knows, and more.
    #[inline]
    #[must_use]
    pub fn happens_before(&self, other: &Self) -> bool {
        self < other
    }

    /// Whether each knows something that the other does not. Equal clocks are not concurrent.
    #[inline]
    #[must_use]
    pub fn concurrent(&self, other: &Self) -> bool {
        self.partial_cmp(other).is_none()
    }

    /// Whether nothing is known.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The known actors in order, each with its number of events.
    pub fn iter(&self) -> impl Iterator<Item = (Actor, u32)> + '_ {
        self.words.iter().map(|&word| (actor((word >> 32) as u16), word as u32))
    }
}

impl Clone for VectorClock {
    /// Copies plain words, as `SmallVec`'s own clone does not.
    #[inline]
    fn clone(&self) -> Self {
        Self { words: SmallVec::from_slice(&self.words) }
    }
}

impl PartialOrd for VectorClock {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self.has_actors_of(other) {
            let pairs = self.words.iter().zip(&other.words);
            let (above, below) = pairs.fold((false, false), |(above, below), (mine, theirs)| {
                (above | (mine > theirs), below | (mine < theirs))
            });
            return order(!above, !below);
        }
        order(self.is_known_to(other), other.is_known_to(self))
    }
}

impl FromIterator<(Actor, u32)> for VectorClock {
    /// If an actor is named twice, the greater counter counts.
    fn from_iter<I: IntoIterator<Item = (Actor, u32)>>(counters: I) -> Self {
        let mut clock = Self::new();
        for (actor, counter) in counters {
            clock.set(actor, counter.max(clock.get(actor)));
        }
        clock
    }
}

impl fmt::Display for VectorClock {
    /// `{n1:2, n2:1}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (actor, counter)) in self.iter().enumerate() {
            write!(f, "{}{actor}:{counter}", if i > 0 { ", " } else { "" })?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for VectorClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Context for VectorClock {
    #[inline]
    fn join(&mut self, other: &Self) {
        self.merge(other);
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl Causality for VectorClock {
    type Context = Self;

    #[inline]
    fn cover(&self, context: &mut Self) {
        context.merge(self);
    }

    #[inline]
    fn rank(&self, other: &Self) -> Ordering {
        self.words.cmp(&other.words)
    }

    /// None: nothing in a vector tells the version from its past.
    #[inline]
    fn dot(&self) -> Option<Dot> {
        None
    }
}

#[cfg(test)]
mod tests;
