//! The search: level by level, each level in batches, each batch on all threads.
//!
//! The threads try the choices of states. After each batch, one thread decides which of the states they arrive at are
//! new, in the order of the states they came from. So the states, their numbers, and the first failure are the same on
//! any number of threads.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::alphabet::Alphabet;
use super::enabled_choices::{ChoiceLedger, Rules};
use super::path::schedule_of;
use super::sleep_sets::{Mask, may_exchange};
use super::symmetry_check::{Renaming, is_same};
use super::visited::{Id, Met, Visited};
use super::worker::{StepFailure, Worker, Yield};
use super::{Explored, FailingPath, Limit, Limits, Onlooker, Reductions, SearchProgress, StateScope};
use crate::judge::{Demands, StateStack, Subject, Tested, Untested};

/// The most states in a batch: their choices are tried before the search decides which new states they lead to.
const MOST_IN_BATCH: usize = 4096;
/// The most arrivals of a batch: states with many choices make smaller batches, so the arrivals take some tens of
/// mebibytes at most.
const MOST_ARRIVALS: usize = 1 << 20;
/// Each of the first `ALL_RENAMED` states, and then one in every `RENAMED`, is tried under other names.
const ALL_RENAMED: Id = 256;
const RENAMED: Id = 1024;
/// The greatest number of a state.
const MOST_STATES: usize = u32::MAX as usize - 1;

/// A search under way; see the [module](self).
pub(super) struct StateSearch<'s> {
    subject: &'s dyn Subject,
    demands: Demands,
    rules: &'s Rules,
    limits: Limits,
    visited: Visited,
    workers: Vec<Worker<'s>>,
    /// The states in which paths are taken under other names.
    elsewhere: Box<dyn StateStack + 's>,
    /// How many states make a batch, and how many of them a thread takes at once.
    batch: usize,
    chunk: usize,
    /// The sleep sets of the states in the current level, and in the next.
    asleep: Vec<Mask>,
    asleep_next: Vec<Mask>,
    told: Explored,
}

/// What all states of a search have in common.
pub(super) fn rules(
    subject: &dyn Subject,
    demands: &Demands,
    scope: &StateScope,
    reductions: Reductions,
) -> Rules {
    let scope = scope.bounded();
    let blind = reductions.symmetry && subject.symmetry().names;
    let whole_ring = scope.cluster.nodes == scope.cluster.n;
    Rules {
        alphabet: Alphabet::of(&scope),
        nodes_alike: blind && whole_ring,
        clients_alike: blind,
        reductions: Reductions {
            order: reductions.order && may_exchange(subject.data_type(), demands),
            ..reductions
        },
        scope,
    }
}

fn states_of<'s>(subject: &'s dyn Subject, scope: &StateScope, demands: Demands) -> Box<dyn StateStack + 's> {
    let states = subject.state_stack(scope.cluster, usize::from(scope.keys), demands);
    states.unwrap_or_else(|| panic!("the states of {} cannot be searched", subject.name()))
}

impl<'s> StateSearch<'s> {
    pub(super) fn new(subject: &'s dyn Subject, demands: Demands, rules: &'s Rules, limits: Limits) -> Self {
        let scope = rules.scope;
        let worker = || Worker::new(rules, states_of(subject, &scope, demands));
        let workers: Vec<_> = (0..limits.threads.max(1)).map(|_| worker()).collect();
        let visited = Visited::new(workers[0].print(&ChoiceLedger::default()));
        let told = Explored {
            scope,
            states: 1,
            steps: 0,
            depth: 0,
            frontier: 1,
            rested: 0,
            bytes: visited.bytes(),
            complete: false,
            limit: None,
            misdeclared: false,
            rests_on_names: rules.clients_alike,
            untested: Vec::new(),
            found: None,
        };
        let batch = (MOST_ARRIVALS / rules.alphabet.len().max(1)).clamp(1, MOST_IN_BATCH);
        Self {
            subject,
            demands,
            rules,
            limits,
            visited,
            workers,
            elsewhere: states_of(subject, &scope, demands),
            batch,
            chunk: batch.div_ceil(64),
            asleep: vec![0],
            asleep_next: Vec::new(),
            told,
        }
    }

    pub(super) fn run(mut self, onlooker: &dyn Onlooker) -> Explored {
        let mut level = 0..1;
        while !level.is_empty() {
            if self.rules.scope.depth.is_some_and(|depth| self.told.depth >= depth) {
                break;
            }
            if !self.advance(level.clone(), onlooker) {
                return self.told;
            }
            level = level.end..self.visited.len() as Id;
            self.told.frontier = level.len();
            self.told.depth += u32::from(!level.is_empty());
            std::mem::swap(&mut self.asleep, &mut self.asleep_next);
            self.asleep_next.clear();
        }
        self.told.complete = true;
        self.told.untested = self.untested();
        self.told
    }

    /// Tries all choices of the states of a level. Returns whether the search goes on.
    fn advance(&mut self, level: Range<Id>, onlooker: &dyn Onlooker) -> bool {
        for begin in level.clone().step_by(self.batch) {
            self.told.limit = self.limit();
            if self.told.limit.is_some() {
                return false;
            }
            let batch = begin..level.end.min(begin + self.batch as Id);
            let met = self.visited.len() as Id;
            let yields = self.expand(&batch, &level);
            if let Some(failure) = self.enter(yields, level.end) {
                self.report(&failure);
                return false;
            }
            self.told.states = self.visited.len();
            self.told.bytes = self.bytes();
            if self.rules.clients_alike && !self.is_blind(met..self.visited.len() as Id) {
                self.told.misdeclared = true;
                return false;
            }
            onlooker.progress(&SearchProgress {
                states: self.told.states,
                depth: self.told.depth,
                frontier: (level.end - batch.end) as usize,
                next: self.visited.len() - level.end as usize,
            });
        }
        true
    }

    /// Tries all choices of a batch, on all threads.
    fn expand(&mut self, batch: &Range<Id>, level: &Range<Id>) -> Vec<Yield> {
        let chunks: Vec<Range<Id>> = (batch.clone().step_by(self.chunk))
            .map(|begin| begin..batch.end.min(begin + self.chunk as Id))
            .collect();
        let taken = AtomicUsize::new(0);
        let (visited, asleep) = (&self.visited, &self.asleep);
        let work = |worker: &mut Worker<'s>| {
            let mut done = Vec::new();
            loop {
                let number = taken.fetch_add(1, Ordering::Relaxed);
                let Some(chunk) = chunks.get(number) else { return done };
                let place = |id: Id| (id - level.start) as usize;
                let masks = &asleep[place(chunk.start)..place(chunk.end)];
                done.push((number, worker.expand(chunk.clone(), masks, visited, level.end)));
            }
        };
        let mut yields = match self.workers.as_mut_slice() {
            [worker, ..] if chunks.len() == 1 => work(worker),
            [worker] => work(worker),
            workers => std::thread::scope(|scope| {
                let threads: Vec<_> = workers.iter_mut().map(|worker| scope.spawn(|| work(worker))).collect();
                let joined = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
                joined
                    .flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                    .collect()
            }),
        };
        yields.sort_unstable_by_key(|(number, _)| *number);
        yields.into_iter().map(|(_, yielded)| yielded).collect()
    }

    /// Records which states are new; returns the first failure.
    fn enter(&mut self, yields: Vec<Yield>, next_level: Id) -> Option<StepFailure> {
        for yielded in yields {
            self.told.rested += yielded.rested;
            self.told.steps += yielded.steps;
            self.visited.touch(yielded.arrivals.iter().map(|arrival| arrival.print));
            for arrival in yielded.arrivals {
                match self.visited.meet(arrival.print, arrival.parent, arrival.choice) {
                    Met::New(_) => {
                        if self.asleep_next.len() == self.asleep_next.capacity() {
                            // Grows by an eighth and not by doubling, because the memory is counted.
                            self.asleep_next.reserve_exact(256.max(self.asleep_next.len() / 8));
                        }
                        self.asleep_next.push(arrival.asleep);
                    }
                    Met::Again(id) if id >= next_level => {
                        self.asleep_next[(id - next_level) as usize] &= arrival.asleep;
                    }
                    Met::Again(_) => {}
                }
            }
            if yielded.failure.is_some() {
                self.told.states = self.visited.len();
                return yielded.failure;
            }
        }
        None
    }

    /// The limit that is met, if any. (Checked between batches, so a search exceeds it by at most one batch.)
    fn limit(&self) -> Option<Limit> {
        let states = self.visited.len() >= self.limits.states.min(MOST_STATES);
        let memory = self.bytes() > self.limits.bytes;
        states.then_some(Limit::States).or(memory.then_some(Limit::Memory))
    }

    fn bytes(&self) -> usize {
        self.visited.bytes() + (self.asleep.capacity() + self.asleep_next.capacity()) * size_of::<Mask>()
    }

    /// Whether those of these states that are tried are the same under other names.
    fn is_blind(&mut self, states: Range<Id>) -> bool {
        let mut tried = states.filter(|id| *id < ALL_RENAMED || id.is_multiple_of(RENAMED));
        tried.all(|id| {
            let (renaming, path) = (Renaming::some(self.rules, id), self.path_to(id, None));
            self.elsewhere.relieve();
            is_same(self.rules, self.elsewhere.as_mut(), &path, renaming)
        })
    }

    /// The guarantees to be judged that no step put to the test.
    fn untested(&self) -> Vec<Untested> {
        let (judged, mut tested) = (self.demands.judged(), Tested::default());
        for worker in &self.workers {
            judged.iter().for_each(|guarantee| tested.add(guarantee, worker.ruling(guarantee)));
        }
        tested.untested(judged)
    }

    fn state_stack(&self) -> Box<dyn StateStack + 's> {
        states_of(self.subject, &self.rules.scope, self.demands)
    }

    fn report(&mut self, failure: &StepFailure) {
        let state_stack = self.state_stack();
        let path = self.path_to(failure.parent, failure.choice);
        let schedule = schedule_of(self.rules, state_stack, &path);
        // Runs this very path for its own words: the search keeps one finding for all states that are alike.
        let StateScope { cluster, keys, .. } = self.rules.scope;
        let told = self.subject.runner(cluster, keys.into(), self.demands).run(&schedule).finding;
        let told = told.filter(|told| told.breakage == failure.finding.breakage);
        self.told.found = Some(FailingPath {
            depth: self.told.depth + 1,
            at_rest: failure.choice.is_none(),
            schedule,
            finding: told.unwrap_or_else(|| failure.finding.clone()),
        });
    }

    /// The choices that lead to a state, first to last, and then `last`.
    fn path_to(&self, mut at: Id, last: Option<u32>) -> Vec<u32> {
        let mut path: Vec<u32> = last.into_iter().collect();
        while let Some((parent, choice)) = self.visited.origin(at) {
            path.push(choice);
            at = parent;
        }
        path.reverse();
        path
    }
}
