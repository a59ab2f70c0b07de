//! The same failures, shrunk by others: proptest's `Vec`, proptest-state-machine, quickcheck.
//!
//! Each starts from the very schedule that a random walk found, drives its own stock shrinking with its own runner,
//! and asks the same judge. Steps are given to each as it would have generated them: a step is a list of small
//! numbers (client, key, coordinator, action, …) and of messages that go astray, and every number shrinks the way that
//! library shrinks numbers. Messages are named by their cause, as everywhere here, so that a step that is left out
//! shifts no other step's meaning; with positions in their place the peers do far worse.
//!
//! They know nothing of clusters, so theirs stays as it is.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::Ordering;

use proptest::collection::vec;
use proptest::num::u32::BinarySearch;
use proptest::strategy::{BoxedStrategy, Just, NewTree, Strategy};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use proptest_state_machine::ReferenceStateMachine;
use quickcheck::{Arbitrary, Gen, QuickCheck};
use quorate::search::minimise::Case;
use quorate::world::schedule::{Schedule, Step};

use crate::bugs::Bug;
use crate::ours::{Ends, time};
use crate::words::Words;

/// What a peer works on.
struct Trial {
    judge: Box<dyn FnMut(&Case) -> bool>,
    start: Case,
    /// How often it asked.
    runs: u64,
    /// The last case that failed: where its shrinking stands.
    last: Case,
}

thread_local! {
    /// quickcheck takes functions and no closures, and a state machine has no other way to be told where to begin.
    static TRIAL: RefCell<Option<Trial>> = const { RefCell::new(None) };
}

/// Whether these steps still fail.
fn fails(steps: &[Words]) -> bool {
    TRIAL.with_borrow_mut(|trial| {
        let trial = trial.as_mut().expect("a trial is under way");
        let schedule = steps.iter().map(Words::step).collect::<Schedule>().normalised();
        let case = Case { cluster: trial.start.cluster, schedule };
        trial.runs += 1;
        let fails = case.is_possible() && (trial.judge)(&case);
        if fails {
            trial.last = case;
        }
        fails
    })
}

fn start() -> Vec<Words> {
    TRIAL.with_borrow(|trial| {
        let trial = trial.as_ref().expect("a trial is under way");
        trial.start.schedule.steps.iter().map(Words::of).collect()
    })
}

/// Puts each failure before a peer.
fn measure(bug: &Bug, failures: &[Case], shrink: impl Fn(&Case)) -> Ends {
    let mut ends = Ends::default();
    for case in failures {
        let trial = Trial { judge: Box::new(bug.judge()), start: case.clone(), runs: 0, last: case.clone() };
        TRIAL.set(Some(trial));
        let began = time();
        shrink(case);
        let micros = time() - began;
        if let Some(trial) = TRIAL.take() {
            ends.note(&trial.last, trial.runs, micros);
        }
    }
    ends
}

/// Values that are given, and shrink as proptest's own do.
#[derive(Clone, Copy, Debug)]
struct Number(u32);

impl Strategy for Number {
    type Tree = BinarySearch;
    type Value = u32;

    fn new_tree(&self, _: &mut TestRunner) -> NewTree<Self> {
        Ok(BinarySearch::new(self.0))
    }
}

/// A stock `Vec` of just these: elements are taken in turn, and a length that is too short is drawn again.
#[derive(Clone)]
struct InTurn<S>(Rc<Vec<S>>, Rc<Cell<usize>>);

impl<S> std::fmt::Debug for InTurn<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InTurn")
    }
}

impl<S: Strategy> Strategy for InTurn<S> {
    type Tree = S::Tree;
    type Value = S::Value;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let at = self.1.replace(self.1.get() + 1);
        self.0[at % self.0.len()].new_tree(runner)
    }
}

#[derive(Debug)]
struct VecOf<S>(Vec<S>);

impl<S: Strategy + Clone> Strategy for VecOf<S> {
    type Tree = proptest::collection::VecValueTree<S::Tree>;
    type Value = Vec<S::Value>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let length = self.0.len();
        let next = Rc::new(Cell::new(0));
        let in_turn = InTurn(Rc::new(self.0.clone()), Rc::clone(&next));
        let any_length = vec(in_turn, 0..=length);
        loop {
            next.set(0);
            let tree = any_length.new_tree(runner)?;
            if next.get() == length {
                return Ok(tree);
            }
        }
    }
}

/// A step whose numbers and messages shrink.
fn step(words: &Words) -> BoxedStrategy<Words> {
    let numbers: Vec<Number> = words.numbers.iter().map(|number| Number(*number)).collect();
    let messages = words.messages.iter().map(|&(kind, node, fate)| (Just(kind), Number(node), Number(fate)));
    let messages = VecOf(messages.collect());
    let form = words.form.clone();
    (numbers, messages)
        .prop_map(move |(numbers, messages)| Words { form: form.clone(), numbers, messages })
        .boxed()
}

fn runner() -> TestRunner {
    TestRunner::new_with_rng(
        Config { failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
}

fn verdict(steps: &[Words]) -> Result<(), TestCaseError> {
    if fails(steps) { Err(TestCaseError::fail("broken")) } else { Ok(()) }
}

/// proptest's `Vec` of steps.
pub(crate) fn proptest_vec(bug: &Bug, failures: &[Case]) -> Ends {
    measure(bug, failures, |_| {
        let mut runner = runner();
        let steps: Vec<_> = start().iter().map(step).collect();
        let tree = VecOf(steps).new_tree(&mut runner).expect("nothing is rejected");
        let _ = runner.run_one(tree, |steps| verdict(&steps));
    })
}

/// The transitions of one failure, one after another.
struct Transitions;

impl ReferenceStateMachine for Transitions {
    type State = usize;
    type Transition = Words;

    fn init_state() -> BoxedStrategy<usize> {
        Just(0).boxed()
    }

    fn transitions(at: &usize) -> BoxedStrategy<Words> {
        step(&start()[*at])
    }

    fn apply(at: usize, _: &Words) -> usize {
        at + 1
    }
}

/// proptest-state-machine, told at which step the failure shows, as its own test would find.
pub(crate) fn state_machine(bug: &Bug, failures: &[Case]) -> Ends {
    measure(bug, failures, |case| {
        let steps = case.schedule.steps.len();
        let seen = bug.shown_after(case).min(steps);
        let mut runner = runner();
        let strategy = Transitions::sequential_strategy(steps..=steps);
        let tree = strategy.new_tree(&mut runner).expect("nothing is rejected");
        let _ = runner.run_one(tree, |(_, steps, counter)| {
            if let Some(counter) = counter {
                counter.store(seen, Ordering::SeqCst);
            }
            verdict(&steps)
        });
    })
}

/// A failing schedule, for quickcheck: its `Vec`, shrunk as every `Vec` is.
#[derive(Clone, Debug)]
struct Given(Vec<Words>);

impl Arbitrary for Given {
    fn arbitrary(_: &mut Gen) -> Self {
        Self(start())
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.0.shrink().map(Self))
    }
}

impl Arbitrary for Words {
    fn arbitrary(_: &mut Gen) -> Self {
        Self { form: Step::Heal, numbers: Vec::new(), messages: Vec::new() }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let words = self.clone();
        let mut each = Vec::new();
        for (at, number) in self.numbers.iter().enumerate() {
            for smaller in number.shrink() {
                let mut other = words.clone();
                other.numbers[at] = smaller;
                each.push(other);
            }
        }
        let of_messages = self.messages.shrink().map(move |messages| Self { messages, ..words.clone() });
        Box::new(of_messages.chain(each))
    }
}

/// quickcheck's `Vec` of steps.
pub(crate) fn quickcheck_vec(bug: &Bug, failures: &[Case]) -> Ends {
    #[allow(clippy::needless_pass_by_value)] // quickcheck wants it so.
    fn property(given: Given) -> bool {
        !fails(&given.0)
    }
    measure(bug, failures, |_| {
        let _ = QuickCheck::new().tests(1).max_tests(1).quicktest(property as fn(Given) -> bool);
    })
}
