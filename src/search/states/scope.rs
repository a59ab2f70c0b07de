//! The scope of a search of states, in words that can be printed beside the result.

use std::fmt;

use itertools::Itertools;

use super::choice::MOST_OPERATIONS;
use crate::id::{MAX_CLIENTS, MAX_KEYS};
use crate::model::Cluster;
use crate::search::random::{Fault, Faults};

/// The bounds of a small world; see the [module above](super) for what is in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StateScope {
    /// The nodes and the quorums.
    pub cluster: Cluster,
    /// At most this many clients.
    pub clients: u16,
    /// At most this many keys.
    pub keys: u16,
    /// At most this many operations.
    pub operations: u16,
    /// Whether there are deletes, besides puts and gets.
    pub deletes: bool,
    /// Whether clients that have a context also write without it.
    pub blind: bool,
    /// Which kinds of fault there are. (Late messages need not be named: every message is late.)
    pub faults: Faults,
    /// At most this many faults, including lost and doubled messages and timeouts.
    pub most_faults: u8,
    /// At most this many ticks.
    pub ticks: u8,
    /// At most this many wakes, in which nodes hand off what they hold.
    pub wakes: u8,
    /// How many milliseconds pass in a tick, and how far a skewed clock is ahead or behind. At 0, time stands still.
    pub tick_ms: u32,
    /// At most this many choices in a row; `None` for no bound.
    pub depth: Option<u32>,
}

impl StateScope {
    /// Puts and gets of two clients on one key, this many in all, and no fault.
    #[must_use]
    pub const fn of(cluster: Cluster, operations: u16) -> Self {
        Self {
            cluster,
            clients: 2,
            keys: 1,
            operations,
            deletes: false,
            blind: true,
            faults: Faults::NONE,
            most_faults: 0,
            ticks: 0,
            wakes: 0,
            tick_ms: 0,
            depth: None,
        }
    }

    /// With at most this many of these faults.
    #[must_use]
    pub const fn with_faults(mut self, most: u8, faults: Faults) -> Self {
        (self.most_faults, self.faults) = (most, faults);
        self
    }

    /// The scope with its numbers within their bounds, and without the kinds of fault that no choice begins.
    pub(super) fn bounded(self) -> Self {
        let faults = if self.most_faults == 0 { Faults::NONE } else { self.faults };
        let faults = faults.without(Fault::Late);
        Self {
            clients: self.clients.clamp(1, MAX_CLIENTS as u16),
            keys: self.keys.clamp(1, MAX_KEYS as u16),
            operations: self.operations.min(MOST_OPERATIONS as u16),
            faults: if self.tick_ms == 0 { faults.without(Fault::Skew) } else { faults },
            ticks: if self.tick_ms == 0 { 0 } else { self.ticks },
            ..self
        }
    }
}

impl fmt::Display for StateScope {
    /// `N=2 R=1 W=1; up to 2 clients, 1 key, 3 operations; put, get; lost, at most 1 fault`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let (clients, keys) = (many(self.clients.into(), "client"), many(self.keys.into(), "key"));
        let operations = many(self.operations.into(), "operation");
        write!(f, "{}; up to {clients}, {keys}, {operations}; put, get", self.cluster)?;
        f.write_str(if self.deletes { ", delete" } else { "" })?;
        f.write_str(if self.blind { "; " } else { ", none blind; " })?;
        let kinds = self.faults.iter().map(Fault::name).join(", ");
        if kinds.is_empty() || self.most_faults == 0 {
            f.write_str("no fault")?;
        } else {
            write!(f, "{kinds}, at most {}", many(self.most_faults.into(), "fault"))?;
        }
        if self.faults.has(Fault::Skew) {
            write!(f, "; skew of {} ms", self.tick_ms)?;
        }
        if self.ticks > 0 {
            write!(f, "; at most {} of {} ms", many(self.ticks.into(), "tick"), self.tick_ms)?;
        }
        if self.wakes > 0 {
            write!(f, "; at most {}", many(self.wakes.into(), "wake"))?;
        }
        if let Some(depth) = self.depth {
            write!(f, "; up to depth {depth}")?;
        }
        Ok(())
    }
}
