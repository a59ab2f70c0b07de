//! What the default finds in protocols that ought to keep what they claim: nothing, or a bug of theirs. A false alarm
//! would make all else worthless.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use quorate::judge::Demands;
use quorate::model::Cluster;
use quorate::protocols::{ALL, Entry};
use quorate::search::random::Shape;

const SEED: u64 = 29;

/// So many schedules of each, of the first more.
fn schedules(entry: &Entry) -> u64 {
    if entry.name == "textbook" { 200_000 } else { 50_000 }
}

/// A line for each built-in that is not the published program.
pub(crate) fn text() -> String {
    let mut text = "\nALARMS of the default, in built-ins judged on what they claim\n\n".to_owned();
    for entry in ALL.iter().filter(|entry| !entry.name.starts_with("as-seeded")) {
        eprintln!("{}", entry.name);
        let sloppy = entry.name == "sloppy-quorum";
        let cluster = if sloppy { Cluster::new(3, 2, 2).on(5) } else { Cluster::new(3, 2, 2) };
        let (alarms, of) = (alarms(entry, cluster), schedules(entry));
        let _ = writeln!(text, "{:<35} {alarms} in {of} schedules", format!("{} {cluster}", entry.name));
    }
    text
}

fn alarms(entry: &Entry, cluster: Cluster) -> u64 {
    let (next, alarms) = (AtomicU64::new(0), AtomicU64::new(0));
    let demands = Demands::of_claims(&entry.subject.claims(cluster));
    let shape = Shape::of(cluster);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut runner = entry.subject.runner(cluster, usize::from(shape.keys), demands);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= schedules(entry) {
                        return;
                    }
                    let schedule = shape.schedule(SEED, number);
                    if let Some(finding) = runner.run(&schedule).finding {
                        eprintln!("#{number}: {}", finding.because);
                        alarms.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    alarms.into_inner()
}
