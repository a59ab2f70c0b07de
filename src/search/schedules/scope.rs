//! The scope of an exhaustive search, in words that can be printed beside its result.

use std::fmt;

use itertools::Itertools;

use crate::id::{MAX_CLIENTS, MAX_KEYS};
use crate::model::{Action, Cluster};
use crate::search::minimise::Case;
use crate::search::random::{Fault, Faults};
use crate::world::schedule::Step;

/// Which schedules are run; see the [module above](super) for what is left out of them, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScheduleScope {
    /// The nodes and the quorums.
    pub cluster: Cluster,
    /// At most this many clients.
    pub clients: u16,
    /// At most this many keys.
    pub keys: u16,
    /// Whether there are deletes, besides puts and gets.
    pub deletes: bool,
    /// Which kinds of fault there are.
    pub faults: Faults,
    /// At most this many faults, including lost, late and doubled messages.
    pub most_faults: usize,
    /// At most this many steps that cost nothing: `heal`, `restart`, `trust`, `arrive`, `timeout`, `tick`, `wake`.
    pub free_steps: usize,
    /// How many milliseconds pass in a `tick`, and how far a skewed clock is ahead or behind. At 0, time stands still.
    pub tick_ms: u32,
    /// Whether nodes are woken, to hand off what they hold, before the end.
    pub wakes: bool,
    /// Schedules up to this size.
    pub size: usize,
}

impl ScheduleScope {
    /// Puts and gets of two clients on one key, up to this size; at most two messages lost or late, and two free
    /// steps.
    #[must_use]
    pub const fn of(cluster: Cluster, size: usize) -> Self {
        Self {
            cluster,
            clients: 2,
            keys: 1,
            deletes: false,
            faults: Faults::NONE.with(Fault::Lost).with(Fault::Late),
            most_faults: 2,
            free_steps: 2,
            tick_ms: 0,
            wakes: false,
            size,
        }
    }

    /// The scope around a failure's own schedule: its cluster, its keys, and at least two clients; its kinds of fault
    /// and milder ones, as far as `kinds` has them; as many faults as its size allows, and as many free steps as it
    /// has, at least one of each.
    #[must_use]
    pub fn around(case: &Case, kinds: Faults) -> Self {
        let schedule = &case.schedule;
        let most = |all: &mut dyn Iterator<Item = usize>| all.max().map_or(1, |most| most + 1);
        let operations = || schedule.operations();
        let sized = schedule.size() - operations().count();
        let ticks = schedule.steps.iter().filter_map(|step| match step {
            Step::Tick { ms } => Some(*ms),
            Step::Skew { ms, .. } => Some(ms.unsigned_abs()),
            _ => None,
        });
        Self {
            cluster: case.cluster,
            clients: most(&mut operations().map(|operation| operation.client.index())).max(2) as u16,
            keys: most(&mut operations().map(|operation| operation.key.index())) as u16,
            deletes: operations().any(|operation| operation.action == Action::Delete),
            faults: with_milder(Faults::of(schedule)).and(kinds),
            most_faults: sized.max(1),
            free_steps: schedule.steps.iter().filter(|step| step.size() == 0).count().max(1),
            tick_ms: ticks.max().unwrap_or(0),
            wakes: schedule.steps.iter().any(|step| matches!(step, Step::Wake { .. })),
            size: schedule.size(),
        }
    }

    /// Whether this scope has every schedule of another scope.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.cluster == other.cluster
            && self.clients >= other.clients
            && self.keys >= other.keys
            && self.deletes >= other.deletes
            && other.faults.iter().all(|fault| self.faults.has(fault))
            && self.most_faults >= other.most_faults
            && self.free_steps >= other.free_steps
            && self.tick_ms == other.tick_ms
            && self.wakes >= other.wakes
            && self.size >= other.size
    }

    /// The scope with its numbers within their bounds.
    pub(super) fn bounded(self) -> Self {
        Self {
            clients: self.clients.clamp(1, MAX_CLIENTS as u16),
            keys: self.keys.clamp(1, MAX_KEYS as u16),
            ..self
        }
    }
}

/// Adds kinds that are milder than these, or hardly worse: lost messages; suspicions, if nodes are cut off or stop; and
/// both late and doubled messages, if there are either.
fn with_milder(faults: Faults) -> Faults {
    let any = |kinds: &[Fault]| kinds.iter().any(|kind| faults.has(*kind));
    let mut all = faults.with(Fault::Lost);
    if any(&[Fault::Late, Fault::Doubled]) {
        all = all.with(Fault::Late).with(Fault::Doubled);
    }
    if any(&[Fault::Cut, Fault::OneWay, Fault::Pause, Fault::Crash]) {
        all = all.with(Fault::Suspect);
    }
    all
}

impl fmt::Display for ScheduleScope {
    /// `N=2 R=1 W=1; up to 2 clients, 1 key; put, get; lost, at most 1 fault; at most 1 free step; up to size 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let (clients, keys) = (many(self.clients.into(), "client"), many(self.keys.into(), "key"));
        write!(f, "{}; up to {clients}, {keys}; put, get", self.cluster)?;
        f.write_str(if self.deletes { ", delete; " } else { "; " })?;
        let kinds = self.faults.iter().map(Fault::name).join(", ");
        if kinds.is_empty() || self.most_faults == 0 {
            f.write_str("no fault; ")?;
        } else {
            write!(f, "{kinds}, at most {}; ", many(self.most_faults, "fault"))?;
        }
        write!(f, "at most {}", many(self.free_steps, "free step"))?;
        if self.tick_ms > 0 {
            write!(f, ", ticks of {} ms", self.tick_ms)?;
        }
        f.write_str(if self.wakes { ", wakes" } else { "" })?;
        write!(f, "; up to size {}", self.size)
    }
}
