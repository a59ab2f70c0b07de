//! The text and the JSON of every kind of step, to be read and compared by eye.

use expect_test::expect;
use quorate::id::OpId;
use quorate::world::scenario::Scenario;
use quorate::world::schedule::{Schedule, Step};

const EVERY_KIND: &str = "\
put c1 k1 via n1
put c1 k1 via n1 blind
get c2 k1 via n3 (to n2 lost, from n1 late)
delete c1 k1 via n2 level quorum
put c1 k1 via n1 (request doubled, to n2 late, to n2 again lost, to n2 again 2 late, reply lost) as o5
get c64 k64 via n16 blind level one (from n2 late, repair to n2 lost, repair from n3 doubled) as o100
put c3 k2 via n4 level all (hand-off to n4 late, hand-off from n4 late)
arrive o5 to n2
arrive o5 to n2 again 2
arrive o100 repair from n3
timeout o5
cut n1 | n2 n3
cut n1 > n3
cut none | n1
heal
pause n2
crash n2
restart n2
wipe n2
suspect n2 at n1
trust
skew n2 +5
skew n2 -5
tick 10
wake n4";

#[test]
fn every_kind_is_its_own_canonical_text() {
    let schedule: Schedule = EVERY_KIND.parse().unwrap();
    assert_eq!(schedule.to_string(), EVERY_KIND);
    assert_eq!(format!("{schedule:?}"), EVERY_KIND);
    assert_eq!(
        schedule.size(),
        7 + 2 + 5 + 3 + 2 + 3 + 2 + 4 + 6 + 3,
        "operations, messages, faults, what lasts twice, levels"
    );
}

#[test]
fn a_label_that_says_nothing_is_not_printed() {
    let says = |text: &str| text.parse::<Schedule>().unwrap().to_string();
    assert_eq!(says("put c1 k1 via n1 as o1\nget c1 k1 via n1 as o2"), "put c1 k1 via n1\nget c1 k1 via n1");
    assert_eq!(says("put c1 k1 via n1\ntimeout o1"), "put c1 k1 via n1 as o1\ntimeout o1");
    assert_eq!(says("put c1 k1 via n1 as o2"), "put c1 k1 via n1 as o2");
}

#[test]
fn a_step_by_itself_prints_its_label_and_is_o1_without_one() {
    let step: Step = "put c1 k1 via n1".parse().unwrap();
    assert_eq!(step.operation().unwrap().op, OpId(1));
    assert_eq!(step.to_string(), "put c1 k1 via n1 as o1");
    assert_eq!("# nothing but a remark\n\n  heal # here\n".parse(), Ok(Step::Heal));
}

#[test]
fn json_of_a_scenario() {
    let scenario: Scenario = "\
protocol as-seeded
cluster N=3 R=2 W=2
demand fresh

put c1 k1 via n1 (to n2 lost, reply late)
get c2 k1 via n3 blind level one
arrive o1 reply
arrive o1 hand-off to n2 again
cut n1 > n2 n3
skew n2 -5
heal"
        .parse()
        .unwrap();
    let json = serde_json::to_value(&scenario).unwrap();
    expect![[r#"{"cluster":{"n":3,"nodes":3,"r":2,"w":2},"demands":["fresh"],"protocol":"as-seeded","schedule":["put c1 k1 via n1 (to n2 lost, reply late) as o1","get c2 k1 via n3 blind level one","arrive o1 reply","arrive o1 hand-off to n2 again","cut n1 > n2 n3","skew n2 -5","heal"]}"#]]
        .assert_eq(&json.to_string());
    assert_eq!(serde_json::from_value::<Scenario>(json).unwrap(), scenario);
}
