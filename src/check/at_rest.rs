//! The judges of the state at rest: durable and convergence.

use crate::check::court::Court;
use crate::check::verdict::Violation;
use crate::guarantee::Guarantee;
use crate::id::{Key, NodeId, OpId};
use crate::model::{Causality, Siblings};
use crate::world::ghost::Ghost;
use crate::world::witness::{Facts, Rest};

impl<C: Causality> Court<C> {
    /// durable: every acknowledged write is still at some home replica, unless W or more home disks that held it
    /// were lost. (That what a replica has taken in also shows is no-lost's business.)
    pub(super) fn judge_durability(&mut self, rest: &Rest<'_, C>, facts: Facts<'_>) {
        if !self.judges(Guarantee::Durable) {
            return;
        }
        for &(key, _) in rest.keys {
            let surviving = surviving(key, facts);
            for op in self.acknowledged_writes(key) {
                let w = self.asked(op).map_or(1, |asked| asked.required);
                let lost_at = facts
                    .home(key)
                    .iter()
                    .filter(|&&node| facts.ghosts.lost_with_disk(node, key).contains(op))
                    .count();
                let excused = lost_at >= usize::from(w)
                    && !self.demands.stance(Guarantee::Durable).waives_circumstances();
                if excused {
                    self.rulings[Guarantee::Durable.index()].not_owed += 1;
                    continue;
                }
                self.examined(Guarantee::Durable, 1);
                if !surviving.seen.contains(op) {
                    self.breach(Guarantee::Durable, || Violation {
                        guarantee: Guarantee::Durable,
                        key: Some(key),
                        shown_by: Some(op),
                        replica: None,
                        writes: std::iter::once(op).collect(),
                        because: format!(
                            "{op} was acknowledged with W={w}, {lost_at} home disk(s) that held it were lost, \
                             and no home replica has it"
                        ),
                    });
                }
            }
        }
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

    fn acknowledged_writes(&self, key: Key) -> Vec<OpId> {
        let asked = self.asked.iter().enumerate();
        asked
            .filter(|(_, asked)| {
                asked.is_some_and(|asked| asked.key == key && asked.acknowledged && asked.action.is_write())
            })
            .map(|(i, _)| OpId::at(i))
            .collect()
    }
}

/// What the home replicas of a key have taken in together.
fn surviving(key: Key, facts: Facts<'_>) -> Ghost {
    let mut ghost = Ghost::default();
    facts.home(key).iter().for_each(|&node| ghost.join(facts.ghosts.of_copy(node, node, key)));
    ghost
}
