//! Claims about the judges: what they must not call a fault, and what they must not miss.

use crate::common::{claiming, expecting};
use quorate::guarantee::Guarantee::{Available, Durable, Fresh, MonotonicReads, NoExtra, NoLost, OnceOnly};
use quorate::model::{Claims, Cluster, DataType, Dotted, LastWrite, Siblings, Value};
use quorate::prelude::{
    Ack, Delivery, Errand, Progress, Protocol, Repair, Repairs, Replica, SlotReply, SlotSet, Textbook,
    read_repair,
};

/// Never answers.
#[derive(Debug)]
struct Silent;

impl Protocol for Silent {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn quorum(&self, _progress: &Progress<Dotted>) -> Option<SlotSet> {
        None
    }
}

/// What is cut from a node that is no home of the key matters to nobody.
///
/// Four nodes, the home of k1 is n1 n2 n3. n4 is cut from n2 and n3; n1, n2 and n3 reach each other. W=2: owed.
#[test]
fn a_cut_from_a_node_that_is_no_replica_excuses_nothing() {
    let cluster = Cluster::default().on(4);
    let outcome = expecting(&Silent, cluster, &[Available], "cut n4 | n2 n3\nput c1 k1 via n1");
    outcome.broke(Available).not_owed(Available, 0);
}

/// *Some* W replicas connected with each other are enough, whichever they are.
///
/// N=5 W=3: n5 is cut from n2, n3 and n4, and n1 reaches all. n1 to n4 reach each other, and are four.
#[test]
fn the_larger_side_of_a_cut_is_owed_an_answer() {
    let cluster = Cluster::new(5, 3, 3);
    let outcome = expecting(&Silent, cluster, &[Available], "cut n5 | n2 n3 n4\nput c1 k1 via n1");
    outcome.broke(Available).not_owed(Available, 0);
}

/// Says it is done as soon as it has asked, and that its first W targets have answered.
#[derive(Debug)]
struct Hasty;

impl Protocol for Hasty {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        Some((0..usize::from(progress.task.required)).collect())
    }
}

/// An operation that no replica answered cannot end ok, whatever its coordinator says of who has.
///
/// n4 is no home of k1, and cut off from all three: nothing it sends arrives. It says "done".
#[test]
fn a_coordinator_is_not_believed_when_it_counts_who_has_answered() {
    let cluster = Cluster::default().on(4);
    let outcome = expecting(&Hasty, cluster, &[Available], "cut n4 | n1 n2 n3\nput c1 k1 via n4");
    outcome.broke(Available);
}

/// Last write wins, but a replica keeps the first write it gets.
#[derive(Debug)]
struct FirstWriteWins;

impl Protocol<LastWrite> for FirstWriteWins {
    fn base(&self) -> &dyn Protocol<LastWrite> {
        &Textbook
    }

    fn data_type(&self) -> DataType {
        DataType::LastWriteWins
    }

    fn accept(
        &self,
        replica: &mut Replica<'_, LastWrite>,
        delivery: &Delivery<'_, LastWrite>,
    ) -> Ack<LastWrite> {
        if replica.siblings.is_empty() {
            replica.siblings.join(delivery.versions);
        }
        Ack::stored()
    }
}

/// A greater write that every replica throws away at once is lost, though no replica ever held it.
///
/// N=3 R=1 W=1 (where fresh is not owed). o1 at time 0, o2 at time 1, both acknowledged and taken in by all. What
/// a read must show of {o1, o2} is o2; it shows o1.
#[test]
fn a_greater_write_that_nobody_ever_held_is_lost_all_the_same() {
    let outcome = expecting(
        &FirstWriteWins,
        Cluster::new(3, 1, 1),
        &[NoLost],
        "put c1 k1 via n1
         tick 1
         put c2 k1 via n1
         get c3 k1 via n2",
    );
    outcome.broke(NoLost);
}

/// A merge that stamps what it shows anew, once for each read.
#[derive(Debug)]
struct RestampingMerge;

impl Protocol for RestampingMerge {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        let mut merged = self.base().merge(progress, counted);
        merged.iter_mut().for_each(|version| version.clock.dot.counter += 100);
        merged
    }

    fn repair(&self, _progress: &Progress<Dotted>, _merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        Repairs::default()
    }
}

/// An operation has one dot, also where only a read shows the other: clients carry it from there in their tokens.
#[test]
fn a_second_stamp_is_seen_where_only_a_read_shows_it() {
    let outcome = expecting(
        &RestampingMerge,
        Cluster::default(),
        &[OnceOnly],
        "put c1 k1 via n1
         get c2 k1 via n2",
    );
    outcome.broke(OnceOnly);
}

/// A write that went down with a disk for ever excuses no later reads of other writes.
///
/// o1 reached n3 alone (info), and n3 lost its disk: o1 is gone. Long after, o2 is on n1 alone (info). c2 reads it
/// by n1 and n2, and then misses it by n2 and n3. No home disk was lost since the earlier read was invoked. A
/// store that promises monotonic reads, as this one is taken to, owes them here.
#[test]
fn a_disk_lost_before_the_earlier_read_does_not_excuse_the_later_one() {
    #[derive(Debug)]
    struct NoRepair;
    impl Protocol for NoRepair {
        fn base(&self) -> &dyn Protocol {
            &Textbook
        }
        fn repair(&self, _progress: &Progress<Dotted>, _merged: &Siblings<Dotted>) -> Repairs<Dotted> {
            Repairs::default()
        }
    }
    let outcome = expecting(
        &NoRepair,
        Cluster::default(),
        &[MonotonicReads],
        "put c1 k1 via n3 (to n1 lost, to n2 lost)
         wipe n3
         put c3 k1 via n1 (to n2 lost, to n3 lost)
         get c2 k1 via n1 (to n3 lost)
         get c2 k1 via n3 (to n1 lost)",
    );
    outcome.broke(MonotonicReads);
}

/// A store of one copy that forgets what was deleted, and leaves no tombstone.
#[derive(Debug)]
struct HardDelete;

impl Protocol for HardDelete {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.base().claims(cluster).except(&[Fresh], "it collects tombstones")
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        let ack = self.base().accept(replica, delivery);
        replica.siblings.retain(|version| version.value != Value::Deleted);
        ack
    }
}

/// no-lost speaks of *values*: a delete has none, so one that is collected is not lost.
///
/// One node, N=1: its messages to itself are never lost, late or doubled, so no copy can hold the old value when
/// the tombstone goes. Nothing comes back; every value there should be is there.
#[test]
fn a_tombstone_that_was_rightly_collected_is_not_lost() {
    let outcome = expecting(
        &HardDelete,
        Cluster::new(1, 1, 1),
        &[NoLost, NoExtra],
        "put c1 k1 via n1
         delete c1 k1 via n1
         get c2 k1 via n1
         put c2 k1 via n1
         get c1 k1 via n1",
    );
    outcome.is_silent().kept(NoExtra, 5);
}

/// A replica that lost its disk answers reads again only after a repair has rebuilt it.
#[derive(Debug)]
struct RebuildFirst;

const REBUILT: usize = 1;

impl Protocol for RebuildFirst {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if delivery.errand == Errand::Repair {
            replica.of_key.durable.set(REBUILT, 1);
        }
        self.base().accept(replica, delivery)
    }

    fn serve(&self, replica: &Replica<'_>) -> Option<Siblings<Dotted>> {
        let whole = replica.actor.incarnation == 0 || replica.of_key.durable.get(REBUILT) == 1;
        if whole { self.base().serve(replica) } else { None }
    }

    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let mut repairs = self.base().repair(progress, merged);
        let enough = progress.replied().len() >= usize::from(progress.task.required);
        let refused = progress.slots.iter().enumerate().filter(|(_, slot)| slot.reply == SlotReply::Refused);
        for (slot, _) in refused.filter(|_| enough) {
            repairs.send.push(Repair { slot, versions: merged.clone(), whole: true });
        }
        repairs
    }
}

/// A replica cannot know that the disk it lost was empty.
///
/// n3 loses its disk before anything was written, and then holds o1; n2 is down. n3 refuses to answer, as the cure
/// for amnesia has it, so the read by n1 ends info. n3 has not been rebuilt: not owed.
#[test]
fn a_replica_that_cannot_know_what_it_lost_may_refuse_until_it_is_rebuilt() {
    let outcome = expecting(
        &RebuildFirst,
        Cluster::default(),
        &[Available, Fresh],
        "wipe n3
         put c1 k1 via n1
         crash n2
         get c2 k1 via n1",
    );
    outcome.is_silent();
}

/// Acknowledges and keeps nothing.
#[derive(Debug)]
struct KeepsNothing;

impl Protocol for KeepsNothing {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, _replica: &mut Replica<'_>, _delivery: &Delivery<'_>) -> Ack {
        Ack::stored()
    }
}

/// An acknowledged write survives in some home replica **and at rest in reads**.
#[test]
fn a_store_that_keeps_nothing_is_not_durable() {
    let outcome = expecting(&KeepsNothing, Cluster::default(), &[Durable], "put c1 k1 via n1");
    outcome.broke(Durable);
}

/// A write acknowledged by two disks that are still there is owed, whatever happened to a third one before.
///
/// W=2. n1 takes o1 and loses it with its disk; its answer never arrives. o1 is then acknowledged by n2 and n3,
/// whose answers were late. After the acknowledgement one disk is lost, n2's: f=1=W−1. n3 still has o1.
#[test]
fn a_disk_lost_before_the_acknowledgement_that_did_not_rest_on_it_excuses_nothing() {
    let outcome = expecting(
        &Textbook as &dyn Protocol,
        Cluster::default().on(4),
        &[Durable],
        "put c1 k1 via n4 (from n1 lost, from n2 late, from n3 late)
         wipe n1
         arrive o1 from n2
         arrive o1 from n3
         wipe n2",
    );
    outcome.is_silent().kept(Durable, 1).not_owed(Durable, 0);
}

/// A read by one coordinator that repairs nothing does not show that further reads repair nothing.
///
/// Reads that n1 coordinates repair by the book. All others send every replica everything, every time.
#[test]
fn repairs_have_ended_when_no_coordinator_repairs() {
    #[derive(Debug)]
    struct Restless;
    impl Protocol for Restless {
        fn base(&self) -> &dyn Protocol {
            &Textbook
        }
        fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
            if progress.coordinator == progress.home[0] {
                return self.base().repair(progress, merged);
            }
            let mut repairs =
                Repairs { send: read_repair::whole(progress, merged, |_| true), ..Repairs::default() };
            repairs.send = (0..progress.slots.len())
                .map(|slot| Repair { slot, versions: merged.clone(), whole: true })
                .collect();
            repairs
        }
    }
    let outcome = expecting(
        &Restless,
        Cluster::default(),
        &[quorate::guarantee::Guarantee::Convergence],
        "put c1 k1 via n1",
    );
    outcome.broke(quorate::guarantee::Guarantee::Convergence);
}

/// The rest is the cure itself, where it is owed: see the shape of the schedule.
#[test]
fn the_cure_for_amnesia_is_fresh_after_a_lost_disk() {
    let outcome = claiming(
        &RebuildFirst,
        Cluster::default(),
        "put c1 k1 via n1 (to n3 lost)
         wipe n2
         get c2 k1 via n3 (from n1 lost)
         get c2 k1 via n1",
    );
    outcome.is_silent();
}

/// Last write wins by a hybrid clock: a timestamp greater than every one its writer has seen.
#[derive(Debug)]
struct Hybrid;

impl Protocol<LastWrite> for Hybrid {
    fn base(&self) -> &dyn Protocol<LastWrite> {
        &Textbook
    }

    fn data_type(&self) -> DataType {
        DataType::LastWriteWins
    }

    fn stamp(
        &self,
        replica: &mut Replica<'_, LastWrite>,
        put: &quorate::prelude::Put<'_, LastWrite>,
    ) -> quorate::prelude::Stamp<LastWrite> {
        let mut stamp = self.base().stamp(replica, put);
        let seen = put.context.map_or(0, |context| context.0);
        stamp.clock.timestamp = stamp.clock.timestamp.max(seen + 1);
        stamp
    }
}

/// The clock says when a version was written, once: the order the oracle takes for last-write-wins is the clock's.
///
/// n1's clock is 100 ms ahead. c2 reads o1 and writes over it at n2: the hybrid clock stamps o3 above o1, and o3
/// wins everywhere, as it should.
#[test]
fn a_hybrid_clock_need_not_be_written_down_twice() {
    let outcome = expecting(
        &Hybrid,
        Cluster::default(),
        &[NoLost, NoExtra],
        "skew n1 +100
         put c1 k1 via n1
         get c2 k1 via n2
         put c2 k1 via n2
         get c2 k1 via n3",
    );
    outcome.is_silent();
}

/// Claims everything, wherever it is.
#[derive(Debug)]
struct Boastful;

impl Protocol for Boastful {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn claims(&self, _cluster: Cluster) -> Claims {
        Claims::everything()
    }
}

/// Whether quorums meet is derived, and excuses nobody who claims what they would have to give.
#[test]
fn what_is_claimed_where_quorums_do_not_meet_is_broken() {
    static BOASTFUL: Boastful = Boastful;
    for (r, w) in [(1, 1), (1, 2), (2, 1)] {
        let mut check = quorate::check(&BOASTFUL).cluster(Cluster::new(3, r, w)).keep_going();
        check = check.schedules(64);
        let report = check.run();
        let broken: Vec<_> = report.counterexamples.iter().map(|story| story.breakage.to_string()).collect();
        assert!(broken.contains(&"fresh".to_owned()), "R={r} W={w}: {broken:?}");
    }
    // Reads and writes of a lower level than the cluster's own are owed where they must meet, and nowhere else.
    let lower = "put c1 k1 via n1 level one (to n2 lost, to n3 lost)\nget c1 k1 via n2 level one";
    assert_eq!(claiming::<Dotted>(&Textbook, Cluster::default(), lower).trial.finding, None);
}
