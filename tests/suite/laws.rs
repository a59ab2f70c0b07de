//! The laws of siblings and of the model, each by its name, under quickcheck.
//!
//! The siblings are those that a store can reach: versions minted in a causal history, each by a writer that had
//! read some of the earlier ones, and any of them held by a replica. Every law is checked over three clocks.
//!
//! The laws of the clocks themselves are tested beside them, in `src/model`. Not covered: sets that only a broken
//! protocol builds, with `push`.

use std::cmp::Ordering;

use quickcheck::{Arbitrary, Gen, quickcheck};
use quorate::guarantee::Guarantee;
use quorate::id::{Actor, NodeId, NodeSet, OpId};
use quorate::judge::{Demands, Subject, Trial};
use quorate::model::{
    Action, Causality, Cluster, Context, Dotted, LastWrite, Level, Mint, Minting, Siblings, Textbook, Value,
    VectorClock, VersionedValue, preference_list,
};
use quorate::prelude::{Ack, Delivery, Protocol, Replica};
use quorate::search::arbitrary::{AnyCase, AnySchedule};
use quorate::search::minimise::{Case, minimise_with};
use quorate::search::property::trial;
use quorate::world::modelled::Modelled;
use quorate::world::scenario::Scenario;
use quorate::world::schedule::Schedule;

static TEXTBOOK: Modelled<'static, Dotted> = Modelled(&Textbook);

/// What happened to a key: each put at some actor, by a writer that had read some of the earlier puts.
#[derive(Clone, Debug)]
struct Causal {
    /// The node that stamps, the earlier puts that were read, one bit each, and whether it is a delete.
    puts: Vec<(u8, u32, bool)>,
}

impl Causal {
    /// The versions, as the textbook stamps them.
    fn versions<C: Mint>(&self) -> Vec<VersionedValue<C>> {
        let mut counters = [0; 3];
        let mut versions = Vec::<VersionedValue<C>>::new();
        for (i, &(node, read, deleted)) in self.puts.iter().enumerate() {
            let mut past = C::Context::default();
            let seen = versions.iter().enumerate().filter(|(j, _)| read >> j & 1 == 1);
            seen.for_each(|(_, version)| version.clock.cover(&mut past));
            counters[usize::from(node)] += 1;
            let (counter, now, op) = (counters[usize::from(node)], i as u64 / 2, OpId(i as u16 + 1));
            let actor = Actor::first(NodeId(node + 1));
            let clock = C::mint(&Minting { actor, counter, now, op, deleted }, &past);
            let value = if deleted { Value::Deleted } else { Value::Written };
            versions.push(VersionedValue { op, value, timestamp: now, clock });
        }
        versions
    }

    /// What a replica holds that was sent these, one bit each, the first first.
    fn held<C: Mint>(&self, sent: u32) -> Siblings<C> {
        let mut held = Siblings::new();
        let versions = self.versions();
        let sent = versions.iter().enumerate().filter(|(i, _)| sent >> i & 1 == 1);
        sent.for_each(|(_, version)| {
            held.insert(version);
        });
        held
    }
}

impl Arbitrary for Causal {
    fn arbitrary(g: &mut Gen) -> Self {
        let puts = usize::arbitrary(g) % (g.size() + 1).min(10);
        let sparse = bool::arbitrary(g);
        let put = |_| {
            let read = u32::arbitrary(g) & if sparse { u32::arbitrary(g) & u32::arbitrary(g) } else { !0 };
            (u8::arbitrary(g) % 3, read, u8::arbitrary(g) % 4 == 0)
        };
        Self { puts: (0..puts).map(put).collect() }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let puts = self.puts.clone();
        Box::new((0..puts.len()).rev().map(move |length| Self { puts: puts[..length].to_vec() }))
    }
}

fn joined<C: Causality>(a: &Siblings<C>, b: &Siblings<C>) -> Siblings<C> {
    let mut both = a.clone();
    both.join(b);
    both
}

fn is_antichain<C: Causality>(siblings: &Siblings<C>) -> bool {
    let versions: Vec<_> = siblings.iter().collect();
    let pairs = versions.iter().enumerate().flat_map(|(i, a)| versions[..i].iter().map(move |b| (a, b)));
    pairs.into_iter().all(|(a, b)| a.clock.partial_cmp(&b.clock).is_none())
}

macro_rules! sibling_laws {
    ($($module:ident: $clock:ty),+) => {$(
        mod $module {
            use super::*;

            type Held = Siblings<$clock>;

            quickcheck! {
                fn join_is_commutative(history: Causal, a: u32, b: u32) -> bool {
                    let (a, b): (Held, Held) = (history.held(a), history.held(b));
                    joined(&a, &b) == joined(&b, &a)
                }

                fn join_is_associative(history: Causal, a: u32, b: u32, c: u32) -> bool {
                    let (a, b, c): (Held, Held, Held) = (history.held(a), history.held(b), history.held(c));
                    joined(&joined(&a, &b), &c) == joined(&a, &joined(&b, &c))
                }

                fn join_is_idempotent(history: Causal, a: u32) -> bool {
                    let mut a: Held = history.held(a);
                    let before = a.clone();
                    !a.join(&before) && a == before
                }

                fn join_with_nothing_changes_nothing(history: Causal, a: u32) -> bool {
                    let a: Held = history.held(a);
                    joined(&a, &Held::new()) == a && joined(&Held::new(), &a) == a
                }

                fn join_says_whether_it_changed_anything(history: Causal, a: u32, b: u32) -> bool {
                    let (mut a, b): (Held, Held) = (history.held(a), history.held(b));
                    let before = a.clone();
                    let changed = a.join(&b);
                    changed == (a != before) && changed != b.is_known_to(&before)
                }

                fn join_is_the_least_upper_bound(history: Causal, a: u32, b: u32, c: u32) -> bool {
                    let (a, b, c): (Held, Held, Held) = (history.held(a), history.held(b), history.held(c));
                    let both = joined(&a, &b);
                    a.is_known_to(&both) && b.is_known_to(&both)
                        && both.is_known_to(&c) == (a.is_known_to(&c) && b.is_known_to(&c))
                }

                fn being_sent_the_union_is_joining(history: Causal, a: u32, b: u32) -> bool {
                    history.held::<$clock>(a | b) == joined(&history.held(a), &history.held(b))
                }

                fn insert_keeps_an_antichain(history: Causal, a: u32, b: u32) -> bool {
                    let (a, b): (Held, Held) = (history.held(a), history.held(b));
                    is_antichain(&a) && b.iter().all(|version| {
                        let mut more = a.clone();
                        let added = more.insert(version);
                        is_antichain(&more)
                            && added == (more != a)
                            && more.iter().any(|held| held.clock >= version.clock)
                    })
                }

                fn equal_sets_are_equal_values(history: Causal, sent: u32, order: Vec<u8>) -> bool {
                    let mut versions = history.versions::<$clock>();
                    let chosen: Vec<_> = (0..versions.len()).filter(|i| sent >> i & 1 == 1).collect();
                    versions = chosen.into_iter().map(|i| versions[i].clone()).collect();
                    let length = versions.len();
                    for (i, with) in order.iter().enumerate().take_while(|_| length > 0) {
                        versions.swap(i % length, usize::from(*with) % length);
                    }
                    let mut held = Held::new();
                    versions.iter().chain(&versions).for_each(|version| {
                        held.insert(version);
                    });
                    held == history.held(sent) && held == held.sorted()
                }

                fn what_is_missing_and_what_is_held_is_the_join(history: Causal, a: u32, b: u32) -> bool {
                    let (read, held): (Held, Held) = (history.held(a), history.held(b));
                    let missing = read.missing_from(&held);
                    joined(&held, &missing) == joined(&held, &read)
                        && missing.is_empty() == read.is_known_to(&held)
                        && missing.iter().all(|version| read.iter().any(|shown| shown == version))
                }

                fn the_context_of_a_join_is_the_join_of_the_contexts(history: Causal, a: u32, b: u32) -> bool {
                    let (a, b): (Held, Held) = (history.held(a), history.held(b));
                    let mut both = a.context();
                    both.join(&b.context());
                    joined(&a, &b).context() == both
                }
            }
        }
    )+};
}

sibling_laws!(dotted: Dotted, version_vectors: VectorClock, last_write: LastWrite);

/// The laws above say nothing if what they are given has no siblings, or if no set differs from another.
#[test]
fn the_laws_are_checked_of_sets_that_differ() {
    let mut g = Gen::from_size_and_seed(100, 1);
    let (mut siblings, mut missing_some, mut last_writes_alone) = (0, 0, 0);
    for _ in 0..1000 {
        let (history, a, b) = (Causal::arbitrary(&mut g), u32::arbitrary(&mut g), u32::arbitrary(&mut g));
        let (held, other): (Siblings<Dotted>, _) = (history.held(a), history.held(b));
        siblings += usize::from(held.len() > 1);
        let missing = other.missing_from(&held);
        missing_some += usize::from(!missing.is_empty() && missing != other);
        last_writes_alone += usize::from(history.held::<LastWrite>(a).len() == 1);
    }
    assert!(siblings > 300 && missing_some > 100 && last_writes_alone > 500);
}

fn on_textbook(case: &Case) -> Trial {
    let claims = Subject::claims(&TEXTBOOK, case.cluster);
    trial(&TEXTBOOK, Demands::of_claims(&claims), case)
}

fn on_default_cluster(schedule: Schedule) -> Trial {
    on_textbook(&Case { cluster: Cluster::default(), schedule })
}

quickcheck! {
    fn the_textbook_keeps_its_promises(case: AnyCase) -> Result<(), String> {
        on_textbook(&case.0).finding.map_or(Ok(()), |finding| Err(finding.because))
    }

    fn a_run_is_a_function_of_its_schedule(case: AnyCase) -> bool {
        on_textbook(&case.0) == on_textbook(&case.0)
    }

    fn any_beginning_is_a_schedule(schedule: AnySchedule, end: usize) -> bool {
        let mut steps = schedule.0.steps;
        steps.truncate(end % (steps.len() + 1));
        on_default_cluster(steps.into()).finding.is_none()
    }

    fn any_subsequence_is_a_schedule(case: AnyCase, keep: Vec<bool>) -> bool {
        let Case { cluster, schedule } = case.0;
        let keep = keep.iter().chain(std::iter::repeat(&true));
        let schedule = schedule.steps.into_iter().zip(keep).filter(|(_, keep)| **keep).map(|(step, _)| step);
        on_textbook(&Case { cluster, schedule: schedule.collect() }).finding.is_none()
    }

    fn the_normal_form_is_judged_as_its_schedule_is(schedule: AnySchedule, gone: usize) -> bool {
        let mut schedule = schedule.0;
        if !schedule.steps.is_empty() {
            schedule.steps.remove(gone % schedule.steps.len());
        }
        let normal = schedule.normalised();
        normal.normalised() == normal
            && on_default_cluster(schedule).broken == on_default_cluster(normal).broken
    }

    fn a_read_quorum_meets_a_write_quorum_iff_they_exceed_n(n: u8, r: u8, w: u8) -> bool {
        let n = 1 + n % 8;
        let cluster = Cluster::new(n, 1 + r % n, 1 + w % n);
        let some = |count: u8| {
            (0..1u16 << n).map(NodeSet).filter(move |set| set.len() == usize::from(count))
        };
        let always = some(cluster.r).all(|read| some(cluster.w).all(|write| !read.and(write).is_empty()));
        always == cluster.quorums_meet()
    }

    fn a_level_asks_for_one_to_n_replicas(n: u8, r: u8, w: u8) -> bool {
        let n = 1 + n % 16;
        let cluster = Cluster::new(n, 1 + r % n, 1 + w % n);
        [Action::Put, Action::Get, Action::Delete].into_iter().all(|action| {
            [Level::Default, Level::One, Level::Quorum, Level::All]
                .into_iter()
                .all(|level| (1..=n).contains(&cluster.required(action, level)))
        })
    }

    fn replicas_of_a_key_are_distinct_and_lead_the_longer_list(case: AnyCase, key: u16, length: usize) -> bool {
        let cluster = case.0.cluster;
        let key = quorate::id::Key(1 + key % 64);
        let all = preference_list(cluster, key, usize::from(cluster.nodes));
        let length = length % (all.len() + 1);
        let some = preference_list(cluster, key, length);
        let distinct: NodeSet = all.iter().copied().collect();
        distinct == NodeSet::first(usize::from(cluster.nodes)) && some.as_slice() == &all[..length]
    }
}

/// A replica keeps what arrives last.
#[derive(Debug)]
struct Overwrite;

impl Protocol for Overwrite {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        *replica.siblings = delivery.versions.clone();
        Ack::stored()
    }
}

/// What quickcheck reports of a change that breaks the model is a case to replay, and nothing can be left out of it.
#[test]
fn a_broken_law_is_shrunk_to_the_end_under_quickcheck() {
    fn breaks(case: &Case) -> bool {
        let overwrite: Modelled<'_, Dotted> = Modelled(&Overwrite);
        let demands = Demands::of_claims(&Subject::claims(&overwrite, case.cluster)).only(Guarantee::NoLost);
        trial(&overwrite, demands, case).finding.is_some()
    }
    let law: fn(AnyCase) -> bool = |case| !breaks(&case.0);
    let panic = std::panic::catch_unwind(|| quickcheck::QuickCheck::new().tests(10_000).quickcheck(law));
    let said = panic.unwrap_err().downcast_ref::<String>().unwrap().clone();
    let shown =
        said.strip_prefix("[quickcheck] TEST FAILED. Arguments: (").unwrap().strip_suffix(')').unwrap();
    let Scenario { cluster, schedule, .. } = format!("protocol overwrite\n{shown}").parse().unwrap();
    let case = Case { cluster, schedule };
    assert!(breaks(&case));
    assert_eq!(
        minimise_with(case.clone(), &mut |case| breaks(case)).case,
        case,
        "the minimiser finds nothing less"
    );
}

/// `partial_cmp` of versions is used through their clocks alone.
#[test]
fn a_later_write_supersedes_what_its_writer_had_read() {
    let history = Causal { puts: vec![(0, 0, false), (1, 0b1, false), (0, 0b1, false)] };
    let versions = history.versions::<Dotted>();
    let order = |a: usize, b: usize| versions[a].clock.partial_cmp(&versions[b].clock);
    assert_eq!((order(0, 1), order(0, 2), order(1, 2)), (Some(Ordering::Less), Some(Ordering::Less), None));
    assert_eq!(history.held::<Dotted>(0b111).len(), 2);
}
