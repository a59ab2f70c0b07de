//! Passes that rename and reorder, to find the least names and the least order of steps.
//!
//! The protocol decides which nodes, clients or keys are interchangeable and which steps commute, so no table can say
//! it. The passes try every renaming and every move that gives a lesser schedule, and keep those that still fail.

use itertools::{Itertools, iproduct};

use super::Case;
use super::edits::{MOVED_ANYWHERE, nodes_exchanged_for_a_while, numbered_in_order, place};
use super::pass::{Candidates, Pass};
use crate::id::{ClientId, Key, NodeId};
use crate::world::schedule::{Schedule, Step};

/// With up to this many nodes every permutation is tried; with more, every exchange of two.
const PERMUTED_NODES: u8 = 4;

/// The least names.
pub(super) struct LeastNames;

impl Pass for LeastNames {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let clients = case.schedule.operations().map(|operation| operation.client).unique().collect_vec();
        let first_used = case.edited(|schedule| {
            schedule.rename_clients(|client| place(&clients, client).map_or(client, ClientId::at));
        });
        let keys = case.schedule.operations().map(|operation| operation.key).unique().collect_vec();
        let first_keys = case.edited(|schedule| {
            schedule.rename_keys(|key| place(&keys, key).map_or(key, Key::at));
        });
        let key_lists = keys.iter().copied().permutations(keys.len().min(3));
        let other_keys = key_lists
            .map(|order| case.edited(|s| s.rename_keys(|key| place(&order, key).map_or(key, Key::at))));
        let mut of_nodes = nodes_renamed(case);
        if *case != first_keys {
            // Another key lives on other nodes.
            of_nodes.extend(nodes_renamed(&first_keys));
        }
        of_nodes.sort_unstable_by(|a, b| a.schedule.cmp(&b.schedule));
        let in_order = case.edited(numbered_in_order);
        let clients_and = std::iter::once(first_used);
        Box::new(
            clients_and.chain([first_keys]).chain(other_keys.collect_vec()).chain([in_order]).chain(of_nodes),
        )
    }
}

/// Exchanges two nodes within a run of steps, and in the steps that refer to its operations.
pub(super) struct Exchange;

impl Pass for Exchange {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        Box::new(nodes_exchanged_for_a_while(case))
    }
}

/// Moves each step to every other place, to find the least order.
pub(super) struct Order;

impl Pass for Order {
    fn candidates<'c>(&self, case: &'c Case) -> Candidates<'c> {
        let length = case.schedule.steps.len();
        let near = move |from: usize, to: usize| length <= MOVED_ANYWHERE || from.abs_diff(to) == 1;
        Box::new(
            iproduct!(0..length, 0..length).filter(move |&(from, to)| from != to && near(from, to)).flat_map(
                move |(from, to)| {
                    let moved = case.edited(|schedule| {
                        let step = schedule.steps.remove(from);
                        schedule.steps.insert(to, step);
                    });
                    let renumbered = moved.edited(numbered_in_order);
                    let also = clients_in_order(&renumbered);
                    let seeing = renumbered.edited(seeing);
                    [renumbered, also, seeing, moved]
                },
            ),
        )
    }
}

pub(super) fn nodes_renamed(case: &Case) -> Vec<Case> {
    let nodes = case.cluster.node_ids().collect_vec();
    let renamed = |order: &[NodeId]| {
        case.edited(|s| s.rename_nodes(|node| order.get(node.index()).copied().unwrap_or(node)))
    };
    if case.cluster.nodes <= PERMUTED_NODES {
        let orders = nodes.iter().copied().permutations(nodes.len());
        return orders.map(|order| renamed(&order)).collect();
    }
    let pairs = nodes.iter().array_combinations();
    pairs
        .map(|[a, b]| {
            let exchanged = nodes.iter().map(|node| match node {
                node if node == a => *b,
                node if node == b => *a,
                node => *node,
            });
            renamed(&exchanged.collect_vec())
        })
        .collect()
}

/// Makes no write blind: in another order a write may follow none that it would see.
fn seeing(schedule: &mut Schedule) {
    for step in &mut schedule.steps {
        if let Step::Operation(operation) = step {
            operation.blind = false;
        }
    }
}

fn clients_in_order(case: &Case) -> Case {
    let clients = case.schedule.operations().map(|operation| operation.client).unique().collect_vec();
    case.edited(|schedule| {
        schedule.rename_clients(|client| place(&clients, client).map_or(client, ClientId::at));
    })
}
