//! A pass that merges two names.

use itertools::Itertools;

use super::Case;
use super::edits::blind;
use super::pass::{Candidates, Pass};

/// Merges two nodes, two clients or two keys: the higher becomes the lower. Merged clients share a context, so writes
/// that did not follow what the other client had seen may have to become blind.
pub(super) struct Merge;

impl Pass for Merge {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let operations = || case.schedule.operations();
        let clients = operations().map(|operation| operation.client).sorted().dedup().collect_vec();
        let keys = operations().map(|operation| operation.key).sorted().dedup().collect_vec();
        let nodes = case.schedule.nodes().iter().collect_vec();
        let clients = clients.into_iter().array_combinations().flat_map(|[low, high]| {
            [case.clone(), blind(case, Some(high)), blind(case, Some(low)), blind(case, None)].map(|case| {
                case.edited(|s| s.rename_clients(|client| if client == high { low } else { client }))
            })
        });
        let keys = keys
            .into_iter()
            .array_combinations()
            .map(|[low, high]| case.edited(|s| s.rename_keys(|key| if key == high { low } else { key })));
        let nodes = nodes
            .into_iter()
            .array_combinations()
            .map(|[low, high]| case.edited(|s| s.rename_nodes(|node| if node == high { low } else { node })));
        Box::new(keys.chain(clients).chain(nodes))
    }
}
