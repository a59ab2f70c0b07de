//! The checker of counterexamples: it agrees with the minimiser, of which it knows nothing, and refuses what is not
//! minimal.

use expect_test::expect;

use quorate::guarantee::GuaranteeSet;
use quorate::harness::{Options, check};
use quorate::judge::{Breakage, Demands, Subject};
use quorate::prelude::*;
use quorate::protocols;
use quorate::search::certificate::{Certificate, Seen, certify, certify_exactly};
use quorate::search::minimise::{Case, minimise};
use quorate::search::random::{Faults, Shape};
use quorate::search::schedules::Exhausted;
use quorate::search::symptom::Symptom;
use quorate::world::scenario::Scenario;

const STALE: &str = "protocol textbook\ncluster N=2 R=1 W=1\ndemand fresh\n\n\
                     put c1 k1 via n1 (to n2 lost)\nget c1 k1 via n2";

fn subject(scenario: &Scenario) -> &'static dyn Subject {
    protocols::find(&scenario.protocol).unwrap().subject
}

fn certificate(text: &str) -> Option<Certificate> {
    let scenario: Scenario = text.parse().unwrap();
    certify(subject(&scenario), &scenario)
}

#[test]
fn every_single_change_of_a_stale_read_is_run() {
    let certificate = certificate(STALE).unwrap();
    assert!(certificate.holds());
    let tried: Vec<String> =
        certificate.tried.iter().map(|tried| format!("{}: {}", tried.change, tried.seen)).collect();
    expect![[r#"
        without step 1, `put c1 k1 via n1 (to n2 lost)`: nothing is broken
        step 1 without `to n2 lost`: nothing is broken
        step 1 as a get: nothing is broken
        without step 2, `get c1 k1 via n2`: nothing is broken
        step 2 via n1: nothing is broken
    "#]]
    .assert_eq(&(tried.join("\n") + "\n"));
}

/// Each of these says more than it must. The checker says what to leave out, and what it gives instead fails.
#[test]
fn what_is_not_minimal_is_refused_with_something_simpler() {
    let planted = [
        ("an operation more", STALE.replace("\nget", "\nput c2 k2 via n1\nget")),
        ("a read more, after it", format!("{STALE}\nget c1 k1 via n2")),
        ("a message more", STALE.replace("(to n2 lost)", "(to n2 lost, from n2 lost)")),
        ("a fault and its end", STALE.replace("\nget", "\npause n1\nrestart n1\nget")),
        ("a fault", STALE.replace("\nget", "\ncrash n1\nget")),
        ("a late message", STALE.replace("to n2 lost", "to n2 late")),
        ("another client", STALE.replace("get c1", "get c2")),
        (
            "another key",
            STALE.replace("k1", "k2").replace("n2", "nx").replace("n1", "n2").replace("nx", "n1"),
        ),
        ("blind", STALE.replace("via n1 (", "via n1 blind (")),
        ("a level", STALE.replace("get c1 k1 via n2", "get c1 k1 via n2 level one")),
        ("time", STALE.replace("\nget", "\ntick 5\nget")),
        (
            "a wipe for a lost message",
            STALE
                .replace(" (to n2 lost)", "")
                .replace("\nget", "\nwipe n2\nput c1 k1 via n1 (to n2 lost)\nget"),
        ),
    ];
    for (what, text) in planted {
        let certificate = certificate(&text).unwrap_or_else(|| panic!("{what}: it does not fail\n{text}"));
        let refuted = certificate.refuted_by().unwrap_or_else(|| panic!("{what}: taken for minimal\n{text}"));
        assert!(matches!(refuted.seen, Seen::Same(_)), "{what}");
        let simpler = &refuted.scenario;
        let again = certify(subject(simpler), simpler).map(|simpler| simpler.breakage);
        assert_eq!(again, Some(certificate.breakage), "{what}: {}\n{simpler}", refuted.change);
    }
}

#[test]
fn what_breaks_nothing_is_no_counterexample() {
    assert_eq!(certificate(&STALE.replace("R=1", "R=2")), None);
    assert_eq!(certificate(&STALE.replace(" (to n2 lost)", "")), None);
}

/// The minimiser and the checker were written apart. What the one makes, the other accepts, from the printed text.
#[test]
fn what_the_minimiser_makes_is_accepted() {
    let mut accepted = 0;
    for mutant in protocols::MUTANTS {
        let Breakage::Guarantee(guarantee) = mutant.breaks else { continue };
        let cluster = Cluster::default();
        let claims = mutant.subject.claims(cluster);
        let demands = Demands::of_claims(&claims).expecting(GuaranteeSet::only(guarantee));
        let mut runner = mutant.subject.runner(cluster, 2, demands.only(guarantee));
        let shape = Shape::of(cluster);
        let mut schedules = (0..400).map(|number| shape.schedule(5, number));
        let Some(schedule) = schedules.find(|schedule| runner.run(schedule).finding.is_some()) else {
            continue;
        };
        let case = Case { cluster, schedule };
        let least =
            minimise(mutant.subject, Symptom::new(mutant.breaks, demands), case, Faults::ALL).minimal.case;
        let mut scenario = Scenario::new(mutant.name, least.cluster, least.schedule);
        if !mutant.subject.claims(least.cluster).claims(guarantee) {
            scenario.demands = vec![guarantee];
        }
        let printed = scenario.to_string();
        let certificate = certificate(&printed).unwrap_or_else(|| panic!("it does not fail\n{printed}"));
        let refuted = certificate.refuted_by().map(|tried| &tried.change);
        assert_eq!(refuted, None, "{}\n{printed}", certificate.breakage);
        accepted += 1;
    }
    assert!(accepted >= 30, "{accepted}");
}

#[test]
fn the_exhaustive_part_says_how_far_it_came() {
    let scenario: Scenario = STALE.parse().unwrap();
    let below = |scenario: &Scenario, budget| -> Exhausted {
        let (certificate, below) = certify_exactly(subject(scenario), scenario, budget).unwrap();
        assert_eq!(certificate.breakage, Breakage::Guarantee(Guarantee::Fresh));
        below
    };
    let all = below(&scenario, u64::MAX);
    assert!(all.complete && all.found.is_none() && all.size == 2, "{all}");
    let none = below(&scenario, 0);
    assert_eq!((none.runs, none.size, none.complete), (0, 0, false));
    assert!(
        none.to_string().contains("none was run") || none.to_string().contains("the budget ended there"),
        "{none}"
    );
    let longer: Scenario = STALE.replace("\nget", "\nput c2 k2 via n1\nget").parse().unwrap();
    assert!(below(&longer, u64::MAX).found.is_some());
}

/// What `check` tells first need not be what comes first among the guarantees.
#[test]
fn of_all_that_is_broken_the_one_is_told_that_nothing_smaller_breaks() {
    let scenario: Scenario = "protocol mutant-repair-overwrites\ncluster N=2 R=1 W=1\n\n\
                              put c1 k1 via n1\nput c1 k1 via n1 blind (to n2 lost)\nget c1 k1 via n1"
        .parse()
        .unwrap();
    let (certificate, below) = certify_exactly(subject(&scenario), &scenario, 100_000).unwrap();
    assert_eq!(certificate.breakage, Breakage::Guarantee(Guarantee::NoLost));
    assert!(certificate.holds() && below.found.is_none());
    // Of size 3 there is one that only the reads at rest show.
    assert!(below.complete || below.size > 0, "{below}");
}

/// It would check nothing if it asked the minimiser what is simpler.
#[test]
fn the_checker_knows_nothing_of_the_passes() {
    for code in [
        include_str!("../../src/search/certificate/mod.rs"),
        include_str!("../../src/search/certificate/simplifications.rs"),
    ] {
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let named: Vec<&str> = code.filter(|line| line.contains("minimise")).collect();
        assert!(named.iter().all(|line| *line == "use crate::search::minimise::Case;"), "{named:?}");
    }
}

/// Two who do not know of each other: one makes counterexamples small, the other looks for smaller ones.
#[test]
fn what_a_check_tells_of_every_mutant_the_checker_certifies() {
    let mut told = 0;
    for mutant in protocols::MUTANTS {
        let cluster = Cluster::default();
        let options = Options { schedules: 300, ..Options::of(cluster) };
        for story in check(mutant.subject, &options).counterexamples {
            told += 1;
            let text = story.scenario.to_string();
            let scenario: Scenario = text.parse().unwrap();
            let (certificate, below) = certify_exactly(mutant.subject, &scenario, 2_000).expect(&text);
            assert!(certificate.holds() && below.found.is_none(), "{text}\n{below}");
        }
    }
    assert!(told >= 50, "only {told} of {} mutants were found", protocols::MUTANTS.len());
}
