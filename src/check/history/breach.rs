//! One breach of a guarantee as data, and the sentence that tells it to a person.

use std::fmt::Write as _;

use smallvec::SmallVec;

use crate::check::verdict::Violation;
use crate::guarantee::Guarantee;
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::world::history::Names;

/// How many writes a sentence lists before it only counts them.
const LISTED: usize = 5;

/// One read that broke one guarantee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// What was broken.
    pub guarantee: Guarantee,
    /// The read that shows it.
    pub read: OpId,
    /// Whose read it is.
    pub client: ClientId,
    /// The key it read.
    pub key: Key,
    /// Whom it asked.
    pub via: NodeId,
    /// What it returned.
    pub returned: SmallVec<[OpId; 8]>,
    /// The writes that are missing, or those that should not be there.
    pub writes: SmallVec<[OpId; 2]>,
    /// What is wrong with them.
    pub fault: Fault,
}

/// What is wrong with what a read showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Writes that it had to show are missing.
    Missed(Cause),
    /// A later write is missing, and an earlier one of its session is there.
    ShadowedBy(OpId),
    /// A value that no operation wrote.
    NeverWritten(String),
    /// A value of an operation that had not been invoked yet, or never was.
    NotYetInvoked,
    /// A value of an operation that was refused.
    Refused,
    /// A value written to this other key.
    OfAnotherKey(Key),
    /// An operation that wrote no value.
    NotAPut,
    /// A delete, and there had been none.
    NoDelete,
}

/// Where a missing write got lost, as far as is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A history alone does not tell.
    Unknown,
    /// No replica that answered had it: a fault of the quorums.
    Stale,
    /// The replicas that answered had taken it in, and still it was not shown: a fault of a clock or a merge.
    Hidden,
    /// Some of the writes are stale, some are hidden.
    Both,
}

impl Breach {
    /// The breach in one sentence, with the names that the history gives to things.
    #[must_use]
    pub fn sentence(&self, names: &Names) -> String {
        let mut text = format!(
            "{}: {} read {} at {} and ",
            names.operation(self.read),
            names.client(self.client),
            names.key(self.key),
            names.node(self.via)
        );
        let writes = listed(&self.writes, names);
        // Writing to a String cannot fail.
        let _ = match &self.fault {
            Fault::Missed(cause) => {
                let owed = match self.guarantee {
                    Guarantee::ReadYourWrites => "its own and acknowledged",
                    Guarantee::MonotonicReads => "which an earlier read of the session had been shown",
                    _ => "acknowledged before the read began",
                };
                write!(text, "missed {writes}, {owed}{}; {}", cause.words(), self.returned_words(names))
            }
            Fault::ShadowedBy(earlier) => {
                let earlier = names.write(*earlier);
                let how = if self.guarantee == Guarantee::MonotonicWrites {
                    format!("which one session wrote after {earlier} was acknowledged")
                } else {
                    format!("whose session had read {earlier} before it wrote")
                };
                write!(text, "got {earlier} without {writes}, {how}; {}", self.returned_words(names))
            }
            Fault::NeverWritten(value) => write!(text, "got `{value}`, which no operation wrote"),
            Fault::NotYetInvoked => write!(text, "got {writes}, which had not been invoked"),
            Fault::Refused => write!(text, "got {writes}, which was refused and so never executed"),
            Fault::OfAnotherKey(key) => {
                write!(text, "got {writes}, which was written to {}", names.key(*key))
            }
            Fault::NotAPut => write!(text, "got {writes} as a value, which is not of a write of a value"),
            Fault::NoDelete => write!(text, "was shown a delete, and nobody had deleted the key"),
        };
        text
    }

    /// Whether the read returned a value that nobody had written.
    #[must_use]
    pub const fn is_thin_air(&self) -> bool {
        matches!(self.fault, Fault::NeverWritten(_) | Fault::NotYetInvoked)
    }

    /// The breach as the verdicts of all judges hold it.
    #[must_use]
    pub fn violation(&self, names: &Names) -> Violation {
        Violation {
            guarantee: self.guarantee,
            key: Some(self.key),
            shown_by: Some(self.read),
            replica: None,
            writes: self.writes.clone(),
            because: self.sentence(names),
        }
    }

    fn returned_words(&self, names: &Names) -> String {
        if self.returned.is_empty() {
            "it returned no value".to_owned()
        } else {
            format!("it returned {}", listed(&self.returned, names))
        }
    }
}

impl Cause {
    const fn words(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Stale => " (stale: no replica that answered had it)",
            Self::Hidden => " (hidden: covered by the replicas that answered, yet not shown)",
            Self::Both => {
                " (some stale: no replica that answered had them; some hidden: covered, yet not shown)"
            }
        }
    }
}

fn listed(ops: &[OpId], names: &Names) -> String {
    let mut text = String::new();
    for (i, op) in ops.iter().take(LISTED).enumerate() {
        let before = match i {
            0 => "",
            _ if i + 1 == ops.len() => " and ",
            _ => ", ",
        };
        text.push_str(before);
        text.push_str(&names.write(*op));
    }
    if ops.len() > LISTED {
        let _ = write!(text, " and {} more", ops.len() - LISTED);
    }
    text
}
