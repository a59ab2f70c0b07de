//! Coming to rest: an explicit end of every run, after which convergence is judged.
//!
//! 1. Everything that the faults in force let through is delivered. Then judges say who should have been answered.
//! 2. Everything heals: cuts, pauses, crashes, suspicions. Everything on its way arrives; waiting clients give up.
//! 3. Rounds: every node wakes (and hands off what it holds for others), and a read of each key reaches every home
//!    replica. The replicas of a key take turns in coordinating. The rounds end when every replica has had a turn
//!    that repaired and handed off nothing, or when too many rounds in a row bring no replica anything new.
//!
//! The reads of step 3 are the world's own: no client asked for them, and no line of a schedule names them. Judges
//! are told when they begin, and judge them only by durable, convergence and available.

use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::{Action, Level, Siblings};
use crate::world::observer::{Observer, Rest};
use crate::world::schedule::Operation;
use crate::world::simulation::Simulation;
use crate::world::system::System;

/// How many rounds in a row may repair something without bringing any home replica anything new. Rounds that bring
/// something new go on: the writes and the replicas bound how much there is to bring.
pub const MOST_IDLE_ROUNDS: u32 = 4;

impl<S: System> Simulation<'_, S> {
    /// Brings the run to rest. Without `read_rounds` it stops after healing: nobody will judge the state at rest.
    pub fn settle<W: Observer<S::Clock>>(&mut self, read_rounds: bool, observer: &mut W) {
        self.network.hold(false);
        self.deliver_deliverable(observer);
        for op in self.open_operations() {
            self.report_silence(op, observer);
        }
        self.network.heal();
        self.down = NodeSet::EMPTY;
        self.paused = NodeSet::EMPTY;
        self.suspects.fill(NodeSet::EMPTY);
        self.deliver_deliverable(observer);
        for op in self.open_operations() {
            self.give_up(op, observer);
        }
        if !read_rounds || self.tally.storm || observer.is_done() {
            return;
        }
        observer.resting();
        let keys = self.used_keys();
        let turns = u32::from(self.cluster.n);
        let (mut rounds, mut quiet, mut idle) = (0, 0, 0);
        let mut taken_in = self.taken_in_at_home(&keys);
        while quiet < turns && idle < MOST_IDLE_ROUNDS {
            let was_quiet = self.read_round(rounds, &keys, observer);
            rounds += 1;
            let before = std::mem::replace(&mut taken_in, self.taken_in_at_home(&keys));
            (quiet, idle) = match was_quiet {
                true => (quiet + 1, idle),
                false if taken_in > before => (0, 0),
                false => (0, idle + 1),
            };
            if self.tally.storm || observer.is_done() {
                return;
            }
        }
        let quiet = quiet == turns;
        let keys: Vec<_> = keys.into_iter().map(|key| (key, self.home_copies(key))).collect();
        observer.rested(&Rest { keys: &keys, rounds, quiet }, self.facts());
    }

    /// Wakes every node, and reads every key once. Returns whether nothing was repaired or handed off.
    fn read_round<W: Observer<S::Clock>>(&mut self, round: u32, keys: &[Key], observer: &mut W) -> bool {
        let before = (self.tally.repairs, self.tally.hand_offs);
        for node in self.cluster.node_ids() {
            self.wake(node, observer);
        }
        let reader = ClientId::at(self.clients.len().max(1) - usize::from(round > 0));
        for &key in keys {
            let home = self.home(key);
            let Some(&via) = home.get(round as usize % home.len().max(1)) else { continue };
            let op = OpId::at(self.records.len());
            self.operate(
                &Operation {
                    op,
                    action: Action::Get,
                    client: reader,
                    key,
                    via,
                    blind: false,
                    level: Level::Default,
                    exceptions: smallvec::SmallVec::new(),
                },
                observer,
            );
            self.deliver_deliverable(observer);
            if self.waiting[reader.index()] == Some(op) {
                self.give_up(op, observer);
            }
        }
        before == (self.tally.repairs, self.tally.hand_offs)
    }

    /// How many writes the home replicas of these keys have taken in, added up over the replicas.
    fn taken_in_at_home(&self, keys: &[Key]) -> usize {
        let copies = keys.iter().flat_map(|&key| self.home(key).iter().map(move |&node| (node, key)));
        copies.map(|(node, key)| self.ghosts.of_copy(node, node, key).seen.len()).sum()
    }

    /// Delivers late messages until no more can be delivered.
    fn deliver_deliverable<W: Observer<S::Clock>>(&mut self, observer: &mut W) {
        loop {
            let (paused, network) = (self.paused, &mut self.network);
            let next = network.take_first_passing(|to| !paused.contains(to));
            let Some(parcel) = next else { return };
            self.note_release(parcel.envelope.op);
            self.queue.push_back(parcel);
            self.deliver_queued(observer);
            if self.tally.storm {
                return;
            }
        }
    }

    fn open_operations(&self) -> Vec<OpId> {
        self.waiting.iter().flatten().copied().collect()
    }

    fn used_keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.records.iter().flatten().map(|record| record.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn home_copies(&self, key: Key) -> Vec<(NodeId, Siblings<S::Clock>)> {
        let held = |node| self.held(node, node, key).cloned().unwrap_or_default();
        self.home(key).iter().map(|&node| (node, held(node))).collect()
    }
}
