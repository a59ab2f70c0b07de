//! Write-back: a read answers only when what it shows is held widely enough for every later read to see it.
//!
//! The second phase of the atomic register of Attiya, Bar-Noy and Dolev ("Sharing memory robustly in message-passing
//! systems", JACM 1995), and Cassandra's *blocking* read repair. Between R+W>N and monotonic reads stands the write
//! that is still on its way: one read sees it on a minority, the next one misses it. Here the first read sends it to
//! those that lack it, and waits until so many replicas hold the result that no quorum of R can miss all of them:
//! N−R+1.
//!
//! A read at a lower level than R asks fewer replicas and may miss them all the same, so the result is held by
//! enough for a read of one only where R is one.
//!
//! The price is availability, where N−R+1 is more than R: a read then needs replicas that it does not read.
//!
//! Not modelled: a speculative write-back to replicas that were not asked.

use std::borrow::Cow;

use crate::prelude::*;

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
            2 * cluster.r <= cluster.n,
            &[Guarantee::Available],
            "a read waits until N-R+1 replicas hold what it shows, which is more than the R it may count on",
        )
    }

    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let Cluster { n, r, .. } = progress.task.cluster;
        Repairs {
            send: read_repair::differences(progress, merged, |slot| slot.reply != SlotReply::Refused),
            holders_before_answer: n - r + 1,
        }
    }
}
