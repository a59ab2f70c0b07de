//! Mutants that ask, count or answer wrongly.

use crate::seam::*;

/// The replies so far, if they are this many, and one at least.
fn at_least(progress: &Progress<Dotted>, enough: usize) -> Option<SlotSet> {
    Some(progress.replied()).filter(|replied| replied.len() >= enough.max(1))
}

mutant! {
    /// a write is acknowledged after W-1 replicas
    "mutant-acknowledges-too-early" = AcknowledgesTooEarly: Textbook, over Dotted, breaks Fresh;
    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let early = usize::from(progress.task.action.is_write());
        at_least(progress, usize::from(progress.task.required) - early)
    }
}

mutant! {
    /// a read is answered after R-1 replicas
    "mutant-reads-too-few" = ReadsTooFew: Textbook, over Dotted, breaks ReadYourWrites;
    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let early = usize::from(!progress.task.action.is_write());
        at_least(progress, usize::from(progress.task.required) - early)
    }
}

mutant! {
    /// the coordinator's own replica counts twice
    "mutant-counts-itself-twice" = CountsItselfTwice: Textbook, over Dotted, breaks Fresh;
    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let own = |slot: &&Slot<Dotted>| slot.replied() && slot.target.node == progress.coordinator;
        let twice = progress.slots.iter().filter(own).count();
        at_least(progress, usize::from(progress.task.required) - twice)
    }
}

mutant! {
    /// the first R or W in order of preference must answer, whoever else does
    "mutant-waits-for-the-first" = WaitsForTheFirst: Textbook, over Dotted, breaks Available;
    fn symmetry(&self) -> Symmetry {
        Symmetry { names: false, ..self.base().symmetry() }
    }
    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let first = &progress.home[..usize::from(progress.task.required)];
        let counted = SlotSet::of(progress, |slot| slot.replied() && first.contains(&slot.target.owner));
        (counted.len() >= first.len()).then_some(counted)
    }
}

mutant! {
    /// everybody who was asked must answer
    "mutant-waits-for-all" = WaitsForAll: Textbook, over Dotted, breaks Available;
    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        at_least(progress, progress.slots.len())
    }
}

mutant! {
    /// just R or W replicas are asked, so that each of them must answer
    "mutant-asks-just-enough" = AsksJustEnough: Textbook, over Dotted, breaks Available;
    fn symmetry(&self) -> Symmetry {
        Symmetry { names: false, ..self.base().symmetry() }
    }
    fn targets(&self, task: &Task, view: &View<'_>) -> Targets {
        match self.base().targets(task, view) {
            Targets::Ask(mut asked) => {
                asked.truncate(usize::from(task.required));
                Targets::Ask(asked)
            }
            refusal => refusal,
        }
    }
}

mutant! {
    /// with too few replicas in view a write is "done", and a read finds "nothing"
    "mutant-hides-refusals" = HidesRefusals: Textbook, over Dotted, breaks Available;
    fn targets(&self, task: &Task, view: &View<'_>) -> Targets {
        match self.base().targets(task, view) {
            Targets::Refuse { .. } => Targets::Ask(std::iter::empty().collect()),
            asked => asked,
        }
    }
    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        if progress.slots.is_empty() { Some(SlotSet::default()) } else { self.base().quorum(progress) }
    }
}

mutant! {
    /// every other client writes to all replicas, and reads the first that answers
    "mutant-casual-readers" = CasualReaders: Textbook, over Dotted, breaks Fresh;
    fn symmetry(&self) -> Symmetry {
        Symmetry { names: false, ..self.base().symmetry() }
    }
    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        match (progress.task.client.0 % 2, progress.task.action.is_write()) {
            (0, true) => at_least(progress, usize::from(progress.task.cluster.n)),
            (0, false) => at_least(progress, 1),
            _ => self.base().quorum(progress),
        }
    }
}

mutant! {
    /// where R+W<=N nobody expects to read a write at once, so that its first acknowledgement will do
    "mutant-one-ack-where-quorums-miss" = OneAckWhereQuorumsMiss: Textbook, over Dotted, breaks Durable;
    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let Task { action, level, cluster, .. } = progress.task;
        if action.is_write() && level == Level::Default && !cluster.quorums_meet() {
            return at_least(progress, 1);
        }
        self.base().quorum(progress)
    }
}
