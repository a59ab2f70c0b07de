//! Swarm testing: what a schedule is like is drawn for it alone, because no one share is best for every bug (Groce and
//! others, ISSTA 2012).

use quorate::search::dice::Dice;
use quorate::search::walk::{Faults, Mood, Shape};
use quorate::world::schedule::Schedule;

/// One schedule in four has every kind of fault; the others, each with an even chance.
fn some(faults: Faults, dice: &mut Dice) -> Faults {
    let all = dice.happens(250);
    faults.iter().filter(|_| all || dice.happens(500)).collect()
}

/// Kinds of fault and rates are drawn.
pub(super) fn swarm(shape: &Shape, seed: u64, number: u64) -> Schedule {
    let mut dice = Dice::of(seed, number);
    let mood = Mood {
        reads: *dice.one_of(&[350, 500, 650]),
        deletes: *dice.one_of(&[0, 100, 250]),
        blind: *dice.one_of(&[0, 200, 500, 1000]),
        levels: *dice.one_of(&[0, 0, 0, 150]),
        unusual: *dice.one_of(&[0, 50, 150, 400]),
        fault_begins: *dice.one_of(&[0, 50, 150, 300]),
        fault_ends: *dice.one_of(&[100, 300, 600]),
        arrives: *dice.one_of(&[100, 300, 600]),
        ticks: *dice.one_of(&[0, 200, 900]),
        sticky: *dice.one_of(&[0, 0, 500, 900]),
        ..Mood::plain(some(shape.faults, &mut dice))
    };
    shape.schedule_in(mood, dice)
}

/// Kinds of fault are drawn, all else is as in the library.
pub(super) fn of_kept(shape: &Shape, seed: u64, number: u64) -> Schedule {
    let mut dice = Dice::of(seed, number);
    let faults = some(shape.faults, &mut dice);
    let mood = Mood::drawn(faults, &mut dice);
    shape.schedule_in(mood, dice)
}
