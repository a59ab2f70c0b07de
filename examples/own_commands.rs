//! The whole command line over protocols of one's own: `cargo run --release --example own_commands -- protocols`.
//!
//! `check` takes the first protocol if none is named; `diff`, `exhaust`, `certify`, `replay` know all of them, and the
//! built-in ones beside.

use quorate::prelude::*;

/// The textbook, but a replica keeps only what arrives last.
#[derive(Debug)]
struct Overwrite;

impl Protocol for Overwrite {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        *replica.siblings = delivery.versions.clone();
        Ack::stored()
    }
}

/// Last write wins, by time that runs backwards.
#[derive(Debug)]
struct Backwards;

impl Protocol<LastWrite> for Backwards {
    fn base(&self) -> &dyn Protocol<LastWrite> {
        &quorate::protocols::last_write_wins::LastWriteWins
    }

    fn stamp(&self, replica: &mut Replica<'_, LastWrite>, put: &Put<'_, LastWrite>) -> Stamp<LastWrite> {
        replica.now = (1 << 40) - replica.now;
        self.base().stamp(replica, put)
    }
}

quorate::main!(Overwrite, Backwards);
