//! The judges of the state at rest: durable and convergence.

use crate::guarantee::Guarantee;
use crate::id::{Key, NodeId, NodeSet, OpId};
use crate::judge::exemption::Exemption;
use crate::judge::judges::Judges;
use crate::judge::verdict::Violation;
use crate::model::{Causality, Siblings};
use crate::world::ghost::Ghost;
use crate::world::observer::{Facts, Rest};

/// The acknowledgement of a write, as far as it bears on durability.
///
/// Fewer than W lost disks must not lose the write. Disks lost after the acknowledgement always count. Disks lost
/// earlier count only if the acknowledgement rests on them: a copy that was gone by then was never counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Acknowledgement {
    op: OpId,
    /// The home replicas whose answers it counted, if they are known.
    rests_on: Option<NodeSet>,
    /// The home replicas that had lost the write with their disk before.
    lost_before: NodeSet,
}

impl Acknowledgement {
    /// The home replicas that lost the write earlier and that it does not rest on.
    fn never_counted(&self) -> NodeSet {
        self.rests_on.map_or(NodeSet::EMPTY, |rests_on| self.lost_before.minus(rests_on))
    }

    /// The part of it that can matter to a later verdict, if any.
    pub(super) fn bearing(&self) -> Option<(OpId, NodeSet)> {
        Some((self.op, self.never_counted())).filter(|(_, nodes)| !nodes.is_empty())
    }
}

impl<C: Causality> Judges<C> {
    /// durable: every acknowledged write is still at some home replica and can be read there, unless too many home
    /// disks were lost for that (see [`Acknowledgement`]).
    pub(super) fn judge_durability(&mut self, rest: &Rest<'_, C>, facts: Facts<'_>) {
        if !self.judges(Guarantee::Durable) {
            return;
        }
        let waived = self.demands.stance(Guarantee::Durable).waives_circumstances();
        for (key, copies) in rest.keys {
            let surviving = surviving(*key, facts);
            for (op, w) in self.acknowledged_writes(*key) {
                let lost = self.disks_lost(op, *key, facts);
                if lost >= usize::from(w) && !waived {
                    self.not_owed(Guarantee::Durable, Exemption::LostDisk);
                    continue;
                }
                self.examined(Guarantee::Durable, 1);
                let kept = surviving.seen.contains(op)
                    && self.oracle.keeps(
                        op,
                        copies.iter().flat_map(|(_, held)| held),
                        &surviving,
                        facts.ghosts,
                    );
                if !kept {
                    self.breach(Guarantee::Durable, || Violation {
                        guarantee: Guarantee::Durable,
                        key: Some(*key),
                        shown_by: Some(op),
                        replica: None,
                        writes: std::iter::once(op).collect(),
                        because: format!(
                            "{op} was acknowledged with W={w}, {lost} home disk(s) that held it were lost, and at \
                             rest no home replica holds it, or a write that follows it"
                        ),
                    });
                }
            }
        }
    }

    /// Notes which home disks an acknowledgement rests on, and which had lost the write by then.
    pub(super) fn note_durability(
        &mut self,
        op: OpId,
        key: Key,
        rests_on: Option<NodeSet>,
        facts: Facts<'_>,
    ) {
        if !self.judges(Guarantee::Durable) {
            return;
        }
        let home = facts.home(key).iter().copied();
        let lost_before = home.filter(|&node| facts.ghosts.lost_with_disk(node, key).contains(op)).collect();
        self.acknowledgements.push(Acknowledgement { op, rests_on, lost_before });
    }

    /// How many home disks that held the write were lost. A disk lost before the acknowledgement counts only if the
    /// acknowledgement rests on it.
    fn disks_lost(&self, op: OpId, key: Key, facts: Facts<'_>) -> usize {
        let acknowledgement = self.acknowledgements.iter().find(|noted| noted.op == op);
        let excused_from_the_start = acknowledgement.map_or(NodeSet::EMPTY, Acknowledgement::never_counted);
        let lost = |node: &&NodeId| facts.ghosts.lost_with_disk(**node, key).contains(op);
        // A set, because a home may name a node twice, and its disk is lost only once.
        let disks: NodeSet = facts.home(key).iter().filter(lost).copied().collect();
        disks.minus(excused_from_the_start).len()
    }

    /// convergence: home replicas are equal in values and metadata, hold what the surviving writes demand, and
    /// reads have stopped repairing.
    pub(super) fn judge_convergence(&mut self, rest: &Rest<'_, C>, facts: Facts<'_>) {
        if !self.judges(Guarantee::Convergence) {
            return;
        }
        for (key, copies) in rest.keys {
            self.examined(Guarantee::Convergence, 1);
            if let Some((node, because)) = self.not_converged(*key, copies, facts) {
                self.diverged(Some(*key), Some(node), because);
            }
        }
        if !rest.quiet {
            let because = format!("after {} rounds of reads of every key, reads still repair", rest.rounds);
            self.diverged(rest.keys.first().map(|(key, _)| *key), None, because);
        }
    }

    fn not_converged(
        &self,
        key: Key,
        copies: &[(NodeId, Siblings<C>)],
        facts: Facts<'_>,
    ) -> Option<(NodeId, String)> {
        let ((first, held), others) = copies.split_first()?;
        let sorted = held.sorted();
        if let Some((other, differs)) = others.iter().find(|(_, other)| other.sorted() != sorted) {
            return Some((*other, format!("at rest {first} holds {held}, and {other} holds {differs}")));
        }
        let shown = self.oracle.of_copy(held);
        let surviving = surviving(key, facts);
        let mismatch = self.oracle.compare(&shown, &surviving, facts.ghosts)?;
        let because = match mismatch.count {
            Some((should, does)) => format!("at rest the replicas say {does}; it should be {should}"),
            None => format!(
                "at rest the replicas hold {held}; of what survives, {:?} is missing and {:?} should not be there",
                mismatch.missing, mismatch.extra
            ),
        };
        Some((*first, because))
    }

    fn diverged(&mut self, key: Option<Key>, replica: Option<NodeId>, because: String) {
        self.breach(Guarantee::Convergence, || Violation {
            guarantee: Guarantee::Convergence,
            key,
            shown_by: None,
            replica,
            writes: smallvec::SmallVec::new(),
            because,
        });
    }

    /// The acknowledged writes of a key, each with the acknowledgements it needed.
    fn acknowledged_writes(&self, key: Key) -> Vec<(OpId, u8)> {
        let asked = self.asked.iter().enumerate();
        asked
            .filter_map(|(i, asked)| Some((OpId::at(i), (*asked)?)))
            .filter(|(_, asked)| asked.key == key && asked.acknowledged && asked.action.is_write())
            .map(|(op, asked)| (op, asked.required))
            .collect()
    }
}

/// What the home replicas of a key have taken in together.
fn surviving(key: Key, facts: Facts<'_>) -> Ghost {
    let mut ghost = Ghost::default();
    facts.home(key).iter().for_each(|&node| ghost.join(facts.ghosts.of_copy(node, node, key)));
    ghost
}
