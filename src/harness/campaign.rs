//! The campaign: chunks of schedules, handed out in order, run on several threads, and added up in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::check::twice::compare_two_runs;
use crate::check::{Breakage, Demands, Runner, Subject};
use crate::guarantee::Guarantee;
use crate::harness::options::{Options, Stop};
use crate::harness::report::Report;
use crate::harness::shrink::tell;
use crate::harness::stopwatch::Stopwatch;
use crate::harness::tally::Part;
use crate::harness::watch::{Monitor, Progress, Silent, Slot, Watched};
use crate::world::schedule::Schedule;

/// One schedule in so many is run twice more, to see whether it does the same.
pub const RUN_TWICE_EVERY: u64 = 64;

/// How many schedules a thread takes at a time: some milliseconds of work.
const CHUNK: u64 = 64;

/// How often the watch looks.
const GLANCE: Duration = Duration::from_millis(100);

/// Runs a campaign; see the [module](super). A run without end is named on standard error, and waited for.
#[must_use]
pub fn check(subject: &dyn Subject, options: &Options) -> Report {
    check_watched(subject, options, &Silent)
}

/// As [`check`], with somebody who looks on.
#[must_use]
pub fn check_watched(subject: &dyn Subject, options: &Options, monitor: &dyn Monitor) -> Report {
    let demands = subject.judgeable(options.demands(subject));
    let campaign = Campaign {
        subject,
        options,
        demands,
        monitor,
        interrupted: AtomicBool::new(false),
        began: Stopwatch::start(),
        next: AtomicU64::new(0),
        last: AtomicU64::new(u64::MAX),
        run: AtomicU64::new(0),
        ledger: Mutex::default(),
    };
    let threads = options.threads().max(1);
    // One slot for each worker, and one for what comes after them.
    let slots: Vec<Slot> = (0..=threads).map(|_| Slot::default()).collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| campaign.watch(&slots, &done, monitor));
        let workers: Vec<_> =
            slots[..threads].iter().map(|slot| scope.spawn(|| campaign.work(slot))).collect();
        let outcomes: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        let elapsed = campaign.began.elapsed();
        let ended = || {
            done.store(true, Ordering::Release);
            watch.thread().unpark();
        };
        // A panic here is ours, not the protocol's: those are caught, and are findings.
        if let Some(panic) = outcomes.into_iter().find_map(Result::err) {
            ended();
            std::panic::resume_unwind(panic);
        }
        let part = campaign.ledger.lock().unwrap_or_else(PoisonError::into_inner).take();
        let watched = Watched { subject, slot: &slots[threads] };
        let interrupted = campaign.interrupted.load(Ordering::Acquire);
        // Whoever interrupts does not want to wait for a proof.
        let certificate = if interrupted { 0 } else { options.certificate };
        let telling = Options { certificate, ..*options };
        let told = part.failures.values().map(|failure| {
            monitor.shrinking(failure.number);
            tell(&watched, &telling, demands, failure, &part.totals)
        });
        let mut stories: Vec<_> = told.collect();
        stories.sort_by_key(|story| story.found.as_ref().map(|found| found.number));
        ended();
        Report { interrupted, ..Report::new(subject, options, demands, part.totals, stories, elapsed) }
    })
}

struct Campaign<'a> {
    subject: &'a dyn Subject,
    options: &'a Options,
    demands: Demands,
    monitor: &'a dyn Monitor,
    interrupted: AtomicBool,
    began: Stopwatch,
    /// The next chunk to be handed out.
    next: AtomicU64,
    /// The last chunk that matters: the lowest that was seen to fail.
    last: AtomicU64,
    /// Schedules run, for those who look on.
    run: AtomicU64,
    ledger: Mutex<Ledger>,
}

/// What the chunks came to, added up in order.
#[derive(Default)]
struct Ledger {
    sum: Part,
    /// The chunk that follows what has been added up.
    next: u64,
    /// Chunks that came before their turn.
    early: BTreeMap<u64, Part>,
    closed: bool,
}

impl Ledger {
    fn add(&mut self, chunk: u64, part: Part, stop: Stop) {
        self.early.insert(chunk, part);
        while let (false, Some(part)) = (self.closed, self.early.remove(&self.next)) {
            self.next += 1;
            self.closed = stop == Stop::AtFirst && !part.failures.is_empty();
            self.sum.merge(part);
        }
    }

    fn take(&mut self) -> Part {
        std::mem::take(&mut self.sum)
    }
}

impl Campaign<'_> {
    fn work(&self, slot: &Slot) {
        let shape = &self.options.shape;
        let mut runner = self.subject.runner(shape.cluster, usize::from(shape.keys), self.demands);
        loop {
            let chunk = self.next.fetch_add(1, Ordering::Relaxed);
            let begins = chunk.saturating_mul(CHUNK);
            let late = self.options.time.is_some_and(|most| self.began.elapsed() >= most);
            let over = begins >= self.options.schedules || chunk > self.last.load(Ordering::Acquire);
            let interrupted = !over && self.monitor.interrupts();
            if interrupted {
                self.interrupted.store(true, Ordering::Release);
            }
            if over || late || interrupted {
                return;
            }
            let ends = begins.saturating_add(CHUNK).min(self.options.schedules);
            let first = self.options.first;
            let numbers = first.saturating_add(begins)..first.saturating_add(ends);
            let part = self.chunk(numbers, runner.as_mut(), slot);
            if self.options.stop == Stop::AtFirst && !part.failures.is_empty() {
                self.last.fetch_min(chunk, Ordering::AcqRel);
            }
            self.ledger.lock().unwrap_or_else(PoisonError::into_inner).add(chunk, part, self.options.stop);
        }
    }

    fn chunk(&self, numbers: std::ops::Range<u64>, runner: &mut dyn Runner, slot: &Slot) -> Part {
        let mut part = Part::default();
        for number in numbers {
            let schedule = self.options.shape.schedule(self.options.seed, number);
            slot.begin_number(number);
            let trial = runner.run(&schedule);
            part.totals.add(&trial, runner);
            let mut finding = trial.finding;
            if number % RUN_TWICE_EVERY == 0 {
                part.totals.run_twice += 1;
                finding = compare_two_runs(runner, &schedule).map(|(_, finding)| finding).or(finding);
            }
            slot.end();
            self.run.fetch_add(1, Ordering::Relaxed);
            if let Some(finding) = finding {
                part.fail(number, finding);
                if self.options.stop == Stop::AtFirst {
                    break;
                }
                slot.begin_number(number);
                self.find_what_comes_second(&mut part, number, &schedule);
                slot.end();
            }
        }
        part
    }

    /// A run ends at its first breach. What else the schedule breaks shows where that is not judged, and nothing that
    /// has failed in this part already.
    fn find_what_comes_second(&self, part: &mut Part, number: u64, schedule: &Schedule) {
        loop {
            let demands = self.demands.without(part.broken());
            if Guarantee::ALL.iter().all(|guarantee| !demands.judges(*guarantee)) {
                return;
            }
            let shape = &self.options.shape;
            let mut runner = self.subject.runner(shape.cluster, usize::from(shape.keys), demands);
            match runner.run(schedule).finding {
                Some(finding) if matches!(finding.breakage, Breakage::Guarantee(_)) => {
                    part.fail_as_well(number, finding);
                }
                _ => return,
            }
        }
    }

    fn watch(&self, slots: &[Slot], done: &AtomicBool, monitor: &dyn Monitor) {
        let of = (self.options.schedules < u64::MAX).then_some(self.options.schedules);
        let mut said = false;
        while !done.load(Ordering::Acquire) {
            thread::park_timeout(GLANCE);
            let schedules = self.run.load(Ordering::Relaxed);
            monitor.progress(Progress { schedules, of, elapsed: self.began.elapsed() });
            let Options { patience, shape, seed, .. } = self.options;
            let name = self.subject.name();
            let stuck = slots.iter().find_map(|slot| slot.stuck(*patience, &name, shape, *seed));
            if let (false, Some(stuck)) = (said, stuck) {
                said = true;
                monitor.stuck(&stuck);
            }
        }
    }
}
