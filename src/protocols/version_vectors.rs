//! Plain version vectors: one counter for each node that stamps, and nothing else.
//!
//! This is the usual account of Dynamo's clocks taken by its word (DeCandia and others, SOSP 2007, section 4.4): "a
//! list of (node, counter) pairs", the client's context with the coordinator's own entry incremented. All other
//! rules are the textbook's, and so is the code: the clock alone is another one.
//!
//! What is wrong is in the clock. A counter covers every earlier one: a second blind write at the same coordinator
//! is `{n1:2}`, and `{n1:1}`, which its writer never saw, is "before" it and gone. Two writes and no fault are enough.
//! What it does keep: a version that is truly superseded has the smaller clock, so what is shown is current
//! (no-extra, causal-order), and no two versions have the same clock.
//!
//! Not modelled: the truncation of long clocks, which would bring superseded versions back.

use std::borrow::Cow;

use crate::seam::*;

/// The textbook's rules over plain version vectors; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct VersionVectors;

impl Protocol<VectorClock> for VersionVectors {
    fn base(&self) -> &dyn Protocol<VectorClock> {
        &Textbook
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("version-vectors")
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        use Guarantee::{
            ClockOrder, Convergence, Durable, Fresh, MonotonicReads, MonotonicWrites, NoLost, ReadYourWrites,
            WritesFollowReads,
        };
        self.base()
            .claims(cluster)
            .except(
                &[NoLost, ClockOrder],
                "a node's counter covers every earlier one: of two blind writes at one coordinator the second \
                 supersedes the first, which nobody had seen",
            )
            .except(
                &[Fresh, ReadYourWrites, MonotonicReads, Durable],
                "a write that was acknowledged, or read, can be lost to a blind one: see no-lost",
            )
            .except(
                &[MonotonicWrites, WritesFollowReads],
                "a write lost to somebody's blind one no longer stands before those its session made or saw earlier",
            )
            .except(&[Convergence], "the replicas become equal, but without what was lost: see no-lost")
    }
}
