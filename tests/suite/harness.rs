//! Campaigns: what they say does not depend on how they are run, and what they must notice they do.

use std::time::Duration;

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::harness::{Options, Standing, Stop, Verdict, check};
use quorate::model::Cluster;
use quorate::prelude::*;
use quorate::protocols;
use quorate::search::random::Faults;
use quorate::world::modelled::Modelled;

const OPEN: Cluster = Cluster::new(3, 1, 1);

fn textbook() -> &'static dyn quorate::judge::Subject {
    protocols::find("textbook").unwrap().subject
}

#[test]
fn one_thread_and_five_say_the_same() {
    let green = Options { schedules: 500, ..Options::of(Cluster::default()) };
    let red = Options { schedules: 500, expect: GuaranteeSet::only(Guarantee::Fresh), ..Options::of(OPEN) };
    let every_kind = Options { expect: GuaranteeSet::ALL, stop: Stop::AtEnd, ..red };
    for options in [green, red, every_kind] {
        let said = |threads| {
            let report = check(textbook(), &Options { threads, ..options }).without_times();
            serde_json::to_string(&report).unwrap()
        };
        let one = said(1);
        assert_eq!(said(2), one);
        assert_eq!(said(5), one);
    }
}

#[test]
fn the_counterexample_has_the_lowest_number() {
    let expect = GuaranteeSet::only(Guarantee::Fresh);
    let options = Options { schedules: 1_000, expect, ..Options::of(OPEN) };
    let first = check(textbook(), &options).counterexamples[0].found.clone().unwrap();
    let before = check(textbook(), &Options { schedules: first.number, ..options });
    assert_eq!(before.counterexamples.len(), 0, "none below #{}", first.number);
    let with = check(textbook(), &Options { schedules: first.number + 1, ..options });
    assert_eq!(with.counterexamples[0].found.as_ref().unwrap().number, first.number);
}

#[test]
fn a_campaign_that_ran_out_of_time_is_inconclusive() {
    let options = Options { time: Some(Duration::ZERO), ..Options::of(Cluster::default()) };
    let report = check(textbook(), &options);
    assert_eq!(report.verdict(), Verdict::Inconclusive);
    assert_eq!(report.inconclusive()[0], "the time was over after 0 of 256 schedules");
}

#[test]
fn what_was_never_examined_is_named() {
    let mut options = Options { schedules: 3, ..Options::of(Cluster::default()) };
    options.shape = quorate::search::random::Shape {
        fewest_operations: 1,
        most_operations: 1,
        faults: Faults::NONE,
        ..options.shape
    };
    let report = check(textbook(), &options);
    assert_eq!(report.verdict(), Verdict::Inconclusive);
    assert!(
        report.inconclusive().iter().any(|why| why.starts_with("monotonic-writes is vacuous")),
        "{report}"
    );
}

#[test]
fn what_is_not_claimed_is_said_with_the_reason() {
    let report = check(textbook(), &Options { schedules: 200, ..Options::of(OPEN) });
    assert_eq!(report.verdict(), Verdict::NoViolation, "{report}");
    let Standing::NotClaimed(reason) = report.line(Guarantee::Fresh).unwrap().outlook else {
        panic!("{report}")
    };
    assert!(reason.contains("R+W<=N"));
}

/// A change that lowers its claims, and says so.
#[derive(Debug)]
struct Modest;

impl Protocol for Modest {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        self.base().claims(cluster).except(&[Guarantee::Durable], "nobody asked")
    }
}

#[test]
fn claims_that_an_override_gives_up_are_printed() {
    let report = check(&Modelled(&Modest), &Options { schedules: 100, ..Options::of(Cluster::default()) });
    let lowered = report.lowered.as_ref().unwrap();
    assert_eq!((&*lowered.base, &lowered.guarantees[..]), ("textbook", &[Guarantee::Durable][..]));
    assert!(report.to_string().contains("durable: textbook claims this, which it changes"), "{report}");
}

/// A replica that keeps what it is sent or not, as it likes.
#[derive(Debug)]
struct Moody(std::sync::atomic::AtomicU64);

impl Protocol for Moody {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed).is_multiple_of(3) {
            return Ack::Refused;
        }
        Textbook.accept(replica, delivery)
    }
}

#[test]
fn a_protocol_that_does_not_do_the_same_twice_is_told_so_first() {
    let moody = Moody(0.into());
    let options = Options { schedules: 100, threads: 1, ..Options::of(Cluster::default()) };
    let report = check(&Modelled(&moody), &options);
    assert_eq!(report.counterexamples[0].breakage, quorate::judge::Breakage::Nondeterminism);
}

/// A rule that panics.
#[derive(Debug)]
struct Broken;

impl Protocol for Broken {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn resolve(&self, shown: &Siblings<Dotted>) -> Resolution {
        assert!(shown.len() < 2, "two siblings are beyond me");
        Resolution::KeepAll
    }
}

#[test]
fn a_panic_is_a_failure_with_a_story() {
    let panics = std::panic::catch_unwind(|| quorate::check(&Broken).schedules(200).assert());
    let story = *panics.unwrap_err().downcast::<String>().unwrap();
    assert!(story.contains("the protocol panics"), "{story}");
    assert!(story.contains("two siblings are beyond me, at tests/suite/harness.rs"), "{story}");
    assert!(story.contains("quorate::replay(&Broken, \""), "{story}");
}

/// A rule that never returns.
#[derive(Debug)]
struct Endless;

impl Protocol for Endless {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn resolve(&self, shown: &Siblings<Dotted>) -> Resolution {
        while shown.len() > 1 {
            std::thread::sleep(Duration::from_millis(50));
        }
        Resolution::KeepAll
    }
}

#[test]
fn a_rule_that_never_returns_fails_the_test_with_its_schedule() {
    let panics = std::panic::catch_unwind(|| {
        quorate::check(&Endless).with(|options| options.patience = Duration::from_millis(700)).assert();
    });
    let said = *panics.unwrap_err().downcast::<String>().unwrap();
    assert!(said.contains("has not ended after"), "{said}");
    let scenario = said.split_once("\n\n").unwrap().1;
    scenario.parse::<quorate::world::scenario::Scenario>().expect("what is printed can be replayed");
}

#[test]
fn a_story_replays_as_the_test_it_prints() {
    let panics = std::panic::catch_unwind(|| {
        quorate::check::<Dotted, _>(&Textbook).cluster(OPEN).expect(Guarantee::Fresh).assert();
    });
    let story = *panics.unwrap_err().downcast::<String>().unwrap();
    let (_, test) = story.split_once("quorate::replay_builtin(\"").unwrap();
    let (scenario, _) = test.split_once("\");").unwrap();
    let again = std::panic::catch_unwind(|| quorate::replay_builtin(scenario));
    let again = *again.unwrap_err().downcast::<String>().unwrap();
    assert!(again.contains("fresh is broken"), "{again}");
}

/// Run by the test below, in a process of its own.
#[test]
#[ignore = "a part of another test"]
fn says_what_it_ran() {
    let report = quorate::check(&Modest).schedules(5).run();
    panic!("{} schedules of seed {}", report.totals.schedules, report.seed);
}

#[test]
fn the_environment_has_the_last_word() {
    let said = |schedules| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "harness::says_what_it_ran", "--ignored", "--nocapture"])
            .envs([("QUORATE_SCHEDULES", schedules), ("QUORATE_SEED", "77"), ("RUST_BACKTRACE", "0")])
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said("11").contains("11 schedules of seed 77"), "{}", said("11"));
    assert!(said("many").contains("QUORATE_SCHEDULES: expected a number, found `many`"), "{}", said("many"));
}

#[test]
fn the_macro_takes_options() {
    quorate::check!(Modest, schedules = 50, seed = 3);
}

/// Whatever a protocol calls itself, the test to paste is Rust.
#[test]
fn the_test_to_paste_names_a_type() {
    #[derive(Debug)]
    struct KeepsTheLast;
    impl Protocol for KeepsTheLast {
        fn base(&self) -> &dyn Protocol {
            &Textbook
        }
        fn name(&self) -> std::borrow::Cow<'static, str> {
            "keeps-the-last".into()
        }
        fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
            *replica.siblings = delivery.versions.clone();
            Ack::stored()
        }
    }
    let report = quorate::check(&KeepsTheLast).run();
    let test = &report.counterexamples[0].replay.test;
    assert!(
        test.contains("fn keeps_the_last_keeps_fresh()")
            && test.contains("quorate::replay(&KeepsTheLast, \""),
        "{test}"
    );
}

/// What cannot be run, whatever the schedule, is refused in one sentence.
#[test]
fn a_protocol_that_cannot_be_run_is_refused() {
    #[derive(Debug)]
    struct ItsOwnBase;
    impl Protocol for ItsOwnBase {
        fn base(&self) -> &dyn Protocol {
            self
        }
    }
    #[derive(Debug)]
    struct ClaimsPanics;
    impl Protocol for ClaimsPanics {
        fn base(&self) -> &dyn Protocol {
            &Textbook
        }
        fn claims(&self, _: Cluster) -> quorate::model::Claims {
            panic!("no claims today")
        }
    }
    #[derive(Debug)]
    struct FarAway;
    impl Protocol for FarAway {
        fn base(&self) -> &dyn Protocol {
            &Textbook
        }
        fn home(&self, _: Cluster, _: quorate::id::Key) -> quorate::model::PreferenceList {
            [quorate::id::NodeId(9)].into_iter().collect()
        }
    }
    let refusal = |run: &dyn Fn() -> quorate::harness::Report| {
        let said = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
        said.downcast_ref::<String>().cloned().unwrap()
    };
    let said = refusal(&|| quorate::check(&ItsOwnBase).run());
    assert!(said.starts_with("`base` of ItsOwnBase leads round and never to the textbook"), "{said}");
    let said = refusal(&|| quorate::check(&ClaimsPanics).run());
    assert!(
        said.contains("`claims` of ClaimsPanics: it panicked: no claims today, at tests/suite/harness.rs:"),
        "{said}"
    );
    let said = refusal(&|| quorate::check(&FarAway).run());
    assert_eq!(said, "`home` of FarAway: k1 has a replica at n9, which is no node of N=3 R=2 W=2");
}

/// What always comes second is broken as well, with a story of its own.
#[test]
fn going_on_tells_every_guarantee_that_is_broken() {
    let overwrites = quorate::protocols::find("mutant-overwrites").unwrap();
    let options = quorate::harness::Options {
        stop: quorate::harness::Stop::AtEnd,
        schedules: 128,
        certificate: 0,
        ..quorate::harness::Options::of(Cluster::default())
    };
    let report = quorate::harness::check(overwrites.subject, &options);
    let told: Vec<String> = report.counterexamples.iter().map(|story| story.breakage.to_string()).collect();
    for guarantee in [
        "fresh",
        "read-your-writes",
        "monotonic-writes",
        "writes-follow-reads",
        "no-lost",
        "no-extra",
        "clock-order",
        "causal-order",
        "durable",
        "convergence",
    ] {
        assert!(told.contains(&guarantee.to_owned()), "{guarantee} is not told: {told:?}");
    }
    // Each on its own: the shortest stories of two guarantees mostly differ.
    let of =
        |name: &str| report.counterexamples.iter().find(|story| story.breakage.to_string() == name).unwrap();
    assert_ne!(of("no-lost").scenario.schedule, of("fresh").scenario.schedule);
    for threads in [1, 3] {
        let again =
            quorate::harness::check(overwrites.subject, &quorate::harness::Options { threads, ..options });
        let same: Vec<String> =
            again.counterexamples.iter().map(|story| story.breakage.to_string()).collect();
        assert_eq!(same, told);
    }
}
