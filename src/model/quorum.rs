//! N, R and W: pure arithmetic.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{MAX_NODES, NodeId};
use crate::model::Action;

/// A cluster's size and its quorums.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Cluster {
    /// Storage nodes, n1 to this.
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
    /// Says which number is out of its bounds. N replicas need N distinct nodes: on fewer, one node would be
    /// counted as two acknowledgements.
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
        self.r + self.w > self.n
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

impl Default for Cluster {
    /// Three nodes, N=3, R=2, W=2: Dynamo's usual setting (section 6 of the paper).
    fn default() -> Self {
        Self::new(3, 2, 2)
    }
}

impl fmt::Display for Cluster {
    /// `N=3 R=2 W=2`, and `on 5 nodes` where there are more than N.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "N={} R={} W={}", self.n, self.r, self.w)?;
        if self.nodes == self.n { Ok(()) } else { write!(f, " on {} nodes", self.nodes) }
    }
}

/// Numbers that make no cluster, and why.
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

    #[test]
    fn two_quorums_of_more_than_half_meet() {
        for n in 1..=MAX_NODES as u8 {
            let half = Cluster::new(n, 1, 1).required(Action::Get, Level::Quorum);
            assert!(Cluster::new(n, half, half).quorums_meet(), "N={n}");
        }
    }
}
