//! A sloppy quorum: nodes next in line stand in for home replicas that seem unreachable.
//!
//! "All read and write operations are performed on the first N healthy nodes from the preference list, which may not
//! always be the first N nodes encountered" (DeCandia and others, SOSP 2007, section 4.6). As in Riak, a fallback
//! keeps a copy *for* the replica it stands in for, apart from its own, and that copy can be read; when the owner
//! seems well again it is handed over, and joined there.
//!
//! So writes go on while home replicas are away, and R+W>N no longer makes quorums meet: the W that took the write
//! and the R that answer the read may have no node in common. Where there are no nodes beyond N, nobody can stand
//! in, and it is the textbook again.
//!
//! Not modelled: counting primaries apart (Riak's PR and PW), hints that expire, and hints kept by the coordinator
//! (Cassandra's, which cannot be read).

use std::borrow::Cow;

use crate::seam::*;

/// Fallbacks count; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct SloppyQuorum;

impl Protocol for SloppyQuorum {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("sloppy-quorum")
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        use Guarantee::{Durable, Fresh, MonotonicReads, ReadYourWrites};
        let can_stand_in = cluster.nodes > cluster.n;
        self.base()
            .claims(cluster)
            .except_if(
                can_stand_in,
                &[Fresh, ReadYourWrites, MonotonicReads],
                "answers of fallbacks count: the nodes that took the write need not be those that are read",
            )
            .except_if(
                can_stand_in,
                &[Durable],
                "a write may be acknowledged by fallbacks alone, and lost with them before it is handed over",
            )
    }

    fn targets(&self, task: &Task, view: &View<'_>) -> Targets {
        let in_view = |node: NodeId| node == view.coordinator || !view.suspects.contains(node);
        let mut fallbacks = view.others(task.key).filter(|&node| in_view(node));
        let asked: Vec<Target> = view
            .home
            .iter()
            .filter_map(|&owner| {
                if in_view(owner) {
                    return Some(Target::home(owner));
                }
                fallbacks.next().map(|node| Target::standing_in(node, owner))
            })
            .collect();
        if asked.len() < usize::from(task.required) {
            return Targets::Refuse { left: asked.len() as u8 };
        }
        Targets::Ask(asked.into_iter().collect())
    }
}
