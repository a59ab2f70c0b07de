//! The laws of all clocks and contexts, and what clocks minted in random causal histories say of them.

use std::cmp::Ordering;

use quickcheck::{Arbitrary, Gen, quickcheck};

use crate::id::{Actor, NodeId, OpId};
use crate::model::{Causality, Context, Dot, DotSet, Dotted, LastWrite, Latest, VectorClock};

/// One of five actors; one of them is another's second life.
pub(super) fn some_actor(number: u8) -> Actor {
    match number % 5 {
        4 => Actor { node: NodeId(1), incarnation: 1 },
        node => Actor::first(NodeId(node + 1)),
    }
}

impl Arbitrary for Dot {
    /// Mostly small, so that dots meet; sometimes near the end of a page, or of the numbers.
    fn arbitrary(g: &mut Gen) -> Self {
        let base = *g.choose(&[0, 0, 0, 0, 0, 0, 0xFFFC, u32::MAX - 7]).unwrap();
        Self { actor: some_actor(u8::arbitrary(g)), counter: base + u32::arbitrary(g) % 8 }
    }
}

impl Arbitrary for DotSet {
    fn arbitrary(g: &mut Gen) -> Self {
        Vec::<Dot>::arbitrary(&mut Gen::new(16)).into_iter().chain(Option::arbitrary(g)).collect()
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.iter().collect::<Vec<_>>().shrink().map(Self::from_iter))
    }
}

impl Arbitrary for VectorClock {
    /// Small, so that two are often ordered.
    fn arbitrary(g: &mut Gen) -> Self {
        let actors = *g.choose(&[2, 3, 5]).unwrap();
        (0..actors).map(|number| (some_actor(number), u32::arbitrary(g) % 3)).collect()
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let clock = self.clone();
        Box::new(self.iter().collect::<Vec<_>>().into_iter().map(move |(actor, counter)| {
            let mut smaller = clock.clone();
            smaller.set(actor, counter - 1);
            smaller
        }))
    }
}

impl Arbitrary for Latest {
    fn arbitrary(g: &mut Gen) -> Self {
        Self(u64::arbitrary(g) % 8)
    }
}

impl Arbitrary for LastWrite {
    fn arbitrary(g: &mut Gen) -> Self {
        let op = OpId(u16::arbitrary(g) % 4 + 1);
        Self { timestamp: u64::arbitrary(g) % 4, deleted: bool::arbitrary(g), op }
    }
}

fn before<T: PartialOrd>(a: &T, b: &T) -> bool {
    a.partial_cmp(b) == Some(Ordering::Less)
}

fn joined<C: Context>(a: &C, b: &C) -> C {
    let mut both = a.clone();
    both.join(b);
    both
}

macro_rules! context_laws {
    ($($module:ident: $context:ty),+) => {$(
        mod $module {
            use super::*;

            quickcheck! {
                fn merge_is_commutative(a: $context, b: $context) -> bool {
                    joined(&a, &b) == joined(&b, &a)
                }

                fn merge_is_associative(a: $context, b: $context, c: $context) -> bool {
                    joined(&joined(&a, &b), &c) == joined(&a, &joined(&b, &c))
                }

                fn merge_is_idempotent(a: $context) -> bool {
                    joined(&a, &a) == a
                }

                fn merge_with_nothing_changes_nothing(a: $context) -> bool {
                    let nothing = <$context>::default();
                    joined(&a, &nothing) == a && joined(&nothing, &a) == a && a.is_empty() == (a == nothing)
                }

                fn merge_is_the_least_upper_bound(a: $context, b: $context, c: $context) -> bool {
                    let both = joined(&a, &b);
                    let some_upper_bound = joined(&joined(&c, &b), &a);
                    a <= both && b <= both && both <= some_upper_bound
                        && (both <= c) == (a <= c && b <= c)
                }
            }
        }
    )+};
}

context_laws!(vector_clock_context: VectorClock, dot_set_context: DotSet, latest_context: Latest);

/// Irreflexive, antisymmetric, transitive, and equal exactly where the values are.
fn is_a_partial_order<T: PartialOrd + Clone>(a: &T, b: &T, c: &T) -> bool {
    let irreflexive = !before(a, &a.clone());
    let antisymmetric = a.partial_cmp(b) == b.partial_cmp(a).map(Ordering::reverse);
    let transitive = before(a, c) || !before(a, b) || !before(b, c);
    let equal_where_equal = (a.partial_cmp(b) == Some(Ordering::Equal)) == (a == b);
    irreflexive && antisymmetric && transitive && equal_where_equal
}

/// A total order in which only equal clocks are equal.
fn rank_is_total<C: Causality>(a: &C, b: &C, c: &C) -> bool {
    (a.rank(b) == Ordering::Equal) == (a == b)
        && a.rank(b) == b.rank(a).reverse()
        && (a.rank(b).is_gt() || b.rank(c).is_gt() || a.rank(c).is_le())
}

quickcheck! {
    fn inclusion_of_dot_sets_is_a_partial_order(a: DotSet, b: DotSet, c: DotSet) -> bool {
        let (ab, abc) = (joined(&a, &b), joined(&joined(&a, &b), &c));
        is_a_partial_order(&a, &b, &c) && is_a_partial_order(&a, &ab, &abc)
    }

    fn last_write_order_is_total(a: LastWrite, b: LastWrite, c: LastWrite) -> bool {
        is_a_partial_order(&a, &b, &c) && a.partial_cmp(&b).is_some()
    }

    fn last_write_cover_is_the_greatest_timestamp(writes: Vec<LastWrite>) -> bool {
        let mut context = Latest::default();
        writes.iter().for_each(|write| write.cover(&mut context));
        context.0 == writes.iter().map(|write| write.timestamp).max().unwrap_or(0)
    }

    fn rank_is_total_for_vector_clocks(a: VectorClock, b: VectorClock, c: VectorClock) -> bool {
        rank_is_total(&a, &b, &c)
    }

    fn rank_is_total_for_last_writes(a: LastWrite, b: LastWrite, c: LastWrite) -> bool {
        rank_is_total(&a, &b, &c)
    }

    fn rank_is_total_for_dotted(a: (Dot, DotSet), b: (Dot, DotSet), c: (Dot, DotSet)) -> bool {
        let [a, b, c] = [a, b, c].map(|(dot, past)| Dotted { dot, past });
        let other_past = Dotted { dot: a.dot, past: b.past.clone() };
        rank_is_total(&a, &b, &c) && rank_is_total(&a, &other_past, &c)
    }
}

/// What happened: each put at some actor, by a client that had read some of the earlier puts.
#[derive(Clone, Debug)]
struct Causal {
    /// The actor that stamps, and the earlier puts that were read, one bit each.
    puts: Vec<(Actor, u32)>,
}

impl Causal {
    /// The truth: for each put, all that led to it and itself, one bit each.
    fn histories(&self) -> Vec<u32> {
        let mut histories = Vec::<u32>::new();
        for (i, &(_, read)) in self.puts.iter().enumerate() {
            let past = (0..i).filter(|j| read >> j & 1 == 1).fold(0, |past, j| past | histories[j]);
            histories.push(past | 1 << i);
        }
        histories
    }

    /// Stamps each put with what an actor makes of the context and its own counter.
    fn stamp<C: Causality>(&self, clock: impl Fn(Dot, C::Context) -> C) -> Vec<C> {
        let mut counters = VectorClock::new();
        let mut clocks = Vec::<C>::new();
        for &(actor, read) in &self.puts {
            let mut context = C::Context::default();
            clocks
                .iter()
                .enumerate()
                .filter(|(j, _)| read >> j & 1 == 1)
                .for_each(|(_, c)| c.cover(&mut context));
            clocks.push(clock(Dot { actor, counter: counters.increment(actor) }, context));
        }
        clocks
    }

    fn dotted(&self) -> Vec<Dotted> {
        self.stamp(|dot, past| Dotted { dot, past })
    }

    /// Per-server version vectors: the context, and the server's own counter raised.
    fn vectors(&self) -> Vec<VectorClock> {
        self.stamp(|dot, mut clock: VectorClock| {
            clock.set(dot.actor, dot.counter);
            clock
        })
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let count = self.puts.len();
        (0..count).flat_map(move |a| (0..count).map(move |b| (a, b)))
    }
}

impl Arbitrary for Causal {
    fn arbitrary(g: &mut Gen) -> Self {
        let count = usize::arbitrary(g) % 13;
        let actors = u8::arbitrary(g) % 5 + 1;
        let sparse = bool::arbitrary(g);
        let put = |_| {
            let read = u32::arbitrary(g) & if sparse { u32::arbitrary(g) & u32::arbitrary(g) } else { !0 };
            (some_actor(u8::arbitrary(g) % actors), read)
        };
        Self { puts: (0..count).map(put).collect() }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        // Fewer puts, or one reading less.
        let shorter = (0..self.puts.len()).map(|count| Self { puts: self.puts[..count].to_vec() });
        let reads = (0..self.puts.len()).flat_map(|i| (0..i).map(move |j| (i, 1 << j)));
        let read_less = reads.filter(|&(i, read)| self.puts[i].1 & read != 0).map(|(i, read)| {
            let mut less = self.clone();
            less.puts[i].1 ^= read;
            less
        });
        Box::new(shorter.chain(read_less).collect::<Vec<_>>().into_iter())
    }
}

quickcheck! {
    fn dotted_order_is_a_partial_order(history: Causal) -> bool {
        let clocks = history.dotted();
        history.pairs().all(|(a, b)| {
            clocks.iter().all(|c| is_a_partial_order(&clocks[a], &clocks[b], c))
        })
    }

    fn dotted_order_is_exactly_happened_before(history: Causal) -> bool {
        exact(&history.dotted(), &history)
    }

    fn same_event_is_the_same_put(history: Causal) -> bool {
        let clocks = history.dotted();
        history.pairs().all(|(a, b)| clocks[a].same_event(&clocks[b]) == (a == b))
    }

    fn cover_joins_to_the_least_upper_bound(history: Causal, chosen: u32) -> bool {
        let (clocks, histories) = (history.dotted(), history.histories());
        let chosen = || (0..clocks.len()).filter(|i| chosen >> i & 1 == 1);
        let mut context = DotSet::new();
        chosen().for_each(|i| clocks[i].cover(&mut context));
        // Whatever contains each of the true histories contains their union, in dots.
        let truth = chosen().fold(0, |union, i| union | histories[i]);
        let dots = (0..clocks.len()).filter(|i| truth >> i & 1 == 1).map(|i| clocks[i].dot).collect::<DotSet>();
        context == dots
    }

    fn vector_order_never_misses_happened_before(history: Causal) -> bool {
        let (clocks, histories) = (history.vectors(), history.histories());
        history.pairs().all(|(a, b)| !contained(&histories, a, b) || before(&clocks[a], &clocks[b]))
    }
}

/// Whether `a`, with all that led to it, is part of what led to `b`.
fn contained(histories: &[u32], a: usize, b: usize) -> bool {
    histories[a] != histories[b] && histories[a] & !histories[b] == 0
}

/// Whether the clocks are ordered as the histories are contained.
fn exact<C: Causality>(clocks: &[C], history: &Causal) -> bool {
    let histories = history.histories();
    history.pairs().all(|(a, b)| before(&clocks[a], &clocks[b]) == contained(&histories, a, b))
}

/// Checks all of them, so that the law above was not lucky; counts them, so that it was not vacuous; and tries the
/// vectors beside them, which fail the law already here.
#[test]
fn dotted_order_is_exact_in_all_histories_of_five_puts_at_two_actors() {
    let (mut with_gaps, mut with_siblings, mut vectors_wrong) = (0, 0, 0);
    for choice in 0..1 << 15_u32 {
        let puts = (0..5_u32).map(|i| {
            // Put i has i bits of the choice, to say which earlier ones were read; the last five bits are actors.
            let read = choice >> (i * i.saturating_sub(1) / 2) & ((1 << i) - 1);
            (some_actor((choice >> (10 + i) & 1) as u8), read)
        });
        let history = Causal { puts: puts.collect() };
        let clocks = history.dotted();
        assert!(exact(&clocks, &history), "{history:?}: {clocks:?}");
        with_gaps += usize::from(clocks.iter().any(|clock| clock.past.runs().any(|run| run.first > 1)));
        with_siblings +=
            usize::from(history.pairs().any(|(a, b)| clocks[a].partial_cmp(&clocks[b]).is_none()));
        vectors_wrong += usize::from(!exact(&history.vectors(), &history));
    }
    assert_eq!((with_gaps, with_siblings, vectors_wrong), (10_044, 30_720, 25_758));
}

/// Why the textbook's contexts are not vectors. Two blind writes meet at n1. A client reads the second alone (the
/// first is still on its way to the replica that answered) and writes over what it read.
#[test]
fn a_counter_covers_a_dot_that_was_never_seen() {
    let n1 = Actor::first(NodeId(1));
    let [unseen, seen, next] = [1, 2, 3].map(|counter| Dot { actor: n1, counter });

    // The vector that covers the second dot covers the first: the overwrite would supersede a write nobody read.
    let vector = VectorClock::from_iter([(n1, seen.counter)]);
    assert_eq!(vector.to_string(), "{n1:2}");
    assert!(vector.covers(unseen));

    // With the gap recorded, the first survives as a sibling.
    let mut context = DotSet::new();
    Dotted::blind(seen).cover(&mut context);
    assert_eq!(context.to_string(), "{n1:{2}}");
    let overwrite = Dotted { dot: next, past: context };
    assert!(Dotted::blind(seen) < overwrite);
    assert_eq!(Dotted::blind(unseen).partial_cmp(&overwrite), None);
}

/// Why its clocks are not vectors either: if a version's clock is a vector, the server's own counter says that the
/// second of two blind writes follows the first.
#[test]
fn server_vectors_order_two_blind_writes() {
    let n1 = Actor::first(NodeId(1));
    let blind = Causal { puts: vec![(n1, 0), (n1, 0)] };
    let [first, second] = &blind.vectors()[..] else { unreachable!() };
    assert!(first.happens_before(second), "and the first is lost");
    let [first, second] = &blind.dotted()[..] else { unreachable!() };
    assert_eq!(first.partial_cmp(second), None);
}

#[test]
fn one_dot_with_two_pasts_is_neither_equal_nor_ordered() {
    let dot = |node, counter| Dot { actor: Actor::first(NodeId(node)), counter };
    let one = Dotted::blind(dot(1, 2));
    let other = Dotted { dot: dot(1, 2), past: DotSet::only(dot(1, 1)) };
    assert_eq!(one.partial_cmp(&other), None);
    assert!(one != other && one.same_event(&other));
    assert_ne!(one.rank(&other), Ordering::Equal);
}

#[test]
fn two_versions_that_each_claim_to_follow_the_other_are_not_ordered() {
    let [one, other] = [1, 2].map(|node| Dot { actor: Actor::first(NodeId(node)), counter: 1 });
    let (a, b) =
        (Dotted { dot: one, past: DotSet::only(other) }, Dotted { dot: other, past: DotSet::only(one) });
    assert_eq!((a.partial_cmp(&b), b.partial_cmp(&a)), (None, None));
}

#[test]
fn clocks_read_as_written_in_stories() {
    let dot = |node, counter| Dot { actor: Actor::first(NodeId(node)), counter };
    let clock = Dotted { dot: dot(1, 2), past: DotSet::from_iter([dot(1, 1), dot(2, 3)]) };
    assert_eq!(clock.to_string(), "n1.2 after {n1:1, n2:{3}}");
    assert_eq!(Dotted::blind(dot(1, 2)).to_string(), "n1.2");

    let write = LastWrite { timestamp: 7, deleted: false, op: OpId(3) };
    assert_eq!((write.to_string(), Latest(7).to_string()), ("t7 put o3".to_owned(), "{t7}".to_owned()));
}

#[test]
fn clocks_stay_small() {
    assert_eq!(size_of::<Dot>(), 8);
    assert_eq!(size_of::<VectorClock>(), 40);
    assert_eq!(size_of::<DotSet>(), 32);
    assert_eq!(size_of::<Dotted>(), 40);
    assert_eq!(size_of::<LastWrite>(), 16);
}
