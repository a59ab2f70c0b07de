//! Sets that are right, each in its own way: whatever a run does to them, nobody is accused.

use super::*;
use quorate::id::OpId;
use quorate::model::Value;
use quorate::prelude::{DotSet, Resolution};
use quorate::search::minimise::{Case, minimise};
use quorate::search::random::Faults;
use quorate::search::symptom::Symptom;

/// An observed-remove set: adds and removes travel apart, and an add is gone where a remove that had seen it has come.
/// (Shapiro and others, INRIA RR-7506, 2011, specification 15, with the removed dots kept as a tombstone.)
#[derive(Debug)]
pub(crate) struct ObservedRemove;

impl Protocol for ObservedRemove {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn data_type(&self) -> DataType {
        DataType::Set
    }

    fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
        let mut stamp = self.base().stamp(replica, put);
        if *put.value != Value::Deleted {
            stamp.clock.past = DotSet::default(); // An add takes nothing away.
        }
        stamp
    }
}

/// A shopping cart: a client sees the items of all siblings, and its next write holds them and its own.
#[derive(Debug)]
pub(crate) struct UnionCart;

impl Protocol for UnionCart {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn data_type(&self) -> DataType {
        DataType::Set
    }

    fn resolve(&self, shown: &quorate::model::Siblings<Dotted>) -> Resolution {
        let items = |version: &quorate::model::VersionedValue<Dotted>| match &version.value {
            Value::Items(items) => items.to_vec(),
            Value::Deleted => Vec::new(),
            _ => vec![version.op],
        };
        let mut items: Vec<OpId> = shown.iter().flat_map(items).collect();
        items.sort_unstable();
        items.dedup();
        Resolution::Union(items.into())
    }
}

/// n2 never got the remove. That o3 follows it does not bring it: an add is an add.
#[test]
fn a_remove_that_never_came_has_removed_nothing() {
    let run = expecting(
        &ObservedRemove,
        three(),
        &[NoLost, NoExtra],
        "put c1 k1 via n1\ndelete c1 k1 via n1 (to n2 lost, to n3 lost)\nput c1 k1 via n1\nget c2 k1 via n2",
    );
    run.is_silent();
}

#[test]
fn an_item_in_two_sibling_carts_is_one_item() {
    let run = expecting(
        &UnionCart,
        three(),
        &[NoLost, NoExtra],
        "put c1 k1 via n1\nget c1 k1 via n1\nget c2 k1 via n2\nput c1 k1 via n1\nput c2 k1 via n2\nget c3 k1 via n3",
    );
    run.is_silent();
}

/// Both over random schedules with every kind of fault. A set whose removes do nothing, or whose client forgets what it
/// saw, is caught by the same judges on the same schedules.
#[test]
fn sets_that_are_right_are_never_accused_and_sets_that_are_not_are() {
    /// Removes carry no past.
    #[derive(Debug)]
    struct RemovesNothing;
    impl Protocol for RemovesNothing {
        fn base(&self) -> &dyn Protocol {
            &ObservedRemove
        }
        fn stamp(&self, replica: &mut Replica<'_>, put: &Put<'_>) -> Stamp<Dotted> {
            let mut stamp = self.base().stamp(replica, put);
            stamp.clock.past = DotSet::default();
            stamp
        }
    }
    /// The next write holds only the first sibling's items.
    #[derive(Debug)]
    struct LosesACart;
    impl Protocol for LosesACart {
        fn base(&self) -> &dyn Protocol {
            &UnionCart
        }
        fn resolve(&self, shown: &quorate::model::Siblings<Dotted>) -> Resolution {
            let first = shown.iter().next().cloned();
            self.base().resolve(&first.into_iter().collect())
        }
    }
    let demands = Demands::NOTHING.expecting([NoLost, NoExtra].into_iter().collect());
    let broken = |protocol: &dyn Protocol| {
        let system = Modelled(protocol);
        let mut runner = quorate::judge::Subject::runner(&system, three(), 2, demands);
        let schedules = (0..10 * super::random::runs()).map(|number| Shape::of(three()).schedule(17, number));
        schedules.filter_map(|schedule| Some((runner.run(&schedule).finding?, schedule))).next()
    };
    for right in [&ObservedRemove as &dyn Protocol, &UnionCart] {
        if let Some((finding, schedule)) = broken(right) {
            let case = Case { cluster: three(), schedule };
            let least =
                minimise(&Modelled(right), Symptom::new(finding.breakage, demands), case, Faults::ALL);
            panic!(
                "{}: {}: {}\n{}",
                right.name(),
                finding.breakage,
                finding.because,
                least.minimal.case.schedule
            );
        }
    }
    for wrong in [&RemovesNothing as &dyn Protocol, &LosesACart] {
        assert!(broken(wrong).is_some(), "{}", wrong.name());
    }
}

/// One replica a round: five replicas, of which four lack the write, take four rounds and more. All that time something
/// is repaired, and in the end they are equal.
#[test]
fn a_protocol_that_repairs_one_replica_a_round_converges() {
    #[derive(Debug)]
    struct OneAtATime;
    impl Protocol for OneAtATime {
        fn base(&self) -> &dyn Protocol {
            &Textbook
        }
        fn repair(
            &self,
            progress: &Progress<Dotted>,
            merged: &quorate::model::Siblings<Dotted>,
        ) -> Repairs<Dotted> {
            let all = progress.replied().len() == progress.slots.len();
            let mut repairs = self.base().repair(progress, merged);
            repairs.send.truncate(usize::from(all));
            repairs
        }
    }
    let run = expecting(
        &OneAtATime,
        Cluster::new(7, 1, 1),
        &[Convergence],
        "put c1 k1 via n1 (to n2 lost, to n3 lost, to n4 lost, to n5 lost, to n6 lost, to n7 lost)",
    );
    run.is_silent().kept(Convergence, 1);
}
