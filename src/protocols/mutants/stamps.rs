//! Mutants that stamp wrongly: what a version is, and what it claims to follow.

use super::super::version_vectors::VersionVectors;
use crate::seam::*;

mutant! {
    /// a write ignores the context: what its client overwrote stays beside it
    "mutant-context-ignored" = ContextIgnored: Textbook, over Dotted, breaks NoExtra;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let mut stamp = self.base().stamp(replica, put);
        stamp.clock.past = DotSet::new();
        stamp
    }
}

mutant! {
    /// a delete ignores the context: it removes nothing
    "mutant-delete-ignores-context" = DeleteIgnoresContext: Textbook, over Dotted, breaks NoExtra;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let mut stamp = self.base().stamp(replica, put);
        if *put.value == Value::Deleted {
            stamp.clock.past = DotSet::new();
        }
        stamp
    }
}

mutant! {
    /// a delete writes an empty value where it should leave none
    "mutant-delete-writes-a-value" = DeleteWritesAValue: Textbook, over Dotted, breaks NoFabrication;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        Stamp { value: Some(Value::Written), ..self.base().stamp(replica, put) }
    }
}

mutant! {
    /// a write is stamped after all that its coordinator holds, seen by its client or not
    "mutant-past-of-the-copy" = PastOfTheCopy: Textbook, over Dotted, breaks NoLost;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let mut stamp = self.base().stamp(replica, put);
        stamp.clock.past.join(&replica.siblings.context());
        stamp
    }
}

mutant! {
    /// a dot covers all earlier ones of its node, as a version vector does
    "mutant-counter-as-vector" = CounterAsVector: Textbook, over Dotted, breaks NoLost;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let mut stamp = self.base().stamp(replica, put);
        let Dot { actor, counter } = stamp.clock.dot;
        for earlier in 1..counter {
            stamp.clock.past.insert(Dot { actor, counter: earlier });
        }
        stamp
    }
}

mutant! {
    /// a node that lost its disk goes on under its old name, and counts from 1
    "mutant-dot-reused-after-wipe" = DotReusedAfterWipe: Textbook, over Dotted, breaks OneDotOneWrite;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        replica.actor = Actor::first(replica.node);
        self.base().stamp(replica, put)
    }
}

mutant! {
    /// the count of dots is kept in memory only: a crash brings the same dots again
    "mutant-count-forgotten" = CountForgotten: Textbook, over Dotted, breaks OneDotOneWrite;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let mut stamp = self.base().stamp(replica, put);
        stamp.clock.dot.counter = replica.of_key.volatile.increment(0) as u32;
        stamp
    }
}

mutant! {
    /// all nodes stamp under one name
    "mutant-one-name-for-all" = OneNameForAll: Textbook, over Dotted, breaks OneDotOneWrite;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        replica.actor = Actor::first(NodeId(1));
        self.base().stamp(replica, put)
    }
}

mutant! {
    /// a node's next dot is one more than the number of versions it holds
    "mutant-counts-what-it-holds" = CountsWhatItHolds: Textbook, over Dotted, breaks OneDotOneWrite;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let mut stamp = self.base().stamp(replica, put);
        stamp.clock.dot.counter = replica.siblings.len() as u32 + 1;
        stamp
    }
}

mutant! {
    /// a write is stamped after all that is superseded where its coordinator is, though its client never saw it
    "mutant-past-of-the-gone" = PastOfTheGone: Textbook, over Dotted, breaks ClockOrder;
    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let mut stamp = self.base().stamp(replica, put);
        replica.siblings.iter().for_each(|held| stamp.clock.past.join(&held.clock.past));
        Stamp { ship: Ship::WholeCopy, ..stamp }
    }
    // What superseded it goes wherever the write does, so that nothing is lost by it.
    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        Repairs { send: read_repair::whole(progress, merged, Slot::replied), ..Repairs::default() }
    }
    // The token of the write alone would cover what its client has not seen.
    fn session(&self, ended: &Ended) -> SessionUpdate {
        if ended.action.is_write() { SessionUpdate::Keep } else { self.base().session(ended) }
    }
}

mutant! {
    /// version vectors of a node that lost its disk: it goes on under its old name, beyond what the writer has seen
    "mutant-vector-reused-after-wipe" = VectorReusedAfterWipe:
        VersionVectors, over VectorClock, breaks OneDotOneWrite;
    fn stamp(
        &self,
        replica: &mut Replica<'_, VectorClock>,
        put: &Put<'_, VectorClock>,
    ) -> Stamp<VectorClock> {
        replica.actor = Actor::first(replica.node);
        let seen = put.context.map_or(0, |context| context.get(replica.actor));
        replica.of_key.durable.raise(DOTS_MINTED, u64::from(seen));
        self.base().stamp(replica, put)
    }
}
