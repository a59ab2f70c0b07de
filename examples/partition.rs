//! A partition: the side with a quorum goes on; on the other side operations do not end ok, and it shows: refused
//! where the coordinator knows, unknown where it learns by waiting. After the heal a read brings the replica that
//! was cut off up to date. In the published program it stays stale for ever, and a refusal looks like "not found".

mod shared;

use quorate::model::{Cluster, Status};
use quorate::world::narration::Narration;

fn status(narration: &Narration, step: usize) -> Option<Status> {
    narration.frames[step].ended.first().map(|ended| ended.completion.status)
}

fn main() {
    let cluster = Cluster::default();
    let schedule = shared::schedule(
        "put c1 k1 via n1\n\
         cut n1 | n2 n3\n\
         suspect n1 at n2\n\
         put c2 k1 via n2\n\
         get c2 k1 via n2\n\
         get c1 k1 via n1 as o4\n\
         timeout o4\n\
         suspect n2 at n1\n\
         suspect n3 at n1\n\
         get c3 k1 via n1\n\
         heal\n\
         trust\n\
         get c3 k1 via n1\n\
         get c3 k1 via n1",
    );
    let right = shared::tell("What should happen", shared::built_in("textbook"), cluster, &schedule);
    let published = shared::built_in("as-seeded-partitioned");
    let wrong = shared::tell("What the published program does", published, cluster, &schedule);
    assert_eq!(status(&right, 3), Some(Status::Ok), "the side with a quorum goes on");
    assert_eq!(status(&right, 6), Some(Status::Info), "who waits in vain is told so");
    assert_eq!(status(&right, 9), Some(Status::Refused), "who knows refuses");
    assert_eq!(status(&wrong, 9), Some(Status::Ok), "the published program says \"not found\"");
    let held = |narration: &Narration| {
        let frame = &narration.frames[13];
        let first = &frame.copies[0].versions;
        frame.copies.iter().all(|copy| copy.versions == *first)
    };
    assert!(held(&right), "a read after the heal repairs the replica that was cut off");
    assert!(!held(&wrong), "the published program leaves it stale");
    println!("The quorum side went on, the other said so, and the heal was repaired.");
}
