//! A declaration that is not true is noticed, as far as it matters to the paths that were taken.

use quorate::prelude::*;
use quorate::search::states::StateScope;
use quorate::world::modelled::Modelled;

use super::world::{claimed, plain, reduced};

/// The textbook, but the first R or W in order of preference must answer. It inherits what it should not.
#[derive(Debug)]
struct WaitsInOrder;

impl Protocol for WaitsInOrder {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let first = &progress.home[..usize::from(progress.task.required)];
        let counted = SlotSet::of(progress, |slot| slot.replied() && first.contains(&slot.target.owner));
        (counted.len() >= first.len()).then_some(counted)
    }
}

/// The textbook, but every other client is in a hurry.
#[derive(Debug)]
struct HastyClients;

impl Protocol for HastyClients {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn quorum(&self, progress: &Progress<Dotted>) -> Option<SlotSet> {
        let hasty = progress.task.client.0.is_multiple_of(2) && !progress.replied().is_empty();
        if hasty { Some(progress.replied()) } else { self.base().quorum(progress) }
    }
}

#[test]
fn a_look_at_names_that_is_not_declared_is_noticed() {
    let cluster = Cluster::new(2, 2, 1);
    for protocol in [&WaitsInOrder as &dyn Protocol, &HastyClients] {
        let subject = Modelled(protocol);
        let demands = claimed(&subject, cluster);
        let explored = reduced(&subject, &demands, &StateScope::of(cluster, 1));
        assert!(explored.misdeclared && !explored.complete, "{explored}");
        assert!(explored.to_string().starts_with("nothing is decided"), "{explored}");
        assert!(!plain(&subject, &demands, &StateScope::of(cluster, 1)).misdeclared);
    }
}

/// The textbook, but a read through n2 shows nothing. The messages are the same whoever is asked; what
/// they carry is not.
#[derive(Debug)]
struct ShowsNothingAtTwo;

impl Protocol for ShowsNothingAtTwo {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn merge(&self, progress: &Progress<Dotted>, counted: SlotSet) -> Siblings<Dotted> {
        if progress.coordinator.0 == 2 {
            return Siblings::new();
        }
        self.base().merge(progress, counted)
    }
}

/// Nothing that it is judged on here shows it: only no-fabrication is demanded.
#[test]
fn a_look_at_names_that_shows_in_what_messages_carry_is_noticed() {
    let cluster = Cluster::new(2, 2, 1);
    let subject = Modelled(&ShowsNothingAtTwo as &dyn Protocol);
    let only = quorate::guarantee::GuaranteeSet::only(Guarantee::NoFabrication);
    let demands = quorate::judge::Demands::NOTHING.expecting(only);
    let explored = reduced(&subject, &demands, &StateScope::of(cluster, 2));
    assert!(explored.misdeclared, "{explored}");
    let honest = Modelled(&Textbook as &dyn Protocol);
    let explored = reduced(&honest, &demands, &StateScope::of(cluster, 2));
    assert!(
        explored.complete && explored.to_string().contains("if the protocol looks at no names"),
        "{explored}"
    );
}
