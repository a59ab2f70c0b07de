//! A pass that makes the cluster smaller: fewer nodes, and lower N, R and W.

use itertools::{Itertools, iproduct};

use super::Case;
use super::merge::blind;
use super::names::nodes_renamed;
use super::pass::{Candidates, Pass};
use super::plainer::Elsewhere;
use crate::id::NodeId;
use crate::model::{Cluster, Level};
use crate::world::schedule::Step;

/// Every smaller cluster, the smallest first; and those smaller by one number, with what goes wrong given to another
/// operation as well: with lower quorums another message is the one that counts.
pub(super) struct Lower;

impl Pass for Lower {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let Cluster { nodes, n, r, w } = case.cluster;
        let smaller = iproduct!(1..=nodes, 1..=n, 1..=r, 1..=w)
            .map(|(nodes, n, r, w)| Cluster { nodes, n, r, w })
            .filter(|cluster| cluster.validate().is_ok() && *cluster != case.cluster);
        let smaller = smaller.flat_map(move |cluster| {
            let as_it_is = Case { cluster, schedule: case.schedule.clone() };
            let renamed = squeezed(case, cluster);
            let of_fewer = cluster.n + 1 == n && cluster.nodes + 1 >= nodes;
            let turned = of_fewer.then(|| nodes_renamed(case)).into_iter().flatten();
            let turned = turned.map(move |turned| Case { cluster, ..turned });
            [Some(as_it_is), renamed].into_iter().flatten().chain(turned)
        });
        let next = [
            Cluster { nodes: nodes - 1, ..case.cluster },
            Cluster { n: n - 1, ..case.cluster },
            Cluster { r: r - 1, ..case.cluster },
            Cluster { w: w - 1, ..case.cluster },
        ];
        let elsewhere = next.into_iter().flat_map(move |cluster| {
            let moved = Elsewhere.candidates(case).flat_map(|moved| [blind(&moved, None), moved]);
            moved.map(move |moved| Case { cluster, ..moved })
        });
        Box::new(smaller.chain(elsewhere).chain(levels_as_quorums(case)))
    }
}

/// Without the consistency levels that operations have of their own, and with any R and W instead.
fn levels_as_quorums(case: &Case) -> impl Iterator<Item = Case> + '_ {
    let n = case.cluster.n;
    let levels = case.schedule.operations().any(|operation| operation.level != Level::Default);
    iproduct!(1..=n, 1..=n).filter(move |_| levels).map(move |(r, w)| {
        let mut plain = Case { cluster: Cluster { r, w, ..case.cluster }, schedule: case.schedule.clone() };
        for step in &mut plain.schedule.steps {
            if let Step::Operation(operation) = step {
                operation.level = Level::Default;
            }
        }
        plain
    })
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
