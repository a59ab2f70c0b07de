//! Protocols that promise other things, or keep their promises in other ways.

use quorate::prelude::{Guarantee, Siblings, SlotSet};

use super::*;

/// A sloppy quorum with hints: it does not claim what only home replicas' acknowledgements could give.
#[derive(Debug)]
pub(crate) struct Sloppy;

impl Protocol for Sloppy {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.base().claims(cluster).except(&[Fresh, ReadYourWrites, MonotonicReads, Durable], "hints count")
    }

    fn targets(&self, task: &Task, view: &View<'_>) -> Targets {
        let mut others = view.others(task.key);
        let ask = |&home: &NodeId| match view.suspects.contains(home) && home != view.coordinator {
            true => others.next().map(|other| Target::standing_in(other, home)),
            false => Some(Target::home(home)),
        };
        Targets::Ask(view.home.iter().filter_map(ask).collect())
    }
}

#[test]
fn a_write_acknowledged_only_by_hints_is_missed_until_it_is_handed_over() {
    let run = claiming(
        &Sloppy,
        three().on(5),
        "suspect n1 at n4
         suspect n2 at n4
         put c1 k1 via n4 (to n3 lost)      # n4 and n5 keep it for n1 and n2
         get c1 k1 via n3
         trust
         wake n4
         wake n5
         get c1 k1 via n3",
    );
    run.is_silent().kept(Fresh, 0).kept(NoLost, 4).kept(Convergence, 1);
    assert_eq!((run.status(1), run.read(2), run.read(3)), (Status::Ok, vec![], vec![1]));
}

#[test]
fn a_hint_is_handed_over_twice_and_after_a_newer_version() {
    let run = claiming(
        &Sloppy,
        three().on(4),
        "suspect n2 at n4
         put c1 k1 via n4 (hand-off to n2 late, hand-off to n2 again doubled, hand-off from n2 doubled)
         trust
         wake n4                            # on its way
         put c1 k1 via n1                   # follows o1; n2 has it
         wake n4                            # again, and this one arrives, twice
         arrive o1 hand-off to n2 again
         arrive o1 hand-off to n2
         arrive o1 hand-off from n2
         get c2 k1 via n2",
    );
    run.is_silent().kept(NoExtra, 8).kept(Convergence, 1);
    assert_eq!(run.read(3), [2]);
}

#[test]
fn a_hint_is_lost_with_its_holder() {
    let run = claiming(
        &Sloppy,
        three().on(5),
        "suspect n1 at n4
         suspect n2 at n4
         put c1 k1 via n4 (to n3 lost)
         wipe n4
         wipe n5
         get c1 k1 via n3",
    );
    run.is_silent().kept(NoLost, 3).kept(Convergence, 1).kept(Durable, 0);
    assert!(run.read(2).is_empty());
}

/// What a read shows is held by N−R+1 replicas before it is answered; so monotonic reads are claimed.
#[derive(Debug)]
pub(crate) struct WriteBack;

impl Protocol for WriteBack {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.base().claims(cluster).and(&[MonotonicReads])
    }

    fn repair(
        &self,
        progress: &Progress<Dotted>,
        merged: &quorate::model::Siblings<Dotted>,
    ) -> Repairs<Dotted> {
        let cluster = progress.task.cluster;
        Repairs { holders_before_answer: cluster.n - cluster.r + 1, ..self.base().repair(progress, merged) }
    }
}

#[test]
fn a_read_that_writes_back_is_not_seen_and_then_missed() {
    let run = claiming(
        &WriteBack,
        three(),
        "put c1 k1 via n1 (to n2 lost, to n3 lost)
         get c2 k1 via n1 (to n3 lost)          # n2 is given o1 before c2 is told
         get c2 k1 via n3 (to n1 lost)",
    );
    run.is_silent().kept(MonotonicReads, 1);
    assert_eq!(run.read(3), [1]);
}

#[test]
fn what_was_written_back_to_a_disk_is_lost_with_it() {
    let run = claiming(
        &WriteBack,
        three(),
        "put c1 k1 via n1 (to n2 lost, to n3 lost)
         get c2 k1 via n1 (to n3 lost)
         wipe n2
         get c2 k1 via n3 (to n1 lost)",
    );
    run.is_silent().not_owed_by(MonotonicReads, LostDisk, 1);
    assert!(run.read(3).is_empty());
}

#[test]
fn a_read_of_a_lower_level_owes_no_monotonic_reads() {
    let run = claiming(
        &WriteBack,
        three(),
        "put c1 k1 via n1 (to n2 lost, to n3 lost)
         get c2 k1 via n1 (to n3 lost)
         get c2 k1 via n3 level one (to n1 lost, to n2 lost)",
    );
    run.is_silent().not_owed_by(MonotonicReads, LowerLevel, 1);
}

/// Every message carries the whole key: the coordinator's copy, and all that a read has merged.
#[derive(Debug)]
pub(crate) struct WholeCopies;

impl Protocol for WholeCopies {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        Stamp { ship: Ship::WholeCopy, ..self.base().stamp(replica, put) }
    }

    fn repair(
        &self,
        progress: &Progress<Dotted>,
        merged: &quorate::model::Siblings<Dotted>,
    ) -> Repairs<Dotted> {
        Repairs { send: read_repair::whole(progress, merged, |slot| slot.replied()), ..Repairs::default() }
    }
}

#[test]
fn a_whole_copy_brings_more_than_the_write_it_is_sent_for() {
    let run = claiming(
        &WholeCopies,
        three(),
        "put c1 k1 via n1 (to n2 lost, to n3 lost)
         put c2 k1 via n1                           # brings o1 along
         get c3 k1 via n3 (to n1 lost)",
    );
    run.is_silent().kept(NoLost, 6).kept(NoExtra, 6);
    assert_eq!(run.read(3), [1, 2]);
}

/// Last write wins, with the clocks of the nodes.
#[derive(Debug)]
pub(crate) struct LastWins;

impl Protocol<LastWrite> for LastWins {
    fn base(&self) -> &dyn Protocol<LastWrite> {
        &Textbook
    }

    fn data_type(&self) -> DataType {
        DataType::LastWriteWins
    }

    fn accept(
        &self,
        replica: &mut Replica<'_, LastWrite>,
        delivery: &quorate::prelude::Delivery<'_, LastWrite>,
    ) -> Ack<LastWrite> {
        self.base().accept(replica, delivery)
    }
}

#[test]
fn a_greater_write_outranks_mine_and_has_shown_it() {
    let run = expecting(
        &LastWins,
        three(),
        &[Fresh, ReadYourWrites, NoLost, NoExtra, MonotonicReads],
        "put c1 k1 via n1
         tick 5
         put c2 k1 via n2
         get c1 k1 via n3
         get c1 k1 via n1",
    );
    run.is_silent().kept(ReadYourWrites, 2).kept(Fresh, 4).kept(MonotonicReads, 1);
    assert_eq!(run.read(3), [2]);
}

#[test]
fn a_lesser_write_that_comes_late_is_outranked_on_arrival() {
    let run = expecting(
        &LastWins,
        three(),
        &[Fresh, NoLost, NoExtra, Convergence],
        "put c1 k1 via n1 (to n3 late)
         tick 5
         put c2 k1 via n2
         arrive o1 to n3
         get c1 k1 via n3",
    );
    run.is_silent().kept(NoLost, 7).kept(Convergence, 1);
    assert_eq!(run.read(3), [2]);
}

#[test]
fn a_write_that_is_only_the_past_of_another_is_not_lost_under_last_write_wins() {
    // c2 reads the delete and puts over it in the same instant: on a tie the delete wins. n3 gets the put alone, and
    // shows it: it was never given the delete, though the put's writer had seen it. n1 and n2 have both.
    let run = expecting(
        &LastWins,
        three(),
        &[NoLost, NoExtra, Convergence],
        "delete c1 k1 via n1 (to n3 lost)
         get c2 k1 via n1 (to n3 lost)
         put c2 k1 via n2
         get c3 k1 via n3 level one (to n1 lost, to n2 lost)
         get c3 k1 via n3",
    );
    run.is_silent().kept(NoLost, 8).kept(Convergence, 1);
    assert_eq!((run.read(4), run.read(5)), (vec![3], vec![]));
}

#[test]
fn a_skewed_clock_needs_no_excuse_where_ranks_are_compared() {
    let run = expecting(
        &LastWins,
        three(),
        &[Fresh, ReadYourWrites, NoLost],
        "skew n1 +100
         put c1 k1 via n1
         get c2 k1 via n2
         put c2 k1 via n2           # later, and stamped earlier
         get c2 k1 via n3",
    );
    run.is_silent().kept(ReadYourWrites, 1).kept(NoLost, 7);
    assert_eq!(run.read(4), [1]);
}

#[test]
fn a_write_that_follows_a_read_stands_in_its_place() {
    let run = claiming(
        TEXTBOOK,
        three(),
        "put c1 k1 via n1
         get c2 k1 via n2
         put c2 k1 via n2 (to n1 late)
         get c3 k1 via n1 (to n3 lost)
         get c3 k1 via n3",
    );
    run.is_silent().kept(WritesFollowReads, 1).kept(CausalOrder, 3);
}

#[test]
fn nothing_that_is_not_claimed_is_looked_at() {
    let nothing =
        trial_of(&Modelled(TEXTBOOK), three(), Demands::NOTHING, "put c1 k1 via n1\nget c1 k1 via n1");
    nothing.is_silent();
    assert_eq!(nothing.of(Fresh).examined, 0);
}

/// A read merges and repairs like the textbook's, and leaves tombstones out of its answer where a value stands beside
/// them.
#[derive(Debug)]
struct ValuesOnly;

impl Protocol for ValuesOnly {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        let mut merged = self.base().merge(progress, counted);
        if merged.iter().any(|version| !version.is_tombstone()) {
            merged.retain(|version| !version.is_tombstone());
        }
        merged
    }

    fn repair(&self, progress: &Progress<Dotted>, _merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        self.base().repair(progress, &self.base().merge(progress, progress.replied()))
    }
}

/// (Its token covers less than the read merged, since the token is made of what is returned. What that leads to, such
/// as two tombstones beside each other, it is rightly told.)
#[test]
fn a_tombstone_that_was_merged_need_not_be_shown_beside_a_value() {
    let cluster = Cluster::new(3, 2, 2);
    let deleted = "put c1 k1 via n1\ndelete c1 k1 via n1\nput c1 k1 via n1 blind\nget c1 k1 via n1";
    claiming(&ValuesOnly, cluster, deleted).is_silent().kept(Guarantee::Fresh, 3);
    let blind = "put c1 k1 via n1\ndelete c1 k1 via n1 blind\nget c1 k1 via n1";
    claiming(&ValuesOnly, cluster, blind).is_silent().kept(Guarantee::MonotonicWrites, 1);
    let overwritten = "put c1 k1 via n1\nput c1 k1 via n1 (to n2 lost, to n3 lost)\nput c2 k1 via n2\nget c2 k1 via n2 (to n1 lost)";
    claiming(&ValuesOnly, cluster, overwritten).is_silent();
}
