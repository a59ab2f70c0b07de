//! How operations end, and why.

use std::fmt;

/// How an operation ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Done, and answered.
    Ok,
    /// Certainly not executed: nothing was sent.
    Refused,
    /// Unknown. It may take effect now, later or never.
    Info,
}

/// Why an operation did not end ok.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// The coordinator's own view left too few replicas; nothing was sent.
    TooFewInView {
        /// Replicas in the coordinator's view.
        left: u8,
        /// Replicas needed.
        required: u8,
    },
    /// Too many replicas answered that they cannot serve.
    TooFewAnswers {
        /// Answers that count.
        got: u8,
        /// Answers needed.
        required: u8,
    },
    /// The coordinator stopped waiting.
    TimedOut,
    /// The client went on to its next operation, or the run ended.
    Abandoned,
    /// As a recorded history says it.
    Said(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewInView { left, required } => {
                write!(f, "the coordinator sees {left} of the {required} replicas it needs")
            }
            Self::TooFewAnswers { got, required } => {
                write!(f, "{got} of the {required} answers it needs can still come")
            }
            Self::TimedOut => f.write_str("timed out"),
            Self::Abandoned => f.write_str("no answer"),
            Self::Said(text) => f.write_str(text),
        }
    }
}
