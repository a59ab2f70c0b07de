//! The names of what a store may promise.
//!
//! Plain names, at the bottom of the house, so that a protocol can claim them and a judge can judge them
//! without either knowing the other. What each one needs to be owed is decided by the protocol's claims
//! (`Protocol::claims`) and, for the facts of one run, by the judges in `judge`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One promise of a store to its clients, or of its parts to each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Guarantee {
    /// What a read returns was written by somebody.
    NoFabrication,
    /// A read shows every write that was acknowledged before the read was invoked (Lamport's regular register).
    Fresh,
    /// A session's read shows the session's own acknowledged writes (Terry and others, PDIS 1994).
    ReadYourWrites,
    /// What a session has been shown of a key it is shown again.
    MonotonicReads,
    /// A session's later write is not shadowed by its earlier one.
    MonotonicWrites,
    /// A write is not shadowed by one that its session had read before it.
    WritesFollowReads,
    /// Every value that the covered writes demand is there, in reads and on replicas.
    NoLost,
    /// No other value is there: no duplicate, no false sibling, no resurrected one.
    NoExtra,
    /// What is held or read is an antichain of distinct versions, in the store's own order.
    #[serde(rename = "siblings")]
    Antichain,
    /// A dot never names two writes.
    OneDotOneWrite,
    /// An operation is stamped at most once, however often it is sent.
    OnceOnly,
    /// The store's order of two versions is the order of what their writers had seen.
    ClockOrder,
    /// No read returns a write that a write it covers has superseded.
    CausalOrder,
    /// Under last-write-wins, a write that began after another was acknowledged ranks above it.
    RealTimeOrder,
    /// An acknowledged write survives the loss of any W−1 home disks, and of any hint holder.
    Durable,
    /// At rest the home replicas are equal, hold what the surviving writes demand, and stay as they are.
    Convergence,
    /// An operation ends ok while its coordinator and enough home replicas are up and connected, and only then.
    Available,
}

impl Guarantee {
    /// All of them, in the order in which reports name them.
    pub const ALL: [Self; 17] = [
        Self::NoFabrication,
        Self::Fresh,
        Self::ReadYourWrites,
        Self::MonotonicReads,
        Self::MonotonicWrites,
        Self::WritesFollowReads,
        Self::NoLost,
        Self::NoExtra,
        Self::Antichain,
        Self::OneDotOneWrite,
        Self::OnceOnly,
        Self::ClockOrder,
        Self::CausalOrder,
        Self::RealTimeOrder,
        Self::Durable,
        Self::Convergence,
        Self::Available,
    ];

    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The position in [`Guarantee::ALL`].
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name on the command line, in reports and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoFabrication => "no-fabrication",
            Self::Fresh => "fresh",
            Self::ReadYourWrites => "read-your-writes",
            Self::MonotonicReads => "monotonic-reads",
            Self::MonotonicWrites => "monotonic-writes",
            Self::WritesFollowReads => "writes-follow-reads",
            Self::NoLost => "no-lost",
            Self::NoExtra => "no-extra",
            Self::Antichain => "siblings",
            Self::OneDotOneWrite => "one-dot-one-write",
            Self::OnceOnly => "once-only",
            Self::ClockOrder => "clock-order",
            Self::CausalOrder => "causal-order",
            Self::RealTimeOrder => "real-time-order",
            Self::Durable => "durable",
            Self::Convergence => "convergence",
            Self::Available => "available",
        }
    }

    /// What it says, in one sentence for a person.
    #[must_use]
    pub const fn statement(self) -> &'static str {
        match self {
            Self::NoFabrication => {
                "a read returns only what was written, by an operation that was not refused"
            }
            Self::Fresh => "a read shows every write acknowledged before the read began",
            Self::ReadYourWrites => "a session's read shows the session's own acknowledged writes",
            Self::MonotonicReads => "a session's later reads show what its earlier reads showed",
            Self::MonotonicWrites => "a session's later write is not hidden behind its earlier one",
            Self::WritesFollowReads => "a write is not hidden behind one that its session had read before",
            Self::NoLost => "no value disappears unless a write that had seen it replaced it",
            Self::NoExtra => "no value comes twice, and none comes back that was replaced or deleted",
            Self::Antichain => {
                "versions that stand beside each other are distinct, and none supersedes another"
            }
            Self::OneDotOneWrite => "one dot never names two writes",
            Self::OnceOnly => "one operation is stamped at most once",
            Self::ClockOrder => {
                "the clocks order two versions exactly if the writer of one had seen the other"
            }
            Self::CausalOrder => "no read returns a write superseded by a write that the read covers",
            Self::RealTimeOrder => "a write that began after another was acknowledged wins over it",
            Self::Durable => {
                "an acknowledged write survives the loss of any W-1 home disks and any hint holder"
            }
            Self::Convergence => {
                "once faults end, reads make replicas equal and right, and then repair nothing"
            }
            Self::Available => {
                "an operation succeeds when enough replicas can be reached, and never pretends to"
            }
        }
    }

    /// Whether a client meets it in what it is answered. The others are about the inside of the store: what replicas
    /// hold, and how versions are named.
    #[must_use]
    pub const fn is_seen_by_clients(self) -> bool {
        self.is_of_history() && !matches!(self, Self::NoExtra)
            || matches!(self, Self::CausalOrder | Self::RealTimeOrder | Self::Durable | Self::Available)
    }

    /// Whether it can be judged from a history alone: what was asked and what was answered, and when.
    #[must_use]
    pub const fn is_of_history(self) -> bool {
        matches!(
            self,
            Self::NoFabrication
                | Self::Fresh
                | Self::ReadYourWrites
                | Self::MonotonicReads
                | Self::MonotonicWrites
                | Self::WritesFollowReads
                | Self::NoExtra
        )
    }
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no guarantee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownGuarantee(pub String);

impl fmt::Display for UnknownGuarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected a guarantee, found `{}`", self.0)?;
        if self.0 == "lww-real" {
            write!(f, ", which is now called {}", Guarantee::CausalOrder)?;
        }
        f.write_str("; the guarantees are")?;
        Guarantee::ALL
            .iter()
            .enumerate()
            .try_for_each(|(i, guarantee)| write!(f, "{} {guarantee}", if i == 0 { "" } else { "," }))
    }
}

impl std::error::Error for UnknownGuarantee {}

impl FromStr for Guarantee {
    type Err = UnknownGuarantee;

    fn from_str(text: &str) -> Result<Self, UnknownGuarantee> {
        Self::ALL
            .into_iter()
            .find(|guarantee| guarantee.name() == text)
            .ok_or_else(|| UnknownGuarantee(text.to_owned()))
    }
}

/// A set of guarantees, one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct GuaranteeSet(u32);

impl GuaranteeSet {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self((1 << Guarantee::COUNT) - 1);

    /// Just this one.
    #[must_use]
    pub const fn only(guarantee: Guarantee) -> Self {
        Self(1 << guarantee.index())
    }

    /// Whether it is in the set.
    #[inline]
    #[must_use]
    pub const fn contains(self, guarantee: Guarantee) -> bool {
        self.0 >> guarantee.index() & 1 == 1
    }

    /// Adds one.
    pub const fn insert(&mut self, guarantee: Guarantee) {
        self.0 |= 1 << guarantee.index();
    }

    /// Takes one out.
    pub const fn remove(&mut self, guarantee: Guarantee) {
        self.0 &= !(1 << guarantee.index());
    }

    /// Those in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its members, in order.
    pub fn iter(self) -> impl Iterator<Item = Guarantee> {
        Guarantee::ALL.into_iter().filter(move |guarantee| self.contains(*guarantee))
    }
}

impl FromIterator<Guarantee> for GuaranteeSet {
    fn from_iter<I: IntoIterator<Item = Guarantee>>(guarantees: I) -> Self {
        let mut set = Self::NONE;
        guarantees.into_iter().for_each(|guarantee| set.insert(guarantee));
        set
    }
}

impl fmt::Debug for GuaranteeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_positions_agree() {
        for (i, guarantee) in Guarantee::ALL.into_iter().enumerate() {
            assert_eq!(guarantee.index(), i);
            assert_eq!(guarantee.name().parse(), Ok(guarantee));
            assert_eq!(serde_json::to_value(guarantee).unwrap(), guarantee.name());
        }
    }

    #[test]
    fn a_misspelt_name_lists_the_right_ones() {
        let error = "freshh".parse::<Guarantee>().unwrap_err().to_string();
        assert!(error.contains("`freshh`") && error.contains("no-lost"), "{error}");
    }
}
