//! A whole foreign node stands where ours stands: it shares no code with `Protocol`, with our storage node or with
//! our client, shows the oracle nothing, and is judged by the history alone.
//!
//! It is a primary with a cache: one node, the key's first, keeps the value; every other node passes requests on to
//! it. The faulty one lets a node answer reads from what it last passed on.

use std::borrow::Cow;

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::id::{ClientId, Key, NodeId, OpId};
use quorate::judge::{Breakage, Demands, Subject};
use quorate::model::kv_client::Asking;
use quorate::model::protocol::SessionUpdate;
use quorate::model::storage_node::{Effect, Surroundings};
use quorate::model::{
    Action, Address, Claims, Cluster, DataType, Dotted, Envelope, MessageKind, PreferenceList, Status,
};
use quorate::search::random::Shape;
use quorate::world::history::{Completion, Observation, Tombstones};
use quorate::world::system::{Answer, System};

/// The store: one primary a key, and nodes that may remember what passed through them.
struct Primary {
    answers_from_cache: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Node {
    /// At the primary: what each key holds. None: deleted, or never written.
    values: Vec<(Key, Written)>,
    /// Elsewhere: what was last passed on.
    cache: Vec<(Key, Written)>,
    /// At the primary: how many writes it has done.
    written: u64,
    /// For whom a request was passed on.
    waiting: Vec<(OpId, ClientId)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Written {
    op: OpId,
    deleted: bool,
    /// The primary's count of writes: a later one replaces an earlier one, whoever was asked first.
    number: u64,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Body {
    Ask(Action),
    Answer(Action, Option<Written>),
}

type Wire = Envelope<Body>;

impl Primary {
    fn serve(&self, node: &mut Node, op: OpId, key: Key, action: Action) -> Option<Written> {
        node.values.retain(|(held, _)| *held != key || !action.is_write());
        if action.is_write() {
            node.written += 1;
            let written = Written { op, deleted: action == Action::Delete, number: node.written };
            node.values.push((key, written));
        }
        node.values.iter().find(|(held, _)| *held == key).map(|(_, written)| *written)
    }
}

impl System for Primary {
    type Node = (NodeId, Node);
    type Client = (ClientId, Option<(OpId, Action)>);
    type Body = Body;
    type Clock = Dotted;

    fn name(&self) -> Cow<'static, str> {
        "primary".into()
    }

    fn claims(&self, _cluster: Cluster) -> Claims {
        Claims::everything()
    }

    fn data_type(&self) -> DataType {
        DataType::LastWriteWins
    }

    fn home(&self, _cluster: Cluster, key: Key) -> PreferenceList {
        std::iter::once(NodeId::at(key.index() % 2)).collect()
    }

    fn node(&self, id: NodeId, _cluster: Cluster) -> Self::Node {
        (id, Node::default())
    }

    fn client(&self, id: ClientId) -> Self::Client {
        (id, None)
    }

    fn invoke(&self, client: &mut Self::Client, asking: &Asking) -> Wire {
        client.1 = Some((asking.op, asking.action));
        Envelope {
            from: Address::Client(client.0),
            to: Address::Node(asking.via),
            op: asking.op,
            key: asking.key,
            kind: MessageKind::Request,
            replica: None,
            slot: 0,
            body: Body::Ask(asking.action),
        }
    }

    fn answer(&self, client: &mut Self::Client, envelope: Wire) -> Option<Answer> {
        let (op, action) = client.1.take_if(|(op, _)| *op == envelope.op)?;
        let Body::Answer(_, held) = envelope.body else { return None };
        let mut seen = Observation::nothing();
        match held {
            Some(Written { op, deleted: true, .. }) => {
                seen.tombstones = Tombstones::These([op].into_iter().collect());
            }
            Some(Written { op, deleted: false, .. }) => seen.values.push(op),
            None => {}
        }
        let timestamp = held.filter(|_| action.is_write()).map(|written| written.number);
        let observation = (action == Action::Get).then_some(seen);
        let completion =
            Completion { op, status: Status::Ok, reason: None, observation, timestamp, token: true };
        Some(Answer { completion, update: SessionUpdate::Join })
    }

    fn abandon(&self, client: &mut Self::Client) {
        client.1 = None;
    }

    fn receive(
        &self,
        (id, node): &mut Self::Node,
        around: Surroundings<'_>,
        envelope: Wire,
        out: &mut Vec<Wire>,
    ) -> Effect {
        let Envelope { from, op, key, kind, .. } = envelope;
        let primary = around.home(key)[0];
        let to_client = |client, body| Envelope {
            from: Address::Node(*id),
            to: Address::Client(client),
            kind: MessageKind::Reply,
            replica: None,
            op,
            key,
            slot: 0,
            body,
        };
        match (envelope.body, from) {
            (Body::Ask(action), Address::Client(client)) if *id == primary => {
                let held = self.serve(node, op, key, action);
                out.push(to_client(client, Body::Answer(action, held)));
            }
            (Body::Ask(Action::Get), Address::Client(client))
                if self.answers_from_cache && node.cache.iter().any(|(cached, _)| *cached == key) =>
            {
                let cached =
                    node.cache.iter().find(|(cached, _)| *cached == key).map(|(_, written)| *written);
                out.push(to_client(client, Body::Answer(Action::Get, cached)));
            }
            (Body::Ask(action), Address::Client(client)) => {
                node.waiting.push((op, client));
                out.push(Envelope {
                    from: Address::Node(*id),
                    to: Address::Node(primary),
                    kind: MessageKind::Ask,
                    replica: Some(primary),
                    op,
                    key,
                    slot: 0,
                    body: Body::Ask(action),
                });
            }
            (Body::Ask(action), Address::Node(asker)) => {
                let held = self.serve(node, op, key, action);
                out.push(Envelope {
                    from: Address::Node(*id),
                    to: Address::Node(asker),
                    kind: kind.answer(),
                    replica: Some(*id),
                    op,
                    key,
                    slot: 0,
                    body: Body::Answer(action, held),
                });
            }
            (Body::Answer(action, held), _) => {
                node.cache.retain(|(cached, _)| *cached != key);
                node.cache.extend(held.map(|written| (key, written)));
                if let Some(at) = node.waiting.iter().position(|(waiting, _)| *waiting == op) {
                    let (_, client) = node.waiting.remove(at);
                    out.push(to_client(client, Body::Answer(action, held)));
                }
            }
        }
        Effect::None
    }

    fn time_out(&self, (_, node): &mut Self::Node, op: OpId, _out: &mut Vec<Wire>) {
        node.waiting.retain(|(waiting, _)| *waiting != op);
    }

    fn wake(&self, _node: &mut Self::Node, _around: Surroundings<'_>, _out: &mut Vec<Wire>) {}

    fn crash(&self, (_, node): &mut Self::Node) {
        node.waiting.clear();
        node.cache.clear();
    }

    fn lose_disk(&self, (_, node): &mut Self::Node) {
        *node = Node::default();
    }
}

/// The first thing broken in so many random schedules, and how many obligations of `fresh` were examined.
fn search(store: &Primary, schedules: u64) -> (Option<Breakage>, u64) {
    let cluster = Cluster::new(1, 1, 1).on(3);
    let history: GuaranteeSet =
        Guarantee::ALL.into_iter().filter(|guarantee| guarantee.is_of_history()).collect();
    // A doubled request to the primary would be served twice: this store does not guard against it.
    let shape = Shape {
        faults: Shape::of(cluster).faults.without(quorate::search::random::Fault::Doubled),
        ..Shape::of(cluster)
    };
    let mut runner = store.runner(cluster, 2, Demands::NOTHING.expecting(history));
    let mut examined = 0;
    for number in 0..schedules {
        let trial = runner.run(&shape.schedule(7, number));
        examined += runner.ruling(Guarantee::Fresh).examined;
        if let Some(finding) = trial.finding {
            return (Some(finding.breakage), examined);
        }
    }
    (None, examined)
}

#[test]
fn a_foreign_store_that_keeps_its_promises_is_left_alone() {
    let (broken, examined) = search(&Primary { answers_from_cache: false }, 5_000);
    assert_eq!(broken, None);
    assert!(examined > 10_000, "only {examined} obligations were examined");
}

#[test]
fn a_foreign_store_that_answers_from_a_cache_is_caught() {
    let (broken, _) = search(&Primary { answers_from_cache: true }, 500);
    assert!(
        matches!(broken, Some(Breakage::Guarantee(guarantee)) if guarantee.is_of_history()),
        "{broken:?}"
    );
}

#[test]
fn its_story_is_told_without_what_nobody_can_see() {
    let report = quorate::check_system(Primary { answers_from_cache: true }).run();
    let story = &report.counterexamples[0];
    assert!(story.nodes.is_empty(), "{story}");
    assert!(
        story.rows.iter().any(|row| row.outcomes.iter().any(|line| line.text.contains(" ok, "))),
        "{story}"
    );
    assert!(story.holds.iter().all(|guarantee| guarantee.is_of_history()), "{story}");
}
