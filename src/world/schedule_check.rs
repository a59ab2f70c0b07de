//! What a schedule from outside must satisfy.
//!
//! Within the program a schedule is total: a step about a missing operation does nothing. In what a person wrote,
//! such a step is a slip of the pen, and would hide a failure; so it is refused here.
//!
//! Not checked: whether the nodes exist, which needs the cluster (see [`Scenario`](super::scenario::Scenario)),
//! and whether a named message is ever sent, which only a run can tell.

use std::fmt;

use super::schedule::{Exception, MessageName, Step};
use crate::id::{MAX_OPERATION, OpId};

/// The most steps to read from outside.
pub const MAX_STEPS: usize = 100_000;

/// What is wrong with a schedule, and at which of its steps, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSchedule {
    /// The step.
    pub step: usize,
    /// What is wrong.
    pub fault: Flaw,
}

/// What is wrong with a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// Two operations have one label.
    LabelTaken {
        /// The label.
        op: OpId,
        /// The step that already has it, counted from 1.
        by: usize,
    },
    /// No operation has the label that a step refers to.
    NoSuchOperation(OpId),
    /// One message is given two fates.
    MessageTwice(MessageName),
    /// There are more steps than [`MAX_STEPS`].
    TooManySteps(usize),
}

impl Flaw {
    /// What was expected and what was found; `place` says where another step stands.
    pub(super) fn expected_and_found(&self, place: impl Fn(usize) -> String) -> (String, String) {
        match self {
            Self::LabelTaken { op, by } => {
                ("a label not yet taken".to_owned(), format!("`{op}`, which {} has", place(*by)))
            }
            Self::NoSuchOperation(op) => {
                ("the label of an operation".to_owned(), format!("`{op}`, which none has"))
            }
            Self::MessageTwice(name) => ("each message once".to_owned(), format!("`{name}` twice")),
            Self::TooManySteps(found) => (format!("at most {MAX_STEPS} steps"), found.to_string()),
        }
    }
}

impl fmt::Display for BadSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (expected, found) = self.fault.expected_and_found(|step| format!("step {step}"));
        write!(f, "step {}: expected {expected}, found {found}", self.step)
    }
}

impl std::error::Error for BadSchedule {}

/// Checks that every label is unique and that every reference has an operation, before or after it.
pub(super) fn check(steps: &[Step]) -> Result<(), BadSchedule> {
    if steps.len() > MAX_STEPS {
        return Err(BadSchedule { step: MAX_STEPS + 1, fault: Flaw::TooManySteps(steps.len()) });
    }
    let mut taken = vec![0; usize::from(MAX_OPERATION)];
    for (step, operation) in (1..).zip(steps).filter_map(|(step, s)| Some((step, s.operation()?))) {
        let by = &mut taken[operation.op.index()];
        if *by != 0 {
            return Err(BadSchedule { step, fault: Flaw::LabelTaken { op: operation.op, by: *by } });
        }
        *by = step;
    }
    for (step, s) in (1..).zip(steps) {
        let here = |fault| BadSchedule { step, fault };
        if let Step::Operation(operation) = s {
            check_messages(&operation.exceptions).map_err(here)?;
        }
        if let Some(op) = s.refers_to().filter(|op| taken[op.index()] == 0) {
            return Err(here(Flaw::NoSuchOperation(op)));
        }
    }
    Ok(())
}

/// Checks that no message is named twice.
pub(super) fn check_messages(exceptions: &[Exception]) -> Result<(), Flaw> {
    let mut names: Vec<_> = exceptions.iter().map(|exception| exception.name).collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    twice.map_or(Ok(()), |pair| Err(Flaw::MessageTwice(pair[0])))
}
