//! Random small worlds of every protocol, and of random protocols: what each reduction leaves out changes no verdict,
//! no guarantee that is broken, no depth, and nothing of what was put to the test.
//!
//! Not covered: worlds of more states than the plain search can visit in a moment.

use quorate::guarantee::GuaranteeSet;
use quorate::judge::{Breakage, Demands, Subject};
use quorate::prelude::*;
use quorate::protocols::{self, MUTANTS};
use quorate::search::random::Fault;
use quorate::search::states::{Explored, Limits, Reductions, StateScope, explore};
use quorate::world::modelled::Modelled;

use super::world::{claimed, replays, verdict};

/// A world in which the plain search comes to no end within so many states is left out.
const MOST_STATES: usize = 6_000;

/// A stream of numbers that is the same everywhere (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % bound
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// The textbook with some of its rules broken: one bit each. It looks at no names.
#[derive(Debug)]
struct Odd(u64);

impl Odd {
    const fn has(&self, rule: u32) -> bool {
        self.0 >> rule & 1 == 1
    }
}

impl Protocol for Odd {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        let repair = delivery.errand == Errand::Repair;
        if self.has(0) && !repair && !replica.siblings.is_empty() {
            return Ack::Refused;
        }
        if self.has(1) && !repair {
            *replica.siblings = delivery.versions.clone();
            return Ack::stored();
        }
        if self.has(2) && repair { Ack::stored() } else { self.base().accept(replica, delivery) }
    }

    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let write = progress.task.action.is_write();
        if self.has(3) && !write || self.has(4) && write {
            return Some(progress.replied()).filter(|replied| !replied.is_empty());
        }
        self.base().quorum(progress)
    }

    fn repair(&self, progress: &Progress<Dotted>, merged: &Siblings<Dotted>) -> Repairs<Dotted> {
        let mut repairs = self.base().repair(progress, merged);
        if self.has(5) {
            repairs.send.truncate(1);
        }
        repairs
    }

    fn session(&self, ended: &Ended) -> SessionUpdate {
        if self.has(6) && ended.ok { SessionUpdate::Replace } else { self.base().session(ended) }
    }
}

fn scope(numbers: &mut Numbers, cluster: Cluster) -> StateScope {
    let kinds = 1 + numbers.below(2);
    let faults = (0..kinds).map(|_| Fault::ALL[numbers.below(Fault::ALL.len() as u64) as usize]).collect();
    let most_faults = if numbers.one_in(3) { 0 } else { 1 + u8::from(numbers.one_in(4)) };
    let operations = if most_faults == 0 { 2 } else { 1 + numbers.below(2) as u16 };
    StateScope {
        clients: 1 + numbers.below(2) as u16,
        keys: 1 + u16::from(numbers.one_in(5)),
        deletes: numbers.one_in(3),
        blind: numbers.one_in(2),
        wakes: u8::from(numbers.one_in(4)),
        ticks: u8::from(numbers.one_in(4)),
        tick_ms: 10,
        depth: Some(5 + numbers.below(6) as u32),
        ..StateScope::of(cluster, operations).with_faults(most_faults, faults)
    }
}

fn demands(numbers: &mut Numbers, subject: &dyn Subject, cluster: Cluster) -> Demands {
    let one = GuaranteeSet::only(Guarantee::ALL[numbers.below(Guarantee::COUNT as u64) as usize]);
    match numbers.below(3) {
        0 => claimed(subject, cluster),
        1 => Demands::NOTHING.demanding(one),
        _ => claimed(subject, cluster).expecting(one),
    }
}

/// Searches a random world plainly, and with each reduction and all of them. Whether it was small enough.
fn same(numbers: &mut Numbers, subject: &dyn Subject) -> Option<Explored> {
    let n = 1 + numbers.below(3) as u8;
    let quorum = |numbers: &mut Numbers| 1 + numbers.below(n.into()) as u8;
    let cluster = Cluster::new(n, quorum(numbers), quorum(numbers)).on(n + u8::from(numbers.one_in(4)));
    let (scope, demands) = (scope(numbers, cluster), demands(numbers, subject, cluster));
    let limits = Limits { states: MOST_STATES, ..Limits::default() };
    let whole = explore(subject, &demands, &scope, Reductions::NONE, limits, &());
    if !whole.complete && whole.found.is_none() {
        return None;
    }
    let (spent, symmetry, order) = (true, true, true);
    for reductions in [
        Reductions { spent, ..Reductions::NONE },
        Reductions { symmetry, ..Reductions::NONE },
        Reductions { order, ..Reductions::NONE },
        Reductions::ALL,
    ] {
        let threads = 1 + numbers.below(2) as usize;
        let limits = Limits { threads, ..Limits::default() };
        let less = explore(subject, &demands, &scope, reductions, limits, &());
        let what = format!("{} {reductions:?}:\n{whole}\n{less}", subject.name());
        assert_eq!(verdict(&less), verdict(&whole), "{what}");
        assert_eq!(less.untested, whole.untested, "{what}");
        assert!(less.states <= whole.states || whole.found.is_some(), "{what}");
        if less.found.as_ref().is_some_and(|found| found.finding.breakage != Breakage::Nondeterminism) {
            replays(subject, &demands, &less);
        }
    }
    Some(whole)
}

fn search(
    seed: u64,
    worlds: u64,
    mut subject: impl FnMut(&mut Numbers, &mut dyn FnMut(&mut Numbers, &dyn Subject)),
) {
    let (mut looked_at, mut failed) = (0, 0);
    for world in 0..worlds {
        let numbers = &mut Numbers(seed << 32 | world);
        subject(numbers, &mut |numbers, subject| {
            if let Some(whole) = same(numbers, subject) {
                looked_at += 1;
                failed += u64::from(whole.found.is_some());
            }
        });
    }
    assert!(
        looked_at * 4 > worlds && failed * 20 > worlds,
        "of {worlds} {looked_at} are small and {failed} fail"
    );
}

/// How many worlds: more, if `QUORATE_SCHEDULES` says so.
fn worlds(usually: u64) -> u64 {
    let said = std::env::var("QUORATE_SCHEDULES").ok().and_then(|said| said.parse().ok());
    said.unwrap_or(usually)
}

#[test]
fn reductions_change_nothing_in_random_worlds_of_every_protocol() {
    search(1, worlds(60), |numbers, run| {
        let all: Vec<_> = protocols::ALL.iter().map(|entry| entry.subject).collect();
        let mutants = MUTANTS.iter().map(|mutant| (mutant.name, mutant.subject));
        // A storm takes long to become one.
        let mutants = mutants.filter(|(name, _)| !name.contains("storms") && !name.contains("coins"));
        let all: Vec<_> = all.into_iter().chain(mutants.map(|(_, subject)| subject)).collect();
        let chosen = all[numbers.below(all.len() as u64) as usize];
        run(numbers, chosen);
    });
}

#[test]
fn reductions_change_nothing_in_random_worlds_of_random_protocols() {
    search(2, worlds(60), |numbers, run| {
        let odd = Odd(numbers.below(1 << 7));
        run(numbers, &Modelled(&odd as &dyn Protocol));
    });
}
