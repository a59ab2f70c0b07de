//! What was asked for is held: a counterexample is about that cluster, and has no fault that was not to occur.

use quorate::guarantee::Guarantee;
use quorate::harness::{Options, check};
use quorate::model::Cluster;
use quorate::protocols::{MUTANTS, find};
use quorate::search::random::{Fault, Faults, Shape};

const KINDS: Faults = Faults::ALL.without(Fault::Doubled).without(Fault::Suspect).without(Fault::OneWay);

#[test]
fn every_story_is_told_on_the_cluster_and_with_the_faults_that_were_given() {
    let mut told = 0;
    for mutant in MUTANTS {
        let cluster = Cluster::default().on(3 + mutant.spare);
        let shape = Shape { faults: KINDS, ..Shape::of(cluster) };
        let options = Options { shape, schedules: 100, certificate: 500, ..Options::of(cluster) };
        for story in check(mutant.subject, &options).counterexamples {
            let text = story.scenario.to_string();
            assert_eq!(story.scenario.cluster, cluster, "{text}");
            assert!(KINDS.covers(Faults::of(&story.scenario.schedule)), "{text}");
            told += 1;
        }
    }
    assert!(told >= 40, "{told}");
}

#[test]
fn a_smaller_cluster_is_told_of_only_if_asked_for_and_claims_the_same() {
    let textbook = find("textbook").unwrap().subject;
    let story = |cluster, guarantee, smaller_clusters| {
        let mut options = Options { smaller_clusters, certificate: 500, ..Options::of(cluster) };
        options.expect.insert(guarantee);
        let mut report = check(textbook, &options);
        assert_eq!(report.counterexamples.len(), 1, "{report}");
        report.counterexamples.remove(0)
    };
    let open = Cluster::new(3, 1, 1);
    assert_eq!(story(open, Guarantee::Fresh, false).scenario.cluster, open);
    assert_eq!(story(open, Guarantee::Fresh, true).scenario.cluster, Cluster::new(2, 1, 1));
    // Where quorums meet and no smaller cluster with R<N claims as much, the failure stays where it is.
    let usual = Cluster::default();
    for smaller in [false, true] {
        let told = story(usual, Guarantee::MonotonicReads, smaller).scenario.cluster;
        assert!(told.quorums_meet() && told.r < told.n, "{told}");
        assert_eq!(textbook.claims(told), textbook.claims(usual));
    }
}

/// `quorum` answers "not yet" for ever. Its client goes on, and the silence is judged when it does.
#[test]
fn silence_is_judged_when_the_client_gives_up() {
    let silent = find("mutant-waits-for-all").unwrap().subject;
    let scenario = "protocol mutant-waits-for-all\ncluster N=3 R=2 W=2\n\nput c1 k1 via n1 (to n2 lost)\nput c1 k1 via n1";
    let scenario: quorate::world::scenario::Scenario = scenario.parse().unwrap();
    let demands = quorate::judge::Demands::of_claims(&silent.claims(scenario.cluster));
    let finding = silent.runner(scenario.cluster, 1, demands).run(&scenario.schedule).finding.unwrap();
    assert_eq!(finding.breakage.to_string(), "available");
    assert!(finding.because.starts_with("o1 got no answer"), "{}", finding.because);
    // While something of it is on its way, an answer may still come.
    let late: quorate::world::schedule::Schedule =
        "put c1 k1 via n1 (from n2 late, from n3 late)\nput c1 k1 via n1".parse().unwrap();
    let textbook = find("textbook").unwrap().subject;
    let demands = quorate::judge::Demands::of_claims(&textbook.claims(scenario.cluster));
    assert_eq!(textbook.runner(scenario.cluster, 1, demands).run(&late).finding, None);
}
