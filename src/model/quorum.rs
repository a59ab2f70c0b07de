//! N, R and W: pure arithmetic.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{MAX_NODES, NodeId};
use crate::model::Action;

/// A cluster's size and its quorums.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Cluster {
    /// Storage nodes, numbered from n1 to this.
    pub nodes: u8,
    /// N: replicas of each key.
    pub n: u8,
    /// R: answers a read waits for.
    pub r: u8,
    /// W: acknowledgements a write waits for.
    pub w: u8,
}

impl Cluster {
    /// A cluster of exactly N nodes.
    #[must_use]
    pub const fn new(n: u8, r: u8, w: u8) -> Self {
        Self { nodes: n, n, r, w }
    }

    /// The same quorums on more nodes.
    #[must_use]
    pub const fn on(self, nodes: u8) -> Self {
        Self { nodes, ..self }
    }

    /// Whether it can be built.
    ///
    /// # Errors
    /// Says which number is out of bounds. N replicas need N distinct nodes: with fewer, one node would count as two
    /// acknowledgements.
    pub fn validate(self) -> Result<Self, BadCluster> {
        let Self { nodes, n, r, w } = self;
        if n == 0 {
            Err(BadCluster("N must be at least 1".to_owned()))
        } else if usize::from(nodes) > MAX_NODES {
            Err(BadCluster(format!("expected at most {MAX_NODES} nodes, found {nodes}")))
        } else if nodes < n {
            Err(BadCluster(format!(
                "N={n} replicas need {n} distinct nodes and there are {nodes}: one node would count as two acknowledgements"
            )))
        } else if !(1..=n).contains(&r) {
            Err(BadCluster(format!("R must be from 1 to N={n}, found {r}")))
        } else if !(1..=n).contains(&w) {
            Err(BadCluster(format!("W must be from 1 to N={n}, found {w}")))
        } else {
            Ok(self)
        }
    }

    /// Whether every read quorum meets every write quorum: R+W>N.
    #[inline]
    #[must_use]
    pub const fn quorums_meet(self) -> bool {
        must_meet(self.n, self.r, self.w)
    }

    /// Whether a claim made for this cluster concerns a read that waits for `read` replicas and a write that waited for
    /// `write`: the two must meet, or both wait for at least the cluster's own R and W. The second half keeps a claim
    /// from excusing itself: a protocol that claims to show every acknowledged write although R+W<=N has claimed just
    /// that.
    #[inline]
    #[must_use]
    pub const fn owes(self, read: u8, write: u8) -> bool {
        must_meet(self.n, read, write) || read >= self.r && write >= self.w
    }

    /// How many replicas must answer an operation of this level.
    #[inline]
    #[must_use]
    pub const fn required(self, action: Action, level: Level) -> u8 {
        match level {
            Level::Default if action.is_write() => self.w,
            Level::Default => self.r,
            Level::One => 1,
            Level::Quorum => self.n / 2 + 1,
            Level::All => self.n,
        }
    }

    /// The nodes, in order.
    pub fn node_ids(self) -> impl Iterator<Item = NodeId> {
        (0..usize::from(self.nodes)).map(NodeId::at)
    }
}

/// Whether any `read` of `n` replicas and any `write` of them have one in common.
///
/// Claims, judges and expectations all ask here. (Gifford, "Weighted voting for replicated data", SOSP 1979.)
#[inline]
#[must_use]
pub const fn must_meet(n: u8, read: u8, write: u8) -> bool {
    read as u16 + write as u16 > n as u16
}

impl Default for Cluster {
    /// Three nodes, N=3, R=2, W=2: Dynamo's usual setting (section 6 of the paper).
    fn default() -> Self {
        Self::new(3, 2, 2)
    }
}

impl fmt::Display for Cluster {
    /// `N=3 R=2 W=2`, and `on 5 nodes` if there are more than N.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "N={} R={} W={}", self.n, self.r, self.w)?;
        if self.nodes == self.n { Ok(()) } else { write!(f, " on {} nodes", self.nodes) }
    }
}

/// Numbers that cannot make a cluster, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCluster(pub String);

impl fmt::Display for BadCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadCluster {}

/// The consistency level of one operation: how many replicas must answer it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The cluster's R or W.
    #[default]
    Default,
    /// One.
    One,
    /// More than half of N.
    Quorum,
    /// All N.
    All,
}

impl Level {
    /// Whether the cluster's R and W apply.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::Default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_numbers_are_refused_with_a_reason() {
        for (cluster, says) in [
            (Cluster::new(0, 1, 1), "N must be"),
            (Cluster::new(3, 0, 1), "R must be"),
            (Cluster::new(3, 4, 1), "R must be"),
            (Cluster::new(3, 1, 4), "W must be"),
            (Cluster::new(3, 2, 2).on(1), "two acknowledgements"),
            (Cluster::new(3, 2, 2).on(17), "at most 16"),
        ] {
            let error = cluster.validate().unwrap_err().to_string();
            assert!(error.contains(says), "{cluster}: {error}");
        }
        assert!(Cluster::default().validate().is_ok());
    }

    /// The definition, by looking at every two sets.
    #[test]
    fn quorums_must_meet_if_no_two_sets_of_their_sizes_are_disjoint() {
        for n in 1..=6_u8 {
            for (read, write) in (1..=n).flat_map(|read| (1..=n).map(move |write| (read, write))) {
                let sets = |size: u8| (0..1_u32 << n).filter(move |set| set.count_ones() == u32::from(size));
                let disjoint = sets(read).any(|r| sets(write).any(|w| r & w == 0));
                assert_eq!(must_meet(n, read, write), !disjoint, "N={n} R={read} W={write}");
            }
        }
    }

    #[test]
    fn a_claim_is_about_its_own_quorums_even_where_they_do_not_meet() {
        let open = Cluster::new(3, 1, 1);
        assert!(open.owes(1, 1) && !open.quorums_meet());
        let usual = Cluster::new(3, 2, 2);
        assert!(usual.owes(2, 2) && usual.owes(1, 3) && !usual.owes(1, 2) && !usual.owes(2, 1));
    }

    #[test]
    fn two_quorums_of_more_than_half_meet() {
        for n in 1..=MAX_NODES as u8 {
            let half = Cluster::new(n, 1, 1).required(Action::Get, Level::Quorum);
            assert!(Cluster::new(n, half, half).quorums_meet(), "N={n}");
        }
    }
}
