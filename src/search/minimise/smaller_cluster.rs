//! Finds the same failure on a smaller cluster, for callers who ask for it.
//!
//! A cluster belongs to the question, so no pass changes it. To see the bug on as few nodes as possible, call
//! [`on_a_smaller_cluster`]. It runs the failure on every cluster with fewer nodes or a lower N, R or W on which the
//! protocol makes the same claims for the same reasons.
//!
//! Not covered: a failure that needs other steps on the smaller cluster.

use itertools::{Itertools, iproduct};

use super::{Case, MinimisedFailure};
use crate::id::NodeId;
use crate::judge::Subject;
use crate::model::Cluster;
use crate::search::symptom::Symptom;
use crate::world::schedule::Step;

/// The same failure on the smallest cluster where the protocol makes the same claims for the same reasons. `None` if no
/// smaller cluster shows it.
#[must_use]
pub fn on_a_smaller_cluster(
    subject: &dyn Subject,
    symptom: Symptom,
    failure: &MinimisedFailure,
) -> Option<Case> {
    let case = &failure.minimal.case;
    let claims = subject.claims(case.cluster);
    on_smaller_clusters(case)
        .filter(|case| case.is_possible() && subject.claims(case.cluster) == claims)
        .find(|case| symptom.shown_by(subject, case).is_some())
}

/// The case on every smaller cluster, the smallest first: as it stands, and with the nodes that it names renumbered
/// from n1.
pub(in crate::search) fn on_smaller_clusters(case: &Case) -> impl Iterator<Item = Case> + '_ {
    let Cluster { nodes, n, r, w } = case.cluster;
    iproduct!(1..=nodes, 1..=n, 1..=r, 1..=w)
        .map(|(nodes, n, r, w)| Cluster { nodes, n, r, w })
        .filter(|cluster| cluster.validate().is_ok() && *cluster != case.cluster)
        .flat_map(move |cluster| {
            let as_it_is = Case { cluster, schedule: case.schedule.clone() };
            [Some(as_it_is), squeezed(case, cluster)].into_iter().flatten()
        })
}

/// The case on fewer nodes, if there are enough for those it names: the first named becomes n1, and so on.
fn squeezed(case: &Case, cluster: Cluster) -> Option<Case> {
    let named = case.schedule.steps.iter().flat_map(|step: &Step| step.nodes().iter().collect_vec());
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
