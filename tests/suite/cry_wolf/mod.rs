//! What a judge must stay silent at: legal behaviour that looks like a fault.
//!
//! Each run is written by hand. Silence alone proves nothing, so each also says what was examined all the same, or
//! was not owed.

mod other_protocols;
mod random;
mod sets;
mod textbook;

use crate::common::{claiming, expecting, trial_of};
use quorate::guarantee::Guarantee::{
    Antichain, Available, CausalOrder, Convergence, Durable, Fresh, MonotonicReads, MonotonicWrites, NoExtra,
    NoFabrication, NoLost, OnceOnly, ReadYourWrites, WritesFollowReads,
};
use quorate::id::NodeId;
use quorate::judge::Demands;
use quorate::judge::Exemption::{LostDisk, LowerLevel, NoQuorum};
use quorate::model::{Cluster, DataType, Dotted, LastWrite, Status};
use quorate::prelude::{
    Ack, Claims, Progress, Protocol, Put, Repairs, Replica, Ship, Stamp, Target, Targets, Task, Textbook,
    View, read_repair,
};
use quorate::search::random::{Fault, Shape};
use quorate::world::modelled::Modelled;

const TEXTBOOK: &dyn Protocol = &Textbook;

fn three() -> Cluster {
    Cluster::default()
}
