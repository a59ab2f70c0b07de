//! What a message is for: the part of its name that schedules use.

/// Why a message is sent. The kind, the operation, the replica at its other end and the attempt together name one
/// message of a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MessageKind {
    /// The client asks the coordinator.
    Request,
    /// The coordinator asks a replica: store this, or show what you hold.
    Ask,
    /// The replica answers.
    Answer,
    /// The coordinator sends a replica what a read found missing there.
    Repair,
    /// The replica has taken the repair.
    Repaired,
    /// A node sends a home replica what it holds for it.
    HandOff,
    /// The home replica has taken it.
    HandedOff,
    /// The coordinator answers the client.
    Reply,
}

impl MessageKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Request,
        Self::Ask,
        Self::Answer,
        Self::Repair,
        Self::Repaired,
        Self::HandOff,
        Self::HandedOff,
        Self::Reply,
    ];

    /// The kind of its answer.
    #[must_use]
    pub const fn answer(self) -> Self {
        match self {
            Self::Request | Self::Reply => Self::Reply,
            Self::Ask | Self::Answer => Self::Answer,
            Self::Repair | Self::Repaired => Self::Repaired,
            Self::HandOff | Self::HandedOff => Self::HandedOff,
        }
    }

    /// Whether it is between client and coordinator.
    #[must_use]
    pub const fn is_of_client(self) -> bool {
        matches!(self, Self::Request | Self::Reply)
    }

    /// Whether it passes between an operation's coordinator and the replica in its name.
    #[must_use]
    pub const fn is_between_coordinator_and_replica(self) -> bool {
        matches!(self, Self::Ask | Self::Answer | Self::Repair | Self::Repaired)
    }

    /// Whether it comes from the replica in its name.
    #[must_use]
    pub const fn is_from_replica(self) -> bool {
        matches!(self, Self::Answer | Self::Repaired | Self::HandedOff)
    }
}
