//! What happened in a run, step by step, in words and names: the material of a story.
//!
//! A [`Narrator`] watches a run like any other observer. After each step it looks at what every copy holds, as far as
//! the system shows it. Its notes are free of the system's types, so a story can be told of any system.
//!
//! Not here: what is right and what is wrong, which the judges say; and messages that were never sent.

use serde::Serialize;

use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::{Action, Causality, Status};
use crate::world::history::{Completion, Invocation, Tombstones};
use crate::world::observer::{Facts, Grounds, Observer};
use crate::world::schedule::MessageName;
use crate::world::simulation::Simulation;
use crate::world::system::System;

/// What happened in a run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Narration {
    /// One for each step, and one for coming to rest; fewer if the run broke off.
    pub frames: Vec<Frame>,
    /// The frame in which a guarantee was first broken.
    pub broken_in: Option<usize>,
    /// Whether the system shows what its copies hold.
    pub is_transparent: bool,
}

/// What happened in one step.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frame {
    /// The operations invoked, with the replicas of their keys. The end of the run may invoke several.
    pub begun: Vec<Begun>,
    /// The messages that were delivered, in order.
    pub delivered: Vec<(OpId, MessageName)>,
    /// The operations that ended.
    pub ended: Vec<OperationEnd>,
    /// What every copy that ever held anything holds after the step.
    pub copies: Vec<Holding>,
}

/// An operation that was invoked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// The operation.
    pub op: OpId,
    /// The client that asks.
    pub client: ClientId,
    /// The node it asks.
    pub via: NodeId,
    /// What it asks for.
    pub action: Action,
    /// The key.
    pub key: Key,
    /// The replicas of that key.
    pub home: NodeSet,
    /// How many replicas must answer.
    pub required: u8,
}

/// An operation that ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OperationEnd {
    /// The operation.
    pub of: Begun,
    /// How it ended, why, and what was returned.
    pub completion: Completion,
    /// The replicas whose replies the answer rests on, if that can be seen.
    pub answered_by: Option<NodeSet>,
}

/// What one copy holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holding {
    /// The node.
    pub holder: NodeId,
    /// Whose copy it is.
    pub owner: NodeId,
    /// The key.
    pub key: Key,
    /// The versions.
    pub versions: Vec<Version>,
}

/// One version, in words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Version {
    /// The operation that wrote it.
    pub op: OpId,
    /// Its value: `o1`, `deleted by o2`, `o3[o1 o3]`.
    pub value: String,
    /// Its clock.
    pub clock: String,
}

/// Watches a run and notes what happens; see the [module](self).
#[derive(Clone, Debug, Default)]
pub struct Narrator {
    frame: Frame,
    /// The operations so far.
    begun: Vec<Begun>,
    /// The copies that ever held anything.
    known: Vec<(NodeId, NodeId, Key)>,
}

impl Narrator {
    /// Ends the step: returns what was noted, with what the copies hold now.
    pub fn frame<S: System>(&mut self, simulation: &Simulation<'_, S>, keys: usize) -> Frame {
        let nodes = || simulation.node_ids();
        let places = nodes().flat_map(|owner| nodes().map(move |holder| (holder, owner)));
        for (holder, owner) in places {
            for key in (0..keys).map(Key::at) {
                let place = (holder, owner, key);
                let holds = simulation.held(holder, owner, key).is_some_and(|held| !held.is_empty());
                if holds && !self.known.contains(&place) {
                    self.known.push(place);
                }
            }
        }
        self.known.sort_unstable_by_key(|&(holder, owner, key)| (key, owner, holder));
        let mut frame = std::mem::take(&mut self.frame);
        frame.copies = self.known.iter().map(|&place| holding(simulation, place)).collect();
        frame
    }
}

fn holding<S: System>(
    simulation: &Simulation<'_, S>,
    (holder, owner, key): (NodeId, NodeId, Key),
) -> Holding {
    let version = |version: &crate::model::VersionedValue<S::Clock>| {
        let (whole, clock) = (version.to_string(), version.clock.to_string());
        let value = whole.strip_suffix(&clock).and_then(|value| value.strip_suffix(" @ ")).unwrap_or(&whole);
        Version { op: version.op, value: value.to_owned(), clock }
    };
    let held = simulation.held(holder, owner, key);
    Holding { holder, owner, key, versions: held.into_iter().flatten().map(version).collect() }
}

impl<C: Causality> Observer<C> for Narrator {
    fn invoked(&mut self, invocation: &Invocation, facts: Facts<'_>) {
        let &Invocation { op, client, via, action, key, required, .. } = invocation;
        let home = facts.home(key).iter().copied().collect();
        let begun = Begun { op, client, via, action, key, home, required };
        self.frame.begun.push(begun.clone());
        self.begun.push(begun);
    }

    fn delivered(&mut self, op: OpId, name: MessageName) {
        self.frame.delivered.push((op, name));
    }

    fn completed(&mut self, completion: &Completion, grounds: Grounds<'_>, _facts: Facts<'_>) {
        let op = completion.op;
        let Some(of) = self.begun.iter().find(|begun| begun.op == op).cloned() else { return };
        let answered_by = grounds.answered_by;
        self.frame.ended.push(OperationEnd { of, completion: completion.clone(), answered_by });
    }
}

impl OperationEnd {
    /// What the client sees, in a few words: `no value`, `o1 | o2`, `o3 (deleted by o2)`, `42`.
    #[must_use]
    pub fn returned(&self) -> String {
        let Some(seen) = &self.completion.observation else { return String::new() };
        if let Some(count) = seen.count {
            return count.to_string();
        }
        let values = seen.values.iter().map(ToString::to_string).chain(seen.fabricated.iter().cloned());
        let mut text = values.collect::<Vec<_>>().join(" | ");
        if let Tombstones::These(deletes) = &seen.tombstones {
            for delete in deletes {
                let beside = if text.is_empty() { "" } else { " | " };
                text.push_str(&format!("{beside}deleted by {delete}"));
            }
        }
        if let Some(taken) = seen.resolved.filter(|_| seen.values.len() > 1) {
            text.push_str(&format!(", of which the client takes {taken}"));
        }
        if text.is_empty() { "no value".to_owned() } else { text }
    }

    /// Whether it ended ok.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.completion.status == Status::Ok
    }
}
