//! The judge of availability: an operation that could succeed must succeed, and one that could not must say so.
//!
//! An operation *could* end ok if its coordinator and enough home replicas were there from its invocation on: up,
//! rebuilt after any loss of their disk, connected with each other and not suspected by the coordinator. Also, no
//! message of the operation between them was lost, and no timeout fired. The other replicas do not matter. Silence is
//! judged once everything deliverable has been delivered.
//!
//! An operation that could not must not pretend. If no replica answered it, it must not end ok; if anything was sent
//! for it, it must not end refused.

use crate::guarantee::Guarantee;
use crate::id::OpId;
use crate::judge::exemption::Exemption;
use crate::judge::judges::{Asked, Judges};
use crate::judge::verdict::Violation;
use crate::model::{Causality, Reason, Status};
use crate::world::history::Completion;
use crate::world::observer::{Facts, Grounds};

impl<C: Causality> Judges<C> {
    /// An operation ended.
    pub(super) fn judge_outcome(
        &mut self,
        completion: &Completion,
        asked: Asked,
        grounds: Grounds<'_>,
        facts: Facts<'_>,
    ) {
        if !self.judges(Guarantee::Available) || completion.reason == Some(Reason::Abandoned) {
            return;
        }
        let op = completion.op;
        if completion.status == Status::Ok {
            self.examined(Guarantee::Available, 1);
            if grounds.answered_by.is_some_and(|replicas| replicas.is_empty()) {
                let what = if asked.action.is_write() { "done" } else { "not found" };
                self.unavailable(op, asked, format!("{op} ended \"{what}\", and no replica had answered it"));
            }
            return;
        }
        if completion.status == Status::Refused && grounds.sent {
            self.examined(Guarantee::Available, 1);
            let because =
                format!("{op} ended refused, as if nothing had been sent, and its replicas had been asked");
            return self.unavailable(op, asked, because);
        }
        let enough = self.could_end_ok(asked, grounds, facts);
        if enough {
            self.examined(Guarantee::Available, 1);
            let said =
                completion.reason.as_ref().map_or_else(|| "no reason given".to_owned(), Reason::to_string);
            let needed = asked.required;
            self.unavailable(
                op,
                asked,
                format!("{op} was not done ({said}), and its coordinator and {needed} replicas were there all along"),
            );
        }
    }

    /// An operation has no answer, and everything deliverable was delivered.
    pub(super) fn judge_silence(&mut self, op: OpId, asked: Asked, grounds: Grounds<'_>, facts: Facts<'_>) {
        if self.judges(Guarantee::Available) && self.could_end_ok(asked, grounds, facts) {
            self.examined(Guarantee::Available, 1);
            let needed = asked.required;
            self.unavailable(
                op,
                asked,
                format!("{op} got no answer, and its coordinator and {needed} replicas were there all along"),
            );
        }
    }

    fn could_end_ok(&mut self, asked: Asked, grounds: Grounds<'_>, facts: Facts<'_>) -> bool {
        let Some(undisturbed) = grounds.undisturbed else {
            self.not_owed(Guarantee::Available, Exemption::NoQuorum);
            return false;
        };
        let fit = facts.home(asked.key).iter().filter(|&&node| undisturbed.contains(node)).count();
        let enough = fit >= usize::from(asked.required);
        if !enough {
            self.not_owed(Guarantee::Available, Exemption::NoQuorum);
        }
        enough
    }

    fn unavailable(&mut self, op: OpId, asked: Asked, because: String) {
        self.breach(Guarantee::Available, || Violation {
            guarantee: Guarantee::Available,
            key: Some(asked.key),
            shown_by: Some(op),
            replica: Some(asked.via),
            writes: smallvec::SmallVec::new(),
            because,
        });
    }
}
