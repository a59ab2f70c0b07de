//! What one schedule is like.

use super::fault_kinds::{Fault, Faults};
use crate::search::rng::SeededRng;

/// What one schedule is like: which kinds of fault it has, and how often each thing happens, in thousandths.
///
/// For schedules of another kind than [`drawn`](Self::drawn), change some fields:
/// `Profile { blind: 1000, ..Profile::plain(Faults::ALL) }`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Profile {
    /// The kinds of fault it has.
    pub faults: Faults,
    /// How many operations are reads.
    pub reads: u32,
    /// How many writes are deletes.
    pub deletes: u32,
    /// How many writes are blind.
    pub blind: u32,
    /// How often a client loses its context before an operation. Its writes of a key are then blind until it reads the
    /// key.
    pub forgets: u32,
    /// How many operations have a level of their own.
    pub levels: u32,
    /// How many operations have messages, drawn one by one, that are lost, late or doubled.
    pub unusual: u32,
    /// How often a fault begins before an operation.
    pub fault_begins: u32,
    /// How often another fault of the same kind follows, again and again (below 1000, or it never ends).
    pub bursts: u32,
    /// How often a fault ends before an operation.
    pub fault_ends: u32,
    /// How often a late message arrives before an operation, and then another (at 1000, all of them arrive).
    pub arrives: u32,
    /// How often, before an operation, a coordinator stops waiting for an earlier one.
    pub times_out_late: u32,
    /// How often time passes before an operation.
    pub ticks: u32,
    /// How often a message that was sent to a paused node arrives as soon as the node goes on.
    pub catches_up: u32,
    /// How many operations have the coordinator of the one before.
    pub sticky: u32,
    /// How many of the links, each from one node to another, are weak.
    pub weak: u32,
    /// How many messages on a weak link go astray, in the way of that link.
    pub astray: u32,
    /// How often, before an operation, other links become the weak ones.
    pub shifts: u32,
}

impl Profile {
    /// A profile without weak links, whose faults come one by one.
    #[must_use]
    pub const fn plain(faults: Faults) -> Self {
        Self {
            faults,
            reads: 500,
            deletes: 117,
            blind: 425,
            forgets: 20,
            levels: 38,
            unusual: 150,
            fault_begins: 125,
            bursts: 0,
            fault_ends: 333,
            arrives: 333,
            times_out_late: 100,
            ticks: 367,
            catches_up: 600,
            sticky: 350,
            weak: 0,
            astray: 0,
            shifts: 0,
        }
    }

    /// Like [`plain`](Self::plain), but faults belong together. Each schedule draws how much of this it has:
    ///
    /// * *Weak links*: their messages go astray again and again, as on a bad cable, and each link has its own way: one
    ///   loses messages, another delays them. So one replica misses a write, its repair and the next write. Messages
    ///   that go astray one by one hardly ever add up to that.
    /// * *Bursts*: several nodes crash, or lose their disks; one node suspects a whole side.
    /// * How often writes are blind, from never to always; whether clients lose their context; how often faults begin.
    /// * *Hot runs*: almost only writes, through one coordinator.
    /// * Which *kinds of fault* there are. Each kind can hide what others would show: a lost disk excuses what it held,
    ///   and a skewed clock what it may have stamped.
    #[must_use]
    pub fn drawn(faults: Faults, rng: &mut SeededRng) -> Self {
        let (reads, sticky) = *rng.one_of(&[(500, 350), (500, 350), (500, 350), (500, 350), (150, 980)]);
        let faults = Self::some_of(faults, rng);
        Self {
            reads,
            sticky,
            weak: *rng.one_of(&[150, 300, 500]),
            astray: *rng.one_of(&[300, 600, 900]),
            shifts: *rng.one_of(&[0, 50, 200]),
            bursts: *rng.one_of(&[0, 300, 600]),
            blind: *rng.one_of(&[0, 0, 300, 1000]),
            forgets: *rng.one_of(&[0, 60]),
            levels: *rng.one_of(&[0, 38, 38, 250]),
            fault_begins: *rng.one_of(&[125, 250]),
            ..Self::plain(faults)
        }
    }

    /// Draws which of these kinds of fault one schedule has: each kind by itself, and all kinds in a tenth of the
    /// schedules.
    fn some_of(faults: Faults, rng: &mut SeededRng) -> Faults {
        let all = rng.happens(100);
        let chance = |fault| match fault {
            Fault::Skew => 250,
            Fault::Wipe => 450,
            _ => 550,
        };
        // Draws for every kind, so that one kind more or less leaves the others as they are.
        let drawn = Fault::ALL.map(|fault| (fault, rng.happens(chance(fault))));
        let kept = drawn.into_iter().filter(|(fault, kept)| faults.has(*fault) && (all || *kept));
        kept.map(|(fault, _)| fault).collect()
    }
}
