//! Systems at the second door, and what the world makes of their messages.

use super::*;

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
    let false_refusal = Behind {
        report: |answer| {
            if answer.completion.status == Status::Info {
                answer.completion.status = Status::Refused;
            }
        },
        ..Behind::new()
    };
    let demands = Demands::NOTHING.expecting([Available].into_iter().collect());
    let outcome = trial_of(
        &false_refusal,
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
