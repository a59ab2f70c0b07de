//! The entry for a test: one call checks a protocol, and panics with the whole story.
//!
//! ```
//! use quorate::prelude::*;
//!
//! /// The textbook under another name.
//! #[derive(Debug)]
//! struct Mine;
//!
//! impl Protocol for Mine {
//!     fn base(&self) -> &dyn Protocol {
//!         &Textbook
//!     }
//! }
//!
//! // In a `#[test]`:
//! quorate::check!(Mine);
//!
//! // The same, with options:
//! quorate::check(&Mine).cluster(Cluster::new(3, 1, 3)).schedules(200).assert();
//! ```
//!
//! Two environment variables override the code, so a nightly job can look further without an edit:
//! `QUORATE_SCHEDULES` (how many schedules) and `QUORATE_SEED` (which).
//!
//! The campaign runs on its own threads, so a rule that never returns fails the test, with its schedule, and does not
//! hang it. Such a thread cannot be ended; it stays until the process ends.
//!
//! Not covered: protocols that live shorter than the program. Put them in a `static`, or leak them.

use std::env;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use super::campaign::check_watched;
use super::failure_priority::{all_broken, most_telling};
use super::options::{Options, Stop};
use super::report::{Report, Verdict};
use super::tally::Part;
use super::watchdog::{Monitor, Origin, Stuck};
use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::judge::determinism::compare_two_runs;
use crate::judge::{Breakage, Demands, Finding, Subject};
use crate::model::{Causality, Cluster, Protocol};
use crate::protocols;
use crate::search::random::Faults;
use crate::story::Story;
use crate::world::modelled::Modelled;
use crate::world::scenario::Scenario;
use crate::world::system::System;

/// A protocol to be checked.
#[must_use = "nothing runs before `assert` or `run`"]
pub struct Check {
    subject: Arc<dyn Subject + Send>,
    options: Options,
}

/// Checks a protocol: `quorate::check(&Mine).assert()`.
pub fn check<C: Causality, P: Protocol<C>>(protocol: &'static P) -> Check {
    check_system(Modelled(protocol))
}

/// Checks any system that the world can run, such as a foreign node.
pub fn check_system<S: System + Send + 'static>(system: S) -> Check {
    Check { subject: Arc::new(system), options: Options::of(Cluster::default()) }
}

impl Check {
    /// The nodes and the quorums. Default: N=3 R=2 W=2.
    pub const fn cluster(mut self, cluster: Cluster) -> Self {
        self.options.shape.cluster = cluster;
        self
    }

    /// How many schedules. Default: 256.
    pub const fn schedules(mut self, schedules: u64) -> Self {
        self.options.schedules = schedules;
        self
    }

    /// The seed of the schedules. Default: 1.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// Judges a guarantee even if the protocol does not claim it.
    pub const fn expect(mut self, guarantee: Guarantee) -> Self {
        self.options.expect.insert(guarantee);
        self
    }

    /// Which kinds of fault may occur. Default: all.
    pub const fn faults(mut self, faults: Faults) -> Self {
        self.options.shape.faults = faults;
        self
    }

    /// How many threads. Default: one for each core.
    pub const fn threads(mut self, threads: usize) -> Self {
        self.options.threads = threads;
        self
    }

    /// Goes on after the first failure, and tells the first of each kind.
    pub const fn keep_going(mut self) -> Self {
        self.options.stop = Stop::AtEnd;
        self
    }

    /// Tells a failure on the smallest cluster that claims the same for the same reasons. Default: on the requested
    /// cluster.
    pub const fn smaller_clusters(mut self) -> Self {
        self.options.smaller_clusters = true;
        self
    }

    /// Everything else: what schedules are made of, and the watch's patience.
    pub fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// Runs the check, and reports.
    ///
    /// # Panics
    /// If the cluster cannot be built, if the protocol can run on no schedule (its base leads back to itself, its
    /// `claims` panics), if `QUORATE_SCHEDULES` or `QUORATE_SEED` is no number, or if a run does not end.
    #[must_use]
    pub fn run(self) -> Report {
        let Self { subject, mut options } = self;
        if let Err(bad) = options.cluster().validate() {
            panic!("{}: {bad}", options.cluster());
        }
        if let Some(flaw) = subject.flaw(options.cluster(), usize::from(options.shape.keys)) {
            panic!("{flaw}");
        }
        options.schedules = of_environment("QUORATE_SCHEDULES").unwrap_or(options.schedules);
        options.seed = of_environment("QUORATE_SEED").unwrap_or(options.seed);
        elsewhere(move |monitor| check_watched(&*subject, &options, monitor))
    }

    /// Runs the check, and panics unless nothing is broken and everything claimed or expected was examined.
    ///
    /// # Panics
    /// With the whole story of what is broken, or with what was not examined; and like [`run`](Self::run).
    pub fn assert(self) {
        let report = self.run();
        assert!(report.verdict() == Verdict::NoViolation, "\n\n{report}\n");
    }
}

/// Replays a scenario, in the text that a story prints, with this protocol instead of the one it names.
///
/// # Panics
/// With the story, if it breaks what it demands (or, if it demands nothing, what the protocol claims); with the line,
/// if the text is no scenario.
pub fn replay<C: Causality, P: Protocol<C>>(protocol: &'static P, scenario: &str) {
    let mut scenario = parsed(scenario);
    let subject: Arc<dyn Subject + Send> = Arc::new(Modelled(protocol));
    scenario.protocol = subject.name().into_owned();
    assert_replay(subject, scenario);
}

/// Like [`replay`], with any system that the world can run.
///
/// # Panics
/// Like [`replay`].
pub fn replay_system<S: System + Send + 'static>(system: S, scenario: &str) {
    let mut scenario = parsed(scenario);
    let subject: Arc<dyn Subject + Send> = Arc::new(system);
    scenario.protocol = subject.name().into_owned();
    assert_replay(subject, scenario);
}

/// Replays a scenario with the built-in protocol that it names.
///
/// # Panics
/// Like [`replay`], and if there is no such protocol.
pub fn replay_builtin(scenario: &str) {
    let scenario = parsed(scenario);
    let Some(entry) = protocols::find(&scenario.protocol) else {
        panic!("no built-in protocol is called `{}`", scenario.protocol);
    };
    if let Some(story) = replayed(entry.subject, &scenario) {
        panic!("\n\n{story}\n");
    }
}

fn parsed(scenario: &str) -> Scenario {
    scenario.parse().unwrap_or_else(|bad| panic!("not a scenario: {bad}"))
}

fn assert_replay(subject: Arc<dyn Subject + Send>, scenario: Scenario) {
    let patience = Options::of(scenario.cluster).patience;
    let (send, receive) = mpsc::channel();
    let copy = scenario.clone();
    thread::spawn(move || {
        let _ = send.send(replayed(&*subject, &copy));
    });
    match receive.recv_timeout(patience) {
        Ok(None) => {}
        Ok(Some(story)) => panic!("\n\n{story}\n"),
        Err(_) => panic!("{}", Stuck { scenario, origin: Origin::Tried, elapsed: patience }),
    }
}

/// The story of what a scenario breaks: of its demands or, if it has none, of the subject's claims. If it breaks
/// several guarantees, the story is of the failure that says most. None: it breaks none of these.
#[must_use]
pub fn replayed(subject: &dyn Subject, scenario: &Scenario) -> Option<Story> {
    let demands = demands_of(subject, scenario);
    let keys = scenario.schedule.keys();
    let judgeable = subject.judgeable(demands);
    let mut runner = subject.runner(scenario.cluster, keys, judgeable);
    let schedule = &scenario.schedule;
    let found: Finding = compare_two_runs(runner.as_mut(), schedule)
        .map(|(_, finding)| finding)
        .or_else(|| runner.run(schedule).finding)?;
    let besides = match found.breakage {
        Breakage::Guarantee(_) => all_broken(runner.as_mut(), schedule).unwrap_or_default(),
        _ => Vec::new(),
    };
    let mut all = Part::default();
    all.fail(0, if besides.is_empty() { vec![found] } else { besides });
    let (_, told) = most_telling(&all.failures, GuaranteeSet::NONE)?;
    let finding = told.finding.clone();
    Some(Story::tell(subject, scenario.clone(), demands, finding))
}

/// The guarantees that a scenario demands but does not test: keeping them says nothing.
#[must_use]
pub fn untested(subject: &dyn Subject, scenario: &Scenario) -> Vec<Guarantee> {
    let keys = scenario.schedule.keys();
    let demands = subject.judgeable(demands_of(subject, scenario));
    let mut runner = subject.runner(scenario.cluster, keys, demands);
    runner.run(&scenario.schedule);
    let demanded = scenario.demands.iter().copied();
    demanded.filter(|guarantee| runner.ruling(*guarantee).examined == 0).collect()
}

/// What a scenario is judged by.
#[must_use]
pub fn demands_of(subject: &dyn Subject, scenario: &Scenario) -> Demands {
    let demanded: GuaranteeSet = scenario.demands.iter().copied().collect();
    if demanded.is_empty() {
        Demands::of_claims(&subject.claims(scenario.cluster))
    } else {
        // Runs as far as the run that was found: the failure may show only at rest.
        Demands::NOTHING.demanding(demanded).through_rest()
    }
}

/// Runs the check on another thread, so that this one can panic if it does not end.
fn elsewhere<T: Send + 'static>(run: impl FnOnce(&dyn Monitor) -> T + Send + 'static) -> T {
    let (send, receive) = mpsc::channel();
    let to_monitor = send.clone();
    let thread = thread::spawn(move || {
        let outcome = run(&Telling(to_monitor));
        let _ = send.send(Message::Done(outcome));
    });
    match receive.recv() {
        Ok(Message::Done(outcome)) => outcome,
        Ok(Message::Stuck(stuck)) => panic!("{stuck}"),
        Err(_) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => unreachable!("a thread that ends well has sent its outcome"),
        },
    }
}

enum Message<T> {
    Done(T),
    Stuck(Stuck),
}

/// Tells the test about a run without end.
struct Telling<T>(Sender<Message<T>>);

impl<T: Send> Monitor for Telling<T> {
    fn stuck(&self, stuck: &Stuck) {
        let _ = self.0.send(Message::Stuck(stuck.clone()));
    }
}

fn of_environment(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    let number = text.trim().replace('_', "").parse().ok();
    Some(number.unwrap_or_else(|| panic!("{name}: expected a number, found `{text}`")))
}

/// Checks a protocol, and panics with the whole story: `check!(Mine)`. The options of [`Check`] may follow:
/// `check!(Mine, schedules = 10_000, expect = Guarantee::Fresh)`.
#[macro_export]
macro_rules! check {
    ($protocol:expr $(, $option:ident = $value:expr)* $(,)?) => {
        $crate::check(&$protocol)$(.$option($value))*.assert()
    };
}
