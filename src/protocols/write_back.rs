//! Write-back: a read answers only when what it shows is held widely enough for every later read to see it.
//!
//! The second phase of the atomic register of Attiya, Bar-Noy and Dolev ("Sharing memory robustly in message-passing
//! systems", JACM 1995), and Cassandra's *blocking* read repair. Between R+W>N and monotonic reads stands the write
//! that is still on its way: one read sees it on a minority, the next one misses it. Here the first read sends it to
//! those that lack it, and waits until so many replicas hold the result that no quorum of R can miss all of them:
//! N−R+1.
//!
//! The price is availability: with R less than N a read waits for N−R+1 replicas, even one that asks for fewer.
//!
//! Not modelled: a speculative write-back to replicas that were not asked.

use std::borrow::Cow;

use crate::seam::*;

/// Reads repair first and answer then; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct WriteBack;

impl Protocol for WriteBack {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("write-back")
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.base().claims(cluster).and(&[Guarantee::MonotonicReads]).except_if(
            cluster.r < cluster.n,
            &[Guarantee::Available],
            "a read waits until N-R+1 replicas hold what it shows, even one that asks for fewer",
        )
    }

    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let holders = if progress.task.action.is_write() { 0 } else { holders(progress) };
        self.base().quorum(progress).filter(|replied| replied.len() >= usize::from(holders))
    }

    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let send = self.base().repair(progress, merged).send;
        Repairs { send, holders_before_answer: holders(progress) }
    }
}

/// How many replicas must hold what a read shows: no R of the N can miss all of them.
fn holders(progress: &Progress<Dotted>) -> u8 {
    let Cluster { n, r, .. } = progress.task.cluster;
    n - r + 1
}
