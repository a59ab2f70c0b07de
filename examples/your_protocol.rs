//! A change of ten lines, and its refutation.
//!
//! A read sends each replica the versions that it lacks. It looks harmless to let the replica keep just those: they
//! are the newest, are they not? `cargo run --example your_protocol` shows the shortest schedule in which they are
//! not all there is.

use std::io::{self, Write};

use quorate::prelude::*;

/// The textbook, but a replica takes a repair for the whole truth.
#[derive(Debug)]
struct TrustingRepair;

impl Protocol for TrustingRepair {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn accept(&self, replica: &mut Replica<'_>, delivery: &Delivery<'_>) -> Ack {
        if delivery.errand == Errand::Repair {
            *replica.siblings = delivery.versions.clone();
            return Ack::stored();
        }
        self.base().accept(replica, delivery)
    }
}

fn main() -> io::Result<()> {
    // In a test this would be `quorate::check!(TrustingRepair)`, which panics with the same story.
    let report = quorate::check(&TrustingRepair).run();
    assert_eq!(report.verdict(), Verdict::Violation);
    writeln!(io::stdout(), "{report}")
}
