//! What is compared: ways to draw schedules.

mod coverage;
mod novelty;
pub(crate) mod pct;
mod swarm;

use quorate::model::Cluster;
use quorate::search::random::{Profile, Shape};
use quorate::search::rng::SeededRng;
use quorate::world::schedule::Schedule;

use super::bugs::Bug;

/// A way to draw schedules.
pub(crate) trait Strategy {
    /// The schedule of this number.
    fn schedule(&mut self, shape: &Shape, seed: u64, number: u64) -> Schedule;

    /// It was run.
    fn learn(&mut self, bug: &Bug, schedule: &Schedule) {
        let _ = (bug, schedule);
    }
}

/// One that looks at nothing.
impl<F: Fn(&Shape, u64, u64) -> Schedule> Strategy for F {
    fn schedule(&mut self, shape: &Shape, seed: u64, number: u64) -> Schedule {
        self(shape, seed, number)
    }
}

/// A column of the table.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// What is said of it.
    pub(crate) about: &'static str,
    /// Its cluster is that of the bug.
    pub(crate) shape: Shape,
    pub(crate) strategy: fn() -> Box<dyn Strategy>,
}

const ANY: Shape = Shape::of(Cluster::new(3, 2, 2));

const fn shape(fewest: u16, most: u16, keys: u16) -> Shape {
    Shape { fewest_operations: fewest, most_operations: most, keys, ..ANY }
}

/// Short enough that strategies differ on bugs of middling depth as well.
const SHORT: Shape = shape(12, 36, 2);

/// What the library does.
fn kept(shape: &Shape, seed: u64, number: u64) -> Schedule {
    shape.schedule(seed, number)
}

fn in_mood(
    profile: fn(&Shape, &mut SeededRng) -> Profile,
    shape: &Shape,
    seed: u64,
    number: u64,
) -> Schedule {
    let mut rng = SeededRng::of(seed, number);
    let profile = profile(shape, &mut rng);
    shape.schedule_in(profile, rng)
}

fn plain(shape: &Shape, seed: u64, number: u64) -> Schedule {
    in_mood(|shape, _| Profile::plain(shape.faults), shape, seed, number)
}

fn weak(shape: &Shape, seed: u64, number: u64) -> Schedule {
    let profile = |shape: &Shape, rng: &mut SeededRng| {
        let Profile { weak, astray, shifts, .. } = Profile::drawn(shape.faults, rng);
        Profile { weak, astray, shifts, ..Profile::plain(shape.faults) }
    };
    in_mood(profile, shape, seed, number)
}

fn bursts(shape: &Shape, seed: u64, number: u64) -> Schedule {
    let profile = |shape: &Shape, rng: &mut SeededRng| {
        let Profile { bursts, .. } = Profile::drawn(shape.faults, rng);
        Profile { bursts, ..Profile::plain(shape.faults) }
    };
    in_mood(profile, shape, seed, number)
}

fn both(shape: &Shape, seed: u64, number: u64) -> Schedule {
    let profile = |shape: &Shape, rng: &mut SeededRng| {
        let Profile { blind, fault_begins, .. } = Profile::plain(shape.faults);
        Profile { blind, fault_begins, ..Profile::drawn(shape.faults, rng) }
    };
    in_mood(profile, shape, seed, number)
}

/// By turns.
fn portfolio(shape: &Shape, seed: u64, number: u64) -> Schedule {
    match number % 4 {
        0 => swarm::swarm(shape, seed, number),
        1 => pct::with_faults(shape, seed, number),
        _ => kept(shape, seed, number),
    }
}

const fn of(
    name: &'static str,
    about: &'static str,
    shape: Shape,
    strategy: fn() -> Box<dyn Strategy>,
) -> Contender {
    Contender { name, about, shape, strategy }
}

/// Ways to draw, on short schedules.
pub(crate) const WAYS: &[Contender] = &[
    of("plain", "every kind of fault in every schedule, each at a fixed rate", SHORT, || Box::new(plain)),
    of("weak", "and weak links", SHORT, || Box::new(weak)),
    of("bursts", "plain, and faults come in bursts", SHORT, || Box::new(bursts)),
    of("both", "weak links and bursts", SHORT, || Box::new(both)),
    of("kept", "and the share of blind writes and of faults is drawn: what the library does", SHORT, || {
        Box::new(kept)
    }),
    of("swarm", "plain, and the kinds of fault and all rates are drawn for each schedule", SHORT, || {
        Box::new(swarm::swarm)
    }),
    of("swarm+", "kept, and the kinds of fault are drawn for each schedule", SHORT, || {
        Box::new(swarm::of_kept)
    }),
    of("chains", "no fault but chains of messages held back at random points (after PCT)", SHORT, || {
        Box::new(pct::pure)
    }),
    of("chains+", "the same beside plain's other faults", SHORT, || Box::new(pct::with_faults)),
    of(
        "cover",
        "of four of kept, the one that covers most of (disturbance, phase, role), in pairs",
        SHORT,
        || Box::<coverage::Coverage>::default(),
    ),
    of("novel", "half are made of those of kept that came to new abstract states", SHORT, || {
        Box::<novelty::Novelty>::default()
    }),
    of("mix", "by turns: kept, kept, swarm, chains+", SHORT, || Box::new(portfolio)),
];

/// What the library does, on schedules of other lengths and with other numbers of keys.
pub(crate) const SHAPES: &[Contender] = &[
    of("12-36", "12 to 36 operations, up to two keys", SHORT, || Box::new(kept)),
    of("4-8", "4 to 8 operations", shape(4, 8, 2), || Box::new(kept)),
    of("40-120", "40 to 120 operations", shape(40, 120, 2), || Box::new(kept)),
    of("default", "40 to 200 operations: what the library does", ANY, || Box::new(kept)),
    of("120-360", "120 to 360 operations", shape(120, 360, 2), || Box::new(kept)),
    of("1 key", "40 to 200 operations on one key", shape(40, 200, 1), || Box::new(kept)),
    of("4 keys", "40 to 200 operations on up to four keys", shape(40, 200, 4), || Box::new(kept)),
    of("swarm", "40 to 200 operations, as `swarm` above", ANY, || Box::new(swarm::swarm)),
    of("cover", "40 to 200 operations, as `cover` above", ANY, || Box::<coverage::Coverage>::default()),
];

/// The default.
pub(crate) const DEFAULT: Contender = of("default", "", ANY, || Box::new(kept));
