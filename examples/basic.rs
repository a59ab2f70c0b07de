//! Basic reads and writes: a client writes twice, and another reads. A correct store shows one version, the second.
//! The published program shows a conflict of one value with itself: every replica stamped the write on its own.

mod shared;

use quorate::model::Cluster;

fn main() {
    let cluster = Cluster::default();
    let schedule = shared::schedule("put c1 k1 via n1\nput c1 k1 via n1\nget c2 k1 via n2");
    let right = shared::tell("What should happen", shared::built_in("textbook"), cluster, &schedule);
    let wrong =
        shared::tell("What the published program does", shared::built_in("as-seeded"), cluster, &schedule);
    assert_eq!(shared::returned(&right, 2), 1);
    assert_eq!(shared::returned(&wrong, 2), 2);
    println!("One write, one version; the published program reads {} \"concurrent\" ones.", 2);
}
