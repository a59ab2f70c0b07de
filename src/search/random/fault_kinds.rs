//! Kinds of fault, and sets of them.

use crate::world::schedule::{Exception, Fate, Schedule, Step};

/// A kind of fault, for switching it on and off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fault {
    /// Messages are lost.
    Lost,
    /// Messages arrive late, and so out of order.
    Late,
    /// Messages are doubled.
    Doubled,
    /// The network is cut in two.
    Cut,
    /// The network is cut in one direction.
    OneWay,
    /// Nodes pause.
    Pause,
    /// Nodes crash, and restart with their disk.
    Crash,
    /// Nodes lose their disk.
    Wipe,
    /// Nodes take others for unreachable.
    Suspect,
    /// Clocks are wrong.
    Skew,
    /// Coordinators stop waiting.
    Timeout,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Lost,
        Self::Late,
        Self::Doubled,
        Self::Cut,
        Self::OneWay,
        Self::Pause,
        Self::Crash,
        Self::Wipe,
        Self::Suspect,
        Self::Skew,
        Self::Timeout,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Late => "late",
            Self::Doubled => "doubled",
            Self::Cut => "cut",
            Self::OneWay => "one-way",
            Self::Pause => "pause",
            Self::Crash => "crash",
            Self::Wipe => "wipe",
            Self::Suspect => "suspect",
            Self::Skew => "skew",
            Self::Timeout => "timeout",
        }
    }
}

/// A set of kinds of fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Faults(u16);

impl Faults {
    /// All kinds.
    pub const ALL: Self = Self((1 << Fault::ALL.len()) - 1);
    /// No fault at all.
    pub const NONE: Self = Self(0);

    /// Whether a kind is on.
    #[inline]
    #[must_use]
    pub const fn has(self, fault: Fault) -> bool {
        self.0 >> fault as u16 & 1 == 1
    }

    /// With this kind as well.
    #[must_use]
    pub const fn with(self, fault: Fault) -> Self {
        Self(self.0 | 1 << fault as u16)
    }

    /// Without this kind.
    #[must_use]
    pub const fn without(self, fault: Fault) -> Self {
        Self(self.0 & !(1 << fault as u16))
    }

    /// The kinds of fault that a schedule has.
    #[must_use]
    pub fn of(schedule: &Schedule) -> Self {
        let of_step = |step: &Step| match step {
            Step::Cut { .. } => Some(Fault::Cut),
            Step::CutOneWay { .. } => Some(Fault::OneWay),
            Step::Pause { .. } => Some(Fault::Pause),
            Step::Crash { .. } => Some(Fault::Crash),
            Step::Wipe { .. } => Some(Fault::Wipe),
            Step::Suspect { .. } => Some(Fault::Suspect),
            Step::Skew { .. } => Some(Fault::Skew),
            Step::Timeout { .. } => Some(Fault::Timeout),
            _ => None,
        };
        let of_message = |exception: &Exception| -> &[Fault] {
            match exception.fate {
                Fate::Lost => &[Fault::Lost],
                Fate::Late => &[Fault::Late],
                Fate::Doubled => &[Fault::Doubled],
                Fate::Twice => &[Fault::Late, Fault::Doubled],
            }
        };
        let messages =
            schedule.operations().flat_map(|operation| operation.exceptions.iter().flat_map(of_message));
        schedule.steps.iter().filter_map(of_step).chain(messages.copied()).collect()
    }

    /// The kinds that are in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether all kinds of another set are in this one.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The kinds that are on.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(move |fault| self.has(*fault))
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        faults.into_iter().fold(Self::NONE, Self::with)
    }
}
