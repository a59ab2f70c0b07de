//! What a judge reports: how much it examined, how much was not owed, and what was broken.

use std::fmt;

use smallvec::SmallVec;

use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::id::{Key, NodeId, OpId};
use crate::judge::exemption::NotOwed;

/// One breach of one guarantee, with its witness.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// What was broken.
    pub guarantee: Guarantee,
    /// The key concerned.
    pub key: Option<Key>,
    /// The operation that shows it: mostly a read.
    pub shown_by: Option<OpId>,
    /// The replica whose own state shows it.
    pub replica: Option<NodeId>,
    /// The writes concerned: the missing ones, or the ones that should not be there.
    pub writes: SmallVec<[OpId; 2]>,
    /// One sentence for a person, without the guarantee's name: what was expected, and what happened.
    pub because: String,
}

/// How a guarantee is judged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Stance {
    /// It is not judged.
    #[default]
    Ignored,
    /// It is judged where the configuration owes it. A fact of the run (a lost disk, a skewed clock) excuses an
    /// obligation, which is then counted apart.
    Owed,
    /// It is judged even where the configuration does not owe it; facts of the run still excuse.
    Expected,
    /// It is always judged, whatever happened in the run.
    Demanded,
}

impl Stance {
    /// Whether it is judged even where the configuration does not owe it.
    #[inline]
    #[must_use]
    pub const fn waives_configuration(self) -> bool {
        matches!(self, Self::Expected | Self::Demanded)
    }

    /// Whether it is judged even where a fact of the run excuses it.
    #[inline]
    #[must_use]
    pub const fn waives_circumstances(self) -> bool {
        matches!(self, Self::Demanded)
    }
}

/// The result for one guarantee, of one run or of many runs together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ruling {
    /// Obligations examined.
    pub examined: u64,
    /// Obligations that a fact of the run or of the operation excused, counted by that fact.
    pub not_owed: NotOwed,
    /// Obligations that could not be decided.
    pub unknown: u64,
    /// Why the first undecided obligation could not be decided.
    pub why_unknown: Option<&'static str>,
    /// Obligations broken.
    pub broken: u64,
    /// The first breach.
    pub violation: Option<Violation>,
}

impl Ruling {
    /// Counts a breach; keeps the first violation.
    pub fn breach(&mut self, violation: impl FnOnce() -> Violation) {
        self.broken += 1;
        if self.violation.is_none() {
            self.violation = Some(violation());
        }
    }

    /// Adds the ruling of another run.
    pub fn add(&mut self, other: Self) {
        self.examined += other.examined;
        self.not_owed.add(&other.not_owed);
        self.unknown += other.unknown;
        self.broken += other.broken;
        self.why_unknown = self.why_unknown.or(other.why_unknown);
        if self.violation.is_none() {
            self.violation = other.violation;
        }
    }
}

/// A guarantee that a complete search left untested.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Untested {
    /// The guarantee.
    pub guarantee: Guarantee,
    /// Why it is untested.
    pub why: Why,
}

/// Why a guarantee was not tested.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// Nothing that happened gave rise to an obligation.
    NoObligation,
    /// Obligations arose, and a fact of the run excused each of them.
    Excused,
    /// Some obligation could not be decided, for this reason.
    Undecided(&'static str),
}

impl fmt::Display for Untested {
    /// `monotonic-reads is vacuous: nothing gives rise to an obligation`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guarantee = self.guarantee;
        match self.why {
            Why::NoObligation => write!(f, "{guarantee} is vacuous: nothing gives rise to an obligation"),
            Why::Excused => write!(f, "{guarantee} is vacuous: every obligation is excused"),
            Why::Undecided(why) => write!(f, "{guarantee}: some obligations are undecided: {why}"),
        }
    }
}

/// The guarantees that many runs together tested.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Tested {
    examined: GuaranteeSet,
    excused: GuaranteeSet,
    undecided: [Option<&'static str>; Guarantee::COUNT],
}

impl Tested {
    /// Adds a ruling on a guarantee.
    pub fn add(&mut self, guarantee: Guarantee, ruling: &Ruling) {
        if ruling.examined > 0 {
            self.examined.insert(guarantee);
        }
        if ruling.not_owed.total() > 0 {
            self.excused.insert(guarantee);
        }
        if ruling.unknown > 0 {
            let why = ruling.why_unknown.unwrap_or("no reason given");
            self.undecided[guarantee.index()].get_or_insert(why);
        }
    }

    /// The guarantees in `judged` that were not tested.
    #[must_use]
    pub fn untested(&self, judged: GuaranteeSet) -> Vec<Untested> {
        let why = |guarantee: Guarantee| match self.undecided[guarantee.index()] {
            Some(why) => Some(Why::Undecided(why)),
            None if self.examined.contains(guarantee) => None,
            None if self.excused.contains(guarantee) => Some(Why::Excused),
            None => Some(Why::NoObligation),
        };
        judged.iter().filter_map(|guarantee| Some(Untested { guarantee, why: why(guarantee)? })).collect()
    }
}
