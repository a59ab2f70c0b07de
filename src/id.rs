//! The names of things: nodes, clients, keys, operations, actors.
//!
//! Each is a newtype over a small integer with **one** text form, shared by `Display`, `Debug`, `FromStr` and
//! serde: node `n1`, client `c1`, key `k1`, operation `o1`. Numbers begin at 1, as people count.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The most nodes a cluster may have; a [`NodeSet`] is one machine word.
pub const MAX_NODES: usize = 16;
/// The most clients a schedule may name.
pub const MAX_CLIENTS: usize = 64;
/// The most keys a schedule may name.
pub const MAX_KEYS: usize = 64;
/// The greatest number an operation's label may have in a schedule.
pub const MAX_OPERATION: u16 = 9_999;

/// A text that is not the name it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseIdError {
    /// What was expected, for instance `a node such as n1`.
    pub expected: &'static str,
    /// What stood there.
    pub found: String,
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found `{}`", self.expected, self.found)
    }
}

impl std::error::Error for ParseIdError {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($int:ty), $letter:literal, $expected:literal, $most:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $int);

        impl $name {
            /// The position from 0, for indexing a table of them.
            #[inline]
            #[must_use]
            pub const fn index(self) -> usize {
                (self.0 as usize).saturating_sub(1)
            }

            /// The name at a position counted from 0.
            #[inline]
            #[must_use]
            pub const fn at(index: usize) -> Self {
                Self((index + 1) as $int)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix($letter)
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0'))
                    .and_then(|digits| digits.parse::<$int>().ok())
                    .filter(|number| (1..=$most as usize).contains(&usize::from(*number)))
                    .map(Self)
                    .ok_or_else(|| ParseIdError { expected: $expected, found: text.to_owned() })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

    };
}

id!(
    /// A storage node, `n1`. Any node may also coordinate.
    NodeId(u8), "n", "a node such as n1 (at most n16)", MAX_NODES
);
id!(
    /// A client session, `c1`. It has one operation at a time.
    ClientId(u16), "c", "a client such as c1 (at most c64)", MAX_CLIENTS
);
id!(
    /// A key, `k1`.
    Key(u16), "k", "a key such as k1 (at most k64)", MAX_KEYS
);
id!(
    /// An operation: what a client asked for, once, however often it is sent. A write's value is named by it.
    OpId(u16), "o", "an operation such as o1 (at most o9999)", MAX_OPERATION
);

/// Who mints dots: one incarnation of a node. A node that lost its disk comes back as another actor, so that
/// what an actor has minted it never mints again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor {
    /// The node.
    pub node: NodeId,
    /// How many times its disk was lost before.
    pub incarnation: u8,
}

impl Actor {
    /// The first incarnation of a node.
    #[must_use]
    pub const fn first(node: NodeId) -> Self {
        Self { node, incarnation: 0 }
    }
}

impl fmt::Display for Actor {
    /// `n1`, and `n1'` after its disk was lost once, `n1''` after twice.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.node)?;
        (0..self.incarnation).try_for_each(|_| f.write_str("'"))
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Actor {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let node = text.trim_end_matches('\'');
        node.parse()
            .ok()
            .zip(u8::try_from(text.len() - node.len()).ok())
            .map(|(node, incarnation)| Self { node, incarnation })
            .ok_or_else(|| ParseIdError { expected: "an actor such as n1 or n1'", found: text.to_owned() })
    }
}

/// A set of nodes, one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeSet(pub u16);

impl NodeSet {
    /// No node.
    pub const EMPTY: Self = Self(0);

    /// The nodes n1 to n`count`.
    #[must_use]
    pub const fn first(count: usize) -> Self {
        Self(((1u32 << count) - 1) as u16)
    }

    /// Just this node.
    #[inline]
    #[must_use]
    pub const fn only(node: NodeId) -> Self {
        Self(1 << node.index())
    }

    /// Whether the node is in it.
    #[inline]
    #[must_use]
    pub const fn contains(self, node: NodeId) -> bool {
        self.0 >> node.index() & 1 == 1
    }

    /// Adds a node.
    #[inline]
    pub const fn insert(&mut self, node: NodeId) {
        self.0 |= 1 << node.index();
    }

    /// Takes a node out.
    #[inline]
    pub const fn remove(&mut self, node: NodeId) {
        self.0 &= !(1 << node.index());
    }

    /// How many nodes.
    #[inline]
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The nodes in both.
    #[inline]
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The nodes in either.
    #[inline]
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The nodes in this one and not in the other.
    #[inline]
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The nodes, in order.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = NodeId> {
        bits(u32::from(self.0)).map(NodeId::at)
    }
}

/// The positions of the bits that are set, from the lowest.
#[inline]
pub(crate) fn bits(mut word: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(lowest)
    })
}

impl FromIterator<NodeId> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        let mut set = Self::EMPTY;
        nodes.into_iter().for_each(|node| set.insert(node));
        set
    }
}

impl fmt::Display for NodeSet {
    /// `n1 n3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, node) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{node}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for NodeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{self}}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_form_each() {
        assert_eq!("n3".parse::<NodeId>().unwrap(), NodeId(3));
        assert_eq!(NodeId(3).to_string(), "n3");
        assert_eq!(format!("{:?}", OpId(12)), "o12");
        let twice = Actor { node: NodeId(2), incarnation: 2 };
        assert_eq!(twice.to_string(), "n2''");
        assert_eq!("n2''".parse::<Actor>().unwrap(), twice);
        assert_eq!("n2".parse::<Actor>().unwrap(), Actor::first(NodeId(2)));
        assert_eq!(NodeSet::from_iter([NodeId(3), NodeId(1)]).to_string(), "n1 n3");
    }

    #[test]
    fn what_is_not_a_name_says_what_was_expected() {
        for text in ["", "n", "n0", "n01", "n17", "n-1", "m1", "n1x", "n99999"] {
            let error = text.parse::<NodeId>().unwrap_err();
            assert_eq!(error.expected, "a node such as n1 (at most n16)", "{text}");
        }
        assert!("o10000".parse::<OpId>().is_err());
        for text in ["", "'", "n'2", "n0'"] {
            assert!(text.parse::<Actor>().is_err(), "{text}");
        }
        assert!(format!("n1{}", "'".repeat(256)).parse::<Actor>().is_err());
        assert!("o9999".parse::<OpId>().is_ok());
    }

    #[test]
    fn all_sixteen_nodes_fit_a_set() {
        assert_eq!(NodeSet::first(16).len(), 16);
        assert_eq!(NodeSet::first(3).iter().collect::<Vec<_>>(), [NodeId(1), NodeId(2), NodeId(3)]);
    }
}
