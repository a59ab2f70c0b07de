//! Shrinking and keeping failures under proptest, end to end: a property that fails writes its line, the line is
//! run first from then on, and it stays what it was when the strategy changes.

use std::cell::{Cell, RefCell};
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{FailurePersistence, TestCaseResult, TestError, TestRunner};
use quorate::judge::Demands;
use quorate::model::{Cluster, Dotted};
use quorate::prelude::{Ack, Delivery, Protocol, Replica, Textbook};
use quorate::search::minimise::Case;
use quorate::search::property::{PropertyFailure, check_property, check_protocol, trial};
use quorate::search::random::{Faults, Shape};
use quorate::search::regressions::{Regressions, config, line};
use quorate::search::strategy::{failing_schedules, schedules, shrunk_by};
use quorate::world::modelled::Modelled;
use quorate::world::schedule::Schedule;

/// A replica keeps what arrives last.
#[derive(Debug)]
struct Overwrite;

impl Protocol for Overwrite {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        *replica.siblings = delivery.versions.clone();
        Ack::stored()
    }
}

const SHAPE: Shape = Shape::of(Cluster::new(3, 2, 2));

/// A file in a folder that is not there yet. proptest wants its name for ever.
fn file(test: &str) -> &'static str {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proptest_regressions").join(test);
    fs::remove_dir_all(&folder).ok();
    folder.join("failures.txt").into_os_string().into_string().unwrap().leak()
}

fn lines(file: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// So many cases whatever the environment says, and failures kept: what is shown here must be found.
fn sure(cases: u32, file: &'static str) -> ProptestConfig {
    let failure_persistence: Option<Box<dyn FailurePersistence>> = Some(Box::new(Regressions::in_file(file)));
    ProptestConfig { cases, failure_persistence, max_shrink_iters: 10_000, ..ProptestConfig::default() }
}

/// Fails if there are two blind writes by two clients.
fn at_most_one_blind_client(schedule: &Schedule) -> TestCaseResult {
    let mut blind =
        schedule.operations().filter(|operation| operation.blind).map(|operation| operation.client);
    let first = blind.next();
    prop_assert!(blind.all(|client| Some(client) == first), "two clients write blind");
    Ok(())
}

fn counterexample(outcome: Result<(), PropertyFailure>) -> Case {
    match outcome {
        Err(PropertyFailure::Counterexample(counterexample)) => counterexample.case,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failure_is_kept_as_a_schedule_and_replayed_first_whatever_the_shape() {
    let file = file("kept");
    let found = check_property(sure(256, file), SHAPE, |case| at_most_one_blind_client(&case.schedule));
    let found = counterexample(found);
    assert_eq!(found.schedule.size(), 2, "{found:?}");
    // In the stock file: its header, and one line with the schedule, and its text for a person to read.
    assert!(
        fs::read_to_string(file).unwrap().starts_with("# Seeds for failure cases proptest has generated")
    );
    let kept = lines(file);
    let shown = format!("{found:?}").replace('\n', " ");
    assert_eq!(kept, [format!("{} # shrinks to {shown}", line(Some(found.cluster), &found.schedule))]);

    // The next run begins with it, though no schedule of this shape has anything unusual, and on another cluster.
    let shape = Shape { faults: Faults::NONE, clients: 1, ..Shape::of(Cluster::new(1, 1, 1)) };
    let run = RefCell::new(Vec::new());
    let again = check_property(sure(256, file), shape, |case| {
        run.borrow_mut().push(case.clone());
        at_most_one_blind_client(&case.schedule)
    });
    assert_eq!((&run.borrow()[0], counterexample(again)), (&found, found.clone()));
    assert_eq!(lines(file), kept, "and it is not written again");

    // Fixed, it passes; then all the others are run as well.
    let run = Cell::new(0);
    let fixed = check_property(sure(16, file), shape, |_| {
        run.set(run.get() + 1);
        Ok(())
    });
    assert!(fixed.is_ok());
    assert_eq!(run.get(), 1 + 16);
}

#[test]
fn the_whole_minimiser_costs_proptest_one_evaluation() {
    let textbook: Modelled<'_, Dotted> = Modelled(&Overwrite);
    let demands = Demands::of_claims(&Protocol::claims(&Overwrite, SHAPE.cluster));
    let breakage = |case: &Case| trial(&textbook, demands, case).finding.map(|finding| finding.breakage);
    let strategies =
        [failing_schedules(&textbook, demands, SHAPE), shrunk_by(SHAPE, |case| breakage(case).is_some())];
    for strategy in strategies {
        let (failed, after) = (Cell::new(false), Cell::new(0));
        // With so few cases, proptest would give up after 4 × 16 evaluations; a schedule has more steps than that.
        let config = ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
        let outcome = TestRunner::new(config).run(&strategy, |case| {
            after.set(after.get() + u32::from(failed.get()));
            failed.set(failed.get() || breakage(&case).is_some());
            prop_assert!(breakage(&case).is_none());
            Ok(())
        });
        let Err(TestError::Fail(_, case)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(after.get(), 1, "the first failure, and the minimal one");
        assert!(case.schedule.size() <= 4, "{case:?}");
        for gone in 0..case.schedule.steps.len() {
            let mut shorter = case.clone();
            shorter.schedule.steps.remove(gone);
            assert_eq!(breakage(&shorter), None, "{case:?}\nwithout step {gone}");
        }
    }
}

#[test]
fn a_failing_protocol_is_reported_with_what_a_replay_needs() {
    let overwrite: Modelled<'_, Dotted> = Modelled(&Overwrite);
    let failure = check_protocol(sure(256, file("protocol")), &overwrite, SHAPE).unwrap_err();
    let PropertyFailure::Counterexample(found) = &failure else { panic!("{failure}") };
    let text = failure.to_string();
    assert_eq!(text, format!("{failure:?}"), "a test that returns it prints the same");
    let (because, scenario) = text.split_once("\n\n").unwrap();
    assert!(because.contains(": "), "{because}");
    assert_eq!(scenario.parse(), Ok(found.scenario("Overwrite")), "{scenario}");
    assert!(found.shrinking.one_minimal && found.shrinking.from > found.case.schedule.size());
}

#[test]
fn a_panic_in_a_property_is_a_failure_and_says_where() {
    let failure = check_property(sure(64, file("panic")), SHAPE, |case| {
        assert!(case.schedule.steps.len() < 3, "three steps");
        Ok(())
    });
    let text = failure.unwrap_err().to_string();
    assert!(text.starts_with("it panicked: three steps, at tests/suite/proptest_regressions.rs:"), "{text}");
    assert!(text.contains("# size "), "{text}");
}

#[test]
fn an_unwritable_folder_still_shows_the_counterexample() {
    let blocked = Path::new(file("unwritable")).parent().unwrap();
    fs::create_dir_all(blocked.parent().unwrap()).unwrap();
    fs::write(blocked, "a file where the folder should be").unwrap();
    let file = blocked.join("failures.txt").into_os_string().into_string().unwrap().leak();
    let found = check_property(sure(256, file), SHAPE, |case| at_most_one_blind_client(&case.schedule));
    assert_eq!(counterexample(found).schedule.size(), 2);
    fs::remove_file(blocked).unwrap();
}

#[test]
fn a_stored_line_that_cannot_be_read_stops_the_test() {
    let file = file("spoilt");
    fs::create_dir_all(Path::new(file).parent().unwrap()).unwrap();
    let good = line(None, &"crash n1".parse().unwrap());
    // One letter of `crash` is another.
    fs::write(file, good.replace("6372617368", "6372617373")).unwrap();
    let failure = check_property(sure(16, file), SHAPE, |_| Ok(())).unwrap_err();
    assert!(matches!(failure, PropertyFailure::Aborted(_)), "{failure}");
    assert!(failure.to_string().contains("found `crass`"), "{failure}");
}

#[test]
fn older_lines_of_proptest_itself_still_work() {
    let file = file("seeds");
    fs::create_dir_all(Path::new(file).parent().unwrap()).unwrap();
    let seed = "cc 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
    fs::write(file, format!("# A remark.\n{seed} # shrinks to something\n")).unwrap();
    let first = |file| {
        let first = RefCell::new(None);
        check_property(sure(1, file), SHAPE, |case| {
            first.borrow_mut().get_or_insert_with(|| case.clone());
            Ok(())
        })
        .unwrap();
        first.into_inner().unwrap()
    };
    assert_eq!(first(file), first(file), "a seed gives the same schedule twice");
    assert_eq!(Regressions::in_file(file).load_persisted_failures2(None).len(), 1);
}

/// What the macro makes of it: a plain strategy, shrunk step by step, its argument printed with its name.
#[test]
fn proptest_macro_keeps_schedules_too() {
    static FILE: std::sync::LazyLock<&str> = std::sync::LazyLock::new(|| file("macro"));
    proptest! {
        #![proptest_config(sure(256, &FILE))]
        fn less_than_two(schedule in schedules(SHAPE)) {
            prop_assert!(schedule.operations().count() < 2);
        }
    }
    for _ in 0..2 {
        let panic = catch_unwind(less_than_two).unwrap_err().downcast_ref::<String>().unwrap().clone();
        let minimal = "minimal failing input: schedule = get c1 k1 via n1\nget c1 k1 via n1\n";
        assert!(panic.contains(minimal), "{panic}");
        let schedule: Schedule = "get c1 k1 via n1\nget c1 k1 via n1".parse().unwrap();
        let remark = "# shrinks to schedule = get c1 k1 via n1 get c1 k1 via n1";
        assert_eq!(lines(*FILE), [format!("{} {remark}", line(None, &schedule))]);
    }
}

#[test]
fn a_tree_goes_back_to_what_failed_last() {
    let mut runner = TestRunner::deterministic();
    let mut tree = schedules(SHAPE).new_tree(&mut runner).unwrap();
    let first = tree.current();
    assert!(!tree.complicate(), "nothing to undo");
    assert_eq!(tree.current(), first);
    assert!(tree.simplify());
    assert_eq!(tree.current(), Schedule::default(), "nothing at all is tried first");
    assert!(tree.complicate(), "it passes");
    let failed_too = tree.current();
    assert!(failed_too.size() < first.size());
    assert!(tree.simplify());
    // It passes, and proptest gives up here.
    while tree.complicate() {}
    assert_eq!(tree.current(), failed_too);
    assert!(!tree.simplify() && !tree.complicate());
    assert_eq!(tree.current(), failed_too);
}

#[test]
fn a_flaky_property_leaves_what_proptest_saw() {
    let strategy = shrunk_by(SHAPE, |_| true);
    let mut tree = strategy.new_tree(&mut TestRunner::deterministic()).unwrap();
    let first = tree.current();
    assert!(tree.simplify());
    assert_ne!(tree.current(), first);
    assert!(tree.complicate());
    assert_eq!(tree.current(), first);
    assert!(!tree.simplify() && !tree.complicate());
}

/// Run by the test below, in a process of its own: here `PROPTEST_CASES` is set.
#[test]
#[ignore = "only as part of proptest_cases_works"]
fn count_cases() {
    let cases = Cell::new(0);
    check_property(config(100, file("count")), SHAPE, |_| {
        cases.set(cases.get() + 1);
        Ok(())
    })
    .unwrap();
    assert_eq!(cases.get().to_string(), std::env::var("PROPTEST_CASES").unwrap_or("100".to_owned()));
}

#[test]
fn proptest_cases_works() {
    for cases in [None, Some("7")] {
        let mut test = Command::new(std::env::current_exe().unwrap());
        test.args(["--exact", "proptest_regressions::count_cases", "--ignored"]).env_remove("PROPTEST_CASES");
        cases.map(|cases| test.env("PROPTEST_CASES", cases));
        let output = test.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}
