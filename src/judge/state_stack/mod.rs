//! Branching runs: a stack of states, each with its judges' memory. A search can go back and try another step.
//!
//! This is what a search of states sees of a system. The world [holds](crate::world::held_messages) every message; the
//! judges are told of each step as it is taken, and are part of the state. The types of the states are erased here, as
//! [`Runner`](crate::judge::Runner) erases them for whole schedules.
//!
//! # Why it is fast
//!
//! A state is stored as the numbers of its [parts](crate::world::components), and each part is stored once, however
//! many states have it. A step is executed the first time that the parts it reads are met together, and its effect on
//! them is noted; after that the effect is looked up. Most steps of a search repeat what happened to one node while the
//! others are in one of many states. A state's fingerprint is made of those of its parts.
//!
//! A looked-up effect is the executed one if [`Reads`](crate::world::components::Reads) tells the truth and the system
//! is a function of what it is given. To check this, some executed steps (the first ones, then every 64th) and some
//! looked-up steps (every 1,024th) are executed again, with every part loaded anew, and compared.
//!
//! Not here: which steps to try, and which states were met before.

mod executor;
mod interner;
mod stack;
#[cfg(test)]
mod tests;
mod transition_cache;

use crate::guarantee::Guarantee;
use crate::id::{ClientId, OpId};
use crate::judge::trial::Finding;
use crate::judge::verdict::Ruling;
use crate::world::held_messages::{Enabled, InFlight};
use crate::world::schedule::{MessageName, Step};

pub(super) use stack::Stack;

/// A message on its way, and the writes whose versions it carries.
pub type Carried = (OpId, MessageName, Vec<OpId>);

/// A stack of states; the top one is the present state. It is never empty: the bottom one is the beginning.
pub trait StateStack: Send {
    /// How many states lie under the present one.
    fn depth(&self) -> usize;
    /// Puts a copy of the present state on top.
    fn branch(&mut self);
    /// Goes back to the state at this depth.
    fn back_to(&mut self, depth: usize);
    /// Takes a step from the present state.
    fn step(&mut self, step: &Step);
    /// Loses a message that is on its way.
    fn lose(&mut self, op: OpId, name: MessageName);
    /// Doubles a message that is on its way.
    fn double(&mut self, op: OpId, name: MessageName);
    /// Drops the messages that can no longer change anything.
    fn drop_spent(&mut self);
    /// What can happen next.
    fn look_ahead(&self, enabled: &mut Enabled);
    /// Whether a client waits for an answer.
    fn is_waiting(&self, client: ClientId) -> bool;
    /// The messages that can arrive, sorted by operation and name.
    fn deliverable(&self, messages: &mut Vec<InFlight>);
    /// The messages on their way, deliverable or not.
    fn on_their_way(&self) -> Vec<(OpId, MessageName)>;
    /// The messages on their way, each with the writes whose versions it carries.
    fn carried(&self) -> Vec<Carried>;
    /// The present state as a number; states with the same future share it.
    fn fingerprint(&self) -> u64;
    /// What is wrong with the run so far, if anything.
    fn finding(&self) -> Option<Finding>;
    /// What is wrong with the run if it comes to rest now, if anything. The state does not change.
    fn finding_at_rest(&mut self) -> Option<Finding>;
    /// The ruling of all runs together on a guarantee. Looked-up steps are not counted again.
    fn ruling(&self, guarantee: Guarantee) -> &Ruling;
    /// Goes back to the beginning and forgets its notes on parts and steps, if they take about a hundred mebibytes by
    /// now. Returns whether it did.
    fn relieve(&mut self) -> bool;
}
