//! Read repair: a replica misses a write; the next read repairs it, once, and the one after repairs nothing. The
//! published program stamps every repair again: one write is read back as three versions, and then as six.

mod shared;

use quorate::model::Cluster;
use quorate::world::narration::Narration;

fn repairs(narration: &Narration, step: usize) -> usize {
    let kinds = narration.frames[step].delivered.iter().map(|(_, name)| name.kind);
    kinds.filter(|kind| *kind == quorate::model::MessageKind::Repair).count()
}

fn main() {
    let cluster = Cluster::default();
    let missed = shared::schedule("put c1 k1 via n1 (to n3 lost)\nget c2 k1 via n2\nget c3 k1 via n2");
    let right = shared::tell("What should happen", shared::built_in("textbook"), cluster, &missed);
    assert_eq!((repairs(&right, 1), repairs(&right, 2)), (1, 0), "repaired once, and then no more");
    assert_eq!(shared::returned(&right, 2), 1);

    let published = shared::built_in("as-seeded-repairing");
    let schedule = shared::schedule("put c1 k1 via n1\nget c2 k1 via n2\nget c3 k1 via n2");
    let wrong = shared::tell("What the published program does", published, cluster, &schedule);
    assert_eq!((shared::returned(&wrong, 1), shared::returned(&wrong, 2)), (3, 6));
    assert_eq!((repairs(&wrong, 1), repairs(&wrong, 2)), (6, 12));
    println!("One version, one repair; the published program made 3 versions and 6 repairs, then 6 and 12.");
}
