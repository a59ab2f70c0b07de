//! Last write wins by hybrid clocks: a timestamp exceeds all that its node and its writer have seen.
//!
//! After Kulkarni, Demirbas, Madappa, Avva and Leone, "Logical physical clocks", OPODIS 2014, with time and count in
//! one number: the clock's time, or one more than the greatest timestamp met so far if that is later. The node keeps
//! the greatest it has stamped or taken in, durably; the client's context brings the greatest that the client has.
//!
//! So a write ranks above every write that its context covers, whatever the clocks say: causal-order and the order of
//! sessions are claimed. Only the token can carry that knowledge to another node: a write that is sent without one may
//! be hidden by its session's earlier write, and is not owed better.
//!
//! Not modelled: the bound on how far timestamps may run ahead of the clocks.

use std::borrow::Cow;

use super::last_write_wins::LastWriteWins;
use crate::seam::*;

/// Last write wins, and later writes are later; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct HybridClock;

/// The cell of a node's durable registers with the greatest timestamp it has met.
const GREATEST: usize = 0;

impl Protocol<LastWrite> for HybridClock {
    fn base(&self) -> &dyn Protocol<LastWrite> {
        &LastWriteWins
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("hybrid-clock")
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        use Guarantee::{CausalOrder, MonotonicWrites, RealTimeOrder, WritesFollowReads};
        self.base().claims(cluster).and(&[CausalOrder, MonotonicWrites, WritesFollowReads]).except(
            &[RealTimeOrder],
            "the count runs ahead of the clock, so that many writes in one millisecond rank above a later one",
        )
    }

    fn stamp(&self, replica: &mut Replica<'_, LastWrite>, put: &Put<'_, LastWrite>) -> Stamp<LastWrite> {
        let of_writer = put.context.map_or(0, |context| context.0);
        let met = replica.of_node.durable.raise(GREATEST, of_writer);
        replica.now = replica.of_node.durable.raise(GREATEST, replica.now.max(met + 1));
        self.base().stamp(replica, put)
    }

    fn accept(
        &self,
        replica: &mut Replica<'_, LastWrite>,
        delivery: &Delivery<'_, LastWrite>,
    ) -> Ack<LastWrite> {
        for version in delivery.versions {
            replica.of_node.durable.raise(GREATEST, version.timestamp);
        }
        self.base().accept(replica, delivery)
    }
}
