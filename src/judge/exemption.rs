//! Why obligations are not owed, and how many for each reason.
//!
//! Every reason is a fact of the run or of the operation. Judges count what they exempt, reason by reason, so that a
//! report can say how much of a guarantee was tested and what hid the rest.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

/// Why an obligation is not owed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Exemption {
    /// A disk that held the write was lost.
    LostDisk,
    /// A clock was wrong.
    SkewedClock,
    /// The level of one of the two operations asks fewer replicas than the claim assumes.
    LowerLevel,
    /// The later write carried no context, so nothing told the store what it follows.
    BlindWrite,
    /// A quorum was not available throughout: nodes were down, suspected or cut off, or messages were lost.
    NoQuorum,
}

impl Exemption {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 5] =
        [Self::LostDisk, Self::SkewedClock, Self::LowerLevel, Self::BlindWrite, Self::NoQuorum];

    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LostDisk => "lost-disk",
            Self::SkewedClock => "skewed-clock",
            Self::LowerLevel => "lower-level",
            Self::BlindWrite => "blind-write",
            Self::NoQuorum => "no-quorum",
        }
    }
}

impl fmt::Display for Exemption {
    /// As a report says it: `by a lost disk`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::LostDisk => "by a lost disk",
            Self::SkewedClock => "by a skewed clock",
            Self::LowerLevel => "by a level below the claim",
            Self::BlindWrite => "by a blind write",
            Self::NoQuorum => "by a quorum out of reach",
        })
    }
}

/// How many obligations are not owed, by reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NotOwed([u64; Exemption::ALL.len()]);

impl NotOwed {
    /// Counts obligations that are not owed for this reason.
    pub const fn count(&mut self, by: Exemption, obligations: u64) {
        self.0[by as usize] += obligations;
    }

    /// Adds what another run counted.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// How many are not owed for this reason.
    #[must_use]
    pub const fn by(&self, reason: Exemption) -> u64 {
        self.0[reason as usize]
    }

    /// How many are not owed in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The reasons that occurred, each with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Exemption, u64)> {
        Exemption::ALL.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }
}

impl Serialize for NotOwed {
    /// As two fields, so that it can be flattened: `not_owed` is the total, `not_owed_by` has each reason.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct By<'a>(&'a NotOwed);
        impl Serialize for By<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                self.0.iter().try_for_each(|(by, count)| map.serialize_entry(by.name(), &count))?;
                map.end()
            }
        }
        let mut fields = serializer.serialize_struct("NotOwed", 2)?;
        fields.serialize_field("not_owed", &self.total())?;
        fields.serialize_field("not_owed_by", &By(self))?;
        fields.end()
    }
}
