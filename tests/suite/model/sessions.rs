//! Clients that do with their session what they like. The door says which tokens they sent, and what their answers rest
//! on beside the replies; so nobody is accused of what a session explains.

use super::*;
use quorate::guarantee::Guarantee::MonotonicReads;
use quorate::model::kv_client::KvClient;
use quorate::op_set::OpSet;

type Inner = Modelled<'static, Dotted>;

/// What a client remembers of a key besides its context.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
struct Remembered {
    /// The operations whose tokens its context is made of.
    tokens: OpSet,
    /// Those of them that were reads.
    reads: OpSet,
    /// What those showed, joined.
    seen: Siblings<Dotted>,
}

/// Our store, with a client of another kind.
struct Sessions {
    inner: Inner,
    /// Whether a client that gives up has lost its session.
    forgets: bool,
    /// Whether a client joins what it read before into each answer: the textbook's way to monotonic reads.
    caches: bool,
    /// Whether the door says so.
    tells: bool,
}

impl System for Sessions {
    type Node = StorageNode<Dotted>;
    type Client = (ClientId, KvClient<Dotted>, Vec<Remembered>);
    type Body = Body<Dotted>;
    type Clock = Dotted;

    fn name(&self) -> std::borrow::Cow<'static, str> {
        "sessions".into()
    }
    fn claims(&self, cluster: Cluster) -> Claims {
        let claims = System::claims(&self.inner, cluster);
        if self.caches { claims.and(&[MonotonicReads]) } else { claims }
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
        (id, self.inner.client(id), vec![Remembered::default(); 64])
    }
    fn invoke(
        &self,
        (_, client, _): &mut Self::Client,
        asking: &quorate::model::kv_client::Asking,
    ) -> Envelope<Self::Body> {
        self.inner.invoke(client, asking)
    }
    fn answer(
        &self,
        (_, client, remembered): &mut Self::Client,
        mut envelope: Envelope<Self::Body>,
    ) -> Option<Answer> {
        let remembered = &mut remembered[envelope.key.index()];
        let Body::Reply(reply) = &mut envelope.body else { return None };
        let is_read = reply.timestamp.is_none();
        if self.caches && is_read && reply.token.is_some() {
            reply.versions.join(&remembered.seen);
            // What it shows, its token must cover.
            let own = client.context(envelope.key).cloned().unwrap_or_default();
            reply.token.iter_mut().for_each(|token| quorate::model::Context::join(token, &own));
        }
        let (op, shown) = (envelope.op, reply.versions.clone());
        let answer = self.inner.answer(client, envelope)?;
        if answer.completion.token && answer.completion.status == quorate::model::Status::Ok {
            remembered.tokens.insert(op);
            if is_read {
                remembered.reads.insert(op);
                remembered.seen.join(&shown);
            }
        }
        Some(answer)
    }
    fn abandon(&self, (id, client, remembered): &mut Self::Client) {
        self.inner.abandon(client);
        if self.forgets {
            *client = self.inner.client(*id);
            remembered.fill(Remembered::default());
        }
    }
    fn receive(
        &self,
        node: &mut Self::Node,
        around: Surroundings<'_>,
        envelope: Envelope<Self::Body>,
        out: &mut Vec<Envelope<Self::Body>>,
    ) -> Effect {
        self.inner.receive(node, around, envelope, out)
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
    fn tells_tokens(&self) -> bool {
        self.tells
    }
    fn tokens_sent(&self, (.., remembered): &Self::Client, request: &Envelope<Self::Body>) -> OpSet {
        match &request.body {
            Body::Request(asked) if asked.context.is_some() => remembered[request.key.index()].tokens.clone(),
            _ => OpSet::new(),
        }
    }
    fn rests_on(&self, (.., remembered): &Self::Client, answer: &Envelope<Self::Body>) -> OpSet {
        if self.caches { remembered[answer.key.index()].reads.clone() } else { OpSet::new() }
    }
    fn cargo<'b>(&self, envelope: &'b Envelope<Self::Body>) -> Cargo<'b, Dotted> {
        self.inner.cargo(envelope)
    }
    fn held<'n>(&self, node: &'n Self::Node, owner: NodeId, key: Key) -> Option<&'n Siblings<Dotted>> {
        self.inner.held(node, owner, key)
    }
    fn is_transparent(&self) -> bool {
        true
    }
}

fn first_breach(forgets: bool, caches: bool, tells: bool) -> Option<String> {
    let system = Sessions { inner: Modelled(&Textbook), forgets, caches, tells };
    let cluster = Cluster::default();
    let demands = Demands::of_claims(&Subject::claims(&system, cluster));
    let mut runner = system.runner(cluster, 2, demands);
    (0..400).find_map(|number| {
        let schedule = Shape::of(cluster).schedule(23, number);
        let finding = runner.run(&schedule).finding?;
        Some(format!("#{number}: {}: {}", finding.breakage, finding.because))
    })
}

#[test]
fn a_client_that_loses_its_session_is_not_accused_of_its_blind_put() {
    assert_eq!(first_breach(true, false, true), None);
    assert!(first_breach(true, false, false).is_some(), "without a word about it, its siblings look false");
}

#[test]
fn a_session_cache_is_part_of_what_an_answer_rests_on() {
    assert_eq!(first_breach(false, true, true), None, "and it gives monotonic reads");
    assert!(first_breach(false, true, false).is_some(), "without a word about it, its answers show too much");
}

#[test]
fn a_client_that_tells_what_the_world_knows_anyway_changes_nothing() {
    assert_eq!(first_breach(false, false, true), None);
    assert_eq!(first_breach(false, false, false), None);
}
