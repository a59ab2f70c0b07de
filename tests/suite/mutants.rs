//! Every broken protocol is refuted, by the guarantee that it names, by schedules that were made for none of them.
//!
//! All mutants are run on the same random schedules, of the default shape, over the same few clusters. Two questions
//! are asked. First, with the named guarantee demanded outright: after how many schedules does the first one break
//! it? Then, judged on what its base *claims*, and without stopping at the first breach: which guarantees catch it at
//! all? That is the kill table.
//!
//! A guarantee that no mutant breaks **alone** might be decoration: something else would have caught the fault. The
//! table has such a mutant for each guarantee but three.
//!
//! * *fresh* and *read-your-writes*: a session's own acknowledged write is one that was acknowledged before the read,
//!   so what breaks the second breaks the first wherever both are claimed, and every built-in claims both or neither.
//!   And what a read decides does not depend on who wrote: one that misses others' writes misses the client's own.
//! * *causal-order*: among values that stand beside each other, returning a superseded one is an extra (no-extra).
//!   Where one value survives, the superseded one was written or read by the session that superseded it, or stood
//!   below one that was: so a session guarantee is broken too.

use std::fmt::Write as _;

use expect_test::expect;
use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::id::NodeId;
use quorate::judge::{Breakage, Demands, Trial};
use quorate::model::Cluster;
use quorate::protocols::{MUTANTS, Mutant};
use quorate::search::random::{Faults, Shape};
use quorate::world::schedule::{Operation, Schedule, Step};

const SEED: u64 = 11;
/// Schedules within which the named guarantee must be broken.
const MOST: u64 = 4_000;
/// Schedules for a row of the kill table, at least.
const TABLE: u64 = 240;
/// And at most, until the named guarantee is among its killers.
const TABLE_MOST: u64 = 16_000;

const CLUSTERS: [Cluster; 8] = [
    Cluster::new(3, 2, 2),
    Cluster::new(3, 1, 1),
    Cluster::new(2, 2, 1),
    Cluster::new(3, 1, 3),
    Cluster::new(3, 2, 2).on(5),
    Cluster::new(3, 3, 1),
    Cluster::new(5, 1, 2),
    Cluster::new(1, 1, 1),
];

fn schedule(number: u64, faults: Faults) -> (Cluster, Schedule) {
    let cluster = CLUSTERS[(number % CLUSTERS.len() as u64) as usize];
    (cluster, Shape { faults, ..Shape::of(cluster) }.schedule(SEED, number))
}

/// What is demanded of a mutant: what it names, outright.
fn demands(mutant: &Mutant) -> Demands {
    match mutant.breaks {
        Breakage::Guarantee(guarantee) => Demands::NOTHING.demanding(GuaranteeSet::only(guarantee)),
        _ => Demands::NOTHING,
    }
}

/// Whether the run breaks what the mutant names.
fn is_refuted(mutant: &Mutant, cluster: Cluster, schedule: &Schedule) -> bool {
    let mut runner = mutant.subject.runner(cluster, 2, demands(mutant));
    match mutant.breaks {
        Breakage::Nondeterminism => runner.fingerprints(schedule) != runner.fingerprints(schedule),
        // Only a state at rest sees every repair.
        Breakage::Storm => runner.run_recorded(schedule).0.tally.storm,
        breakage => runner.run(schedule).finding.is_some_and(|finding| finding.breakage == breakage),
    }
}

fn schedules_to_refute(mutant: &Mutant, faults: Faults, most: u64) -> Option<u64> {
    schedules_to_refute_if(mutant, faults, most, |schedule| schedule)
}

/// The same with every schedule weakened in some way.
fn schedules_to_refute_if(
    mutant: &Mutant,
    faults: Faults,
    most: u64,
    weakened: impl Fn(Schedule) -> Schedule,
) -> Option<u64> {
    let mut numbers = 0..most;
    numbers.find(|&number| {
        let (cluster, schedule) = schedule(number, faults);
        is_refuted(mutant, cluster, &weakened(schedule))
    })
}

/// Both halves of a machine are put to work; the order of the answers is that of the list.
fn of_all<T: Send>(what: impl Fn(&Mutant) -> T + Sync) -> Vec<T> {
    let (first, second) = MUTANTS.split_at(MUTANTS.len() / 2);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| second.iter().map(&what).collect::<Vec<_>>());
        let mut all: Vec<T> = first.iter().map(&what).collect();
        all.extend(second.join().unwrap());
        all
    })
}

#[test]
fn every_mutant_is_refuted_by_the_guarantee_it_names() {
    let found = of_all(|mutant| schedules_to_refute(mutant, Faults::ALL, MOST));
    for (mutant, found) in MUTANTS.iter().zip(found) {
        assert!(
            found.is_some(),
            "{} survives {MOST} schedules; it should break {}",
            mutant.name,
            mutant.breaks
        );
    }
}

/// The guarantees that catch a mutant, judged on what its base claims; and those that catch it alone in some run.
fn killers(mutant: &Mutant) -> (GuaranteeSet, GuaranteeSet) {
    let (mut killers, mut alone) = (GuaranteeSet::NONE, GuaranteeSet::NONE);
    for number in 0..TABLE_MOST {
        let named = match mutant.breaks {
            Breakage::Guarantee(guarantee) => killers.contains(guarantee),
            _ => true,
        };
        if number >= TABLE && named {
            break;
        }
        let (cluster, schedule) = schedule(number, Faults::ALL);
        let demands = Demands::of_claims(&mutant.subject.claims(cluster));
        let (Trial { broken, .. }, _) = mutant.subject.runner(cluster, 2, demands).run_recorded(&schedule);
        killers = killers.or(broken);
        if broken.iter().count() == 1 {
            alone = alone.or(broken);
        }
    }
    (killers, alone)
}

#[test]
fn the_kill_table() {
    let rows = of_all(killers);
    let mut table = String::new();
    for (mutant, (killers, _)) in MUTANTS.iter().zip(&rows) {
        let names: Vec<&str> = killers.iter().map(Guarantee::name).collect();
        let names = if names.is_empty() { format!("({})", mutant.breaks) } else { names.join(" ") };
        let _ = writeln!(table, "{:<37} {names}", &mutant.name["mutant-".len()..]);
    }
    for guarantee in Guarantee::ALL {
        // What stands side by side wrongly in the store's own order is sooner or later something extra as well, and
        // nobody but the judge of siblings can tell at first.
        let alone = rows.iter().any(|(killers, alone)| {
            *killers == GuaranteeSet::only(guarantee)
                || guarantee == Guarantee::Antichain && alone.contains(guarantee)
        });
        let implied =
            matches!(guarantee, Guarantee::Fresh | Guarantee::ReadYourWrites | Guarantee::CausalOrder);
        assert!(alone || implied, "no mutant is caught by {guarantee} alone\n{table}");
        assert!(rows.iter().any(|(killers, _)| killers.contains(guarantee)), "{guarantee} catches nothing");
    }
    for (mutant, (killers, _)) in MUTANTS.iter().zip(&rows) {
        if let Breakage::Guarantee(guarantee) = mutant.breaks {
            assert!(killers.contains(guarantee), "{}: {killers:?}", mutant.name);
        }
    }
    expect![[r#"
        context-ignored                       fresh read-your-writes monotonic-reads no-extra clock-order causal-order convergence
        delete-ignores-context                fresh read-your-writes no-extra clock-order causal-order convergence
        delete-writes-a-value                 no-fabrication
        past-of-the-copy                      fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost clock-order durable convergence
        counter-as-vector                     fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra clock-order causal-order durable convergence
        dot-reused-after-wipe                 fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra siblings one-dot-one-write clock-order causal-order durable convergence
        count-forgotten                       fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra siblings one-dot-one-write clock-order causal-order durable convergence
        one-name-for-all                      fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra siblings one-dot-one-write clock-order causal-order durable convergence
        counts-what-it-holds                  fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra siblings one-dot-one-write clock-order causal-order durable convergence
        past-of-the-gone                      clock-order
        keeps-nothing                         fresh read-your-writes no-lost durable convergence
        overwrites                            fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra clock-order causal-order durable convergence
        keeps-the-first                       fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra clock-order causal-order durable convergence
        keeps-all                             no-extra siblings convergence
        siblings-limited                      fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra clock-order causal-order durable convergence
        stamps-at-every-replica               fresh read-your-writes monotonic-reads no-extra once-only clock-order causal-order convergence
        repair-stamps                         fresh read-your-writes monotonic-reads no-extra once-only causal-order convergence
        repair-overwrites                     fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra clock-order causal-order durable convergence
        repair-refused                        convergence
        purges-deletes                        fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-extra clock-order causal-order convergence
        empty-after-restart                   fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra clock-order causal-order convergence
        timestamps-itself                     convergence
        refuses-what-it-knows                 available
        acknowledges-too-early                fresh read-your-writes durable
        reads-too-few                         fresh read-your-writes monotonic-reads
        counts-itself-twice                   fresh read-your-writes monotonic-reads durable
        waits-for-the-first                   available
        waits-for-all                         available
        asks-just-enough                      convergence available
        hides-refusals                        fresh read-your-writes monotonic-reads durable available
        casual-readers                        fresh read-your-writes monotonic-reads available
        one-ack-where-quorums-miss            durable
        shows-the-first-reply                 fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra clock-order causal-order convergence
        shows-one-sibling                     fresh read-your-writes monotonic-reads monotonic-writes writes-follow-reads no-lost no-extra clock-order causal-order convergence
        concatenates                          fresh read-your-writes no-extra siblings causal-order
        hides-tombstones                      fresh read-your-writes monotonic-writes writes-follow-reads no-extra clock-order causal-order convergence
        fabricates                            no-fabrication no-extra once-only clock-order convergence
        never-repairs                         convergence
        repairs-by-count                      convergence
        repairs-without-tombstones            convergence
        joins-the-pasts                       clock-order
        panics                                (panic)
        storms                                available
        tosses-coins                          (nondeterminism)
        writes-back-too-late                  monotonic-reads
        hand-off-overwrites                   monotonic-writes writes-follow-reads no-lost no-extra clock-order convergence
        hints-dropped                         monotonic-writes writes-follow-reads no-lost no-extra causal-order
        vector-reused-after-wipe              one-dot-one-write
        keeps-what-the-writer-missed          no-extra siblings
        backwards                             real-time-order
        first-write-wins                      real-time-order
        last-arrival-wins                     fresh read-your-writes monotonic-reads no-lost no-extra durable convergence
        deletes-lose-ties                     fresh read-your-writes monotonic-reads no-extra convergence
        repair-marks                          once-only
        context-not-met                       monotonic-writes writes-follow-reads causal-order
        forgets-its-writes                    monotonic-writes
        forgets-its-reads                     writes-follow-reads
        counts-the-node                       no-lost no-extra convergence
        says-the-first                        no-lost no-extra
        never-negative                        no-extra
        saturates                             no-lost
        lies                                  no-fabrication available
    "#]].assert_eq(&table);
}

#[test]
fn a_generator_without_faults_is_blind_to_these() {
    let found = of_all(|mutant| schedules_to_refute(mutant, Faults::NONE, 400));
    let survivors: Vec<&str> = MUTANTS
        .iter()
        .zip(found)
        .filter(|(_, found)| found.is_none())
        .map(|(mutant, _)| mutant.name)
        .collect();
    expect![[r#"
        mutant-dot-reused-after-wipe
        mutant-count-forgotten
        mutant-repair-stamps
        mutant-repair-overwrites
        mutant-repair-refused
        mutant-purges-deletes
        mutant-empty-after-restart
        mutant-timestamps-itself
        mutant-refuses-what-it-knows
        mutant-acknowledges-too-early
        mutant-reads-too-few
        mutant-counts-itself-twice
        mutant-waits-for-the-first
        mutant-waits-for-all
        mutant-asks-just-enough
        mutant-hides-refusals
        mutant-casual-readers
        mutant-one-ack-where-quorums-miss
        mutant-shows-the-first-reply
        mutant-never-repairs
        mutant-repairs-by-count
        mutant-repairs-without-tombstones
        mutant-storms
        mutant-writes-back-too-late
        mutant-hand-off-overwrites
        mutant-hints-dropped
        mutant-vector-reused-after-wipe
        mutant-last-arrival-wins
        mutant-repair-marks
        mutant-says-the-first
        mutant-lies"#]]
    .assert_eq(&survivors.join("\n"));
}

/// The schedule with each operation changed.
fn each(mut schedule: Schedule, change: impl Fn(&mut Operation)) -> Schedule {
    for step in &mut schedule.steps {
        if let Step::Operation(operation) = step {
            change(operation);
        }
    }
    schedule
}

/// Generators of the kind that finds nothing because it never looks: one coordinator, no blind writes. The first misses
/// mutants that the whole one finds in as many schedules. The second misses none: in long schedules, clients that never
/// read write what amounts to the same. (Without faults, all reads are answered by the same replicas of a list of
/// preference as well: that one misses most, see above.)
#[test]
fn weaker_generators_are_blind_to_these() {
    const SCHEDULES: u64 = 400;
    let one_coordinator = |schedule| each(schedule, |operation| operation.via = NodeId(1));
    let never_blind = |schedule| each(schedule, |operation| operation.blind = false);
    let survivors = |weakened: &(dyn Fn(Schedule) -> Schedule + Sync)| {
        let missed = of_all(|mutant| {
            let whole = schedules_to_refute(mutant, Faults::ALL, SCHEDULES);
            whole.is_some() && schedules_to_refute_if(mutant, Faults::ALL, SCHEDULES, weakened).is_none()
        });
        let names = MUTANTS.iter().zip(missed).filter(|(_, missed)| *missed).map(|(mutant, _)| mutant.name);
        names.collect::<Vec<_>>().join("\n")
    };
    expect![""].assert_eq(&survivors(&one_coordinator));
    expect![""].assert_eq(&survivors(&never_blind));
}

#[test]
fn nothing_is_examined_where_nothing_is_answered() {
    let textbook = quorate::protocols::find("textbook").unwrap().subject;
    let cluster = Cluster::default();
    let demands = Demands::of_claims(&textbook.claims(cluster));
    let mut runner = textbook.runner(cluster, 1, demands);
    let schedule: Schedule =
        "crash n1\ncrash n2\ncrash n3\nput c1 k1 via n1\nget c2 k1 via n1".parse().unwrap();
    assert_eq!(runner.run(&schedule).finding, None, "green");
    for guarantee in
        [Guarantee::NoFabrication, Guarantee::Fresh, Guarantee::ReadYourWrites, Guarantee::Durable]
    {
        assert_eq!(runner.ruling(guarantee).examined, 0, "{guarantee}: green for nothing");
    }
}

#[test]
fn equal_values_at_rest_are_not_convergence() {
    let mutant = quorate::protocols::find("mutant-timestamps-itself").unwrap().subject;
    let cluster = Cluster::default();
    let demands = Demands::of_claims(&mutant.claims(cluster));
    let schedule: Schedule = "put c1 k1 via n1 (to n2 late) as o1\ntick 5\narrive o1 to n2".parse().unwrap();
    let (trial, _) = mutant.runner(cluster, 1, demands).run_recorded(&schedule);
    assert_eq!(
        trial.broken,
        GuaranteeSet::only(Guarantee::Convergence),
        "the values are equal, the metadata not"
    );
}
