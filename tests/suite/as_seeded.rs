//! The published program, as we have it: its four examples, its figures, and its faults, each by the shortest
//! schedule known for it.

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::id::{Key, NodeId, OpId};
use quorate::judge::{Breakage, Demands};
use quorate::model::{Cluster, Siblings};
use quorate::prelude::{Ended, Protocol, SessionUpdate, VectorClock};
use quorate::protocols::as_seeded::AsSeeded;
use quorate::protocols::as_seeded_partitioned::AsSeededPartitioned;
use quorate::protocols::as_seeded_repairing::AsSeededRepairing;
use quorate::protocols::find;
use quorate::world::modelled::Modelled;
use quorate::world::observer::{Facts, Observer};
use quorate::world::schedule::Schedule;
use quorate::world::simulation::Simulation;

type Shown = Vec<Siblings<VectorClock>>;

/// What each read was shown.
#[derive(Default)]
struct Reads(Shown);

impl Observer<VectorClock> for Reads {
    fn shown(&mut self, _: OpId, _: Key, versions: &Siblings<VectorClock>, _: Facts<'_>) {
        self.0.push(versions.clone());
    }
}

/// Runs a schedule: what each read was shown, the repairs sent after each, what each replica of k1 holds at the end.
fn play(
    protocol: &dyn Protocol<VectorClock>,
    cluster: Cluster,
    text: &str,
) -> (Shown, Vec<u32>, Vec<String>) {
    let schedule: Schedule = text.parse().unwrap_or_else(|error| panic!("{error}"));
    let system = Modelled(protocol);
    let mut simulation = Simulation::new(&system, cluster, 1);
    let mut reads = Reads::default();
    let mut repairs = Vec::new();
    for step in &schedule.steps {
        let before = (reads.0.len(), simulation.tally().repairs);
        simulation.step(step, &mut reads);
        if reads.0.len() > before.0 {
            repairs.push(simulation.tally().repairs - before.1);
        }
    }
    let k1 = Key(1);
    let held =
        |node: &NodeId| simulation.held(*node, *node, k1).map_or_else(String::new, Siblings::to_string);
    let copies = simulation.home(k1).iter().map(held).collect();
    (reads.0, repairs, copies)
}

fn counts(shown: &Shown) -> Vec<usize> {
    shown.iter().map(Siblings::len).collect()
}

/// The operations whose values a read was shown, one for each version.
fn values(siblings: &Siblings<VectorClock>) -> Vec<u16> {
    siblings.iter().map(|version| version.op.0).collect()
}

#[test]
fn two_writes_of_one_client_read_as_two_versions_of_the_second() {
    let (shown, ..) = play(
        &AsSeeded,
        Cluster::default(),
        "put c1 k1 via n1
         tick 100
         put c1 k1 via n1
         tick 100
         get c2 k1 via n1",
    );
    assert_eq!(shown[0].to_string(), "o2 @ {n1:3, n2:1} | o2 @ {n1:1, n2:3}");
}

#[test]
fn a_conflict_discards_the_first_cart_on_every_replica() {
    let (shown, _, copies) = play(
        &AsSeeded,
        Cluster::default().on(5),
        "put c1 k1 via n1
         tick 200
         put c2 k1 via n1
         tick 300
         get c1 k1 via n1
         tick 500
         get c3 k1 via n1
         put c3 k1 via n1",
    );
    assert_eq!(values(&shown[0]), [2, 2], "the conflict is two copies of the second cart");
    assert_eq!(values(&shown[1]), [2, 2]);
    assert!(copies.iter().all(|copy| !copy.contains("o1")), "{copies:?}");
}

#[test]
fn what_was_cut_off_stays_stale_for_ever() {
    let (shown, _, copies) = play(
        &AsSeededPartitioned,
        Cluster::default().on(5),
        "put c1 k1 via n2
         get c1 k1 via n2
         suspect n1 at n2
         put c2 k1 via n2
         get c2 k1 via n2
         trust
         get c2 k1 via n2
         get c1 k1 via n2",
    );
    assert!(counts(&shown[..2].to_vec()).iter().all(|versions| *versions >= 2), "copies, told as a conflict");
    assert!(copies[0].contains("o1") && !copies[0].contains("o3"), "{copies:?}");
}

#[test]
fn one_write_is_read_as_three_versions_and_then_as_six() {
    let (shown, repairs, _) = play(
        &AsSeededRepairing,
        Cluster::default(),
        "put c1 k1 via n1
         tick 100
         get c2 k1 via n1
         tick 100
         get c3 k1 via n1",
    );
    assert_eq!((counts(&shown), repairs), (vec![3, 6], vec![6, 12]));
}

#[test]
fn repair_never_comes_to_an_end() {
    let reads = |n: usize| format!("put c1 k1 via n1\n{}", "get c1 k1 via n1\n".repeat(n));
    let (shown, ..) = play(&AsSeededRepairing, Cluster::default(), &reads(5));
    assert_eq!(counts(&shown), [3, 6, 9, 11, 13]);
    let (shown, ..) = play(&AsSeededRepairing, Cluster::new(5, 3, 3), &reads(7));
    assert_eq!(counts(&shown).last(), Some(&887), "{:?}", counts(&shown));
}

#[test]
fn a_context_that_is_empty_is_stamped_as_one() {
    /// A client that keeps the token of a read that showed nothing.
    #[derive(Debug)]
    struct KeepsEmptyTokens;
    impl Protocol<VectorClock> for KeepsEmptyTokens {
        fn base(&self) -> &dyn Protocol<VectorClock> {
            &AsSeeded
        }
        fn session(&self, _: &Ended) -> SessionUpdate {
            SessionUpdate::Replace
        }
    }
    let one = Cluster::new(1, 1, 1);
    let text = "get c1 k1 via n1\nput c1 k1 via n1";
    assert_eq!(play(&AsSeeded, one, text).2, ["o2 @ {n1:1}"], "no context");
    assert_eq!(play(&KeepsEmptyTokens, one, text).2, ["o2 @ {n1:2}"], "an empty context");
}

#[test]
fn more_replicas_than_nodes_are_refused() {
    assert!(Cluster::new(3, 2, 2).on(1).validate().is_err());
}

/// What a schedule breaks of what is claimed, and of these as well.
fn broken(protocol: &str, cluster: Cluster, expected: &[Guarantee], text: &str) -> GuaranteeSet {
    let subject = find(protocol).unwrap_or_else(|| panic!("no protocol {protocol}")).subject;
    let expected: GuaranteeSet = expected.iter().copied().collect();
    let demands = Demands::of_claims(&subject.claims(cluster)).expecting(expected);
    let schedule: Schedule = text.parse().unwrap_or_else(|error| panic!("{error}"));
    let (trial, _) = subject.runner(cluster, 1, demands).run_recorded(&schedule);
    assert!(!matches!(trial.finding.map(|f| f.breakage), Some(Breakage::Panic | Breakage::Storm)), "{text}");
    trial.broken
}

macro_rules! fault {
    ($name:ident: $protocol:literal on $cluster:expr, breaks $($guarantee:ident),+; $text:literal) => {
        #[test]
        fn $name() {
            let named = [$(Guarantee::$guarantee),+];
            let broken = broken($protocol, $cluster, &named, $text);
            for guarantee in named {
                assert!(broken.contains(guarantee), "{guarantee} holds; broken is {broken:?}");
            }
        }
    };
}

const THREE: Cluster = Cluster::new(3, 2, 2);

fault! { one_write_makes_false_siblings: "as-seeded" on THREE, breaks NoExtra, OnceOnly;
"put c1 k1 via n1
 get c1 k1 via n1" }

fault! { concurrent_writes_are_falsely_ordered: "as-seeded" on Cluster::new(1, 1, 1), breaks NoLost, ReadYourWrites;
"put c1 k1 via n1
 put c2 k1 via n1
 get c1 k1 via n1" }

fault! { a_counter_is_used_twice: "as-seeded" on Cluster::new(1, 1, 1), breaks OneDotOneWrite, NoLost, ReadYourWrites;
"put c1 k1 via n1
 put c1 k1 via n1
 put c2 k1 via n1
 get c2 k1 via n1" }

fault! { an_acknowledged_write_is_born_hidden: "as-seeded" on THREE, breaks NoLost, ReadYourWrites, Antichain;
"put c1 k1 via n1
 put c1 k1 via n1
 put c2 k1 via n1
 get c2 k1 via n1" }

fault! { even_a_read_of_all_three_does_not_see_it: "as-seeded" on Cluster::new(3, 3, 2), breaks NoLost, ReadYourWrites;
"put c1 k1 via n1
 put c1 k1 via n1
 put c2 k1 via n1
 get c2 k1 via n1" }

fault! { repair_never_stabilises: "as-seeded-repairing" on THREE, breaks Convergence;
"put c1 k1 via n1
 get c1 k1 via n1" }

fault! { repair_swaps_siblings: "as-seeded-combined" on Cluster::new(2, 2, 1), breaks Convergence;
"suspect n2 at n1
 put c1 k1 via n1
 trust
 suspect n1 at n2
 put c2 k1 via n2
 trust
 get c1 k1 via n1
 get c1 k1 via n1" }

fault! { repair_resets_the_time_of_an_old_value: "as-seeded-combined" on THREE, breaks CausalOrder;
"get c1 k1 via n1
 tick 10
 put c1 k1 via n1
 tick 10
 suspect n2 at n1
 get c1 k1 via n1
 tick 10
 put c1 k1 via n1
 tick 10
 trust
 get c1 k1 via n1
 tick 10
 get c1 k1 via n1
 tick 10
 get c1 k1 via n1" }

fault! { what_was_overwritten_resurfaces: "as-seeded-partitioned" on THREE, breaks NoExtra;
"put c1 k1 via n2
 suspect n1 at n2
 get c1 k1 via n2
 put c1 k1 via n2
 trust
 get c1 k1 via n2" }

fault! { repair_brings_back_what_was_overwritten: "as-seeded-repairing" on THREE, breaks NoExtra;
"put c1 k1 via n1
 get c2 k1 via n1
 put c1 k1 via n1
 get c1 k1 via n1" }

fault! { a_write_that_nobody_took_is_reported_as_done: "as-seeded-partitioned" on THREE, breaks Available;
"suspect n1 at n3
 suspect n2 at n3
 put c1 k1 via n3" }

fault! { a_read_that_nobody_answered_is_reported_as_not_found: "as-seeded-partitioned" on THREE, breaks Available;
"suspect n1 at n3
 suspect n2 at n3
 get c1 k1 via n3" }

fault! { two_of_three_are_alive_and_nobody_is_answered: "as-seeded" on THREE, breaks Available;
"crash n1
 put c1 k1 via n3" }
