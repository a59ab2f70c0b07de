//! Conflicts: two carts are written blind and are siblings; a client that reads both merges them, and writes the
//! result back with the context of its read, which supersedes both. The published program discards the first.

mod shared;

use quorate::prelude::*;
use quorate::world::modelled::Modelled;

/// The textbook, with a client that merges carts.
#[derive(Debug)]
struct Cart;

impl Protocol for Cart {
    fn base(&self) -> &dyn Protocol {
        &Textbook
    }

    fn resolve(&self, shown: &Siblings<Dotted>) -> Resolution {
        let items = |version: &VersionedValue<Dotted>| match &version.value {
            Value::Items(items) => items.to_vec(),
            _ => vec![version.op],
        };
        Resolution::Union(shown.iter().flat_map(items).collect())
    }
}

fn main() {
    let cluster = Cluster::default().on(5);
    let schedule = shared::schedule(
        "put c1 k1 via n1 blind\ntick 200\nput c2 k1 via n1 blind\nget c1 k1 via n2\nget c3 k1 via n3\nput c3 k1 via n3\nget c1 k1 via n1",
    );
    let right = shared::tell("What should happen", &Modelled(&Cart as &dyn Protocol), cluster, &schedule);
    let wrong =
        shared::tell("What the published program does", shared::built_in("as-seeded"), cluster, &schedule);
    assert_eq!(shared::returned(&right, 3), 2, "both carts are shown");
    assert_eq!(shared::returned(&right, 6), 1, "the merged cart supersedes both");
    let first_cart = |narration: &quorate::world::narration::Narration| {
        narration.frames[2]
            .copies
            .iter()
            .all(|copy| copy.versions.iter().any(|version| version.op == OpId(1)))
    };
    assert!(first_cart(&right) && !first_cart(&wrong), "the published program loses the first cart");
    println!(
        "Two siblings, then one merged cart; the published program has lost the first on every replica."
    );
}
