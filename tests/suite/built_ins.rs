//! The built-ins keep what they claim, on random schedules with every kind of fault; and what they do not claim can
//! be shown, by the shortest schedule known for it.

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::judge::{Breakage, Demands};
use quorate::model::Cluster;
use quorate::protocols::{ALL, find};
use quorate::search::random::Shape;
use quorate::world::schedule::Schedule;

const CLUSTERS: [Cluster; 9] = [
    Cluster::new(3, 2, 2),
    Cluster::new(3, 1, 1),
    Cluster::new(3, 3, 1),
    Cluster::new(3, 1, 3),
    Cluster::new(5, 3, 3),
    Cluster::new(3, 2, 2).on(5),
    Cluster::new(1, 1, 1),
    Cluster::new(2, 1, 1),
    Cluster::new(2, 2, 1),
];

#[test]
fn a_built_in_keeps_what_it_claims() {
    for entry in ALL.iter().filter(|entry| !entry.name.starts_with("as-seeded")) {
        for cluster in CLUSTERS {
            let claims = entry.subject.claims(cluster);
            let mut runner = entry.subject.runner(cluster, 2, Demands::of_claims(&claims));
            let mut examined = [0; Guarantee::COUNT];
            for number in 0..60 {
                let schedule = Shape::of(cluster).schedule(23, number);
                let finding = runner.run(&schedule).finding;
                assert_eq!(
                    finding.map(|finding| finding.because),
                    None,
                    "{} {cluster}\n{schedule}",
                    entry.name
                );
                Guarantee::ALL.iter().for_each(|g| examined[g.index()] += runner.ruling(*g).examined);
            }
            for guarantee in claims.set().iter() {
                assert!(examined[guarantee.index()] > 0, "{} {cluster}: {guarantee} is vacuous", entry.name);
            }
        }
    }
}

/// Whether this schedule breaks a guarantee that is not claimed, expected all the same.
fn breaks(protocol: &str, cluster: Cluster, guarantee: Guarantee, schedule: &Schedule) -> bool {
    let subject = find(protocol).unwrap_or_else(|| panic!("no protocol {protocol}")).subject;
    assert!(!subject.claims(cluster).claims(guarantee), "{protocol} claims {guarantee}");
    let demands = Demands::NOTHING.expecting(GuaranteeSet::only(guarantee));
    let finding = subject.runner(cluster, 2, demands).run(schedule).finding;
    finding.is_some_and(|finding| finding.breakage == Breakage::Guarantee(guarantee))
}

#[test]
fn version_vectors_lose_the_first_of_two_blind_writes() {
    let schedule: Schedule = "put c1 k1 via n1\nput c2 k1 via n1".parse().unwrap();
    assert_eq!(schedule.size(), 2);
    assert!(breaks("version-vectors", Cluster::default(), Guarantee::NoLost, &schedule));
}

#[test]
fn a_slow_clock_makes_the_last_write_lose() {
    let schedule: Schedule =
        "put c1 k1 via n1\nskew n2 -5\nput c1 k1 via n2\nget c1 k1 via n1".parse().unwrap();
    for guarantee in [Guarantee::CausalOrder, Guarantee::MonotonicWrites] {
        assert!(breaks("last-write-wins", Cluster::default(), guarantee, &schedule));
    }
}

#[test]
fn a_fallback_may_take_a_write_that_the_next_read_does_not_see() {
    let cluster = Cluster::default().on(5);
    let schedule: Schedule = "
        suspect n1 at n4
        suspect n2 at n4
        put c1 k1 via n4 (to n3 late)
        get c1 k1 via n1"
        .parse()
        .unwrap();
    assert!(breaks("sloppy-quorum", cluster, Guarantee::Fresh, &schedule));
    assert!(breaks("sloppy-quorum", cluster, Guarantee::ReadYourWrites, &schedule));
}

#[test]
fn a_write_back_waits_for_replicas_that_the_read_could_do_without() {
    let cluster = Cluster::new(3, 1, 1);
    let schedule: Schedule = "crash n2\nget c1 k1 via n1 (to n3 lost)".parse().unwrap();
    assert!(breaks("write-back", cluster, Guarantee::Available, &schedule));
}

/// Of two repairs to one replica the first is lost. That the second one is taken says nothing of the first.
#[test]
fn a_write_back_waits_for_each_repair_and_not_for_any() {
    let schedule: Schedule = "
        cut n2 > n1 n3
        put c1 k1 via n2
        cut n3 > n1 n2
        put c1 k1 via n3
        heal
        get c1 k1 via n3 (repair to n1 lost, repair to n2 lost)
        get c1 k1 via n1"
        .parse()
        .unwrap();
    let (subject, cluster) = (find("write-back").expect("a built-in").subject, Cluster::default());
    let claims = subject.claims(cluster);
    assert!(claims.claims(Guarantee::MonotonicReads));
    let trial = subject.runner(cluster, 2, Demands::of_claims(&claims)).run(&schedule);
    assert_eq!(trial.finding, None);
}

/// The table of the README is that of the code.
#[test]
fn the_readme_lists_every_guarantee_by_its_statement() {
    let readme = include_str!("../../README.md");
    for guarantee in Guarantee::ALL {
        let row = format!("| `{guarantee}` | {} |", guarantee.statement());
        assert!(readme.contains(&row), "{row}");
    }
}
