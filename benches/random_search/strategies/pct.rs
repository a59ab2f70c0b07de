//! Chains of messages held back at random points: what remains of PCT where operations run to their end.
//!
//! PCT (Burckhardt and others, "A randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010)
//! gives threads priorities, and lowers them at d-1 points drawn at random. PCTCP (Ozkan and others, "Randomized
//! testing of distributed systems with probabilistic guarantees", OOPSLA 2018) does so with chains of messages, and
//! finds a bug of depth d with a chance of at least 1/(w² n^(d-1)), for n messages of which at most w are unordered.
//!
//! A schedule is synchronous here: the priorities are those of the order in which it names its operations, and what is
//! left to draw are the points. At each, one chain, the messages between the coordinator of an operation and one
//! replica from there on, is held back until some later operation has ended, or for good.
//!
//! The bound of this form is another one. Of n operations with at most p points each, p = 4(nodes-1)+2, any d-1 chains
//! held at given points until given operations are drawn with a chance of at least (d-1)!/8 · 1/(p n²)^(d-1): the
//! number of chains is one of eight, a chain begins at one of p n points, and is let go after one of n operations. It
//! holds for the operations as they were drawn, and for `pure` alone. It says nothing of failures that need two
//! operations to interleave in any other way, nor of those that need a loss, a crash or a disk.

use quorate::id::NodeId;
use quorate::model::{Cluster, MessageKind};
use quorate::search::random::{Fault, Faults, Profile, Shape};
use quorate::search::rng::SeededRng;
use quorate::world::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};

/// At most so many chains are held back in one schedule.
pub(crate) const MOST_HELD: u32 = 8;

/// A chain that is held back.
pub(crate) struct Hold {
    /// Of which operation, by place from 0,
    pub(crate) from: usize,
    /// at which of its messages,
    pub(crate) name: MessageName,
    /// until which operation has ended, by place; the number of operations: for good.
    pub(crate) until: usize,
}

/// The messages of one operation at which a chain can be held.
pub(crate) fn points(cluster: Cluster, operation: &Operation) -> Vec<MessageName> {
    const OF_CHAIN: [MessageKind; 4] =
        [MessageKind::Ask, MessageKind::Answer, MessageKind::Repair, MessageKind::Repaired];
    let name = |kind, replica| MessageName { kind, replica, attempt: 0 };
    let others = cluster.node_ids().filter(|node| *node != operation.via);
    let kinds = if operation.action.is_write() { &OF_CHAIN[..2] } else { &OF_CHAIN[..] };
    let of_chains = others.flat_map(|node: NodeId| kinds.iter().map(move |&kind| name(kind, Some(node))));
    of_chains.chain([name(MessageKind::Request, None), name(MessageKind::Reply, None)]).collect()
}

/// A schedule without faults in which chains are held back.
pub(crate) fn pure(shape: &Shape, seed: u64, number: u64) -> Schedule {
    held(shape, Profile::plain(Faults::NONE), seed, number)
}

/// The same with faults, only that no message is lost, late or doubled for itself.
pub(crate) fn with_faults(shape: &Shape, seed: u64, number: u64) -> Schedule {
    let faults = shape.faults.without(Fault::Lost).without(Fault::Late).without(Fault::Doubled);
    held(shape, Profile::plain(faults), seed, number)
}

fn held(shape: &Shape, profile: Profile, seed: u64, number: u64) -> Schedule {
    let mut schedule = shape.schedule_in(profile, SeededRng::of(seed, number));
    let mut rng = SeededRng::of(!seed, number);
    for _ in 0..rng.between(1, MOST_HELD) {
        let operations = schedule.operations().count();
        let from = rng.below(operations as u32) as usize;
        let Some(operation) = schedule.operations().nth(from) else { continue };
        let name = *rng.one_of(&points(shape.cluster, operation));
        let until = from + 1 + rng.below((operations - from) as u32) as usize;
        hold(&mut schedule, &Hold { from, name, until });
    }
    schedule
}

/// Holds a chain back, unless it is held at that point already.
pub(crate) fn hold(schedule: &mut Schedule, &Hold { from, name, until }: &Hold) {
    let steps = schedule.steps.iter().enumerate();
    let places: Vec<usize> = steps.filter(|(_, step)| step.operation().is_some()).map(|(at, _)| at).collect();
    let Step::Operation(operation) = &mut schedule.steps[places[from]] else { return };
    if operation.exceptions.iter().any(|exception| exception.name == name) {
        return;
    }
    operation.exceptions.push(Exception { name, fate: Fate::Late });
    operation.exceptions.sort_unstable();
    let op = operation.op;
    if let Some(&at) = places.get(until) {
        schedule.steps.insert(at + 1, Step::Arrive { op, name });
    }
}
