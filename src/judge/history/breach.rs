//! One breach of a guarantee as data, and as a sentence for a person.

use std::fmt::{self, Write as _};

use smallvec::SmallVec;

use crate::escape;
use crate::guarantee::Guarantee;
use crate::id::{ClientId, Key, NodeId, OpId};
use crate::judge::verdict::Violation;
use crate::world::history::Names;

/// How many writes a sentence lists before it only counts them.
const LISTED: usize = 5;

/// How many writes a breach names before it only counts them: a read that misses every write must not store every
/// write.
pub const MOST_NAMED: usize = 100;

/// How much of a name a sentence shows, in characters.
const SHOWN: usize = 80;

/// One operation that broke one guarantee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// What was broken.
    pub guarantee: Guarantee,
    /// The operation that shows it: a read.
    pub op: OpId,
    /// The client that read.
    pub client: ClientId,
    /// The key that it read.
    pub key: Key,
    /// The node that it asked.
    pub via: NodeId,
    /// The values it returned, [`MOST_NAMED`] at most.
    pub returned: SmallVec<[OpId; 2]>,
    /// The writes that are missing, or that should not be there; the first [`MOST_NAMED`] of them.
    pub writes: SmallVec<[OpId; 2]>,
    /// How many of those writes there are, and how many of them are puts.
    pub count: Count,
    /// What is wrong with them.
    pub fault: BreachKind,
}

/// How many writes a breach is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// Puts and deletes.
    pub writes: usize,
    /// The puts.
    pub puts: usize,
    /// The values that the read returned.
    pub returned: usize,
}

/// What is wrong with what a read showed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BreachKind {
    /// Writes that the read had to show are missing.
    Missed {
        /// Where they got lost.
        cause: Cause,
        /// If a deleted value is back: the value, and the delete that the read missed.
        back: Option<(OpId, OpId)>,
    },
    /// A later write is missing, and an earlier one of its session is there.
    ShadowedBy(OpId),
    /// This later write is there, and earlier ones of its session are missing.
    ShownAlone(OpId),
    /// A value that was returned twice.
    Twice,
    /// A value beside this write, which had replaced it: the writer sent a token that covers the value, or only one
    /// value survives.
    Beside(OpId),
    /// A value beside a tombstone, although every delete of the key had deleted one of the returned values.
    BesideTombstone,
    /// A value that this write, which the read had to show, had replaced.
    ReplacedBy {
        /// The write.
        later: OpId,
        /// Whether it is a delete.
        deleted: bool,
    },
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
    /// A delete, although nobody had deleted the key.
    NoDelete,
}

/// Where a missing write got lost, as far as is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// A history alone does not tell.
    Unknown,
    /// No replica that answered had it: a fault of the quorums.
    Stale,
    /// The replicas that answered had taken it in, but it was not shown: a fault of a clock or a merge.
    Hidden,
    /// Some of the writes are stale, some are hidden.
    Both,
}

impl BreachKind {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missed { back: None, .. } => "missed",
            Self::Missed { back: Some(_), .. } => "deleted-and-back",
            Self::ShadowedBy(_) => "shadowed",
            Self::ShownAlone(_) => "shown-alone",
            Self::Twice => "twice",
            Self::Beside(_) => "beside-its-successor",
            Self::BesideTombstone => "beside-its-tombstone",
            Self::ReplacedBy { deleted: false, .. } => "superseded",
            Self::ReplacedBy { deleted: true, .. } => "deleted",
            Self::NeverWritten(_) => "never-written",
            Self::NotYetInvoked => "not-yet-invoked",
            Self::Refused => "refused",
            Self::OfAnotherKey(_) => "of-another-key",
            Self::NotAPut => "not-a-put",
            Self::NoDelete => "no-delete",
        }
    }
}

impl Breach {
    /// The breach in one sentence, with the names from the history; safe to print, whatever they are.
    #[must_use]
    pub fn sentence(&self, names: &Names) -> String {
        let mut text = format!(
            "{}: {} read {} at {} and ",
            names.operation(self.op),
            brief(&names.client(self.client)),
            brief(&names.key(self.key)),
            brief(&names.node(self.via))
        );
        // Writing to a String cannot fail.
        let _ = self.write_fault(&mut text, names);
        text
    }

    fn write_fault(&self, text: &mut String, names: &Names) -> fmt::Result {
        let writes = listed(&self.writes, self.count.writes, names);
        let name = |op: &OpId| brief(&names.write(*op));
        match &self.fault {
            BreachKind::Missed { cause, back } => self.write_missed(text, *cause, *back, names)?,
            BreachKind::ShadowedBy(earlier) => {
                let earlier = name(earlier);
                let how = if self.guarantee == Guarantee::MonotonicWrites {
                    format!("which one session wrote after {earlier} was acknowledged")
                } else {
                    format!("whose session had read {earlier} before it wrote")
                };
                write!(text, "got {earlier} without {writes}, {how}")?;
            }
            BreachKind::ShownAlone(later) => {
                let how = if self.guarantee == Guarantee::MonotonicWrites {
                    "which its session had written before, and which was acknowledged"
                } else {
                    "which its session had read before it wrote"
                };
                write!(text, "was shown {} without {writes}, {how}", name(later))?;
            }
            BreachKind::Twice => write!(text, "got {writes} twice")?,
            BreachKind::Beside(other) => {
                write!(text, "got {writes} beside {}, which replaced it", name(other))?;
            }
            BreachKind::BesideTombstone => {
                write!(text, "got {writes} beside a tombstone, and every delete there was had deleted it")?;
            }
            BreachKind::ReplacedBy { later, deleted } => {
                let verb = if *deleted { "deleted" } else { "replaced" };
                write!(text, "got {writes}, which was {verb} by {} before the read began", name(later))?;
            }
            BreachKind::NeverWritten(value) => {
                return write!(text, "got `{}`, which no operation wrote", brief(value));
            }
            BreachKind::NotYetInvoked => return write!(text, "got {writes}, which had not been invoked"),
            BreachKind::Refused => {
                return write!(text, "got {writes}, which was refused and so never executed");
            }
            BreachKind::OfAnotherKey(key) => {
                return write!(text, "got {writes}, which was written to {}", brief(&names.key(*key)));
            }
            BreachKind::NotAPut => {
                return write!(text, "got {writes} as a value, which is not of a write of a value");
            }
            BreachKind::NoDelete => {
                return text.write_str("was shown a delete, and nobody had deleted the key");
            }
        }
        write!(text, "; {}", self.returned_words(names))
    }

    /// "missed o1, acknowledged before the read began", and for deletes: "got o1, which was deleted by o3".
    fn write_missed(
        &self,
        text: &mut String,
        cause: Cause,
        back: Option<(OpId, OpId)>,
        names: &Names,
    ) -> fmt::Result {
        let owed = match self.guarantee {
            Guarantee::ReadYourWrites => "its own and acknowledged",
            Guarantee::MonotonicReads => "which an earlier read of the session had been shown",
            _ => "acknowledged before the read began",
        };
        if let Some((value, delete)) = back {
            let how = match self.guarantee {
                Guarantee::ReadYourWrites => " of its own session",
                Guarantee::MonotonicReads => ", as an earlier read of the session had been shown",
                _ => " before the read began",
            };
            let (value, delete) = (brief(&names.write(value)), brief(&names.write(delete)));
            write!(text, "got {value}, which was deleted by {delete}{how}, and is back")?;
            if self.count.writes == 1 {
                return text.write_str(cause.words());
            }
            text.write_str("; it ")?;
        }
        let writes = listed(&self.writes, self.count.writes, names);
        write!(text, "missed {writes}, {owed}{}", cause.words())
    }

    /// The breach in the form that all judges use.
    #[must_use]
    pub fn violation(&self, names: &Names) -> Violation {
        Violation {
            guarantee: self.guarantee,
            key: Some(self.key),
            shown_by: Some(self.op),
            replica: None,
            writes: self.writes.clone(),
            because: self.sentence(names),
        }
    }

    fn returned_words(&self, names: &Names) -> String {
        if self.returned.is_empty() {
            "it returned no value".to_owned()
        } else {
            format!("it returned {}", listed(&self.returned, self.count.returned, names))
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

/// The first operations by name, and how many more there are.
fn listed(ops: &[OpId], count: usize, names: &Names) -> String {
    let mut text = String::new();
    for (i, op) in ops.iter().take(LISTED).enumerate() {
        let before = match i {
            0 => "",
            _ if i + 1 == count => " and ",
            _ => ", ",
        };
        text.push_str(before);
        text.push_str(&brief(&names.write(*op)));
    }
    if count > LISTED {
        let _ = write!(text, " and {} more", count - LISTED);
    }
    text
}

/// A name as a sentence shows it.
fn brief(name: &str) -> String {
    escape::brief(name, SHOWN).into_owned()
}
