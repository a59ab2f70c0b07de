//! What a client asks for.

use serde::{Deserialize, Serialize};

/// What a client asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Write a value, which the operation's own id names.
    Put,
    /// Read.
    Get,
    /// Write no value.
    Delete,
}

impl Action {
    /// Whether it is a put or a delete.
    #[inline]
    #[must_use]
    pub const fn is_write(self) -> bool {
        !matches!(self, Self::Get)
    }

    /// The word for it in schedules, stories and files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Get => "get",
            Self::Delete => "delete",
        }
    }
}
