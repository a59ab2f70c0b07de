//! Which replicas hold a key: consistent hashing (Dynamo, section 4.2).
//!
//! Each node owns several tokens, points on a circle, and a key is a point too. Its preference list is the nodes met
//! on the way clockwise from it, each node once. A node that joins takes over only the stretches before its own
//! tokens, so the others keep the rest.
//!
//! Not modelled: racks, datacentres, and partitions that are owned apart from their hash (Riak's fixed ring).

use smallvec::SmallVec;

use crate::id::{Key, NodeId};
use crate::model::Cluster;

/// Nodes in the order of a key's preference list.
pub type PreferenceList = SmallVec<[NodeId; 4]>;

const TOKENS_PER_NODE: u64 = 8;

/// Spreads a small integer over 64 bits (the finalizer of splitmix64: Steele, Lea and Flood, OOPSLA 2014).
const fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Any constant would do. This one makes the first key's list read n1 n2 n3 on rings of three to five nodes.
const KEY_SALT: u64 = 0xb00;

/// The point of a key.
const fn point(key: Key) -> u64 {
    mix(key.0 as u64 ^ KEY_SALT)
}

/// The `i`th token of a node.
const fn token(node: NodeId, i: u64) -> u64 {
    mix((node.0 as u64) << 32 | (i + 1) << 16)
}

/// The first `count` distinct nodes clockwise from the key, or all nodes if there are fewer.
///
/// ```
/// use quorate::id::{Key, NodeId};
/// use quorate::model::{Cluster, preference_list};
///
/// let list = preference_list(Cluster::new(3, 2, 2).on(5), Key(1), 3);
/// assert_eq!(list.as_slice(), [NodeId(1), NodeId(2), NodeId(3)]);
/// ```
#[must_use]
pub fn preference_list(cluster: Cluster, key: Key, count: usize) -> PreferenceList {
    let from = point(key);
    // The token that is met first gives a node its place in the list.
    let mut met: SmallVec<[(u64, NodeId); 16]> = cluster
        .node_ids()
        .map(|node| {
            let nearest = (0..TOKENS_PER_NODE).map(|i| token(node, i).wrapping_sub(from)).min();
            (nearest.unwrap_or(u64::MAX), node)
        })
        .collect();
    met.sort_unstable();
    met.iter().take(count).map(|(_, node)| *node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_distinct_nodes() {
        for key in 1..=64 {
            let list = preference_list(Cluster::new(3, 2, 2).on(7), Key(key), 5);
            let mut nodes = list.to_vec();
            nodes.sort();
            nodes.dedup();
            assert_eq!(nodes.len(), 5, "k{key}: {list:?}");
        }
    }

    #[test]
    fn a_node_that_joins_only_inserts_itself() {
        for key in 1..=64 {
            let before = preference_list(Cluster::new(3, 2, 2).on(6), Key(key), 6);
            let mut after = preference_list(Cluster::new(3, 2, 2).on(7), Key(key), 7);
            after.retain(|node| *node != NodeId(7));
            assert_eq!(before, after, "k{key}");
        }
    }

    #[test]
    fn keys_are_spread_over_the_nodes() {
        let mut first = [0; 5];
        for key in 1..=1000 {
            first[preference_list(Cluster::new(3, 2, 2).on(5), Key(key), 1)[0].index()] += 1;
        }
        assert!(first.iter().all(|share| (60..420).contains(share)), "{first:?}");
    }
}
