//! Whatever is looked up is what a step taken in earnest does, with every part loaded anew.

use super::StateStack;
use super::stack::Stack;
use crate::guarantee::Guarantee;
use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::judge::demands::Demands;
use crate::judge::trial::Breakage;
use crate::model::{Action, Cluster, Dotted, Level, Textbook};
use crate::protocols::as_seeded::AsSeeded;
use crate::protocols::last_write_wins::LastWriteWins;
use crate::protocols::sloppy_quorum::SloppyQuorum;
use crate::protocols::write_back::WriteBack;
use crate::world::held_messages::Enabled;
use crate::world::modelled::Modelled;
use crate::world::schedule::{Operation, Step};
use crate::world::system::System;

/// A stream of numbers that is the same everywhere (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % bound as u64) as usize
    }

    fn step(&mut self, operations: &mut usize) -> Step {
        let (node, other) = (NodeId::at(self.below(3)), NodeId::at(self.below(3)));
        let sides = (NodeSet::only(node), NodeSet::first(3).minus(NodeSet::only(node)));
        match self.below(22) {
            0 => Step::Crash { node },
            1 => Step::Wipe { node },
            2 => Step::Pause { node },
            3 => Step::Cut { side: sides.0, other: sides.1 },
            4 => Step::CutOneWay { from: sides.0, to: sides.1 },
            5 => Step::Heal,
            6 | 7 => Step::Restart { node },
            8 => Step::Suspect { at: node, whom: other },
            9 => Step::Trust,
            10 => Step::Skew { node, ms: [-10, 0, 10][self.below(3)] },
            11 => Step::Tick { ms: 10 },
            12 => Step::Wake { node },
            13 if *operations > 0 => Step::Timeout { op: OpId::at(self.below(*operations)) },
            _ => {
                *operations += 1;
                Step::Operation(Operation {
                    op: OpId::at(*operations - 1),
                    action: [Action::Get, Action::Put, Action::Delete][self.below(3)],
                    client: ClientId::at(self.below(2)),
                    key: Key::at(self.below(2)),
                    via: node,
                    blind: self.below(4) == 0,
                    level: Level::Default,
                    exceptions: smallvec::SmallVec::new(),
                })
            }
        }
    }
}

#[track_caller]
fn is_looked_up_truly<S: System>(system: &S) {
    let cluster = Cluster::new(3, 2, 2);
    let demands = Demands::NOTHING.expecting(Guarantee::ALL.into_iter().collect());
    let mut branches = Stack::new(system, cluster, 2, demands).comparing_all();
    let mut enabled = Enabled::default();
    for walk in 0..300 {
        branches.back_to(0);
        let (mut numbers, mut operations) = (Numbers(walk % 60), 0);
        // Of walks that begin alike most steps are looked up.
        let parts = 20 + walk as usize / 60;
        for number in 0..40 {
            if number == parts {
                numbers.0 ^= walk;
            }
            branches.branch();
            branches.look_ahead(&mut enabled);
            let deliverable = enabled.deliverable.len();
            let message = (deliverable > 0).then(|| enabled.deliverable[numbers.below(deliverable.max(1))]);
            match (message, numbers.below(16)) {
                (Some(message), 0) if !message.doubled => branches.lose(message.op, message.name),
                (Some(message), 1) => branches.double(message.op, message.name),
                (Some(message), 2..=12) => {
                    branches.step(&Step::Arrive { op: message.op, name: message.name });
                }
                _ => branches.step(&numbers.step(&mut operations)),
            }
            if let Some(finding) = branches.finding() {
                assert_ne!(finding.breakage, Breakage::Nondeterminism, "walk {walk}, step {number}");
                break;
            }
        }
    }
    let (taken, looked_up) = branches.counts();
    assert!(looked_up > 500 && taken > 500, "{taken} steps were taken and {looked_up} looked up");
}

#[test]
fn steps_that_are_looked_up_are_those_that_would_be_taken() {
    is_looked_up_truly(&Modelled::<Dotted>(&Textbook));
    is_looked_up_truly(&Modelled(&LastWriteWins));
    is_looked_up_truly(&Modelled(&SloppyQuorum));
    is_looked_up_truly(&Modelled(&WriteBack));
    is_looked_up_truly(&Modelled(&AsSeeded));
}
