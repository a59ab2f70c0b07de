//! Our own model behind the door: a [`Protocol`] as a [`System`].

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::id::{ClientId, Key, NodeId, OpId};
use crate::model::kv_client::{Answered, Asking, KvClient};
use crate::model::protocol::Protocol;
use crate::model::storage_node::{Effect, StorageNode, Surroundings};
use crate::model::{
    Body, Causality, Claims, Cluster, DataType, Dotted, Envelope, Extent, MessageKind, PreferenceList,
    Siblings, Status, Symmetry, Value,
};
use crate::world::history::{Completion, Observation, Tombstones};
use crate::world::system::{Answer, Cargo, System};

/// The protocol at which every chain of bases ends.
const ROOT: &str = "textbook";

/// The longest chain of bases.
const MOST_BASES: usize = 64;

/// A protocol, run by our storage nodes and clients.
#[derive(Clone, Copy, Debug)]
pub struct Modelled<'p, C: Causality = Dotted>(pub &'p dyn Protocol<C>);

impl<C: Causality> System for Modelled<'_, C> {
    type Node = StorageNode<C>;
    type Client = KvClient<C>;
    type Body = Body<C>;
    type Clock = C;

    fn name(&self) -> Cow<'static, str> {
        self.0.name()
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.0.claims(cluster)
    }

    fn base_claims(&self, cluster: Cluster) -> Option<(Cow<'static, str>, Claims)> {
        let base = self.0.base();
        // The root is its own base.
        (base.name() != self.0.name()).then(|| (base.name(), base.claims(cluster)))
    }

    fn data_type(&self) -> DataType {
        self.0.data_type()
    }

    fn home(&self, cluster: Cluster, key: Key) -> PreferenceList {
        self.0.home(cluster, key)
    }

    fn node(&self, id: NodeId, _cluster: Cluster) -> StorageNode<C> {
        StorageNode::new(id)
    }

    fn client(&self, id: ClientId) -> KvClient<C> {
        KvClient::new(id)
    }

    fn invoke(&self, client: &mut KvClient<C>, asking: &Asking) -> Envelope<Body<C>> {
        client.invoke(self.0, asking)
    }

    fn answer(&self, client: &mut KvClient<C>, envelope: Envelope<Body<C>>) -> Option<Answer> {
        let Body::Reply(reply) = envelope.body else { return None };
        let Answered { reply, update, taken, action } = client.receive(self.0, envelope.op, *reply)?;
        let shown = (reply.status == Status::Ok && !action.is_write())
            .then(|| observation(&reply.versions, self.0.data_type(), taken));
        let completion = Completion {
            op: envelope.op,
            status: reply.status,
            reason: reply.reason,
            observation: shown,
            timestamp: reply.timestamp,
            token: reply.token.is_some(),
        };
        Some(Answer { completion, update })
    }

    fn abandon(&self, client: &mut KvClient<C>) {
        client.abandon();
    }

    fn receive(
        &self,
        node: &mut StorageNode<C>,
        around: Surroundings<'_>,
        envelope: Envelope<Body<C>>,
        out: &mut Vec<Envelope<Body<C>>>,
    ) -> Effect {
        node.receive(self.0, around, envelope, out)
    }

    fn time_out(&self, node: &mut StorageNode<C>, op: OpId, out: &mut Vec<Envelope<Body<C>>>) {
        node.time_out(op, out);
    }

    fn wake(&self, node: &mut StorageNode<C>, around: Surroundings<'_>, out: &mut Vec<Envelope<Body<C>>>) {
        node.wake(self.0, around, out);
    }

    fn crash(&self, node: &mut StorageNode<C>) {
        node.crash();
    }

    fn lose_disk(&self, node: &mut StorageNode<C>) {
        node.lose_disk();
    }

    fn cargo<'b>(&self, envelope: &'b Envelope<Body<C>>) -> Cargo<'b, C> {
        match &envelope.body {
            Body::Store(store) => match store.extent {
                Extent::Versions => Cargo::Versions(&store.versions),
                Extent::Merged(slots) => Cargo::Merged { slots, versions: &store.versions },
                Extent::SendersCopy => {
                    // A write ships the coordinator's own copy; a hand-off ships the one kept for its owner.
                    let owner = match (envelope.kind, envelope.from) {
                        (MessageKind::HandOff, _) => store.owner,
                        (_, crate::model::Address::Node(sender)) => sender,
                        _ => store.owner,
                    };
                    Cargo::Copy { owner, versions: &store.versions, shown: false }
                }
            },
            Body::Shown { owner, versions } => Cargo::Copy { owner: *owner, versions, shown: true },
            Body::Reply(reply) => Cargo::Reply {
                slots: reply.counted,
                versions: &reply.versions,
                ok: reply.status == Status::Ok,
            },
            Body::Request(request) => match (self.0.data_type(), &request.value) {
                (DataType::LastWriteWins, _) | (DataType::Set, Value::Written)
                    if request.action.is_write() =>
                {
                    Cargo::Alone
                }
                _ => Cargo::Nothing,
            },
            Body::Stored { .. } | Body::Taken { .. } | Body::Fetch { .. } | Body::Refused => Cargo::Nothing,
        }
    }

    fn held<'n>(&self, node: &'n StorageNode<C>, owner: NodeId, key: Key) -> Option<&'n Siblings<C>> {
        node.held(owner, key)
    }

    /// Once a coordinator has forgotten an operation, it ignores the answers, and a read of a copy changes only whom
    /// the replica answers. The same is true of a write that was answered.
    fn is_spent(&self, coordinator: &StorageNode<C>, envelope: &Envelope<Body<C>>) -> bool {
        let is_for_coordinator = match envelope.body {
            Body::Fetch { .. } => true,
            _ => matches!(envelope.kind, MessageKind::Answer | MessageKind::Repaired),
        };
        is_for_coordinator && !coordinator.coordinates(envelope.op, self.0.symmetry())
    }

    fn symmetry(&self) -> Symmetry {
        self.0.symmetry()
    }

    /// Uses the type's name, which it derives from the protocol's name.
    fn in_a_test(&self) -> String {
        let name = self.0.name();
        let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let upper = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
        format!("quorate::replay(&{}, ", words.map(upper).collect::<String>())
    }

    /// A protocol that is its own base would ask itself for ever what it does not decide.
    fn flaw(&self) -> Option<String> {
        let mut at = self.0;
        for _ in 0..MOST_BASES {
            if at.name() == ROOT {
                return None;
            }
            at = at.base();
        }
        Some(format!(
            "`base` of {} leads round and never to the textbook: expected another protocol, `&Textbook` for instance",
            self.0.name()
        ))
    }

    fn is_transparent(&self) -> bool {
        true
    }
}

/// What a client makes of the versions it is shown.
fn observation<C>(versions: &Siblings<C>, data_type: DataType, resolved: Option<OpId>) -> Observation {
    let mut seen = Observation { resolved, ..Observation::nothing() };
    let mut tombstones = SmallVec::new();
    let mut count = 0;
    for version in versions {
        match &version.value {
            Value::Deleted => tombstones.push(version.op),
            Value::Items(items) if data_type == DataType::Set => seen.values.extend(items.iter().copied()),
            Value::Count(number) => count += number,
            Value::Written | Value::Items(_) => seen.values.push(version.op),
        }
    }
    seen.tombstones = Tombstones::These(tombstones);
    seen.count = (data_type == DataType::Counter).then_some(count);
    seen
}
