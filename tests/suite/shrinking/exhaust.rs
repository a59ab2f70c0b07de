//! Exhaustive search within a scope: its counts are pinned, its limits are stated, and a dumb twin that leaves nothing
//! out finds the same.

use itertools::{Itertools, iproduct};
use smallvec::SmallVec;

use quorate::guarantee::GuaranteeSet;
use quorate::judge::{Breakage, Demands, Subject};
use quorate::model::MessageKind;
use quorate::prelude::*;
use quorate::protocols;
use quorate::search::minimise::Case;
use quorate::search::random::{Fault, Faults};
use quorate::search::schedules::{Exhausted, ScheduleScope, exhaust};
use quorate::world::modelled::Modelled;
use quorate::world::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};

use crate::shrinking::mutants::ForgetfulCounter;

const STALE: Cluster = Cluster::new(2, 1, 1);

fn fresh(scope: &ScheduleScope, budget: u64) -> Exhausted {
    let textbook: Modelled<'_, Dotted> = Modelled(&Textbook);
    let demands = Demands::NOTHING.expecting(GuaranteeSet::only(Guarantee::Fresh));
    exhaust(&textbook, &demands, scope, budget)
}

/// Everything but a fault: sizes 1 to 4.
#[test]
fn the_counts_of_operations_alone_are_pinned() {
    let counts: Vec<u64> = (1..=4)
        .map(|size| {
            let scope = ScheduleScope { faults: Faults::NONE, ..ScheduleScope::of(Cluster::default(), size) };
            let searched = fresh(&scope, u64::MAX);
            assert!(searched.complete && searched.found.is_none());
            assert_eq!(searched.size, size);
            searched.runs
        })
        .collect();
    // Put or get via three nodes. Then a put, a blind put or a get of the first client, or a put or a get of a second;
    // and so on: the blind ones only of clients that are known.
    let by_hand = [6, 6 + 6 * 15, 6 + 6 * 15 + 6 * (9 * 15 + 6 * 18), 0];
    assert_eq!(counts[..3], by_hand[..3]);
    assert_eq!(counts, PINNED_OPERATIONS);
}

#[test]
fn the_counts_with_each_kind_of_fault_are_pinned() {
    let textbook: Modelled<'_, Dotted> = Modelled(&Textbook);
    let counts: Vec<(&str, u64)> = Fault::ALL
        .into_iter()
        .map(|fault| {
            let faults = Faults::NONE.with(fault);
            let scope = ScheduleScope {
                faults,
                most_faults: 1,
                tick_ms: 10,
                ..ScheduleScope::of(Cluster::default(), 2)
            };
            let searched = exhaust(
                &textbook,
                &Demands::of_claims(&Subject::claims(&textbook, scope.cluster)),
                &scope,
                u64::MAX,
            );
            assert!(searched.complete && searched.found.is_none(), "{searched}");
            (fault.name(), searched.runs)
        })
        .collect();
    assert_eq!(counts, PINNED_FAULTS);
}

#[test]
fn the_stale_read_is_the_least_failure_and_nothing_is_below_it() {
    let found = fresh(&ScheduleScope::of(STALE, 5), u64::MAX);
    assert!(found.complete);
    assert_eq!(found.size, 2, "sizes 1 and 2 passed");
    let (case, finding) = found.found.clone().unwrap();
    assert_eq!(case.schedule.to_string(), "put c1 k1 via n1 (to n2 lost)\nget c1 k1 via n2");
    assert!(finding.because.contains("o1"), "{}", finding.because);
    assert!(found.to_string().starts_with("no failure is smaller than 3 in this scope"), "{found}");
}

#[test]
fn a_budget_that_gives_out_says_how_far_it_came() {
    let none = fresh(&ScheduleScope::of(STALE, 3), 0);
    assert_eq!((none.size, none.runs, none.complete), (0, 0, false));
    assert!(
        none.to_string().starts_with("no failure up to size 0 in this scope; the budget ended there"),
        "{none}"
    );
    let some = fresh(&ScheduleScope::of(STALE, 3), 200);
    assert_eq!((some.size, some.runs, some.complete), (2, 200, false));
}

#[test]
fn a_world_too_large_ends_with_its_budget() {
    let scope = ScheduleScope {
        clients: 64,
        keys: 64,
        faults: Faults::ALL,
        most_faults: 9,
        free_steps: 9,
        tick_ms: 1,
        wakes: true,
        ..ScheduleScope::of(Cluster::new(16, 9, 8), 9)
    };
    let searched = fresh(&scope, 2_000);
    assert_eq!((searched.runs, searched.complete), (2_000, false));
}

#[test]
fn a_protocol_that_never_fails_is_told_from_one_that_was_not_looked_at() {
    let scope = ScheduleScope { most_faults: 1, ..ScheduleScope::of(Cluster::default(), 2) };
    let all = fresh(&scope, u64::MAX);
    assert!(all.complete && all.found.is_none());
    assert_eq!(
        all.to_string(),
        format!(
            "no failure exists in this scope ({} schedules run; N=3 R=2 W=2; up to 2 clients, 1 key; put, get; \
             lost, late, at most 1 fault; at most 2 free steps; up to size 2)",
            all.runs
        )
    );
    let nothing = fresh(&ScheduleScope { size: 0, ..scope }, u64::MAX);
    assert_eq!((nothing.runs, nothing.complete, nothing.size), (0, true, 0));
}

const PINNED_OPERATIONS: [u64; 4] = [6, 96, 1554, 26340];
const PINNED_FAULTS: [(&str, u64); 11] = [
    ("lost", 456),
    ("late", 564),
    ("doubled", 504),
    ("cut", 372),
    ("one-way", 372),
    ("pause", 372),
    ("crash", 372),
    ("wipe", 516),
    ("suspect", 372),
    ("skew", 660),
    ("timeout", 1740),
];

/// The least failing one of these, by the order of preference.
fn least(
    subject: &dyn Subject,
    demands: Demands,
    cluster: Cluster,
    all: impl Iterator<Item = Schedule>,
) -> (u64, Option<Schedule>) {
    let mut runner = subject.runner(cluster, 1, demands);
    let mut runs = 0;
    let failing = all.filter(|schedule| {
        runs += 1;
        runner.run(schedule).finding.is_some()
    });
    let least = failing
        .min_by_key(|schedule| (Case { cluster, schedule: schedule.clone() }.rank(), schedule.clone()));
    (runs, least)
}

/// Every operation of two clients on one key, blind or not.
fn operations(nodes: u8) -> Vec<Operation> {
    let actions = [(Action::Put, false), (Action::Put, true), (Action::Get, false)];
    iproduct!(1..=2, 1..=nodes, actions)
        .map(|(client, via, (action, blind))| Operation {
            op: OpId(1),
            action,
            client: ClientId(client),
            key: Key(1),
            via: NodeId(via),
            blind,
            level: Level::Default,
            exceptions: SmallVec::new(),
        })
        .collect()
}

fn numbered(steps: Vec<Step>) -> Schedule {
    let mut next = 0;
    let number = |mut step: Step| {
        if let Step::Operation(operation) = &mut step {
            next += 1;
            operation.op = OpId(next);
        }
        step
    };
    steps.into_iter().map(number).collect()
}

#[test]
fn a_dumb_twin_that_names_every_message_finds_the_same() {
    let textbook: Modelled<'_, Dotted> = Modelled(&Textbook);
    let demands = Demands::NOTHING.expecting(GuaranteeSet::only(Guarantee::Fresh));
    let kinds = MessageKind::ALL;
    let names = iproduct!(kinds, 1..=2).map(|(kind, node)| MessageName {
        kind,
        replica: (!kind.is_of_client()).then_some(NodeId(node)),
        attempt: 0,
    });
    let exceptions: Vec<Exception> =
        iproduct!(names, [Fate::Lost, Fate::Late]).map(|(name, fate)| Exception { name, fate }).collect();
    let all = iproduct!(operations(2), operations(2), [0, 1], exceptions).map(
        |(mut first, mut second, which, exception)| {
            [&mut first, &mut second][which].exceptions.push(exception);
            numbered(vec![Step::Operation(first), Step::Operation(second)])
        },
    );
    let (runs, twin) = least(&textbook, demands, STALE, all);
    let (found, _) = fresh(&ScheduleScope::of(STALE, 3), u64::MAX).found.unwrap();
    assert_eq!(twin, Some(found.schedule), "of {runs}");
}

#[test]
fn a_dumb_twin_that_crashes_and_restarts_anywhere_finds_the_same() {
    let subject: Modelled<'_, Dotted> = Modelled(&ForgetfulCounter);
    let cluster = Cluster::new(1, 1, 1);
    let demands = Demands::NOTHING.demanding(GuaranteeSet::only(Guarantee::OneDotOneWrite));
    let node = NodeId(1);
    let alphabet: Vec<Step> = operations(1)
        .into_iter()
        .map(Step::Operation)
        .chain([Step::Crash { node }, Step::Restart { node }])
        .collect();
    let all = (1..=4).flat_map(|length| {
        std::iter::repeat_n(alphabet.clone(), length).multi_cartesian_product().map(numbered)
    });
    let (runs, twin) = least(&subject, demands, cluster, all);
    let scope = ScheduleScope { faults: Faults::NONE.with(Fault::Crash), ..ScheduleScope::of(cluster, 4) };
    let searched = exhaust(&subject, &demands, &scope, u64::MAX);
    assert_eq!(twin, searched.found.map(|(case, _)| case.schedule), "of {runs}");
}

#[test]
fn a_protocol_that_does_not_do_the_same_twice_is_found() {
    let subject = protocols::find("mutant-tosses-coins").unwrap().subject;
    let cluster = Cluster::default();
    let demands = Demands::of_claims(&subject.claims(cluster));
    let searched = exhaust(subject, &demands, &ScheduleScope::of(cluster, 2), 10_000);
    let (_, finding) = searched.found.unwrap();
    assert_eq!(finding.breakage, Breakage::Nondeterminism);
}
