//! Claims about the model and its world, each with the schedule that tries it.

mod common;

use common::{claiming, expecting, trial_of};
use quorate::check::{Demands, Subject};
use quorate::guarantee::Guarantee::{Available, Convergence, Durable, NoExtra, NoLost, OneDotOneWrite};
use quorate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use quorate::model::storage_node::{Effect, StorageNode, Surroundings};
use quorate::model::{
    Action, Address, Body, Claims, Cluster, DataType, Dotted, Envelope, Level, MessageKind, Siblings, Value,
};
use quorate::prelude::{
    Ack, Delivery, PreferenceList, Progress, Protocol, Put, Repairs, Replica, Resolution, Ship, Stamp,
    Target, Targets, Task, Textbook, View,
};
use quorate::search::dice::Dice;
use quorate::search::walk::Shape;
use quorate::world::modelled::Modelled;
use quorate::world::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};
use quorate::world::system::{Answer, Cargo, System};

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

/// Every step is legal in every state, whatever it names: random garbage makes no panic, no storm, and no finding
/// in a correct protocol.
#[test]
fn garbage_does_nothing() {
    for (number, cluster) in [Cluster::default(), Cluster::new(1, 1, 1), Cluster::new(3, 2, 2).on(5)]
        .into_iter()
        .cycle()
        .take(600)
        .enumerate()
    {
        let schedule = garbage(&mut Dice::of(7, number as u64));
        let textbook = Modelled(&Textbook as &dyn Protocol);
        let demands = Demands::of_claims(&Subject::claims(&textbook, cluster));
        let trial = textbook.runner(cluster, 2, demands).run(&schedule);
        if let Some(finding) = trial.finding {
            panic!(
                "#{number} on {cluster}: {}: {}\n{:#?}",
                finding.breakage, finding.because, schedule.steps
            );
        }
    }
}

fn garbage(dice: &mut Dice) -> Schedule {
    (0..dice.between(5, 40)).map(|_| garbage_step(dice)).collect()
}

fn garbage_step(dice: &mut Dice) -> Step {
    let node = |dice: &mut Dice| NodeId(*dice.one_of(&[0, 1, 1, 2, 2, 3, 3, 4, 5, 9, 16, 17, 31, 200, 255]));
    let set = |dice: &mut Dice| NodeSet(dice.below(1 << 16) as u16);
    let op =
        |dice: &mut Dice| OpId(*dice.one_of(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 300, 9_999, 10_000, 65_535]));
    let name = |dice: &mut Dice| MessageName {
        kind: *dice.one_of(&[
            MessageKind::Request,
            MessageKind::Ask,
            MessageKind::Answer,
            MessageKind::Repair,
            MessageKind::Repaired,
            MessageKind::HandOff,
            MessageKind::HandedOff,
            MessageKind::Reply,
        ]),
        replica: dice.happens(700).then(|| node(dice)),
        attempt: *dice.one_of(&[0, 0, 0, 1, 255]),
    };
    match dice.below(26) {
        0..11 => Step::Operation(Operation {
            op: op(dice),
            action: *dice.one_of(&[Action::Put, Action::Get, Action::Delete]),
            client: ClientId(*dice.one_of(&[0, 1, 2, 3, 64, 65, 66, 1000, 65_535])),
            key: Key(*dice.one_of(&[0, 1, 1, 1, 2, 3, 64, 65, 65_535])),
            via: node(dice),
            blind: dice.happens(300),
            level: *dice.one_of(&[Level::Default, Level::One, Level::Quorum, Level::All]),
            exceptions: (0..dice.below(5))
                .map(|_| Exception {
                    name: name(dice),
                    fate: *dice.one_of(&[Fate::Late, Fate::Lost, Fate::Doubled]),
                })
                .collect(),
        }),
        11..13 => Step::Arrive { op: op(dice), name: name(dice) },
        13 => Step::Timeout { op: op(dice) },
        14 => Step::Cut { side: set(dice), other: set(dice) },
        15 => Step::CutOneWay { from: set(dice), to: set(dice) },
        16 => Step::Heal,
        17 => Step::Pause { node: node(dice) },
        18 => Step::Crash { node: node(dice) },
        19 => Step::Restart { node: node(dice) },
        20 => Step::Wipe { node: node(dice) },
        21 => Step::Suspect { at: node(dice), whom: node(dice) },
        22 => Step::Trust,
        23 => Step::Skew { node: node(dice), ms: *dice.one_of(&[i32::MIN, -1, 0, 1, i32::MAX]) },
        24 => Step::Tick { ms: *dice.one_of(&[0, 1, u32::MAX]) },
        _ => Step::Wake { node: node(dice) },
    }
}

/// A store behind the second door: ours, with one thing changed by the test.
struct Behind {
    inner: Modelled<'static, Dotted>,
    transparent: bool,
    /// What it does to each message before it is sent.
    tamper: fn(&mut Envelope<Body<Dotted>>),
    /// What it does to each answer before its client sees it.
    report: fn(&mut Answer),
}

impl Behind {
    fn new() -> Self {
        Self { inner: Modelled(&Textbook), transparent: true, tamper: |_| {}, report: |_| {} }
    }
}

impl System for Behind {
    type Node = StorageNode<Dotted>;
    type Client = <Modelled<'static, Dotted> as System>::Client;
    type Body = Body<Dotted>;
    type Clock = Dotted;

    fn name(&self) -> std::borrow::Cow<'static, str> {
        "behind".into()
    }
    fn claims(&self, cluster: Cluster) -> Claims {
        System::claims(&self.inner, cluster)
    }
    fn data_type(&self) -> DataType {
        DataType::Register
    }
    fn home(&self, cluster: Cluster, key: Key) -> PreferenceList {
        self.inner.home(cluster, key)
    }
    fn node(&self, id: NodeId, cluster: Cluster) -> Self::Node {
        self.inner.node(id, cluster)
    }
    fn client(&self, id: ClientId) -> Self::Client {
        self.inner.client(id)
    }
    fn invoke(
        &self,
        client: &mut Self::Client,
        asking: &quorate::model::kv_client::Asking,
    ) -> Envelope<Self::Body> {
        self.inner.invoke(client, asking)
    }
    fn answer(&self, client: &mut Self::Client, envelope: Envelope<Self::Body>) -> Option<Answer> {
        let mut answer = self.inner.answer(client, envelope)?;
        (self.report)(&mut answer);
        Some(answer)
    }
    fn abandon(&self, client: &mut Self::Client) {
        self.inner.abandon(client);
    }
    fn receive(
        &self,
        node: &mut Self::Node,
        around: Surroundings<'_>,
        envelope: Envelope<Self::Body>,
        out: &mut Vec<Envelope<Self::Body>>,
    ) -> Effect {
        let effect = self.inner.receive(node, around, envelope, out);
        out.iter_mut().for_each(self.tamper);
        if self.transparent { effect } else { Effect::None }
    }
    fn time_out(&self, node: &mut Self::Node, op: OpId, out: &mut Vec<Envelope<Self::Body>>) {
        self.inner.time_out(node, op, out);
    }
    fn wake(&self, node: &mut Self::Node, around: Surroundings<'_>, out: &mut Vec<Envelope<Self::Body>>) {
        self.inner.wake(node, around, out);
    }
    fn crash(&self, node: &mut Self::Node) {
        self.inner.crash(node);
    }
    fn lose_disk(&self, node: &mut Self::Node) {
        self.inner.lose_disk(node);
    }
    fn cargo<'b>(&self, envelope: &'b Envelope<Self::Body>) -> Cargo<'b, Dotted> {
        if self.transparent { self.inner.cargo(envelope) } else { Cargo::Nothing }
    }
    fn held<'n>(&self, node: &'n Self::Node, owner: NodeId, key: Key) -> Option<&'n Siblings<Dotted>> {
        self.inner.held(node, owner, key).filter(|_| self.transparent)
    }
    fn is_transparent(&self) -> bool {
        self.transparent
    }
}

/// A foreign store owes no more after a lost disk than our own.
///
/// N=3 R=2 W=2. o1 is on n1 and n2; n2 loses its disk; n3 never had it. A read by n2 and n3 misses it, and that is
/// R+W−N=1 disk lost: fresh and read-your-writes are not owed. Nobody can see into the foreign store whether n2
/// has got it back; then the verdict is weaker, never stricter.
#[test]
fn a_foreign_store_is_excused_for_its_lost_disks() {
    let foreign = Behind { transparent: false, ..Behind::new() };
    let cluster = Cluster::default();
    let demands = Demands::of_claims(&Subject::claims(&foreign, cluster));
    let outcome = trial_of(
        &foreign,
        cluster,
        demands,
        "put c1 k1 via n1 (to n3 lost)
         wipe n2
         get c1 k1 via n3 (from n1 lost)",
    );
    outcome.is_silent().not_owed(quorate::guarantee::Guarantee::ReadYourWrites, 1);
}

/// And is never accused of anything our own is not, whatever befalls it.
#[test]
fn a_foreign_store_is_never_accused_of_what_our_own_is_not() {
    let foreign = Behind { transparent: false, ..Behind::new() };
    for cluster in
        [Cluster::default(), Cluster::new(3, 3, 1), Cluster::new(1, 1, 1), Cluster::new(4, 2, 3).on(5)]
    {
        let demands = Demands::of_claims(&Subject::claims(&foreign, cluster));
        let mut runner = foreign.runner(cluster, 2, demands);
        for number in 0..500 {
            let schedule = Shape::of(cluster).schedule(5, number);
            if let Some(finding) = runner.run(&schedule).finding {
                panic!("{cluster}, #{number}: {}: {}\n{schedule}", finding.breakage, finding.because);
            }
        }
    }
}

/// Refused means that nothing was sent; the simulator knows better than the coordinator whether that is true.
///
/// n4 is no home of k1. It sends the put to all three replicas, where it is lost this time, and says refused. It
/// might as well have arrived, and surfaced at any later read: the lie is there before anybody reads.
#[test]
fn a_refused_write_that_was_sent_is_found_out_at_once() {
    use quorate::model::Status;
    let liar = Behind {
        report: |answer| {
            if answer.completion.status == Status::Info {
                answer.completion.status = Status::Refused;
            }
        },
        ..Behind::new()
    };
    let demands = Demands::NOTHING.expecting([Available].into_iter().collect());
    let outcome = trial_of(
        &liar,
        Cluster::default().on(4),
        demands,
        "put c1 k1 via n4 (to n1 lost, to n2 lost, to n3 lost)
         timeout o1",
    );
    outcome.broke(Available);
}

/// An answer sent to the wrong client answers nobody: c1 waits, its replicas were all there, and c2 got a reply to
/// something it never asked.
#[test]
fn an_answer_to_the_wrong_client_is_no_answer() {
    let confused = Behind {
        tamper: |envelope| {
            if envelope.to == Address::Client(ClientId(1)) {
                envelope.to = Address::Client(ClientId(2));
            }
        },
        ..Behind::new()
    };
    let demands = Demands::NOTHING.expecting([Available].into_iter().collect());
    let outcome = trial_of(
        &confused,
        Cluster::default(),
        demands,
        "get c2 k1 via n1 (reply late)
         put c1 k1 via n1",
    );
    outcome.broke(Available);
}

/// A message is named by its cause: the answer to the second asking of a node is its second answer, whatever
/// became of the first asking.
///
/// n2 suspects n1 and stands in for it beside itself: it is asked twice, once for its own copy and once for n1's.
/// The first asking is lost. The answer to the second is `from n2 again`; named by the order of answering it would
/// be `from n2`, and deleting the loss from the schedule would move its fate to another message.
#[test]
fn an_answer_is_named_after_the_asking_that_caused_it() {
    #[derive(Debug)]
    struct Twice;
    impl Protocol for Twice {
        fn base(&self) -> &dyn Protocol {
            &Textbook
        }
        fn targets(&self, _task: &Task, view: &View<'_>) -> Targets {
            let (own, other) = (NodeId(2), view.home[0]);
            Targets::Ask([Target::home(own), Target::standing_in(own, other)].into_iter().collect())
        }
    }
    let outcome = expecting(
        &Twice,
        Cluster::new(2, 1, 1),
        &[NoLost],
        "put c1 k1 via n1 (to n2 lost, from n2 again lost)",
    );
    assert_eq!(outcome.status(1), quorate::model::Status::Info, "its one answer is lost");
}
