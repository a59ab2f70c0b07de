//! Mutants whose replicas keep, forget or show the wrong thing.

use super::super::sloppy_quorum::SloppyQuorum;
use super::super::version_vectors::VersionVectors;
use crate::seam::*;

mutant! {
    /// a replica acknowledges and keeps nothing
    "mutant-keeps-nothing" = KeepsNothing: Textbook, over Dotted, breaks NoLost;
    fn accept(&self, _replica: &mut Replica<'_>, _delivery: &Delivery<'_>) -> Ack {
        Ack::stored()
    }
}

mutant! {
    /// a replica overwrites what it holds instead of joining
    "mutant-overwrites" = Overwrites: Textbook, over Dotted, breaks NoLost;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        *replica.siblings = delivery.versions.clone();
        Ack::stored()
    }
}

mutant! {
    /// a replica keeps what it has, and acknowledges the rest
    "mutant-keeps-the-first" = KeepsTheFirst: Textbook, over Dotted, breaks NoLost;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if replica.siblings.is_empty() { self.base().accept(replica, delivery) } else { Ack::stored() }
    }
}

mutant! {
    /// a replica keeps all that it is sent, what is superseded and what it has already
    "mutant-keeps-all" = KeepsAll: Textbook, over Dotted, breaks Antichain;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        delivery.versions.iter().for_each(|version| replica.siblings.push(version.clone()));
        Ack::stored()
    }
}

mutant! {
    /// a replica keeps two siblings at most
    "mutant-siblings-limited" = SiblingsLimited: Textbook, over Dotted, breaks NoLost;
    fn symmetry(&self) -> Symmetry {
        Symmetry { names: false, ..self.base().symmetry() }
    }
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        let ack = self.base().accept(replica, delivery);
        let mut left = 2;
        replica.siblings.retain(|_| {
            left -= 1;
            left >= 0
        });
        ack
    }
}

/// Stamps each version that is not there yet as an ordinary write, with the version's clock for a context.
fn stamp_again(replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
    for version in &delivery.versions.missing_from(replica.siblings) {
        let counter = replica.of_key.durable.increment(DOTS_MINTED) as u32;
        let mut past = DotSet::new();
        version.clock.cover(&mut past);
        let clock = Dotted { dot: Dot { actor: replica.actor, counter }, past };
        replica.siblings.insert(&VersionedValue { clock, ..version.clone() });
    }
    Ack::stored()
}

mutant! {
    /// every replica stamps the write with a dot of its own
    "mutant-stamps-at-every-replica" = StampsAtEveryReplica: Textbook, over Dotted, breaks OnceOnly;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        match delivery.errand {
            Errand::Write => stamp_again(replica, delivery),
            _ => self.base().accept(replica, delivery),
        }
    }
}

mutant! {
    /// a repair of a replica that has nothing travels as an ordinary write, and is stamped again
    "mutant-repair-stamps" = RepairStamps: Textbook, over Dotted, breaks OnceOnly;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        match delivery.errand {
            Errand::Repair if replica.siblings.is_empty() => stamp_again(replica, delivery),
            _ => self.base().accept(replica, delivery),
        }
    }
}

mutant! {
    /// a repair overwrites, however late it comes
    "mutant-repair-overwrites" = RepairOverwrites: Textbook, over Dotted, breaks NoLost;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if delivery.errand == Errand::Repair {
            replica.siblings.clear();
        }
        self.base().accept(replica, delivery)
    }
}

mutant! {
    /// a replica refuses repairs
    "mutant-repair-refused" = RepairRefused: Textbook, over Dotted, breaks Convergence;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if delivery.errand == Errand::Repair { Ack::Refused } else { self.base().accept(replica, delivery) }
    }
}

mutant! {
    /// a delete removes the key and leaves no tombstone: what comes late comes back
    "mutant-purges-deletes" = PurgesDeletes: Textbook, over Dotted, breaks NoExtra;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        let ack = self.base().accept(replica, delivery);
        replica.siblings.retain(|version| !version.is_tombstone());
        ack
    }
}

mutant! {
    /// after a restart a replica shows nothing until it is written to again
    "mutant-empty-after-restart" = EmptyAfterRestart: Textbook, over Dotted, breaks NoLost;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        replica.of_key.volatile.set(0, 1);
        self.base().accept(replica, delivery)
    }
    fn serve(&self, replica: &Replica<'_>) -> Option<Siblings<Dotted>> {
        if replica.of_key.volatile.get(0) == 0 { Some(Siblings::new()) } else { self.base().serve(replica) }
    }
}

mutant! {
    /// each replica notes the time at which it took a version in, as the version's own
    "mutant-timestamps-itself" = TimestampsItself: Textbook, over Dotted, breaks Convergence;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        let mut dated = Siblings::new();
        for version in delivery.versions {
            dated.push(VersionedValue { timestamp: replica.now, ..version.clone() });
        }
        replica.siblings.join(&dated);
        Ack::stored()
    }
}

mutant! {
    /// a replica rejects a write that it has already, say from a repair, as obsolete
    "mutant-refuses-what-it-knows" = RefusesWhatItKnows: Textbook, over Dotted, breaks Available;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        let obsolete = delivery.errand == Errand::Write && delivery.versions.is_known_to(replica.siblings);
        if obsolete { Ack::Refused } else { self.base().accept(replica, delivery) }
    }
}

mutant! {
    /// what is handed over overwrites what its owner has taken in meanwhile
    "mutant-hand-off-overwrites" = HandOffOverwrites: SloppyQuorum, over Dotted, breaks NoLost;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if delivery.errand == Errand::HandOff {
            replica.siblings.clear();
        }
        self.base().accept(replica, delivery)
    }
}

mutant! {
    /// a fallback acknowledges what it is to hold for another, and drops it
    "mutant-hints-dropped" = HintsDropped: SloppyQuorum, over Dotted, breaks NoLost;
    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if replica.owner == replica.node { self.base().accept(replica, delivery) } else { Ack::stored() }
    }
}

mutant! {
    /// version vectors of which a replica drops just what the writer had seen, though the clock orders more
    "mutant-keeps-what-the-writer-missed" = KeepsWhatTheWriterMissed:
        VersionVectors, over VectorClock, breaks Antichain;
    fn accept(
        &self,
        replica: &mut Replica<'_, VectorClock>,
        delivery: &Delivery<'_, VectorClock>,
    ) -> Ack<VectorClock> {
        let known = delivery.versions.is_known_to(replica.siblings);
        if delivery.errand != Errand::Write || known {
            return self.base().accept(replica, delivery);
        }
        let context = delivery.context.cloned().unwrap_or_default();
        let is_covered = |held: &VersionedValue<_>| held.clock <= context;
        replica.siblings.retain(|held| !is_covered(held));
        delivery.versions.iter().for_each(|version| replica.siblings.push(version.clone()));
        Ack::stored()
    }
}
