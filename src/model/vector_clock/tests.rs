//! The laws of vector clocks by name, and against a dumb twin. Those of the lattice are in `clock_laws`.

use std::collections::BTreeSet;

use quickcheck::{TestResult, quickcheck};

use super::*;
use crate::model::clock_laws::some_actor;

fn actors() -> impl Iterator<Item = Actor> {
    (0..5).map(some_actor)
}

quickcheck! {
    fn happens_before_is_irreflexive(a: VectorClock) -> bool {
        !a.happens_before(&a)
    }

    fn happens_before_is_antisymmetric(a: VectorClock, b: VectorClock) -> bool {
        !(a.happens_before(&b) && b.happens_before(&a))
    }

    fn happens_before_is_transitive(a: VectorClock, b: VectorClock, c: VectorClock) -> TestResult {
        if !(a.happens_before(&b) && b.happens_before(&c)) {
            return TestResult::discard();
        }
        TestResult::from_bool(a.happens_before(&c))
    }

    fn concurrent_is_symmetric(a: VectorClock, b: VectorClock) -> bool {
        a.concurrent(&b) == b.concurrent(&a)
    }

    fn exactly_one_of_before_after_equal_concurrent(a: VectorClock, b: VectorClock) -> bool {
        let cases = [a.happens_before(&b), b.happens_before(&a), a == b, a.concurrent(&b)];
        cases.into_iter().filter(|&holds| holds).count() == 1
    }

    fn increment_happens_after(a: VectorClock, number: u8) -> bool {
        let mut later = a.clone();
        let counter = later.increment(some_actor(number));
        a.happens_before(&later)
            && counter == a.get(some_actor(number)) + 1
            && later.get(some_actor(number)) == counter
    }

    fn merge_is_pointwise_maximum(a: VectorClock, b: VectorClock) -> bool {
        let mut both = a.clone();
        both.merge(&b);
        actors().all(|actor| both.get(actor) == a.get(actor).max(b.get(actor)))
    }

    fn order_is_pointwise(a: VectorClock, b: VectorClock) -> bool {
        let below = |a: &VectorClock, b: &VectorClock| actors().all(|actor| a.get(actor) <= b.get(actor));
        (a <= b) == below(&a, &b) && (b <= a) == below(&b, &a)
    }

    fn equal_clocks_are_equal_values(a: VectorClock, number: u8) -> bool {
        let actor = some_actor(number);
        let mut there_and_back = a.clone();
        there_and_back.set(actor, 9);
        there_and_back.set(actor, a.get(actor));
        there_and_back == a && (a == VectorClock::new()) == a.is_empty()
    }

    fn iter_is_sorted_and_leaves_out_zeros(a: VectorClock) -> bool {
        let known = a.iter().collect::<Vec<_>>();
        known.is_sorted() && known.iter().all(|&(actor, counter)| counter > 0 && counter == a.get(actor))
    }

    fn text_leads_back(dot: Dot) -> bool {
        dot.to_string().parse() == Ok(dot)
    }

    fn dots_are_ordered_by_actor_and_counter(dots: BTreeSet<Dot>) -> bool {
        dots.iter().map(|dot| word(dot.actor, dot.counter)).is_sorted()
            && dots.iter().all(|dot| actor(number(dot.actor)) == dot.actor)
    }
}

/// Nothing here is left to luck: all 27 clocks of three actors that count to two.
#[test]
fn the_laws_hold_of_all_small_clocks() {
    let clocks = (0..27).map(|i| (0..3).map(|n| (some_actor(n), i / 3_u32.pow(n.into()) % 3)).collect());
    let clocks = clocks.collect::<Vec<VectorClock>>();
    let mut chains = 0;
    for (a, b) in clocks.iter().flat_map(|a| clocks.iter().map(move |b| (a, b))) {
        let mut both = a.clone();
        both.merge(b);
        for c in &clocks {
            assert_eq!(
                both <= *c,
                a <= c && b <= c,
                "{both} is the least upper bound of {a} and {b}, not {c}"
            );
            if a < b && b < c {
                assert!(a < c, "{a} < {b} < {c}");
                chains += 1;
            }
        }
    }
    assert_eq!(chains, 595, "10³ weak chains of three, less the 2 · 6³ − 3³ with equals in them");
}

/// The classic exercise: a write at each of two replicas, both read and merged, and a third write over them.
#[test]
fn a_write_that_has_seen_both_siblings_dominates_both() {
    let [r1, r2, r3] = [1, 2, 3].map(|node| Actor::first(NodeId(node)));

    // A client writes 1 at R1; another, who knows nothing of it, writes 2 at R3.
    let mut one = VectorClock::new();
    one.increment(r1);
    let mut two = VectorClock::new();
    two.increment(r3);
    assert!(one.concurrent(&two), "siblings: {one} and {two}");

    // A third reads both, and its context is the merge, which is no version's clock.
    let mut context = one.clone();
    context.merge(&two);
    assert_eq!(context.to_string(), "{n1:1, n3:1}");

    // It writes 3 at R2.
    let mut three = context;
    three.increment(r2);
    assert_eq!(three.to_string(), "{n1:1, n2:1, n3:1}");
    assert!(one < three && two < three);
}

#[test]
fn counters_stay_at_their_greatest() {
    let n1 = some_actor(0);
    let mut clock = VectorClock::from_iter([(n1, u32::MAX)]);
    assert_eq!(clock.increment(n1), u32::MAX);
    assert!(clock.covers(Dot { actor: n1, counter: u32::MAX }));
}

#[test]
fn more_actors_than_fit_inline_are_as_good() {
    let many = (1..=16).map(|node| (Actor::first(NodeId(node)), u32::from(node))).collect::<VectorClock>();
    let odd = many.iter().filter(|(actor, _)| actor.node.0 % 2 == 1).collect::<VectorClock>();
    let even = many.iter().filter(|(actor, _)| actor.node.0 % 2 == 0).collect::<VectorClock>();
    let mut both = odd.clone();
    both.merge(&even);
    assert_eq!(both, many);
    assert!(odd < many && even < many && odd.concurrent(&even));
}

#[test]
fn what_is_not_a_dot_says_what_was_expected() {
    for text in ["", "n1", "n1.", "n1.x", "n1.+2", "1.2", "n1.4294967296", "n1.2'"] {
        let error = text.parse::<Dot>().unwrap_err();
        assert_eq!(error.to_string(), format!("expected a dot such as n1.2, found `{text}`"));
    }
}
