//! Protocols that decide otherwise, and what the model then has to do.

use super::*;

/// A sloppy quorum: the next node of the ring stands in for a suspected home replica, counts, and hands over.
#[derive(Debug)]
struct Hinted;

impl Protocol for Hinted {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn targets(&self, task: &Task, view: &View<'_>) -> Targets {
        let mut others = view.others(task.key);
        let stand_in = |&home: &NodeId| {
            let suspected = view.suspects.contains(home) && home != view.coordinator;
            if suspected {
                others.next().map(|other| Target::standing_in(other, home))
            } else {
                Some(Target::home(home))
            }
        };
        Targets::Ask(view.home.iter().filter_map(stand_in).collect())
    }
}

/// An acknowledgement of a hand-off speaks of what was handed over then, not of what the hint holds now.
///
/// N=1 on two nodes, n1 home, n2 standing in. n2 keeps o1 for n1 and hands it over; n1's acknowledgement is slow.
/// n2, suspecting n1 again, keeps o2 for it as well, and hands both over: that message is lost. Now the first
/// acknowledgement arrives. n1 has o1 and not o2, so n2 must keep o2. No disk is ever lost, and o2 was
/// acknowledged: at rest n1 has it.
#[test]
fn an_old_acknowledgement_releases_only_what_was_handed_over_then() {
    let outcome = expecting(
        &Hinted,
        Cluster::new(1, 1, 1).on(2),
        &[Durable, Convergence],
        "suspect n1 at n2
         put c1 k1 via n2 (hand-off from n1 late)
         trust
         wake n2
         suspect n1 at n2
         put c2 k1 via n2 (hand-off to n1 lost)
         trust
         wake n2
         arrive o1 hand-off from n1",
    );
    outcome.is_silent().kept(Durable, 2);
}

/// The same, where the holder crashed in between and has forgotten what it sent.
#[test]
fn an_acknowledgement_from_before_a_crash_releases_only_what_was_handed_over_then() {
    let outcome = expecting(
        &Hinted,
        Cluster::new(1, 1, 1).on(2),
        &[Durable, Convergence],
        "suspect n1 at n2
         put c1 k1 via n2 (hand-off from n1 late)
         trust
         wake n2
         crash n2
         restart n2
         suspect n1 at n2
         put c2 k1 via n2 (hand-off to n1 lost)
         trust
         wake n2
         arrive o1 hand-off from n1",
    );
    outcome.is_silent().kept(Durable, 2);
}

/// Monotonic reads by the book: what a read shows is held by N−R+1 replicas before it is answered.
#[derive(Debug)]
struct WriteBack;

impl Protocol for WriteBack {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.base().claims(cluster).and(&[quorate::guarantee::Guarantee::MonotonicReads])
    }

    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let cluster = progress.task.cluster;
        let holders_before_answer = cluster.n - cluster.r + 1;
        Repairs { holders_before_answer, ..self.base().repair(progress, merged) }
    }
}

/// A write-back may be acknowledged by any N−R+1 replicas, so also by one that answers late and has it already.
///
/// N=3 R=2: two must hold o1. n1 (the coordinator) has it and n3 has not; the repair of n3 is lost. Then the slow
/// answer of n2 arrives: n2 has o1. That makes two. n1 and n2 were up and connected all along, R=2: owed.
#[test]
fn a_read_that_waits_for_its_write_back_takes_any_replica_that_holds_it() {
    let outcome = claiming(
        &WriteBack,
        Cluster::default(),
        "put c1 k1 via n1 (to n3 lost)
         get c2 k1 via n1 (from n2 late, repair to n3 lost)
         arrive o2 from n2",
    );
    outcome.is_silent().kept(Available, 2);
    assert_eq!(outcome.read(2), [1]);
}

/// And one that answers late and lacks it is sent it.
///
/// As before, but o1 is on n1 alone (info), and n2's slow answer shows nothing: it is repaired, and then holds o1.
#[test]
fn a_read_that_waits_for_its_write_back_repairs_who_answers_meanwhile() {
    let outcome = claiming(
        &WriteBack,
        Cluster::default(),
        "put c1 k1 via n1 (to n2 lost, to n3 lost)
         get c2 k1 via n1 (from n2 late, repair to n3 lost)
         arrive o2 from n2",
    );
    outcome.is_silent();
    assert_eq!(outcome.read(2), [1]);
}

/// A storm is messages that will not end, not a run that is long. 200 blind puts make 200 siblings; each of 200
/// reads then carries 4 × 200 versions, 160,000 in all: much, and it ends.
#[test]
fn many_reads_of_many_siblings_are_no_storm() {
    let mut text = String::new();
    for _ in 0..200 {
        text.push_str("put c1 k1 via n1 blind\n");
    }
    for _ in 0..200 {
        text.push_str("get c2 k1 via n2\n");
    }
    let nothing = Demands::NOTHING;
    trial_of(&Modelled(&Textbook as &dyn Protocol), Cluster::default(), nothing, &text).is_silent();
}

/// What an actor has minted it never mints again, however often its disk is lost: at worst, losing it once more
/// does nothing. (An incarnation is counted in eight bits.)
#[test]
fn no_number_of_lost_disks_makes_an_actor_mint_a_dot_twice() {
    let mut text = "wipe n1\n".repeat(255);
    text.push_str("put c1 k1 via n1\nwipe n1\nput c2 k1 via n1 blind\n");
    let cluster = Cluster::default();
    expecting(&Textbook as &dyn Protocol, cluster, &[OneDotOneWrite, NoLost], &text).is_silent();
}

/// A shopping cart: a client sees all items, and its next write holds them and its own.
#[derive(Debug)]
struct Cart;

impl Protocol for Cart {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn data_type(&self) -> DataType {
        DataType::Set
    }

    fn resolve(&self, shown: &Siblings<Dotted>) -> Resolution {
        let mut items: Vec<OpId> = shown
            .iter()
            .flat_map(|version| match &version.value {
                Value::Items(items) => items.to_vec(),
                Value::Deleted => Vec::new(),
                _ => vec![version.op],
            })
            .collect();
        items.sort_unstable();
        items.dedup();
        Resolution::Union(items.into())
    }
}

/// A client that joins the token of its own write has seen that write, so its next one holds that item as well.
///
/// It reads {o1}, writes {o1, o3}, and writes again, over both. o3 was never removed: the cart holds o1, o3, o4.
#[test]
fn the_cart_keeps_what_its_own_client_put_in() {
    let outcome = expecting(
        &Cart,
        Cluster::default(),
        &[NoLost, NoExtra],
        "put c1 k1 via n1
         get c1 k1 via n1
         put c1 k1 via n1
         put c1 k1 via n1
         get c2 k1 via n1",
    );
    outcome.is_silent();
}

/// A client that has deleted what it saw does not put it back in.
///
/// It reads {o1}, deletes it, and puts o4: the cart holds o4.
#[test]
fn the_cart_forgets_what_its_own_client_deleted() {
    let outcome = expecting(
        &Cart,
        Cluster::default(),
        &[NoLost, NoExtra],
        "put c1 k1 via n1
         get c1 k1 via n1
         delete c1 k1 via n1
         put c1 k1 via n1
         get c2 k1 via n1",
    );
    outcome.is_silent();
}

/// A coordinator that ships its whole copy, and takes no second write while it holds one.
#[derive(Debug)]
struct OneWriteOnly;

impl Protocol for OneWriteOnly {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        Stamp { ship: Ship::WholeCopy, ..self.base().stamp(replica, put) }
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        let new =
            delivery.versions.iter().any(|version| !replica.siblings.iter().any(|held| held == version));
        if new && !replica.siblings.is_empty() {
            return Ack::Refused;
        }
        self.base().accept(replica, delivery)
    }
}

/// A refusal is a refusal at the coordinator's own copy as well: it has not taken the write in, does not ship a
/// copy without it, and does not call it done.
#[test]
fn a_coordinator_that_refuses_its_own_write_has_not_taken_it_in() {
    let outcome = expecting(
        &OneWriteOnly,
        Cluster::default(),
        &[NoLost, Durable],
        "put c1 k1 via n1
         put c2 k1 via n1
         get c2 k1 via n2",
    );
    outcome.is_silent();
    assert_ne!(outcome.status(2), quorate::model::Status::Ok);
}
