//! A trial: one schedule run under the eyes of the judges.
//!
//! Everything that searches (walks, proptest, quickcheck, exhaustion, the minimiser) sees a store only as a
//! [`Subject`]: schedules go in, [`Trial`]s come out. The types of its clocks, messages and nodes are erased here.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::escape::escape;
use crate::guarantee::{Guarantee, GuaranteeSet};
use crate::id::{Key, OpId};
use crate::judge::demands::Demands;
use crate::judge::judges::Judges;
use crate::judge::panics::catching;
use crate::judge::state_stack::{Stack, StateStack};
use crate::judge::verdict::{Ruling, Violation};
use crate::model::{Causality, Claims, Cluster, DataType, Symmetry};
use crate::world::history::History;
use crate::world::narration::{Narration, Narrator};
use crate::world::observer::Recorder;
use crate::world::schedule::{MessageName, Schedule};
use crate::world::simulation::{Simulation, Tally};
use crate::world::system::System;

/// What can be wrong with a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Breakage {
    /// A guarantee was broken.
    Guarantee(Guarantee),
    /// The protocol panicked.
    Panic,
    /// The messages did not end.
    Storm,
    /// The protocol did not do the same in two runs of the same schedule.
    Nondeterminism,
    /// The protocol does not do the same as another one: see [`difference`](crate::judge::difference).
    Difference,
}

impl Serialize for Breakage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Breakage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guarantee(guarantee) => fmt::Display::fmt(guarantee, f),
            Self::Panic => f.pad("panic"),
            Self::Storm => f.pad("storm"),
            Self::Nondeterminism => f.pad("nondeterminism"),
            Self::Difference => f.pad("difference"),
        }
    }
}

impl FromStr for Breakage {
    type Err = crate::guarantee::UnknownGuarantee;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "panic" => Ok(Self::Panic),
            "storm" => Ok(Self::Storm),
            "nondeterminism" => Ok(Self::Nondeterminism),
            "difference" => Ok(Self::Difference),
            _ => text.parse().map(Self::Guarantee),
        }
    }
}

/// What is wrong with a run, and its witness.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What is wrong.
    pub breakage: Breakage,
    /// One sentence for a person.
    pub because: String,
    /// The witness, if a guarantee is broken.
    pub violation: Option<Violation>,
}

impl From<Violation> for Finding {
    fn from(violation: Violation) -> Self {
        Self {
            breakage: Breakage::Guarantee(violation.guarantee),
            because: violation.because.clone(),
            violation: Some(violation),
        }
    }
}

/// The result of one run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trial {
    /// The guarantees that were broken.
    pub broken: GuaranteeSet,
    /// The first thing that is wrong, if any, in the order of [`Guarantee::ALL`].
    pub finding: Option<Finding>,
    /// What happened, in numbers.
    pub tally: Tally,
}

/// A store that can be put on trial.
///
/// Implemented for every [`System`], and so for every protocol, as `Modelled(&protocol)`.
pub trait Subject: Sync {
    /// Its name in reports and files.
    fn name(&self) -> Cow<'static, str>;
    /// What it promises in this configuration.
    fn claims(&self, cluster: Cluster) -> Claims;
    /// The protocol that it changes, if any, and what that protocol promises.
    fn base_claims(&self, cluster: Cluster) -> Option<(Cow<'static, str>, Claims)>;
    /// What a read must show of the writes it covers.
    fn data_type(&self) -> DataType;
    /// The demands that it can be judged on; a system that shows nothing drops those that need a look inside.
    fn judgeable(&self, demands: Demands) -> Demands;
    /// A runner for schedules of up to this many keys: it runs them one after another and judges each.
    fn runner<'a>(&'a self, cluster: Cluster, keys: usize, demands: Demands) -> Box<dyn Runner + 'a>;
    /// A stack of its states, in a world that holds every message until a step delivers it. None, the default, means
    /// that its states cannot be searched.
    fn state_stack<'a>(
        &'a self,
        cluster: Cluster,
        keys: usize,
        demands: Demands,
    ) -> Option<Box<dyn StateStack + 'a>> {
        let _ = (cluster, keys, demands);
        None
    }
    /// What it never looks at. By default it may look at everything.
    fn symmetry(&self) -> Symmetry {
        Symmetry::NONE
    }
    /// The start of the call that replays a text in a test, up to the text. The default finds the store by its name.
    fn in_a_test(&self) -> String {
        "quorate::replay_builtin(".to_owned()
    }
    /// Why no schedule can run on this cluster with this many keys, in one sentence. None, the default, means that
    /// schedules can run.
    fn flaw(&self, cluster: Cluster, keys: usize) -> Option<String> {
        let _ = (cluster, keys);
        None
    }
    /// Runs a schedule; notes what happens at every step, and which step first breaks something.
    fn narrate(&self, cluster: Cluster, demands: Demands, schedule: &Schedule) -> Narration;
}

/// Runs schedules, one after another.
pub trait Runner {
    /// Runs a schedule to the end, or to the first thing broken.
    fn run(&mut self, schedule: &Schedule) -> Trial;
    /// Like [`Runner::run`], but does not stop at a breach, and records the history.
    fn run_recorded(&mut self, schedule: &Schedule) -> (Trial, History);
    /// Runs a schedule; returns the fingerprint of the state after each step.
    fn fingerprints(&mut self, schedule: &Schedule) -> Vec<u64>;
    /// The messages that the last run sent from one place to another, by operation: each could have been lost, late or
    /// doubled.
    fn sent(&self) -> Vec<(OpId, MessageName)>;
    /// The last run's ruling on a guarantee.
    fn ruling(&self, guarantee: Guarantee) -> &Ruling;
}

impl<S: System> Subject for S {
    /// Its own name, with escapes for all that a terminal would obey.
    fn name(&self) -> Cow<'static, str> {
        match System::name(self) {
            Cow::Borrowed(name) => escape(name),
            Cow::Owned(name) => Cow::Owned(escape(&name).into_owned()),
        }
    }

    fn claims(&self, cluster: Cluster) -> Claims {
        System::claims(self, cluster)
    }

    fn base_claims(&self, cluster: Cluster) -> Option<(Cow<'static, str>, Claims)> {
        System::base_claims(self, cluster)
    }

    fn data_type(&self) -> DataType {
        System::data_type(self)
    }

    fn judgeable(&self, demands: Demands) -> Demands {
        if self.is_transparent() { demands } else { demands.of_history_only() }
    }

    fn runner<'a>(&'a self, cluster: Cluster, keys: usize, demands: Demands) -> Box<dyn Runner + 'a> {
        let demands = self.judgeable(demands);
        Box::new(SystemRunner {
            simulation: Simulation::new(self, cluster, keys),
            judges: Judges::new(cluster, System::data_type(self), demands).stopping_at_first(),
            demands,
            cluster,
        })
    }

    fn state_stack<'a>(
        &'a self,
        cluster: Cluster,
        keys: usize,
        demands: Demands,
    ) -> Option<Box<dyn StateStack + 'a>> {
        Some(Box::new(Stack::new(self, cluster, keys, self.judgeable(demands))))
    }

    fn symmetry(&self) -> Symmetry {
        System::symmetry(self)
    }

    fn in_a_test(&self) -> String {
        System::in_a_test(self)
    }

    fn flaw(&self, cluster: Cluster, keys: usize) -> Option<String> {
        let fails = |decision: &str, said: String| Some(format!("`{decision}` of {}: {said}", self.name()));
        if let Err(said) = catching(|| System::name(self)) {
            return Some(format!("`name` of a protocol: {said}"));
        }
        if let Some(flaw) = System::flaw(self) {
            return Some(flaw);
        }
        if let Err(said) = catching(|| System::claims(self, cluster)) {
            return fails("claims", said);
        }
        if let Err(said) = catching(|| System::data_type(self)) {
            return fails("data_type", said);
        }
        (0..keys).map(Key::at).find_map(|key| match catching(|| self.home(cluster, key)) {
            Err(said) => fails("home", said),
            Ok(home) if home.is_empty() => fails("home", format!("{key} has no replica at {cluster}")),
            Ok(home) => {
                let strange = home.iter().find(|node| node.0 == 0 || node.0 > cluster.nodes)?;
                fails("home", format!("{key} has a replica at {strange}, which is no node of {cluster}"))
            }
        })
    }

    fn narrate(&self, cluster: Cluster, demands: Demands, schedule: &Schedule) -> Narration {
        let keys = schedule.keys();
        let mut simulation = Simulation::new(self, cluster, keys);
        let judges = Judges::new(cluster, System::data_type(self), self.judgeable(demands));
        let mut watching = (judges, Narrator::default());
        let mut narration = Narration { is_transparent: self.is_transparent(), ..Narration::default() };
        for step in schedule.steps.iter().map(Some).chain([None]) {
            let panicked = catching(|| match step {
                Some(step) => simulation.step(step, &mut watching),
                None => simulation.settle(true, &mut watching),
            });
            let (judges, narrator) = &mut watching;
            let broken = !judges.broken().is_empty() || simulation.tally().storm || panicked.is_err();
            if broken && narration.broken_in.is_none() {
                narration.broken_in = Some(narration.frames.len());
            }
            narration.frames.push(narrator.frame(&simulation, keys));
            if panicked.is_err() {
                break;
            }
        }
        narration
    }
}

struct SystemRunner<'s, S: System> {
    simulation: Simulation<'s, S>,
    judges: Judges<S::Clock>,
    demands: Demands,
    cluster: Cluster,
}

impl<S: System> SystemRunner<'_, S> {
    fn trial(&self, panicked: Option<String>) -> Trial {
        let tally = self.simulation.tally();
        let finding = finding(&self.judges, tally, panicked);
        Trial { broken: self.judges.broken(), finding, tally }
    }
}

/// What is wrong with a run so far, if anything.
pub(super) fn finding<C: Causality>(
    judges: &Judges<C>,
    tally: Tally,
    panicked: Option<String>,
) -> Option<Finding> {
    let bare = |breakage, because| Finding { breakage, because, violation: None };
    let finding = panicked
        .map(|said| bare(Breakage::Panic, said))
        .or_else(|| judges.first_violation().cloned().map(Finding::from));
    finding.or_else(|| {
        tally.storm.then(|| {
            let because = format!("after {} messages and versions there was no end of them", tally.work);
            bare(Breakage::Storm, because)
        })
    })
}

impl<S: System> Runner for SystemRunner<'_, S> {
    fn run(&mut self, schedule: &Schedule) -> Trial {
        self.judges.reset();
        let rest = self.demands.at_rest();
        let (simulation, judges) = (&mut self.simulation, &mut self.judges);
        let panicked = catching(|| {
            simulation.reset();
            for step in &schedule.steps {
                simulation.step(step, judges);
                if judges.broken() != GuaranteeSet::NONE || simulation.tally().storm {
                    return;
                }
            }
            simulation.settle(rest, judges);
        });
        self.trial(panicked.err())
    }

    fn run_recorded(&mut self, schedule: &Schedule) -> (Trial, History) {
        let Cluster { n, r, w, .. } = self.cluster;
        let data_type = System::data_type(self.simulation.system());
        let history = History { n, r, w, data_type, ..History::default() };
        let mut watching = (Judges::new(self.cluster, data_type, self.demands), Recorder::new(history));
        let simulation = &mut self.simulation;
        let panicked = catching(|| {
            simulation.reset();
            schedule.steps.iter().for_each(|step| simulation.step(step, &mut watching));
            simulation.settle(true, &mut watching);
        });
        let (judges, Recorder { history, .. }) = watching;
        self.judges = judges.stopping_at_first();
        (self.trial(panicked.err()), history)
    }

    fn fingerprints(&mut self, schedule: &Schedule) -> Vec<u64> {
        let simulation = &mut self.simulation;
        let mut prints = Vec::with_capacity(schedule.steps.len() + 1);
        // A panic ends the list early: a deterministic protocol panics in both runs.
        let _ = catching(|| {
            simulation.reset();
            for step in &schedule.steps {
                simulation.step(step, &mut ());
                prints.push(simulation.fingerprint());
            }
            simulation.settle(true, &mut ());
            prints.push(simulation.fingerprint());
        });
        prints
    }

    fn sent(&self) -> Vec<(OpId, MessageName)> {
        self.simulation.sent().collect()
    }

    fn ruling(&self, guarantee: Guarantee) -> &Ruling {
        self.judges.ruling(guarantee)
    }
}
