//! Claims about the model and its world, each with the schedule that tries it.

mod decisions;
mod garbage;
mod sessions;
mod systems;

use crate::common::{claiming, expecting, trial_of};
use quorate::guarantee::Guarantee::{Available, Convergence, Durable, NoExtra, NoLost, OneDotOneWrite};
use quorate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use quorate::judge::{Demands, Subject};
use quorate::model::storage_node::{Effect, StorageNode, Surroundings};
use quorate::model::{
    Action, Address, Body, Claims, Cluster, DataType, Dotted, Envelope, Level, MessageKind, Siblings, Value,
};
use quorate::prelude::{
    Ack, Delivery, PreferenceList, Progress, Protocol, Put, Repairs, Replica, Resolution, Ship, Stamp,
    Target, Targets, Task, Textbook, View,
};
use quorate::search::random::Shape;
use quorate::search::rng::SeededRng;
use quorate::world::modelled::Modelled;
use quorate::world::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};
use quorate::world::system::{Answer, Cargo, System};
