//! Faults: what befalls nodes and links, and which running operations it disturbs.
//!
//! What befalls other nodes does not disturb an operation. Its record keeps which nodes among its coordinator and the
//! replicas of its key were fit all the time ([`Grounds::undisturbed`](crate::world::observer::Grounds::undisturbed)).
//! Because of them a judge may owe the operation an answer.
//!
//! Not modelled: a disk that fails in part, and a node that is slow without being paused.

use smallvec::SmallVec;

use crate::id::{Key, NodeId, NodeSet, OpId};
use crate::world::history::Excuse;
use crate::world::observer::Observer;
use crate::world::operation_record::Record;
use crate::world::simulation::Simulation;
use crate::world::system::System;

impl<S: System> Simulation<'_, S> {
    /// Cuts all messages between the two sides, in both directions. A node on both sides is cut from nobody.
    pub(super) fn cut_between(&mut self, side: NodeSet, other: NodeSet) {
        let both = side.and(other);
        let (side, other) = (side.minus(both), other.minus(both));
        self.cut(&[(side, other), (other, side)]);
    }

    /// Cuts all messages in these directions.
    pub(super) fn cut(&mut self, ways: &[(NodeSet, NodeSet)]) {
        self.tally.events += 1;
        ways.iter().for_each(|(from, to)| self.network.block(*from, *to));
        let open: SmallVec<[OpId; 8]> = self.waiting.iter().flatten().copied().collect();
        for op in open {
            let Some(Some(record)) = self.records.get(op.index()) else { continue };
            let fit = record.undisturbed.map(|among| self.mutually_connected(record.via, among));
            if let Some(Some(record)) = self.records.get_mut(op.index()) {
                record.undisturbed = fit;
            }
        }
        self.tally.partition |= self.waiting.iter().any(Option::is_some);
    }

    /// A node stops, and later goes on where it was.
    pub(super) fn pause(&mut self, node: NodeId) {
        self.stop(node, |sim| sim.paused.insert(node));
    }

    /// A node stops and forgets what it held in memory.
    pub(super) fn crash(&mut self, node: NodeId) {
        self.stop(node, |sim| {
            sim.down.insert(node);
            sim.changes.mark(node);
            sim.system.crash(&mut sim.nodes[node.index()]);
        });
    }

    /// A node that stopped goes on.
    pub(super) fn restart(&mut self, node: NodeId) {
        if self.exists(node) {
            self.paused.remove(node);
            self.down.remove(node);
        }
    }

    /// A node crashes, loses its disk, and goes on at once.
    pub(super) fn wipe<W: Observer<S::Clock>>(&mut self, node: NodeId, observer: &mut W) {
        // After more wipes than an incarnation can count, an actor would mint its old dots again.
        if self.wipes.get(node.index()) == Some(&u8::MAX) {
            return;
        }
        self.stop(node, |sim| {
            sim.changes.mark(node);
            sim.wipes[node.index()] += 1;
            sim.unrepaired.iter_mut().for_each(|nodes| nodes.insert(node));
            sim.system.crash(&mut sim.nodes[node.index()]);
            sim.system.lose_disk(&mut sim.nodes[node.index()]);
            sim.ghosts.lose_disk(node);
            if !sim.system.is_transparent() {
                sim.lose_unseen(node);
            }
            sim.paused.remove(node);
            sim.down.remove(node);
            observer.befell(Excuse::DiskLost(node), sim.facts());
        });
    }

    /// Sets a node's clock this far ahead, or behind.
    pub(super) fn skew<W: Observer<S::Clock>>(&mut self, node: NodeId, ms: i32, observer: &mut W) {
        if let Some(skew) = self.skew_ms.get_mut(node.index()) {
            *skew = ms;
            self.skewed |= ms != 0;
            self.tally.events += 1;
            observer.befell(Excuse::Skewed(node), self.facts());
        }
    }

    /// A node takes another for unreachable.
    pub(super) fn suspect(&mut self, at: NodeId, whom: NodeId) {
        if self.exists(at) && self.exists(whom) && at != whom {
            self.tally.events += 1;
            self.suspects[at.index()].insert(whom);
            let coordinated_there = |record: &&mut Record| record.open && record.via == at;
            self.records
                .iter_mut()
                .flatten()
                .filter(coordinated_there)
                .for_each(|record| record.disturb(whom));
        }
    }

    /// A copy was repaired, or handed what others kept for it. A node that lost its disk cannot know what it held, if
    /// anything; so only this, and not the next write, lets it answer again.
    pub(super) fn rebuilt(&mut self, node: NodeId, key: Key) {
        if let Some(unrepaired) = self.unrepaired.get_mut(key.index()) {
            unrepaired.remove(node);
        }
    }

    /// The fit nodes among `via` and the replicas of the key: up, rebuilt, not suspected by `via`, and connected with
    /// it and with each other. None if `via` itself is not up. (What befalls other nodes excuses nothing.)
    pub(super) fn fit_with(&self, via: NodeId, key: Key) -> Option<NodeSet> {
        let concerned: NodeSet = self.home(key).iter().copied().chain([via]).collect();
        let up = concerned.minus(self.down).minus(self.paused);
        let mut fit = self.mutually_connected(via, up).minus(self.suspects[via.index()]);
        if self.ghosts.any_disk_lost() {
            let whole = |node: &NodeId| self.ghosts.missing_since_loss(*node, key).is_empty();
            fit = fit.iter().filter(whole).collect();
        }
        up.contains(via).then_some(fit.minus(self.unrepaired[key.index()]))
    }

    /// Keeps as many of these nodes as possible that are connected with `via` and with each other. The node that is cut
    /// from most others goes first: after one cut, the larger side stays.
    pub(super) fn mutually_connected(&self, via: NodeId, among: NodeSet) -> NodeSet {
        if !self.network.is_cut() {
            return among;
        }
        let mut fit = among.and(self.network.connected_to(via));
        loop {
            let cut_from = |node: &NodeId| fit.minus(self.network.connected_to(*node)).len();
            let Some(worst) = fit.iter().filter(|node| *node != via).max_by_key(cut_from) else { break };
            if cut_from(&worst) == 0 {
                break;
            }
            fit.remove(worst);
        }
        fit
    }

    /// Something befalls a node, and disturbs the running operations that concern it.
    fn stop(&mut self, node: NodeId, how: impl FnOnce(&mut Self)) {
        if self.exists(node) {
            self.tally.events += 1;
            how(self);
            self.records.iter_mut().flatten().filter(|record| record.open).for_each(|r| r.disturb(node));
        }
    }

    /// Assumes that a node that shows nothing loses with its disk every write there has been.
    fn lose_unseen(&mut self, node: NodeId) {
        let records = self.records.iter().enumerate();
        let writes = records.filter_map(|(i, record)| Some((OpId::at(i), record.as_ref()?)));
        for (op, record) in writes.filter(|(_, record)| record.action.is_write()) {
            self.ghosts.lose_unseen(node, record.key, op);
        }
    }
}
