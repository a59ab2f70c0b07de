//! The store that this project was seeded with, as published: four coordinators, one replica.
//!
//! It is a textbook chapter's simulation of Dynamo, and its prose makes the promises that it claims here. Its rules
//! were taken from its behaviour, and are kept exactly, faults included:
//!
//! * **Every replica stamps.** A node has one counter for all keys. A write raises it, copies it into a new clock and,
//!   if a context is there, even an empty one, takes in the context and raises the copy once more, which the node
//!   does not remember. What is strictly smaller goes; the new version is added, even when it is itself smaller.
//! * **Equal clocks count as concurrent**, and a read drops all but the first of those that print alike.
//! * The coordinator waits for the first R or W **in order of preference**, not for the first to answer.
//! * *Partitioned*: it leaves out whom it takes for unreachable and asks just R or W of the others. Too few are
//!   reported as "not found" or as done. Nothing is repaired.
//! * *Repairing*: a read waits for all N, answers, and sends what a replica lacks as an **ordinary write** with the
//!   version's clock for a context, so that it is stamped again, with a new time.
//! * *Combined* (not published; partition and repair can be tested together only so): whoever is not taken for
//!   unreachable is asked, R or W of them must be left, and the rule of repair is the one above.
//! * The client replaces its context by each answer's, clears it when a write fails, and of siblings takes the one
//!   with the latest time, the first of equals.
//!
//! The placement takes the key's number for its hash, so that k1 starts at n1. The names of the clocks are those of
//! the nodes: a node that loses its disk counts from 1 again.
//!
//! Not modelled: more replicas than nodes, which is refused as bad input; and its one clock, which stands still
//! while messages pass (here too, unless the schedule says otherwise).

use std::borrow::Cow;

use crate::seam::*;

type C = VectorClock;

/// The base coordinator; see the [module](self).
#[derive(Clone, Copy, Default, Debug)]
pub struct AsSeeded;

/// The cell of a node's durable registers that counts its writes.
const WRITES: usize = 0;

impl Protocol<C> for AsSeeded {
    fn base(&self) -> &dyn Protocol<C> {
        &Textbook
    }

    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("as-seeded")
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        use Guarantee::{
            CausalOrder, Convergence, Durable, MonotonicReads, MonotonicWrites, WritesFollowReads,
        };
        self.base().claims(cluster).except(
            &[MonotonicReads, MonotonicWrites, WritesFollowReads, CausalOrder, Durable, Convergence],
            "the chapter does not promise it (convergence: only with read repair, which this coordinator has not)",
        )
    }

    /// The first R in order must answer; and nothing is repaired.
    fn symmetry(&self) -> Symmetry {
        Symmetry { names: false, late_replies: true }
    }

    fn home(&self, cluster: Cluster, key: Key) -> PreferenceList {
        let nodes = usize::from(cluster.nodes);
        (0..usize::from(cluster.n)).map(|i| NodeId::at((key.index() + i) % nodes)).collect()
    }

    fn targets(&self, _task: &Task, view: &View<'_>) -> Targets {
        Targets::Ask(view.home.iter().map(|&node| Target::home(node)).collect())
    }

    /// Nothing yet: the replicas do it.
    fn stamp(&self, replica: &mut Replica<'_, C>, _put: &Put<'_, C>) -> Stamp<C> {
        Stamp { clock: VectorClock::new(), timestamp: replica.now, value: None, ship: Ship::Version }
    }

    fn accept(&self, replica: &mut Replica<'_, C>, delivery: &Delivery<'_, C>) -> Ack<C> {
        let mut token = VectorClock::new();
        for version in delivery.versions {
            let own = Actor::first(replica.node);
            let mut clock = VectorClock::new();
            clock.set(own, replica.of_node.durable.increment(WRITES) as u32);
            let is_write = delivery.errand == Errand::Write;
            if let Some(context) = if is_write { delivery.context } else { Some(&version.clock) } {
                clock.merge(context);
                clock.increment(own);
            }
            replica.siblings.retain(|held| !held.clock.happens_before(&clock));
            token.merge(&clock);
            replica.siblings.push(VersionedValue { timestamp: replica.now, clock, ..version.clone() });
        }
        Ack::Stored { token: Some(token) }
    }

    fn quorum(&self, progress: &Progress<C>) -> Option<SlotSet> {
        let mut first = progress.slots.iter().take(usize::from(progress.task.required));
        let counted = (0..first.len()).collect();
        first.all(Slot::replied).then_some(counted)
    }

    fn merge(&self, progress: &Progress<C>, counted: SlotSet) -> Siblings<C> {
        let mut merged = Siblings::new();
        for version in counted.iter().flat_map(|slot| &progress.slots[slot].held) {
            if merged.iter().all(|other: &VersionedValue<_>| other.clock != version.clock) {
                merged.push(version.clone());
            }
        }
        let all = merged.clone();
        merged.retain(|version| !all.iter().any(|other| version.clock.happens_before(&other.clock)));
        merged
    }

    fn repair(&self, _progress: &Progress<C>, _merged: &Siblings<C>) -> Repairs<C> {
        Repairs::default()
    }

    fn session(&self, ended: &Ended) -> SessionUpdate {
        match (ended.action.is_write(), ended.ok) {
            (true, false) => SessionUpdate::Clear,
            (false, ok) if !ok || ended.versions == 0 => SessionUpdate::Keep,
            _ => SessionUpdate::Replace,
        }
    }

    fn resolve(&self, shown: &Siblings<C>) -> Resolution {
        let latest = shown.iter().map(|version| version.timestamp).max();
        let first = shown.iter().position(|version| Some(version.timestamp) == latest);
        first.map_or(Resolution::KeepAll, Resolution::Take)
    }
}
