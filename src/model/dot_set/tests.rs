//! Sets of dots against a dumb twin, and as text. The laws of the lattice are in `clock_laws`.

use std::collections::BTreeSet;

use quickcheck::quickcheck;

use super::*;
use crate::id::NodeId;

type Twin = BTreeSet<(Actor, u32)>;

fn twin(dots: &[Dot]) -> Twin {
    dots.iter().map(|dot| (dot.actor, dot.counter)).collect()
}

fn set(dots: &[Dot]) -> DotSet {
    dots.iter().copied().collect()
}

fn joined(a: &DotSet, b: &DotSet) -> DotSet {
    let mut both = a.clone();
    both.join(b);
    both
}

/// Sorted, disjoint, not touching, none empty: the one way to write a set.
fn is_canonical(set: &DotSet) -> bool {
    set.words.iter().all(|word| word.start() <= word.end())
        && set.words.is_sorted_by(|a, b| a.end() < b.start() && !a.touches(*b))
}

fn dot(node: u8, counter: u32) -> Dot {
    Dot { actor: Actor::first(NodeId(node)), counter }
}

quickcheck! {
    fn insert_agrees_with_the_twin(dots: Vec<Dot>) -> bool {
        let (mut s, mut t) = (DotSet::new(), Twin::new());
        dots.iter().all(|&dot| {
            s.insert(dot) == t.insert((dot.actor, dot.counter)) && is_canonical(&s)
        }) && s.iter().map(|dot| (dot.actor, dot.counter)).eq(t)
    }

    fn contains_agrees_with_the_twin(dots: Vec<Dot>, other: Vec<Dot>) -> bool {
        let (s, t) = (set(&dots), twin(&dots));
        dots.iter().chain(&other).all(|dot| s.contains(*dot) == t.contains(&(dot.actor, dot.counter)))
    }

    fn join_agrees_with_the_twin(a: Vec<Dot>, b: Vec<Dot>) -> bool {
        let both = joined(&set(&a), &set(&b));
        is_canonical(&both) && both == set(&[a, b].concat())
    }

    fn join_of_what_overlaps_agrees_with_the_twin(a: Vec<Dot>, b: Vec<Dot>, c: Vec<Dot>) -> bool {
        let (a, b) = ([&a[..], &b[..]].concat(), [&b[..], &c[..]].concat());
        let both = joined(&set(&a), &set(&b));
        is_canonical(&both) && both == set(&[a, b].concat())
    }

    fn is_subset_agrees_with_the_twin(a: Vec<Dot>, b: Vec<Dot>) -> bool {
        let all = [&a[..], &b[..]].concat();
        set(&a).is_subset(&set(&b)) == twin(&a).is_subset(&twin(&b))
            && set(&a).is_subset(&set(&all))
            && set(&all).is_subset(&set(&a)) == twin(&all).is_subset(&twin(&a))
    }

    fn order_agrees_with_the_twin(a: Vec<Dot>, b: Vec<Dot>) -> bool {
        let (s, t) = (twin(&a), twin(&b));
        let expected = match (s.is_subset(&t), t.is_subset(&s)) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            (false, false) => None,
        };
        set(&a).partial_cmp(&set(&b)) == expected
    }

    fn equal_sets_are_equal_values(dots: Vec<Dot>, other: Vec<Dot>) -> bool {
        let mut backwards = dots.clone();
        backwards.reverse();
        backwards.extend(dots.first());
        set(&dots) == set(&backwards) && (set(&dots) == set(&other)) == (twin(&dots) == twin(&other))
    }

    fn greatest_agrees_with_the_twin(dots: Vec<Dot>) -> bool {
        let (s, t) = (set(&dots), twin(&dots));
        dots.iter().all(|dot| {
            t.range((dot.actor, 0)..=(dot.actor, u32::MAX)).next_back() == Some(&(dot.actor, s.greatest(dot.actor)))
        })
    }

    fn runs_are_as_long_as_they_can_be(dots: Vec<Dot>) -> bool {
        let s = set(&dots);
        s.runs().all(|run| {
            let ends = [run.first.checked_sub(1), run.last.checked_add(1)];
            ends.into_iter().flatten().all(|counter| !s.contains(Dot { actor: run.actor, counter }))
        }) && s.runs().fold(DotSet::new(), |mut all, run| { all.insert_run(run); all }) == s
    }
}

/// All pairs of subsets of the first five dots of two actors: every branch of a join, in every order.
#[test]
fn join_and_inclusion_agree_with_bits_for_all_small_sets() {
    let sets = (0..1_u32 << 10).map(|bits| {
        let dots = (0..10).filter(|i| bits >> i & 1 == 1).map(|i| dot(1 + (i / 5) as u8, 1 + i % 5));
        dots.collect::<DotSet>()
    });
    let sets = sets.collect::<Vec<_>>();
    for (a, s) in sets.iter().enumerate() {
        for (b, t) in sets.iter().enumerate() {
            assert!(joined(s, t) == sets[a | b], "{s} and {t}");
            assert!(s.is_subset(t) == (a & !b == 0), "{s} in {t}");
        }
    }
}

#[test]
fn gaps_are_written_out() {
    let text = |dots: &[Dot]| set(dots).to_string();
    assert_eq!(text(&[]), "{}");
    assert_eq!(text(&[dot(1, 1), dot(1, 2), dot(1, 3), dot(2, 1), dot(2, 3)]), "{n1:3, n2:{1,3}}");
    assert_eq!(text(&[dot(1, 1), dot(1, 2), dot(1, 3), dot(1, 5)]), "{n1:{1..3,5}}");
    assert_eq!(text(&[dot(1, 2), dot(1, 3), dot(3, 1)]), "{n1:{2..3}, n3:1}");
    assert_eq!(text(&[dot(1, 0), dot(1, 1)]), "{n1:{0..1}}", "no store mints it, and it is not hidden");
}

#[test]
fn a_page_ends_unnoticed() {
    let across = Run { actor: dot(1, 1).actor, first: 1, last: 70_000 };
    let mut set = DotSet::new();
    set.insert_run(across);
    assert_eq!((set.to_string(), set.runs().collect::<Vec<_>>()), ("{n1:70000}".to_owned(), vec![across]));
    assert!(!set.insert(dot(1, 65_536)) && set.insert(dot(1, 70_001)));
    assert_eq!(set.greatest(across.actor), 70_001);
}

#[test]
fn a_run_that_ends_before_it_begins_is_empty() {
    let mut set = DotSet::new();
    set.insert_run(Run { actor: dot(1, 1).actor, first: 3, last: 2 });
    assert!(set.is_empty());
}
