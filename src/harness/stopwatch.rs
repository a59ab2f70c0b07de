//! The only place that reads a wall clock: to say how long something took, and to notice what never ends.
#![allow(clippy::disallowed_types, reason = "nothing but durations in a report depends on it")]

use std::time::{Duration, Instant};

/// Runs from the moment of its creation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
