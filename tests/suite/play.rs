//! A protocol under a user's own tests: single decisions, and texts that are run and looked at.

use quorate::guarantee::Guarantee::*;
use quorate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use quorate::model::{Action, Status};
use quorate::play;
use quorate::prelude::*;

const KEY: Key = Key(1);

fn version(op: u16, counter: u32) -> VersionedValue<Dotted> {
    let dot = quorate::model::Dot { actor: quorate::id::Actor::first(NodeId(1)), counter };
    VersionedValue { op: OpId(op), value: Value::Written, timestamp: 0, clock: Dotted::blind(dot) }
}

/// Each decision of the textbook can be asked alone, with what it sees made by hand.
#[test]
fn a_decision_can_be_asked_alone() {
    let cluster = Cluster::default();
    let textbook: &dyn Protocol<Dotted> = &Textbook;
    let home = textbook.home(cluster, KEY);
    let task = Task::new(OpId(1), ClientId(2), Action::Put, KEY, cluster);
    assert_eq!((task.client, task.required), (ClientId(2), 2));
    let away: NodeSet = [NodeId(2), NodeId(3)].into_iter().collect();
    let view = View::new(NodeId(1), &home, away, cluster);
    assert_eq!(textbook.targets(&task, &view), Targets::Refuse { left: 1 });

    let (mut siblings, mut of_key, mut of_node) = (Siblings::new(), State::default(), State::default());
    let mut replica = Replica::new(NodeId(1), KEY, &mut siblings, &mut of_key, &mut of_node);
    let put = Put::new(OpId(1), ClientId(2), &Value::Written, None);
    assert_eq!(textbook.stamp(&mut replica, &put).clock.dot.counter, 1);
    let (first, second) = (Siblings::only(version(1, 1)), Siblings::only(version(2, 2)));
    for versions in [&first, &second] {
        let delivery = Delivery::new(Errand::Write, versions, None);
        assert_eq!(textbook.accept(&mut replica, &delivery), Ack::stored());
    }
    assert_eq!(siblings.len(), 2, "neither has seen the other");
    assert_eq!(textbook.session(&Ended::new(Action::Get, true, 2)), SessionUpdate::Join);
}

/// The names of guarantees and those of the model do not collide, however they are imported: see the top of this file.
#[test]
fn globs_do_not_collide() {
    assert_eq!((Antichain.name(), Siblings::<Dotted>::new().len()), ("siblings", 0));
}

#[test]
fn a_text_is_run_and_looked_at() {
    let played = play::<Dotted, _>(
        &Textbook,
        Cluster::default(),
        "put c1 k1 via n1 (to n3 lost)
         put c2 k1 via n2 (to n1 lost, to n3 lost)
         get c3 k1 via n3 level all
         delete c3 k1 via n3",
    );
    assert_eq!((played.status(1), played.status(2)), (Some(Status::Ok), None));
    assert_eq!(played.values(3), [1, 2]);
    assert_eq!(played.held(1, 1), [4], "the tombstone stands for both");
    assert_eq!(played.held(1, 2), [0; 0]);
    assert_eq!(played.narration().frames.len(), 5, "four steps, and coming to rest");
}
