//! A coordinator's work on one operation: replies in → enough? → respond → what is left to do.
//!
//! Every function here takes a [`Progress`] and a reply, and returns [`Advance`]s as data; the storage node turns them
//! into messages. (The shape is that of Riak's `riak_kv_get_core`: add a result, ask whether it is enough, then a
//! final action.)
//!
//! Not modelled: a second attempt at another coordinator, speculative reads.

use smallvec::SmallVec;

use crate::model::progress::{Awaiting, Progress, Slot, SlotReply, SlotSet};
use crate::model::protocol::{Protocol, Repair};
use crate::model::{Causality, Dotted, Reason, Reply, Siblings, Status};

/// What a coordinator wants to do next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Advance<C: Causality = Dotted> {
    /// Answer the client.
    Respond(Box<Reply<C>>),
    /// Send a repair, merged from the answers of these slots.
    Repair(Repair<C>, SlotSet),
}

/// What to do next, in order.
pub type Steps<C> = SmallVec<[Advance<C>; 2]>;

/// Asks whether the operation is decided before any reply, as an operation without targets is.
pub fn begin<C: Causality>(protocol: &dyn Protocol<C>, progress: &mut Progress<C>) -> Steps<C> {
    let mut steps = Steps::new();
    advance(protocol, progress, &mut steps);
    steps
}

/// A target has answered.
pub fn replied<C: Causality>(
    protocol: &dyn Protocol<C>,
    progress: &mut Progress<C>,
    slot: usize,
    reply: SlotReply<C>,
    mut shown: Siblings<C>,
) -> Steps<C> {
    let mut steps = Steps::new();
    if progress.slots.get(slot).is_none_or(|answering| answering.reply != SlotReply::Waiting) {
        return steps; // The copy of a doubled message.
    }
    // Replicas mostly show the same. A set that is kept once need not be compared again and again.
    let _ = progress.slots.iter().any(|other| other.reply == SlotReply::Shown && shown.unify(&other.held));
    let answering = &mut progress.slots[slot];
    answering.reply = reply;
    if answering.held.is_empty() {
        answering.confirmed.clone_from(&shown);
        answering.held = shown;
    } else {
        // The replica was sent a repair before it answered.
        answering.confirmed.join(&shown);
        answering.held.join(&shown);
    }
    if progress.answered {
        if !progress.task.action.is_write() {
            let merged = protocol.merge(progress, progress.replied());
            repair(protocol, progress, &merged, progress.replied(), &mut steps);
        }
    } else if progress.awaiting.is_some() {
        // The replica may hold what the read waits for. If not, a repair goes to it; and what it brings goes to the
        // others.
        answer_if_held_widely(progress, &mut steps);
        let merged = protocol.merge(progress, progress.replied());
        repair(protocol, progress, &merged, progress.replied(), &mut steps);
    } else {
        advance(protocol, progress, &mut steps);
    }
    steps
}

/// A replica has taken these versions as a repair, or refused it.
pub fn repaired<C: Causality>(
    progress: &mut Progress<C>,
    slot: usize,
    taken: Option<&Siblings<C>>,
) -> Steps<C> {
    let mut steps = Steps::new();
    if let Some(mended) = progress.slots.get_mut(slot) {
        match taken {
            Some(versions) => {
                mended.confirmed.join(versions);
            }
            None => mended.reply = SlotReply::Refused,
        }
    }
    answer_if_held_widely(progress, &mut steps);
    steps
}

/// The coordinator stops waiting.
pub fn timed_out<C: Causality>(progress: &mut Progress<C>) -> Steps<C> {
    let mut steps = Steps::new();
    if !progress.answered {
        give_up(progress, Reason::TimedOut, &mut steps);
    }
    steps
}

/// Answers if the replies are enough, or can no longer become enough.
fn advance<C: Causality>(protocol: &dyn Protocol<C>, progress: &mut Progress<C>, steps: &mut Steps<C>) {
    match protocol.quorum(progress) {
        Some(counted) if progress.task.action.is_write() => acknowledge(progress, counted, steps),
        Some(counted) => {
            let merged = protocol.merge(progress, counted);
            show(protocol, progress, merged, counted, steps);
        }
        None if !progress.may_still_succeed() && !progress.slots.is_empty() => {
            let reason = Reason::TooFewAnswers {
                got: progress.slots.iter().filter(|slot| slot.reply != SlotReply::Refused).count() as u8,
                required: progress.task.required,
            };
            give_up(progress, reason, steps);
        }
        None => {}
    }
}

/// Completes a write: its token is what the replicas issued, or else what its own stamp says.
fn acknowledge<C: Causality>(progress: &mut Progress<C>, counted: SlotSet, steps: &mut Steps<C>) {
    use crate::model::Context;
    let mut token: Option<C::Context> = None;
    for slot in counted.iter() {
        if let Some(Slot { reply: SlotReply::Stored { token: Some(issued) }, .. }) = progress.slots.get(slot)
        {
            token.get_or_insert_default().join(issued);
        }
    }
    if let (None, Some(version)) = (&token, &progress.version) {
        version.clock.cover(token.insert(C::Context::default()));
    }
    progress.answered = true;
    steps.push(Advance::Respond(Box::new(Reply {
        status: Status::Ok,
        reason: None,
        versions: Siblings::new(),
        token,
        timestamp: progress.version.as_ref().map(|version| version.timestamp),
        counted,
    })));
}

/// Completes a read: it is answered at once, or when enough replicas hold what it shows.
fn show<C: Causality>(
    protocol: &dyn Protocol<C>,
    progress: &mut Progress<C>,
    merged: Siblings<C>,
    counted: SlotSet,
    steps: &mut Steps<C>,
) {
    let holders = repair(protocol, progress, &merged, counted, steps);
    progress.awaiting = Some(Awaiting { merged, counted, holders });
    let sent = std::mem::take(steps);
    answer_if_held_widely(progress, steps);
    // The answer goes first: a repair that it does not wait for never delays it.
    steps.extend(sent);
}

/// Answers a waiting read once enough slots hold what it shows.
fn answer_if_held_widely<C: Causality>(progress: &mut Progress<C>, steps: &mut Steps<C>) {
    let Some(awaiting) = &progress.awaiting else { return };
    let holds =
        |slot: &&Slot<C>| slot.reply != SlotReply::Refused && awaiting.merged.is_known_to(&slot.confirmed);
    if awaiting.holders > 0 && progress.slots.iter().filter(holds).count() < usize::from(awaiting.holders) {
        return;
    }
    let Some(Awaiting { merged, counted, .. }) = progress.awaiting.take() else { return };
    progress.answered = true;
    steps.push(Advance::Respond(Box::new(Reply {
        status: Status::Ok,
        reason: None,
        token: Some(merged.context()),
        versions: merged,
        timestamp: None,
        counted,
    })));
}

/// Decides and notes the repairs; returns how many replicas must hold the result before the answer.
fn repair<C: Causality>(
    protocol: &dyn Protocol<C>,
    progress: &mut Progress<C>,
    merged: &Siblings<C>,
    merged_from: SlotSet,
    steps: &mut Steps<C>,
) -> u8 {
    let repairs = protocol.repair(progress, merged);
    for repair in repairs.send {
        if let Some(slot) = progress.slots.get_mut(repair.slot) {
            slot.held.join(&repair.versions);
            steps.push(Advance::Repair(repair, merged_from));
        }
    }
    repairs.holders_before_answer
}

fn give_up<C: Causality>(progress: &mut Progress<C>, reason: Reason, steps: &mut Steps<C>) {
    progress.answered = true;
    progress.awaiting = None;
    steps.push(Advance::Respond(Box::new(Reply {
        status: Status::Info,
        reason: Some(reason),
        versions: Siblings::new(),
        token: None,
        timestamp: None,
        counted: SlotSet::default(),
    })));
}
