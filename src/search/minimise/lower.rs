//! A pass that makes the cluster smaller: fewer nodes, and lower N, R and W.

use itertools::{Itertools, iproduct};

use super::Case;
use super::pass::{Candidates, Pass};
use crate::id::NodeId;
use crate::model::Cluster;

/// Every smaller cluster, the smallest first.
pub(super) struct Lower;

impl Pass for Lower {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let Cluster { nodes, n, r, w } = case.cluster;
        let smaller = iproduct!(1..=nodes, 1..=n, 1..=r, 1..=w)
            .map(|(nodes, n, r, w)| Cluster { nodes, n, r, w })
            .filter(|cluster| cluster.validate().is_ok() && *cluster != case.cluster);
        Box::new(smaller.flat_map(move |cluster| {
            let as_it_is = Case { cluster, schedule: case.schedule.clone() };
            let renamed = squeezed(case, cluster);
            [Some(as_it_is), renamed].into_iter().flatten()
        }))
    }
}

/// The case on fewer nodes, if so many are enough for those it names: the first named becomes n1, and so on.
fn squeezed(case: &Case, cluster: Cluster) -> Option<Case> {
    let named = case.schedule.steps.iter().flat_map(|step| step.nodes().iter().collect_vec());
    let named = named.unique().collect_vec();
    if named.len() > usize::from(cluster.nodes) {
        return None;
    }
    let mut squeezed = Case { cluster, schedule: case.schedule.clone() };
    squeezed
        .schedule
        .rename_nodes(|node| named.iter().position(|other| *other == node).map_or(node, NodeId::at));
    Some(squeezed)
}
