//! A store that lies about what it did: what has failed after something was sent it calls refused.
//!
//! It cannot be written as a protocol, since a refusal is the model's own and sends nothing. It comes in by the second
//! door, as a [`System`] that passes everything on to another one and changes a word.

use std::borrow::Cow;

use crate::model::kv_client::{Asking, KvClient};
use crate::model::storage_node::{Effect, Outbox, StorageNode, Surroundings};
use crate::model::{Body, Envelope, Status};
use crate::seam::*;
use crate::world::modelled::Modelled;
use crate::world::system::{Answer, Cargo, System};

/// Its name.
pub const NAME: &str = "mutant-lies";
/// Its description in `protocols --mutants`.
pub const ABOUT: &str = "a timeout is reported as a refusal, though the write was sent and may yet be seen";

/// The textbook, but an operation that failed after something was sent is reported as refused.
#[derive(Debug)]
pub struct Lies;

const HONEST: Modelled<'static, Dotted> = Modelled(&Textbook);

impl System for Lies {
    type Node = StorageNode<Dotted>;
    type Client = KvClient<Dotted>;
    type Body = Body<Dotted>;
    type Clock = Dotted;

    fn answer(&self, client: &mut KvClient<Dotted>, envelope: Envelope<Body<Dotted>>) -> Option<Answer> {
        let mut answer = HONEST.answer(client, envelope)?;
        if answer.completion.status == Status::Info {
            answer.completion.status = Status::Refused;
        }
        Some(answer)
    }

    fn name(&self) -> Cow<'static, str> {
        NAME.into()
    }
    fn claims(&self, cluster: Cluster) -> Claims {
        System::claims(&HONEST, cluster)
    }
    fn data_type(&self) -> DataType {
        System::data_type(&HONEST)
    }
    fn home(&self, cluster: Cluster, key: Key) -> PreferenceList {
        HONEST.home(cluster, key)
    }
    fn node(&self, id: NodeId, cluster: Cluster) -> StorageNode<Dotted> {
        HONEST.node(id, cluster)
    }
    fn client(&self, id: ClientId) -> KvClient<Dotted> {
        HONEST.client(id)
    }
    fn invoke(&self, client: &mut KvClient<Dotted>, asking: &Asking) -> Envelope<Body<Dotted>> {
        HONEST.invoke(client, asking)
    }
    fn abandon(&self, client: &mut KvClient<Dotted>) {
        HONEST.abandon(client);
    }
    fn receive(
        &self,
        node: &mut StorageNode<Dotted>,
        around: Surroundings<'_>,
        envelope: Envelope<Body<Dotted>>,
        out: &mut Outbox<Dotted>,
    ) -> Effect {
        HONEST.receive(node, around, envelope, out)
    }
    fn time_out(&self, node: &mut StorageNode<Dotted>, op: OpId, out: &mut Outbox<Dotted>) {
        HONEST.time_out(node, op, out);
    }
    fn wake(&self, node: &mut StorageNode<Dotted>, around: Surroundings<'_>, out: &mut Outbox<Dotted>) {
        HONEST.wake(node, around, out);
    }
    fn crash(&self, node: &mut StorageNode<Dotted>) {
        HONEST.crash(node);
    }
    fn lose_disk(&self, node: &mut StorageNode<Dotted>) {
        HONEST.lose_disk(node);
    }
    fn cargo<'b>(&self, envelope: &'b Envelope<Body<Dotted>>) -> Cargo<'b, Dotted> {
        HONEST.cargo(envelope)
    }
    fn held<'n>(
        &self,
        node: &'n StorageNode<Dotted>,
        owner: NodeId,
        key: Key,
    ) -> Option<&'n Siblings<Dotted>> {
        HONEST.held(node, owner, key)
    }
    fn is_transparent(&self) -> bool {
        true
    }
}
