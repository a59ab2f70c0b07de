//! The built-in protocols. Each but the textbook is a file of its own, written against the public seam alone.

use crate::check::Subject;
use crate::model::{Dotted, Textbook};
use crate::world::modelled::Modelled;

/// A protocol that can be named on the command line and in files.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// The protocol, ready for trial.
    pub subject: &'static dyn Subject,
}

static TEXTBOOK: Modelled<'static, Dotted> = Modelled(&Textbook);

/// The built-in protocols, in the order in which they are listed.
pub const ALL: &[Entry] = &[Entry {
    name: "textbook",
    about: "Dynamo's rules as the literature has mended them: stamped once, joined, repaired verbatim",
    subject: &TEXTBOOK,
}];

/// The protocol of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name)
}
