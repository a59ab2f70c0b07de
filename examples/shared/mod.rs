//! What the four stories that the project began with share: a schedule told of any protocol.

use quorate::judge::{Demands, Subject};
use quorate::model::{Action, Cluster};
use quorate::protocols;
use quorate::world::narration::Narration;
use quorate::world::schedule::Schedule;

/// Runs a schedule of one system and prints, after each of its operations, what came back and what is held.
pub(crate) fn tell(title: &str, subject: &dyn Subject, cluster: Cluster, schedule: &Schedule) -> Narration {
    let narration = subject.narrate(cluster, Demands::NOTHING, schedule);
    println!("{title}: {} at {cluster}", subject.name());
    for (line, frame) in schedule.lines().zip(&narration.frames) {
        println!("  {line}");
        for ended in &frame.ended {
            let outcome = match &ended.completion.reason {
                Some(reason) => format!("{:?}: {reason}", ended.completion.status),
                None if ended.of.action == Action::Get => format!("returned {}", ended.returned()),
                None => "done".to_owned(),
            };
            println!("      {outcome}");
        }
        for copy in &frame.copies {
            let held: Vec<String> =
                copy.versions.iter().map(|v| format!("{} @ {}", v.value, v.clock)).collect();
            let held = if held.is_empty() { "nothing".to_owned() } else { held.join(" | ") };
            println!("      {} {} holds {held}", copy.holder, copy.key);
        }
    }
    println!();
    narration
}

/// A built-in protocol.
pub(crate) fn built_in(name: &str) -> &'static dyn Subject {
    protocols::find(name).expect("a built-in protocol").subject
}

/// A schedule in its text form.
pub(crate) fn schedule(text: &str) -> Schedule {
    text.parse().expect("a schedule")
}

/// How many values a step's read returned.
#[allow(dead_code)] // Not every story counts them.
pub(crate) fn returned(narration: &Narration, step: usize) -> usize {
    let read = narration.frames[step].ended.iter().find_map(|ended| ended.completion.observation.as_ref());
    read.map_or(0, |seen| seen.values.len())
}
