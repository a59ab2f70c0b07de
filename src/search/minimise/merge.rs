//! A pass that merges two names.

use itertools::Itertools;

use super::Case;
use super::pass::{Candidates, Pass};
use crate::id::ClientId;
use crate::world::schedule::Step;

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

/// Makes the writes of one client blind, or of all clients if none is given.
pub(super) fn blind(case: &Case, client: Option<ClientId>) -> Case {
    case.edited(|schedule| {
        for step in &mut schedule.steps {
            match step {
                Step::Operation(operation) if client.is_none_or(|client| client == operation.client) => {
                    operation.blind = operation.action.is_write();
                }
                _ => {}
            }
        }
    })
}
