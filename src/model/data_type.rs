//! What a read must show of the writes it covers.

use serde::{Deserialize, Serialize};

/// A data type is a function of a set of covered operations and their causal order (Burckhardt, Gotsman, Yang
/// and Zawirski, *Replicated data types: specification, verification, optimality*, POPL 2014). The oracle
/// computes it from the ghosts (`judge::oracle`); a protocol only says which type it means to be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DataType {
    /// A multi-value register: the maximal writes; concurrent ones are siblings.
    #[default]
    Register,
    /// The greatest write by (timestamp, delete over put, operation).
    LastWriteWins,
    /// A counter: each put adds one, each delete takes one away, contexts do not matter.
    Counter,
    /// An observed-remove set: each put adds an element of its own, each delete removes those its context covers.
    Set,
}
