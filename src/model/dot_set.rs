//! Sets of dots: contexts that record gaps.
//!
//! A client that has seen `n1.2` and not `n1.1` has seen exactly that. A vector clock would have to write `n1:2`,
//! and the client's next put would then supersede `n1.1`, which nobody read: a lost update. Here it is `n1:{2}`.
//!
//! The set is kept as runs of consecutive counters. What replicas exchange usually has no gap, so one run for each
//! actor is enough: the set is as small as a vector clock, and joined like one, by the pointwise maximum. Each gap
//! adds one run.

use std::cmp::Ordering;
use std::fmt;

use smallvec::{SmallVec, smallvec};

use crate::id::Actor;
use crate::model::vector_clock::{actor, number, order};
use crate::model::{Context, Dot};

/// Consecutive dots of one actor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Run {
    /// The actor.
    pub actor: Actor,
    /// The first counter.
    pub first: u32,
    /// The last counter, included in the run.
    pub last: u32,
}

/// Consecutive dots of one actor **and page**, in one word: actor, page, first, last, 16 bits each.
///
/// A page is 65,536 counters, so a run fits into a word whatever a counter's 32 bits hold. Real runs stay in page 0.
/// Any other run is cut at the page's end, always in the same place, so it is still canonical. Actor and page together
/// are the *row*; two words touch only within a row. Words are ordered by row, then first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Word(u64);

impl Word {
    const PAGE: u32 = 1 << 16;

    #[inline]
    const fn only(dot: Dot) -> Self {
        let low = dot.counter as u16 as u64;
        Self((number(dot.actor) as u64) << 48 | (dot.counter as u64 >> 16) << 32 | low << 16 | low)
    }

    /// Row and first counter: the word's start.
    #[inline]
    const fn start(self) -> u64 {
        self.0 >> 16
    }

    /// Row and last counter: the word's end.
    #[inline]
    const fn end(self) -> u64 {
        self.0 >> 32 << 16 | self.0 & 0xFFFF
    }

    #[inline]
    const fn row(self) -> u64 {
        self.0 >> 32
    }

    /// Whether `next`, which does not start before this one, overlaps it or follows without a gap.
    #[inline]
    const fn touches(self, next: Self) -> bool {
        self.row() == next.row() && next.start() <= self.end() + 1
    }

    /// A word from the start of this one to the end of the other, in the same row.
    #[inline]
    const fn until(self, end: Self) -> Self {
        Self(self.0 >> 16 << 16 | end.0 & 0xFFFF)
    }

    const fn run(self) -> Run {
        let page = ((self.0 >> 32) as u32) << 16;
        Run {
            actor: actor((self.0 >> 48) as u16),
            first: page | (self.0 >> 16) as u16 as u32,
            last: page | self.0 as u16 as u32,
        }
    }
}

/// A set of dots that records gaps. Equal sets are equal values; the order is inclusion.
///
/// ```
/// use quorate::id::{Actor, NodeId};
/// use quorate::model::{Dot, DotSet};
///
/// let dot = |node, counter| Dot { actor: Actor::first(NodeId(node)), counter };
/// let seen = DotSet::from_iter([dot(1, 1), dot(1, 2), dot(2, 1), dot(2, 3)]);
/// assert_eq!(seen.to_string(), "{n1:2, n2:{1,3}}");
/// assert!(!seen.contains(dot(2, 2)));
///
/// let mut all = seen.clone();
/// all.insert(dot(2, 2));
/// assert_eq!(all.to_string(), "{n1:2, n2:3}");
/// assert!(seen < all);
/// ```
#[derive(Default, PartialEq, Eq, Hash)]
pub struct DotSet {
    /// Sorted, disjoint, and no two touching. Three are inline, 32 bytes in all: one for each replica of a usual key. A
    /// fourth would enlarge every version and every message of every run for the few whose history has a gap or a lost
    /// disk in it.
    words: SmallVec<[Word; 3]>,
}

impl DotSet {
    /// No dot.
    #[must_use]
    pub const fn new() -> Self {
        Self { words: SmallVec::new_const() }
    }

    /// This dot alone.
    #[inline]
    #[must_use]
    pub fn only(dot: Dot) -> Self {
        Self { words: smallvec![Word::only(dot)] }
    }

    /// Adds a dot; returns whether it is new.
    #[inline]
    pub fn insert(&mut self, dot: Dot) -> bool {
        let new = Word::only(dot);
        let at = self.words.iter().position(|word| new.start() < word.start()).unwrap_or(self.words.len());
        let before = at.checked_sub(1).map(|before| self.words[before]);
        if before.is_some_and(|before| new.end() <= before.end()) {
            return false;
        }
        let joins_before = before.is_some_and(|before| before.touches(new));
        let joins_after = self.words.get(at).is_some_and(|&after| new.touches(after));
        match (joins_before, joins_after) {
            (true, true) => {
                self.words[at - 1] = self.words[at - 1].until(self.words[at]);
                self.words.remove(at);
            }
            (true, false) => self.words[at - 1] = self.words[at - 1].until(new),
            (false, true) => self.words[at] = new.until(self.words[at]),
            (false, false) => self.words.insert(at, new),
        }
        true
    }

    /// Adds a whole run, or nothing if the run ends before it begins.
    pub fn insert_run(&mut self, run: Run) {
        let Run { actor, mut first, last } = run;
        let mut pages = Self::new();
        while first <= last {
            let end = last.min(first | (Word::PAGE - 1));
            pages.words.push(
                Word::only(Dot { actor, counter: first }).until(Word::only(Dot { actor, counter: end })),
            );
            match end.checked_add(1) {
                Some(next) => first = next,
                None => break,
            }
        }
        self.join(&pages);
    }

    /// Whether the dot is in it.
    #[inline]
    #[must_use]
    pub fn contains(&self, dot: Dot) -> bool {
        let place = Word::only(dot).start();
        // Sorted: only the first run that does not end before the dot can contain it.
        self.words.iter().find(|word| place <= word.end()).is_some_and(|word| word.start() <= place)
    }

    /// The greatest counter of this actor; 0 if there is none.
    #[inline]
    #[must_use]
    pub fn greatest(&self, actor: Actor) -> u32 {
        let number = u64::from(number(actor));
        self.words.iter().rfind(|word| word.row() >> 16 == number).map_or(0, |word| word.run().last)
    }

    /// Adds all dots of the other set.
    #[inline]
    pub fn join(&mut self, other: &Self) {
        // If both sets have the same starts, the longer run of each pair is the union: a gap follows that run in its
        // own set, and the next start is common. Without gaps, all joins of contexts that know the same actors are so.
        let same_starts = self.words.len() == other.words.len()
            && self.words.iter().zip(&other.words).all(|(mine, theirs)| mine.start() == theirs.start());
        if same_starts {
            for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
                *mine = (*mine).max(*theirs);
            }
        } else if self.is_subset(other) {
            self.words = SmallVec::from_slice(&other.words);
        } else if !other.is_subset(self) {
            self.unite(other);
        }
    }

    /// The general case of a join: merges both lists, and unites words that touch.
    #[inline(never)]
    fn unite(&mut self, other: &Self) {
        let mut united = SmallVec::<[Word; 3]>::with_capacity(self.words.len().max(other.words.len()));
        let (mut mine, mut theirs) = (&self.words[..], &other.words[..]);
        loop {
            let next = match (mine, theirs) {
                ([], []) => break,
                ([a, rest @ ..], [b, ..]) if a <= b => {
                    mine = rest;
                    *a
                }
                ([a, rest @ ..], []) => {
                    mine = rest;
                    *a
                }
                (_, [b, rest @ ..]) => {
                    theirs = rest;
                    *b
                }
            };
            match united.last_mut() {
                Some(last) if last.touches(next) => {
                    if last.end() < next.end() {
                        *last = last.until(next);
                    }
                }
                _ => united.push(next),
            }
        }
        self.words = united;
    }

    /// Whether all of this set is in the other.
    #[inline]
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        let mut theirs = other.words.iter();
        let mut at = theirs.next();
        self.words.iter().all(|mine| {
            while at.is_some_and(|word| word.end() < mine.end()) {
                at = theirs.next();
            }
            at.is_some_and(|word| word.start() <= mine.start())
        })
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The dots as runs of greatest length, in order.
    pub fn runs(&self) -> impl Iterator<Item = Run> + '_ {
        let mut words = self.words.iter().map(|word| word.run()).peekable();
        std::iter::from_fn(move || {
            let mut run = words.next()?;
            while let Some(next) = words.next_if(|next| next.actor == run.actor && next.first == run.last + 1)
            {
                run.last = next.last;
            }
            Some(run)
        })
    }

    /// The dots, in order.
    pub fn iter(&self) -> impl Iterator<Item = Dot> + '_ {
        self.runs()
            .flat_map(|Run { actor, first, last }| (first..=last).map(move |counter| Dot { actor, counter }))
    }
}

impl DotSet {
    /// An order of the representation, for canonical form; it is not inclusion.
    #[inline]
    pub(super) fn rank(&self, other: &Self) -> Ordering {
        self.words.cmp(&other.words)
    }
}

impl Clone for DotSet {
    /// Copies plain words, as `SmallVec`'s own clone does not.
    #[inline]
    fn clone(&self) -> Self {
        Self { words: SmallVec::from_slice(&self.words) }
    }
}

impl PartialOrd for DotSet {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self == other {
            return Some(Ordering::Equal);
        }
        order(self.is_subset(other), other.is_subset(self))
    }
}

impl Context for DotSet {
    #[inline]
    fn join(&mut self, other: &Self) {
        self.join(other);
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl FromIterator<Dot> for DotSet {
    fn from_iter<I: IntoIterator<Item = Dot>>(dots: I) -> Self {
        let mut set = Self::new();
        set.extend(dots);
        set
    }
}

impl Extend<Dot> for DotSet {
    fn extend<I: IntoIterator<Item = Dot>>(&mut self, dots: I) {
        dots.into_iter().for_each(|dot| {
            self.insert(dot);
        });
    }
}

impl fmt::Display for DotSet {
    /// `{n1:3, n2:{1..3,5}}`: all dots of n1 up to 3, and those of n2 up to 5 except 4.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut runs = self.runs().peekable();
        let mut separator = "";
        f.write_str("{")?;
        while let Some(Run { actor, first, last }) = runs.next() {
            write!(f, "{separator}{actor}:")?;
            separator = ", ";
            if first == 1 && runs.peek().is_none_or(|next| next.actor != actor) {
                write!(f, "{last}")?;
                continue;
            }
            write!(f, "{{{}", Counters(first, last))?;
            while let Some(next) = runs.next_if(|next| next.actor == actor) {
                write!(f, ",{}", Counters(next.first, next.last))?;
            }
            f.write_str("}")?;
        }
        f.write_str("}")
    }
}

/// `5`, or `1..3`.
struct Counters(u32, u32);

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(first, last) = self;
        if first == last { write!(f, "{first}") } else { write!(f, "{first}..{last}") }
    }
}

impl fmt::Debug for DotSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
