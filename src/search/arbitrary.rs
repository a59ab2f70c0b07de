//! Schedules for quickcheck.
//!
//! [`AnySchedule`] is for the default cluster, [`AnyCase`] draws the cluster as well. `Gen::size` bounds the steps of a
//! schedule, as it bounds the items of a `Vec`; so it bounds the operations too.
//!
//! ```
//! use quickcheck::quickcheck;
//! use quorate::search::arbitrary::AnySchedule;
//!
//! fn what_is_printed_reads_back(AnySchedule(schedule): AnySchedule) -> bool {
//!     schedule.to_string().parse() == Ok(schedule)
//! }
//! quickcheck(what_is_printed_reads_back as fn(AnySchedule) -> bool);
//! ```
//!
//! For schedules of another [`Shape`], write a newtype of your own, with [`draw`] and
//! [`ShrinkIter`]; it takes six lines, and these two are examples.
//!
//! [`ShrinkIter`] shrinks: quickcheck runs each candidate and begins again at the first that fails, without a limit.
//! The result is 1-minimal in the sense of the [minimiser](super::minimise).
//!
//! Not covered: keeping failures. quickcheck stores none; its report prints the schedule's text, which you can put into
//! a file and replay.

use std::fmt;

use quickcheck::{Arbitrary, Gen};

use crate::model::Cluster;
use crate::search::minimise::Case;
use crate::search::random::Shape;
use crate::search::shrink_iter::ShrinkIter;
use crate::world::schedule::Schedule;

/// A schedule of this shape, of at most `g.size()` operations and as many steps.
pub fn draw(shape: Shape, g: &mut Gen) -> Schedule {
    let most = u16::try_from(g.size()).unwrap_or(u16::MAX).min(shape.most_operations.max(1));
    let shape =
        Shape { fewest_operations: shape.fewest_operations.min(most), most_operations: most, ..shape };
    let mut schedule = shape.schedule(u64::arbitrary(g), u64::arbitrary(g));
    schedule.steps.truncate(g.size());
    schedule
}

/// The shape that both types draw: any length up to quickcheck's default size.
const fn shape(cluster: Cluster) -> Shape {
    Shape { fewest_operations: 1, most_operations: 100, ..Shape::of(cluster) }
}

/// A schedule for the default cluster, with every kind of step.
#[derive(Clone, PartialEq, Eq)]
pub struct AnySchedule(pub Schedule);

impl fmt::Debug for AnySchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Arbitrary for AnySchedule {
    fn arbitrary(g: &mut Gen) -> Self {
        Self(draw(shape(Cluster::default()), g))
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let case = Case { cluster: Cluster::default(), schedule: self.0.clone() };
        Box::new(ShrinkIter::than(case).map(|case| Self(case.schedule)))
    }
}

/// A schedule for a cluster of one to five replicas, on up to two nodes more.
#[derive(Clone, PartialEq, Eq)]
pub struct AnyCase(pub Case);

impl fmt::Debug for AnyCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Arbitrary for AnyCase {
    fn arbitrary(g: &mut Gen) -> Self {
        // Three replicas half of the time: fewer hide much, and more mostly show the same.
        let n = *g.choose(&[1, 2, 3, 3, 3, 3, 4, 5]).unwrap_or(&3);
        let mut quorum = || 1 + u8::arbitrary(g) % n;
        let cluster = Cluster::new(n, quorum(), quorum()).on(n + *g.choose(&[0, 0, 1, 2]).unwrap_or(&0));
        Self(Case { cluster, schedule: draw(shape(cluster), g) })
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(ShrinkIter::than(self.0.clone()).or_on_smaller_clusters().map(Self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_gen_bounds_operations_and_steps() {
        for size in [0, 1, 5, 30, 100, 300] {
            let mut g = Gen::from_size_and_seed(size, 1);
            let lengths: Vec<usize> =
                (0..200).map(|_| AnySchedule::arbitrary(&mut g).0.steps.len()).collect();
            assert!(lengths.iter().all(|length| *length <= size), "{size}: {lengths:?}");
            // And it is used: a bound that nothing comes near would not be honest either.
            let longest = lengths.iter().max().copied();
            assert!(longest >= Some(size.min(100)), "{size}: {longest:?}");
        }
    }

    #[test]
    fn clusters_can_be_built_and_hold_every_node_that_is_named() {
        let mut g = Gen::from_size_and_seed(30, 1);
        for _ in 0..300 {
            let any = AnyCase::arbitrary(&mut g);
            for AnyCase(case) in [any.clone()].into_iter().chain(any.shrink()) {
                let scenario = crate::world::scenario::Scenario::new("any", case.cluster, case.schedule);
                assert!(scenario.clone().validate().is_ok(), "{scenario}");
            }
        }
    }

    #[test]
    fn shrinking_ends() {
        // What always fails ends at the smallest case there is.
        let mut case = AnyCase::arbitrary(&mut Gen::from_size_and_seed(100, 3));
        let mut taken = 0;
        while let Some(next) = case.shrink().next() {
            case = next;
            taken += 1;
        }
        assert_eq!(case.0, Case { cluster: Cluster::new(1, 1, 1), schedule: Schedule::default() });
        assert!(taken < 100, "{taken}");
    }
}
