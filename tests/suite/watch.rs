//! The watch, wherever something runs that is not a campaign.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use quorate::harness::{Monitor, Options, Origin, Stuck, diff, watched};
use quorate::judge::{Demands, Subject};
use quorate::prelude::*;
use quorate::protocols;
use quorate::search::certificate::certify;
use quorate::search::{schedules, states};
use quorate::world::modelled::Modelled;
use quorate::world::scenario::Scenario;

/// A certificate, a comparison, both exhaustive searches.
#[test]
fn a_run_that_takes_too_long_is_named_wherever_it_runs() {
    /// A read takes its time, the first time.
    #[derive(Debug)]
    struct Dozes(AtomicBool);
    impl Protocol for Dozes {
        fn base(&self) -> &dyn Protocol {
            &Textbook
        }
        fn serve(&self, replica: &Replica<'_>) -> Option<Siblings<Dotted>> {
            if !self.0.swap(true, Ordering::AcqRel) {
                std::thread::sleep(Duration::from_millis(500));
            }
            self.base().serve(replica)
        }
    }
    #[derive(Default)]
    struct Listens(Mutex<Vec<Stuck>>);
    impl Monitor for Listens {
        fn stuck(&self, stuck: &Stuck) {
            self.0.lock().unwrap().push(stuck.clone());
        }
    }
    let named = |work: &(dyn Fn(&dyn Subject) + Sync)| {
        let (protocol, monitor) = (Dozes(AtomicBool::new(false)), Listens::default());
        let subject = Modelled(&protocol);
        watched([&subject], Duration::from_millis(100), &monitor, |[subject]| work(subject));
        let stuck = monitor.0.into_inner().unwrap();
        assert_eq!(stuck.len(), 1, "said once");
        (stuck[0].origin, stuck[0].scenario.schedule.to_string())
    };
    let cluster = Cluster::new(1, 1, 1);
    let demands = Demands::of_claims(&Protocol::<Dotted>::claims(&Textbook, cluster));
    let get = "get c1 k1 via n1";
    let scenario = Scenario::new("dozes", cluster, get.parse().unwrap());
    assert_eq!(named(&|subject| drop(certify(subject, &scenario))), (Origin::Tried, get.to_owned()));
    let scope = schedules::ScheduleScope::of(cluster, 1);
    let by_schedules = named(&|subject| drop(schedules::exhaust(subject, &demands, &scope, 10)));
    assert_eq!(by_schedules, (Origin::Tried, "put c1 k1 via n1".to_owned()), "which is read at rest");
    let scope = states::StateScope::of(cluster, 1);
    let limits = states::Limits { states: 100, bytes: 1 << 20, threads: 1 };
    let by_states = named(&|subject| {
        drop(states::explore(subject, &demands, &scope, states::Reductions::ALL, limits, &()));
    });
    assert_eq!(by_states, (Origin::State, String::new()));
    let options = Options { schedules: 1, threads: 1, ..Options::of(cluster) };
    let compared =
        named(&|subject| drop(diff(subject, protocols::find("textbook").unwrap().subject, &options)));
    assert_eq!(compared.0, Origin::Tried);
}
