//! Whether a candidate still breaks the same thing, and what else the candidates break.

use crate::judge::{Breakage, Demands, Finding, Runner, Stance, Subject};
use crate::model::Cluster;
use crate::search::symptom::Symptom;

use super::Case;
use super::rank::precedes;

/// How many of the passing candidates are also judged on everything else.
const JUDGED_ON_THE_REST: u32 = 32;

/// The judge of candidates; see the [module](self).
pub(super) struct StillFails<'s> {
    subject: &'s dyn Subject,
    symptom: Symptom,
    keys: usize,
    /// The runners that judge only the breakage, by cluster.
    runners: Vec<(Cluster, Box<dyn Runner + 's>)>,
    /// The runners that judge everything else that the demands name, by cluster.
    of_the_rest: Vec<(Cluster, Box<dyn Runner + 's>)>,
    judged_on_the_rest: u32,
    /// How many cases were run.
    runs: u32,
    others: Vec<(Breakage, Case)>,
}

impl<'s> StillFails<'s> {
    pub(super) fn new(subject: &'s dyn Subject, symptom: Symptom, case: &Case) -> Self {
        Self {
            subject,
            symptom,
            keys: case.schedule.keys(),
            runners: Vec::new(),
            of_the_rest: Vec::new(),
            judged_on_the_rest: 0,
            runs: 0,
            others: Vec::new(),
        }
    }

    /// Whether the case still breaks the same thing. Notes what it breaks instead.
    pub(super) fn still_breaks(&mut self, case: &Case) -> bool {
        if self.finding(case).is_some() {
            return true;
        }
        if self.judged_on_the_rest < JUDGED_ON_THE_REST {
            self.judged_on_the_rest += 1;
            self.note_the_rest(case);
        }
        false
    }

    /// What is wrong with the case, if it breaks the same thing.
    pub(super) fn finding(&mut self, case: &Case) -> Option<Finding> {
        if self.symptom.breakage == Breakage::Nondeterminism {
            self.runs += 2;
            return self.nondeterminism(case);
        }
        let demands = self.symptom.demands_on(self.subject, case.cluster);
        if matches!(self.symptom.breakage, Breakage::Guarantee(guarantee) if !demands.judges(guarantee)) {
            return None; // Nothing of the kind is owed there, so that there is nothing to run.
        }
        self.runs += 1;
        let runner = runner_of(&mut self.runners, self.subject, case.cluster, self.keys, || demands);
        let finding = runner.run(&case.schedule).finding?;
        if finding.breakage == self.symptom.breakage {
            return Some(finding);
        }
        note(&mut self.others, finding.breakage, case);
        None
    }

    /// How many cases were run, including those run again to see what else is broken.
    pub(super) const fn runs(&self) -> u32 {
        self.runs + self.judged_on_the_rest
    }

    /// The other failures that candidates showed.
    pub(super) fn others(self) -> Vec<(Breakage, Case)> {
        self.others
    }

    fn nondeterminism(&mut self, case: &Case) -> Option<Finding> {
        let demands = || Demands::NOTHING;
        let runner = runner_of(&mut self.runners, self.subject, case.cluster, self.keys, demands);
        let (once, again) = (runner.fingerprints(&case.schedule), runner.fingerprints(&case.schedule));
        (once != again).then(|| Finding {
            breakage: Breakage::Nondeterminism,
            because: "run twice, the same schedule did not lead to the same states".to_owned(),
            violation: None,
        })
    }

    fn note_the_rest(&mut self, case: &Case) {
        let Self { subject, symptom: Symptom { demands, breakage }, .. } = *self;
        let rest = || {
            let claims = subject.claims(case.cluster);
            demands.judged().iter().fold(Demands::NOTHING, |rest, guarantee| {
                let here = breakage == Breakage::Guarantee(guarantee)
                    || demands.stance(guarantee) == Stance::Owed && !claims.claims(guarantee);
                if here { rest } else { rest.and(&demands.only(guarantee)) }
            })
        };
        let runner = runner_of(&mut self.of_the_rest, subject, case.cluster, self.keys, rest);
        if let Some(finding) = runner.run(&case.schedule).finding {
            note(&mut self.others, finding.breakage, case);
        }
    }
}

fn runner_of<'r, 's>(
    runners: &'r mut Vec<(Cluster, Box<dyn Runner + 's>)>,
    subject: &'s dyn Subject,
    cluster: Cluster,
    keys: usize,
    demands: impl FnOnce() -> Demands,
) -> &'r mut (dyn Runner + 's) {
    let at = runners.iter().position(|(of, _)| *of == cluster).unwrap_or_else(|| {
        runners.push((cluster, subject.runner(cluster, keys, demands())));
        runners.len() - 1
    });
    &mut *runners[at].1
}

/// Keeps the least case of each breakage.
fn note(others: &mut Vec<(Breakage, Case)>, breakage: Breakage, case: &Case) {
    match others.iter_mut().find(|(known, _)| *known == breakage) {
        Some((_, least)) if precedes(case, least) => *least = case.clone(),
        Some(_) => {}
        None => others.push((breakage, case.clone())),
    }
}
