//! Runs that part: a stack of states, each with what its judges remember, on which one can go back and try another
//! step.
//!
//! What a search of states sees of a system. The world [holds](crate::world::held_messages) every message; the judges are
//! told of each step as it is taken, and are part of the state. What the states are made of is erased here, as
//! [`Runner`](crate::judge::Runner) erases it for whole schedules.
//!
//! # Why it is fast
//!
//! A state is kept as the numbers of its [parts](crate::world::components), and each part once, however many states have
//! it. A step is taken in earnest the first time that just the parts at which it looks are met together, and what it
//! did to them is noted; after that it is looked up. Most steps of a search are the same thing happening to one node
//! while the others are in one of many states. Fingerprints are made of those of the parts.
//!
//! What is looked up is what was done in earnest, provided that [`Reads`](crate::world::components::Reads) tells the truth
//! and that the system is a function of what it is given. Of both some steps are taken again, with every part loaded
//! anew, and compared: of the first each, and then one of so many.
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

/// A message on its way, and the writes of which it carries versions.
pub type Carried = (OpId, MessageName, Vec<OpId>);

/// A stack of states; the one on top is the present one. It is never empty: at the bottom is the beginning.
pub trait StateStack: Send {
    /// How many states lie under the present one.
    fn depth(&self) -> usize;
    /// Puts a copy of the present state on top.
    fn branch(&mut self);
    /// Goes back to the state at this depth.
    fn back_to(&mut self, depth: usize);
    /// Takes a step from the present state.
    fn step(&mut self, step: &Step);
    /// A message that is on its way is lost.
    fn lose(&mut self, op: OpId, name: MessageName);
    /// A message that is on its way is there twice from now on.
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
    /// The same, each with the writes of which it carries versions.
    fn carried(&self) -> Vec<Carried>;
    /// The present state as a number; states with the same future share it.
    fn fingerprint(&self) -> u64;
    /// What is wrong with the run so far, if anything.
    fn finding(&self) -> Option<Finding>;
    /// What is wrong with it if it comes to rest now. The state stays as it is.
    fn finding_at_rest(&mut self) -> Option<Finding>;
    /// What all runs together said of a guarantee. Steps that were looked up are not counted again.
    fn ruling(&self, guarantee: Guarantee) -> &Ruling;
    /// Goes back to the beginning and forgets what it has noted of parts and steps, if that takes much room by now:
    /// about a hundred mebibytes. Whether it did.
    fn relieve(&mut self) -> bool;
}
