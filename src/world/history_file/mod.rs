//! Histories as files: `kv-history/1`, JSON Lines.
//!
//! A file is one event a line, in order of time, and two lines an operation: one when it is sent, one when its
//! answer is read. Line 0 says what store it was.
//!
//! | field | meaning |
//! |---|---|
//! | `index` | the line's number, from 0 |
//! | `time` | nanoseconds, never decreasing; read for its order alone |
//! | `op` | pairs the two lines of an operation |
//! | `process` | the client's number; `"meta"` on line 0, `"nemesis"` where a fault is told (its lines are skipped) |
//! | `type` | `invoke`, then `ok`, `fail` (certainly not executed) or `info` (unknown) |
//! | `f` | `put`, `get`, `delete` |
//! | `key`, `node` | what is asked for, and the node that is asked |
//! | `value` | of a put its value, unique in the file; of a get's `ok` the list of values, order meaningless |
//! | `tombstones` | of a get's `ok`: whether it was shown some delete, 0 or 1; 1 where the store does not tell |
//! | `token` | of an `ok`: the token received, or null |
//! | `ctx`, `ctx_from` | of a put or delete, on `invoke`: the tokens sent, and the `op` that received each |
//! | `error` | of `fail` and `info`: why |
//! | `required`, or `level` | on `invoke`, where it is not the store's R or W: how many answers, or `one`, `quorum`, `all` |
//! | `ts` | of a write's `ok`: its timestamp |
//! | `count`, `resolved` | of a get's `ok`: a counter's value; the one value that the client took |
//!
//! Line 0 has `value` with `format`, `n`, `r` and `w`. It may list `keys`, `nodes` and `sessions` (so that ids follow
//! that order) and give the `data_type`, which is otherwise `register`. (A file that writes a key twice and has no
//! context anywhere must give it: a register of one value looks the same.) With `"names": "ids"`, as
//! [`write_history`] writes it for a simulated history, process 3 is `c3` and op 7 is `o7`. Otherwise things get ids
//! in order of appearance, and [`Names`](super::history::Names) keeps their names.
//!
//! A process that invokes an operation while another is under way gives that one up: it may still end, but only as
//! `info`. Every operation has its two lines, so a truncated file is noticed.
//!
//! Not modelled: when things happened (only in which order), the text of tokens, attempts, and what a nemesis did.

mod by_key;
mod ids;
mod line;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{read_histories, read_histories_file, read_history, read_history_file};
pub use write::write_history;

use std::fmt;

/// The most bytes a line may have.
pub const MAX_LINE: u64 = 64 << 20;

/// The most bytes a file may have.
pub const MAX_BYTES: u64 = 2 << 30;

/// The most operations of one key in a file, and the most keys and clients: ids have 16 bits. Judging needs memory
/// that grows with the square of a key's operations, some 1 GB at this limit. (With `"names": "ids"` the limit is for
/// all operations together.)
pub const MAX_OPERATIONS: usize = u16::MAX as usize;

/// The format's name, on line 0.
pub const FORMAT: &str = "kv-history/1";

/// A file that is not a history: where, and what was expected there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadHistory {
    /// The file.
    pub file: String,
    /// The line, from 1, as editors count; 0: the file as a whole.
    pub line: usize,
    /// What was expected there.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for BadHistory {
    /// `run.jsonl:17: expected …, found …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for BadHistory {}
