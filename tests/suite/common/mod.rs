//! A protocol on trial on a schedule written by hand: what the judges said of each guarantee.

#![allow(dead_code, unreachable_pub)]

use quorate::guarantee::{Guarantee, GuaranteeSet};
use quorate::judge::{Demands, Exemption, Ruling, Subject, Trial};
use quorate::model::{Causality, Cluster, Status};
use quorate::prelude::Protocol;
use quorate::world::history::{Event, History};
use quorate::world::modelled::Modelled;

/// What came of a run.
pub struct Outcome {
    pub trial: Trial,
    pub history: History,
    rulings: Vec<Ruling>,
}

impl Outcome {
    /// What the judges say of one guarantee.
    pub fn of(&self, guarantee: Guarantee) -> &Ruling {
        &self.rulings[guarantee.index()]
    }

    /// How an operation ended.
    pub fn status(&self, op: u16) -> Status {
        let completion = self.history.events.iter().find_map(|event| match event {
            Event::Complete(completion) if completion.op.0 == op => Some(completion),
            _ => None,
        });
        completion.unwrap_or_else(|| panic!("o{op} never ended")).status
    }

    /// The writes whose values a read returned.
    pub fn read(&self, op: u16) -> Vec<u16> {
        let observation = self.history.events.iter().find_map(|event| match event {
            Event::Complete(completion) if completion.op.0 == op => completion.observation.as_ref(),
            _ => None,
        });
        let observation = observation.unwrap_or_else(|| panic!("o{op} is no read that was answered"));
        observation.values.iter().map(|write| write.0).collect()
    }

    /// Nothing was found.
    #[track_caller]
    pub fn is_silent(&self) -> &Self {
        if let Some(finding) = &self.trial.finding {
            panic!("a false alarm: {}: {}", finding.breakage, finding.because);
        }
        self
    }

    /// So many obligations were examined at least, and none broken.
    #[track_caller]
    pub fn kept(&self, guarantee: Guarantee, at_least: u64) -> &Self {
        let ruling = self.of(guarantee);
        assert!(ruling.examined >= at_least, "{guarantee} examined {} of {at_least}", ruling.examined);
        assert_eq!(ruling.broken, 0, "{guarantee}: {:?}", ruling.violation);
        self
    }

    /// So many obligations were excused by what happened in the run.
    #[track_caller]
    pub fn not_owed(&self, guarantee: Guarantee, exactly: u64) -> &Self {
        assert_eq!(self.of(guarantee).not_owed.total(), exactly, "{guarantee} not owed");
        self
    }

    /// All obligations that were excused were so for this reason, and so many were.
    #[track_caller]
    pub fn not_owed_by(&self, guarantee: Guarantee, reason: Exemption, exactly: u64) -> &Self {
        assert_eq!(self.of(guarantee).not_owed.by(reason), exactly, "{guarantee} not owed {reason}");
        self.not_owed(guarantee, exactly)
    }

    /// This guarantee was broken.
    #[track_caller]
    pub fn broke(&self, guarantee: Guarantee) -> &Self {
        assert!(self.of(guarantee).broken > 0, "blind: {guarantee} {:?}", self.of(guarantee));
        self
    }
}

/// A subject on trial.
pub fn trial_of(subject: &dyn Subject, cluster: Cluster, demands: Demands, schedule: &str) -> Outcome {
    let schedule = schedule.parse().unwrap_or_else(|bad| panic!("{bad}"));
    let mut runner = subject.runner(cluster, 2, demands);
    let (trial, history) = runner.run_recorded(&schedule);
    let rulings = Guarantee::ALL.into_iter().map(|guarantee| runner.ruling(guarantee).clone()).collect();
    Outcome { trial, history, rulings }
}

/// A protocol on trial for these guarantees, as if it claimed them.
pub fn expecting<C: Causality>(
    protocol: &dyn Protocol<C>,
    cluster: Cluster,
    guarantees: &[Guarantee],
    schedule: &str,
) -> Outcome {
    let guarantees: GuaranteeSet = guarantees.iter().copied().collect();
    trial_of(&Modelled(protocol), cluster, Demands::NOTHING.expecting(guarantees), schedule)
}

/// A protocol on trial for what it claims.
pub fn claiming<C: Causality>(protocol: &dyn Protocol<C>, cluster: Cluster, schedule: &str) -> Outcome {
    let demands = Demands::of_claims(&protocol.claims(cluster));
    trial_of(&Modelled(protocol), cluster, demands, schedule)
}
