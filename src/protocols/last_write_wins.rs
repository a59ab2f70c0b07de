//! Last write wins: the greatest timestamp survives, and what it is stamped over is gone.
//!
//! The rule of Cassandra, and of Riak with `allow_mult=false`: no siblings and no causality, one total order by
//! (timestamp, delete over put, operation). The timestamp is the coordinator's clock. Replicas, quorums and repair
//! are the textbook's; only the clock is another one, and the data type that it makes.
//!
//! That a concurrent write vanishes is what the type says, and is not called lost. That a *later* one vanishes is
//! a fault: a session that reads v1 and writes v2 through a node whose clock is behind keeps v1. Equal times are no
//! better: a put of the same millisecond as the delete that it follows never shows. [`HybridClock`] mends it.
//!
//! Not modelled: timestamps chosen by clients, cells of a row, time-to-live, and the purge of tombstones.
//!
//! [`HybridClock`]: super::hybrid_clock::HybridClock

use std::borrow::Cow;

use crate::seam::*;

/// One survivor, by timestamp; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct LastWriteWins;

impl Protocol<LastWrite> for LastWriteWins {
    fn base(&self) -> &dyn Protocol<LastWrite> {
        &Textbook
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("last-write-wins")
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        use Guarantee::{CausalOrder, ClockOrder, MonotonicWrites, RealTimeOrder, WritesFollowReads};
        self.base()
            .claims(cluster)
            .and(&[RealTimeOrder])
            .except(&[ClockOrder], "timestamps order every two writes, concurrent ones too")
            .except(
                &[CausalOrder, MonotonicWrites, WritesFollowReads],
                "a write stamped by a slow clock, or in the same millisecond, ranks below one that it follows",
            )
    }

    fn data_type(&self) -> DataType {
        DataType::LastWriteWins
    }
}
