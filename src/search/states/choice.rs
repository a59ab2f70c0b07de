//! One choice in a state, in four bytes: a path is a choice for each of its states.
//!
//! Not here: which choices a state has.

use crate::id::{NodeId, OpId};
use crate::model::MessageKind;
use crate::world::schedule::MessageName;

/// The most operations a path can name.
pub(super) const MOST_OPERATIONS: usize = 255;

/// What can be chosen. Invocations and faults are named by their places in the [alphabets](super::alphabet).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Choice {
    /// A message that is on its way arrives.
    Deliver(OpId, MessageName),
    /// A client invokes this operation.
    Invoke(u32),
    /// A coordinator stops waiting.
    Timeout(OpId),
    /// A message that is on its way is lost.
    Lose(OpId, MessageName),
    /// A message that is on its way is doubled.
    Double(OpId, MessageName),
    /// This fault begins.
    Fault(u16),
    /// This step happens, and costs nothing.
    Free(u16),
}

/// The code of the beginning, where nothing was chosen.
pub(super) const BEGINNING: u32 = u32::MAX;

const DELIVER: u32 = 0;
const INVOKE: u32 = 1;
const TIMEOUT: u32 = 2;
const LOSE: u32 = 3;
const FAULT: u32 = 4;
const FREE: u32 = 5;
const DOUBLE: u32 = 6;

impl Choice {
    /// The choice as a number.
    pub(super) const fn code(self) -> u32 {
        let (kind, rest) = match self {
            Self::Deliver(op, name) => (DELIVER, message(op, name)),
            Self::Invoke(at) => (INVOKE, at),
            Self::Timeout(op) => (TIMEOUT, op.0 as u32),
            Self::Lose(op, name) => (LOSE, message(op, name)),
            Self::Double(op, name) => (DOUBLE, message(op, name)),
            Self::Fault(at) => (FAULT, at as u32),
            Self::Free(at) => (FREE, at as u32),
        };
        kind << 28 | rest
    }

    /// The choice that a number stands for.
    pub(super) const fn of(code: u32) -> Self {
        let rest = code & 0xfff_ffff;
        match code >> 28 {
            DELIVER => {
                let (op, name) = named(rest);
                Self::Deliver(op, name)
            }
            INVOKE => Self::Invoke(rest),
            TIMEOUT => Self::Timeout(OpId(rest as u16)),
            LOSE => {
                let (op, name) = named(rest);
                Self::Lose(op, name)
            }
            DOUBLE => {
                let (op, name) = named(rest);
                Self::Double(op, name)
            }
            FAULT => Self::Fault(rest as u16),
            _ => Self::Free(rest as u16),
        }
    }
}

/// A message as 24 bits: operation, kind, replica, attempt.
const fn message(op: OpId, name: MessageName) -> u32 {
    let replica = match name.replica {
        Some(NodeId(node)) => node as u32,
        None => 0,
    };
    (op.0 as u32) << 16 | (name.kind as u32) << 13 | replica << 8 | name.attempt as u32
}

const fn named(bits: u32) -> (OpId, MessageName) {
    let replica = bits >> 8 & 0x1f;
    let name = MessageName {
        kind: MessageKind::ALL[(bits >> 13 & 7) as usize],
        replica: if replica == 0 { None } else { Some(NodeId(replica as u8)) },
        attempt: bits as u8,
    };
    (OpId((bits >> 16 & 0xff) as u16), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_comes_back_from_its_code() {
        let mut codes = std::collections::BTreeSet::new();
        for op in [1, 2, MOST_OPERATIONS as u16].map(OpId) {
            for kind in MessageKind::ALL {
                for node in [None, Some(NodeId(1)), Some(NodeId(16))] {
                    for attempt in [0, 1, u8::MAX] {
                        let name = MessageName { kind, replica: node, attempt };
                        let of_message = [Choice::Deliver, Choice::Lose, Choice::Double];
                        let of_message = of_message.map(|choice| choice(op, name));
                        for choice in of_message.into_iter().chain([Choice::Timeout(op)]) {
                            assert_eq!(Choice::of(choice.code()), choice);
                            codes.insert(choice.code());
                        }
                    }
                }
            }
        }
        assert_eq!(codes.len(), 3 * 8 * 3 * 3 * 3 + 3);
        for at in [0, 1, u16::MAX] {
            for choice in [Choice::Invoke(at.into()), Choice::Fault(at), Choice::Free(at)] {
                assert_eq!(Choice::of(choice.code()), choice);
                assert_ne!(choice.code(), BEGINNING);
            }
        }
    }
}
