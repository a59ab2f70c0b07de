//! What one schedule is like.

use super::faults::{Fault, Faults};
use crate::search::rng::SeededRng;

/// What one schedule is like: which faults it has, and how often this and that happens in it, in thousandths.
///
/// Whoever wants schedules of another kind than [`drawn`](Self::drawn) changes what should be different:
/// `Profile { blind: 1000, ..Profile::plain(Faults::ALL) }`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Profile {
    /// The kinds of fault it has.
    pub faults: Faults,
    /// Of operations: that one is a read.
    pub reads: u32,
    /// Of writes: that one deletes.
    pub deletes: u32,
    /// Of writes: that one is blind.
    pub blind: u32,
    /// Of operations: that its client has lost its context before it. From there on its writes are blind, until it reads.
    pub forgets: u32,
    /// Of operations: that one has a level of its own.
    pub levels: u32,
    /// Of operations: that some of its messages, drawn one by one, are lost, late or doubled.
    pub unusual: u32,
    /// Before each operation: that a fault begins,
    pub fault_begins: u32,
    /// that another of its kind follows, and so on (below 1000, or there is no end of it),
    pub bursts: u32,
    /// that one ends,
    pub fault_ends: u32,
    /// that a late message arrives, after it another, and so on (below 1000 where few are late),
    pub arrives: u32,
    /// that a coordinator stops waiting for an operation of some time ago,
    pub times_out_late: u32,
    /// or that time passes.
    pub ticks: u32,
    /// Of what was sent to a node while it was paused: that a message arrives as soon as it goes on.
    pub catches_up: u32,
    /// Of operations: that one has the coordinator of the one before.
    pub sticky: u32,
    /// Of links, each from one node to another: that one is weak.
    pub weak: u32,
    /// Of messages on a weak link: that one goes astray, in the way of that link.
    pub astray: u32,
    /// Before each operation: that other links become the weak ones.
    pub shifts: u32,
}

impl Profile {
    /// No link is weak, and faults come one by one.
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

    /// The same with what makes faults belong together, how much of it drawn for each schedule anew.
    ///
    /// * *Weak links*: what is sent on them goes astray again and again, as with a bad cable, and in one way: lost on
    ///   this one, late on that one. So one replica misses a write, its repair and the next write. Messages that go
    ///   astray one by one hardly ever add up to that.
    /// * *Bursts*: several nodes crash, or lose their disks; one node takes a whole side for unreachable.
    /// * How often writes are blind, from never to always; whether clients lose their context; how often faults begin.
    /// * *Hot runs*: almost only writes, through one coordinator.
    /// * The *kinds of fault* that there are. Each has its own way to hide what others would show: a lost disk excuses
    ///   what it held, and a skewed clock what it may have stamped.
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
            fault_begins: *rng.one_of(&[125, 250]),
            ..Self::plain(faults)
        }
    }

    /// Of these kinds of fault those that one schedule has: each by itself, and in a tenth of schedules all.
    fn some_of(faults: Faults, rng: &mut SeededRng) -> Faults {
        let all = rng.happens(100);
        let chance = |fault| match fault {
            Fault::Skew => 250,
            Fault::Wipe => 450,
            _ => 550,
        };
        // Drawn for each kind there is, so that one kind more or less leaves the others as they are.
        let drawn = Fault::ALL.map(|fault| (fault, rng.happens(chance(fault))));
        let kept = drawn.into_iter().filter(|(fault, kept)| faults.has(*fault) && (all || *kept));
        kept.map(|(fault, _)| fault).collect()
    }
}
