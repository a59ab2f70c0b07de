//! One thread of a search: it makes states again from their paths and tries their choices.
//!
//! From one level to the next, a state is kept only as its path. States that were met one after another share most of
//! their paths. So making the next one takes about one step, mostly one that is looked up: the worker goes back on its
//! stack to where the two paths part. It compares each state with what it was when it was met.
//!
//! Each worker notes for itself what its steps did, so nothing is locked; two workers execute more steps than one.
//!
//! Not here: which states are new. One thread decides that for all, in the order of the states' numbers.

use super::choice::Choice;
use super::enabled_choices::{ChoiceLedger, Rules};
use super::sleep_sets::{Covered, Mask, delivers_to, is_set};
use super::visited::{Id, Visited};
use crate::guarantee::Guarantee;
use crate::judge::panics::catching;
use crate::judge::{Breakage, Finding, Ruling, StateStack};
use crate::world::fingerprint::fingerprint;
use crate::world::held_messages::{Enabled, InFlight};

/// A state that a choice led to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) print: u64,
    pub(super) parent: Id,
    pub(super) choice: u32,
    pub(super) asleep: Mask,
}

/// A failure: the state it comes from, and the choice; `None` for coming to rest.
#[derive(Clone, Debug)]
pub(super) struct StepFailure {
    pub(super) parent: Id,
    pub(super) choice: Option<u32>,
    pub(super) finding: Finding,
}

/// The result of trying the choices of some states.
#[derive(Clone, Default, Debug)]
pub(super) struct Yield {
    /// The states that choices led to, without those that were met in this level or before.
    pub(super) arrivals: Vec<Arrival>,
    /// How many choices were made that did not fail.
    pub(super) steps: u64,
    /// The first failure of these states.
    pub(super) failure: Option<StepFailure>,
    /// How many states were brought to rest.
    pub(super) rested: u64,
}

/// A thread's own part of a search; see the [module](self).
pub(super) struct Worker<'s> {
    rules: &'s Rules,
    state_stack: Box<dyn StateStack + 's>,
    /// By depth of the stack: the state's number and what its path has used up.
    trail: Vec<(Id, ChoiceLedger)>,
    enabled: Enabled,
    choices: Vec<Choice>,
    covered: Covered,
    next: Vec<InFlight>,
    steps_back: Vec<(Id, Choice)>,
}

impl<'s> Worker<'s> {
    pub(super) fn new(rules: &'s Rules, state_stack: Box<dyn StateStack + 's>) -> Self {
        Self {
            rules,
            state_stack,
            trail: vec![(0, ChoiceLedger::default())],
            enabled: Enabled::default(),
            choices: Vec::new(),
            covered: Covered::default(),
            next: Vec::new(),
            steps_back: Vec::new(),
        }
    }

    /// What all its steps together said of a guarantee.
    pub(super) fn ruling(&self, guarantee: Guarantee) -> &Ruling {
        self.state_stack.ruling(guarantee)
    }

    /// The fingerprint of the present state, with its ledger.
    pub(super) fn print(&self, ledger: &ChoiceLedger) -> u64 {
        fingerprint(&(self.state_stack.fingerprint(), ledger))
    }

    /// Tries all choices of these states, until one fails. States from `next_level` on are of the next level.
    pub(super) fn expand(
        &mut self,
        states: std::ops::Range<Id>,
        asleep: &[Mask],
        visited: &Visited,
        next_level: Id,
    ) -> Yield {
        let mut yielded = Yield::default();
        for (id, &mask) in states.zip(asleep) {
            if yielded.failure.is_some() {
                break;
            }
            // Steps catch panics themselves. A protocol's declarations and comparisons run outside them, and are caught
            // here.
            let tried = catching(|| {
                self.go_to(id, visited);
                self.try_all(id, mask, visited.print(id), &mut yielded)
            });
            yielded.failure = tried.unwrap_or_else(|said| Some(panicked(id, said)));
        }
        yielded.steps = yielded.arrivals.len() as u64;
        // Done here, on all threads, because a search mostly waits for the memory in which it looks up states.
        visited.touch(yielded.arrivals.iter().map(|arrival| arrival.print));
        yielded.arrivals.retain(|arrival| visited.find(arrival.print).is_none_or(|id| id >= next_level));
        yielded
    }

    /// Makes this state the present one.
    fn go_to(&mut self, id: Id, visited: &Visited) {
        if self.state_stack.relieve() {
            self.trail.truncate(1);
        }
        self.steps_back.clear();
        let mut at = id;
        // A state was met after those on its path, so the numbers rise along the path.
        let depth = loop {
            match (self.trail.binary_search_by_key(&at, |(on_trail, _)| *on_trail), visited.origin(at)) {
                (Ok(depth), _) => break depth,
                (Err(_), None) => break 0,
                (Err(_), Some((parent, choice))) => {
                    self.steps_back.push((at, Choice::of(choice)));
                    at = parent;
                }
            }
        };
        self.trail.truncate(depth + 1);
        self.state_stack.back_to(depth);
        while let Some((id, choice)) = self.steps_back.pop() {
            let ledger = self.take(choice);
            self.trail.push((id, ledger));
        }
    }

    /// Makes a choice in a copy of the present state.
    fn take(&mut self, choice: Choice) -> ChoiceLedger {
        let (_, mut ledger) = self.trail[self.trail.len() - 1];
        take(self.rules, self.state_stack.as_mut(), choice, &mut ledger);
        ledger
    }

    /// Tries all choices of the present state.
    fn try_all(&mut self, id: Id, mask: Mask, print: u64, yielded: &mut Yield) -> Option<StepFailure> {
        let (rules, depth) = (self.rules, self.trail.len() - 1);
        let (_, ledger) = self.trail[depth];
        if self.print(&ledger) != print {
            return Some(StepFailure { parent: id, choice: None, finding: differs() });
        }
        let mut enabled = std::mem::take(&mut self.enabled);
        let mut choices = std::mem::take(&mut self.choices);
        self.state_stack.look_ahead(&mut enabled);
        let mut failure = None;
        if !enabled.in_flight {
            yielded.rested += 1;
            failure = self.state_stack.finding_at_rest().map(|finding| (None, finding));
        }
        rules.choices(&ledger, &enabled, &mut choices);
        self.covered.begin(mask, &enabled.deliverable);
        for &choice in &choices {
            if failure.is_some() {
                break;
            }
            let place = place(choice, &enabled.deliverable);
            if rules.reductions.order && is_set(mask, place) {
                continue;
            }
            let ledger = self.take(choice);
            if let Some(finding) = self.state_stack.finding() {
                failure = Some((Some(choice.code()), finding));
            } else {
                let asleep = self.asleep_after(choice, &enabled, place);
                let print = self.print(&ledger);
                yielded.arrivals.push(Arrival { print, parent: id, choice: choice.code(), asleep });
            }
            self.state_stack.back_to(depth);
            if let Some(message) = enabled.deliverable.get(place) {
                self.covered.tried(message);
            }
        }
        (self.enabled, self.choices) = (enabled, choices);
        failure.map(|(choice, finding)| StepFailure { parent: id, choice, finding })
    }

    /// The sleep set of the present state, to which this choice led.
    fn asleep_after(&mut self, choice: Choice, before: &Enabled, place: usize) -> Mask {
        let to = delivers_to(choice, &before.deliverable, place);
        match to {
            Some(to) if self.rules.reductions.order && self.covered.any_after(Some(to)) => {
                self.state_stack.deliverable(&mut self.next);
                self.covered.after(to, &self.next)
            }
            _ => 0,
        }
    }
}

/// The place of a choice's message among those that can be delivered; a place beyond them for other choices.
fn place(choice: Choice, deliverable: &[InFlight]) -> usize {
    let Choice::Deliver(op, name) = choice else { return usize::MAX };
    let found = deliverable.binary_search_by_key(&(op, name), |message| (message.op, message.name));
    found.unwrap_or(usize::MAX)
}

/// Makes a choice in a copy of the present state of these branches.
pub(super) fn take(
    rules: &Rules,
    state_stack: &mut dyn StateStack,
    choice: Choice,
    ledger: &mut ChoiceLedger,
) {
    state_stack.branch();
    let gives_up = rules.gives_up(choice, state_stack);
    match (rules.step(choice, ledger), choice) {
        (Some(step), _) => state_stack.step(&step),
        (None, Choice::Lose(op, name)) => state_stack.lose(op, name),
        (None, Choice::Double(op, name)) => state_stack.double(op, name),
        (None, _) => {}
    }
    if rules.reductions.spent {
        state_stack.drop_spent();
    }
    rules.enter(choice, gives_up, ledger);
}

fn panicked(parent: Id, said: String) -> StepFailure {
    let finding = Finding { breakage: Breakage::Panic, because: said, violation: None };
    StepFailure { parent, choice: None, finding }
}

fn differs() -> Finding {
    Finding {
        breakage: Breakage::Nondeterminism,
        because: "the same steps led to another state when they were taken again".to_owned(),
        violation: None,
    }
}
