//! The campaign: threads take chunks of schedules in order, run them, and add them up in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::harness::failure_priority::{all_broken, most_telling};
use crate::harness::options::{Options, Stop};
use crate::harness::report::Report;
use crate::harness::shrink::tell;
use crate::harness::stopwatch::Stopwatch;
use crate::harness::tally::{Failures, Part};
use crate::harness::watchdog::{CampaignProgress, Monitor, RunningSlot, Silent};
use crate::harness::watched_subject::{GLANCE, Watched};
use crate::judge::determinism::compare_two_runs;
use crate::judge::{Breakage, Demands, Runner, Subject};

/// One in this many schedules is run twice more, to see whether it does the same.
pub const RUN_TWICE_EVERY: u64 = 64;

/// How many schedules a thread takes at a time: some milliseconds of work.
const CHUNK: u64 = 64;

/// How many chunks are run, counted from the first that fails. They hold as many schedules as a default campaign, so
/// the story told depends little on which schedule fails first.
const CHUNKS_OF_FAILURES: u64 = 4;

/// Runs a campaign; see the [module](super). Names a run without end on standard error, and waits for it.
#[must_use]
pub fn check(subject: &dyn Subject, options: &Options) -> Report {
    check_watched(subject, options, &Silent)
}

/// Like [`check`], with a monitor.
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
    let slots: Vec<RunningSlot> = (0..threads).map(|_| RunningSlot::default()).collect();
    // The work after the workers makes its own notes.
    let watched = Watched::new(subject);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watch = scope.spawn(|| campaign.watch(&slots, &watched, &done));
        let workers: Vec<_> = slots.iter().map(|slot| scope.spawn(|| campaign.work(slot))).collect();
        let outcomes: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        let elapsed = campaign.began.elapsed();
        let ended = || {
            done.store(true, Ordering::Release);
            watch.thread().unpark();
        };
        // A panic here is ours. The protocol's panics are caught, and are findings.
        if let Some(panic) = outcomes.into_iter().find_map(Result::err) {
            ended();
            std::panic::resume_unwind(panic);
        }
        let part = campaign.ledger.lock().unwrap_or_else(PoisonError::into_inner).take();
        let broken = part.broken();
        let interrupted = campaign.interrupted.load(Ordering::Acquire);
        // A person who interrupts does not want to wait for a proof.
        let certificate = if interrupted { 0 } else { options.certificate };
        let telling = Options { certificate, ..*options };
        let told = campaign.told(&part).into_iter().map(|(breakage, failures)| {
            monitor.shrinking(failures.first());
            tell(&watched, &telling, demands, (breakage, failures), &part.totals)
        });
        let mut stories: Vec<_> = told.collect();
        stories.sort_by_key(|story| story.found.as_ref().map(|found| found.number));
        ended();
        Report {
            interrupted,
            ..Report::new(subject, options, demands, part.totals, &broken, stories, elapsed)
        }
    })
}

struct Campaign<'a> {
    subject: &'a dyn Subject,
    options: &'a Options,
    demands: Demands,
    monitor: &'a dyn Monitor,
    interrupted: AtomicBool,
    began: Stopwatch,
    /// The next chunk to hand out.
    next: AtomicU64,
    /// The last chunk that matters, as far as is known.
    last: AtomicU64,
    /// Schedules run, for the monitor.
    run: AtomicU64,
    ledger: Mutex<Ledger>,
}

/// The results of the chunks, added up in order.
#[derive(Default)]
struct Ledger {
    sum: Part,
    /// The next chunk to add.
    next: u64,
    /// Chunks that came before their turn.
    early: BTreeMap<u64, Part>,
    /// The first chunk that no longer counts, once one has failed.
    ends: Option<u64>,
}

impl Ledger {
    fn add(&mut self, chunk: u64, part: Part, stop: Stop) {
        self.early.insert(chunk, part);
        while self.ends.is_none_or(|ends| self.next < ends)
            && let Some(part) = self.early.remove(&self.next)
        {
            if stop == Stop::AtFirst && !part.failures.is_empty() {
                let ends = self.next + part.chunks_to_go();
                self.ends = Some(self.ends.map_or(ends, |earlier| earlier.min(ends)));
            }
            self.next += 1;
            self.sum.merge(part);
        }
    }

    fn take(&mut self) -> Part {
        std::mem::take(&mut self.sum)
    }
}

impl Part {
    /// How many chunks to run from a failed one on. A failure that cannot be judged at all is told at once.
    fn chunks_to_go(&self) -> u64 {
        let judged = |breakage: &Breakage| matches!(breakage, Breakage::Guarantee(_));
        if self.failures.keys().all(judged) { CHUNKS_OF_FAILURES } else { 1 }
    }
}

impl Campaign<'_> {
    /// The failures to tell: one of each kind, or the one that says most.
    fn told<'p>(&self, part: &'p Part) -> Vec<(Breakage, &'p Failures)> {
        match self.options.stop {
            Stop::AtFirst => most_telling(&part.failures, self.options.expect).into_iter().collect(),
            Stop::AtEnd => part.failures.iter().map(|(breakage, failures)| (*breakage, failures)).collect(),
        }
    }

    fn work(&self, slot: &RunningSlot) {
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
                self.last.fetch_min(chunk + part.chunks_to_go() - 1, Ordering::AcqRel);
            }
            self.ledger.lock().unwrap_or_else(PoisonError::into_inner).add(chunk, part, self.options.stop);
        }
    }

    fn chunk(&self, numbers: std::ops::Range<u64>, runner: &mut dyn Runner, slot: &RunningSlot) -> Part {
        let mut part = Part::default();
        // After one run without end when nothing stopped it, this chunk tries no further such run.
        let mut looks_further = true;
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
            let Some(finding) = finding else { continue };
            if !matches!(finding.breakage, Breakage::Guarantee(_)) {
                part.fail(number, vec![finding]);
                if self.options.stop == Stop::AtFirst {
                    break;
                }
                continue;
            }
            let mut all = None;
            if looks_further {
                slot.begin_number(number);
                all = all_broken(runner, &schedule);
                slot.end();
                looks_further = all.is_some();
            }
            part.fail(number, all.unwrap_or_else(|| vec![finding]));
        }
        part
    }

    fn watch(&self, slots: &[RunningSlot], watched: &Watched<'_>, done: &AtomicBool) {
        let of = (self.options.schedules < u64::MAX).then_some(self.options.schedules);
        let mut said = false;
        while !done.load(Ordering::Acquire) {
            thread::park_timeout(GLANCE);
            let schedules = self.run.load(Ordering::Relaxed);
            self.monitor.progress(CampaignProgress { schedules, of, elapsed: self.began.elapsed() });
            let Options { patience, shape, seed, .. } = *self.options;
            let name = self.subject.name();
            let drawn = |number| (shape.cluster, shape.schedule(seed, number));
            let in_a_slot = slots.iter().find_map(|slot| slot.stuck(patience, &name, drawn));
            let stuck = in_a_slot.or_else(|| watched.stuck(patience));
            if let (false, Some(stuck)) = (said, stuck) {
                said = true;
                self.monitor.stuck(&stuck);
            }
        }
    }
}
