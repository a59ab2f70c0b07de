//! A second opinion on a shrunk case: reads it back from its text, and tries by hand what could be simpler.

use quorate::id::{ClientId, Key};
use quorate::judge::{Breakage, Demands, Subject};
use quorate::model::{Action, Cluster, Level};
use quorate::search::minimise::Case;
use quorate::world::schedule::{Schedule, Step};

use crate::shrinking::bugs::Bug;

/// Checks that the case breaks what it should, alone, and that nothing simpler does.
pub(crate) fn check(bug: &Bug, case: &Case) {
    let read: Schedule = case.schedule.to_string().parse().expect("its text reads back");
    assert_eq!(read, case.schedule, "{}", bug.name);
    assert!(breaks(bug, case.cluster, &read), "{}: it does not fail\n{read}", bug.name);
    for (what, simpler) in simpler(&read) {
        let fails = breaks(bug, case.cluster, &simpler);
        assert!(!fails, "{}: {what} still fails\n{simpler}\ninstead of\n{read}", bug.name);
    }
}

fn breaks(bug: &Bug, cluster: Cluster, schedule: &Schedule) -> bool {
    let subject: &dyn Subject = bug.subject;
    let demands = Demands::only(bug.demands_on(cluster), bug.breaks);
    let mut runner = subject.runner(cluster, 2, demands);
    runner.run(schedule).finding.is_some_and(|found| found.breakage == Breakage::Guarantee(bug.breaks))
}

/// Every single deletion, and every plainer word.
fn simpler(schedule: &Schedule) -> Vec<(String, Schedule)> {
    let mut all = Vec::new();
    for at in 0..schedule.steps.len() {
        let mut without = schedule.clone();
        without.steps.remove(at);
        all.push((format!("without step {}", at + 1), without));
        let Step::Operation(operation) = &schedule.steps[at] else { continue };
        let mut edited = |what: &str, edit: &dyn Fn(&mut quorate::world::schedule::Operation)| {
            let mut operation = operation.clone();
            edit(&mut operation);
            let mut edited = schedule.clone();
            edited.steps[at] = Step::Operation(operation);
            if edited != *schedule {
                all.push((format!("step {} {what}", at + 1), edited));
            }
        };
        for gone in 0..operation.exceptions.len() {
            edited("with an exception less", &|o| {
                o.exceptions.remove(gone);
            });
        }
        edited("not blind", &|o| o.blind = false);
        edited("without its level", &|o| o.level = Level::Default);
        if operation.action == Action::Delete {
            edited("as a put", &|o| o.action = Action::Put);
        }
    }
    let mut one_key = schedule.clone();
    one_key.rename_keys(|_| Key(1));
    let mut one_client = schedule.clone();
    one_client.rename_clients(|_| ClientId(1));
    let merged = [("on one key", one_key), ("of one client", one_client)];
    all.extend(merged.into_iter().filter(|(_, s)| s != schedule).map(|(what, s)| (what.to_owned(), s)));
    all
}
