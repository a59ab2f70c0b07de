//! Swarm testing: what a schedule is like is drawn for it alone, because no one share is best for every bug (Groce and
//! others, ISSTA 2012).

use quorate::search::random::{Faults, Profile, Shape};
use quorate::search::rng::SeededRng;
use quorate::world::schedule::Schedule;

/// One schedule in four has every kind of fault; the others, each with an even chance.
fn some(faults: Faults, rng: &mut SeededRng) -> Faults {
    let all = rng.happens(250);
    faults.iter().filter(|_| all || rng.happens(500)).collect()
}

/// Kinds of fault and rates are drawn.
pub(super) fn swarm(shape: &Shape, seed: u64, number: u64) -> Schedule {
    let mut rng = SeededRng::of(seed, number);
    let profile = Profile {
        reads: *rng.one_of(&[350, 500, 650]),
        deletes: *rng.one_of(&[0, 100, 250]),
        blind: *rng.one_of(&[0, 200, 500, 1000]),
        levels: *rng.one_of(&[0, 0, 0, 150]),
        unusual: *rng.one_of(&[0, 50, 150, 400]),
        fault_begins: *rng.one_of(&[0, 50, 150, 300]),
        fault_ends: *rng.one_of(&[100, 300, 600]),
        arrives: *rng.one_of(&[100, 300, 600]),
        ticks: *rng.one_of(&[0, 200, 900]),
        sticky: *rng.one_of(&[0, 0, 500, 900]),
        ..Profile::plain(some(shape.faults, &mut rng))
    };
    shape.schedule_in(profile, rng)
}

/// Kinds of fault are drawn, all else is as in the library.
pub(super) fn of_kept(shape: &Shape, seed: u64, number: u64) -> Schedule {
    let mut rng = SeededRng::of(seed, number);
    let faults = some(shape.faults, &mut rng);
    let profile = Profile::drawn(faults, &mut rng);
    shape.schedule_in(profile, rng)
}
