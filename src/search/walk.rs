//! Random schedules.
//!
//! Length and collisions matter more than cleverness: long schedules, few keys, many operations. What else a
//! schedule is like (how much goes wrong with its messages, which faults it has, how often clients write blind) is
//! drawn anew for each, because no one share is best for every bug (swarm testing: Groce and others, ISSTA 2012).
//!
//! Nothing here looks at the run: a schedule is a function of its seed and the [`Shape`].

use crate::id::{ClientId, Key, NodeId, NodeSet, OpId};
use crate::model::{Action, Cluster, Level, MessageKind};
use crate::search::dice::Dice;
use crate::world::schedule::{Exception, Fate, MessageName, Operation, Schedule, Step};

/// A kind of fault, for switching it on and off.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fault {
    /// Messages are lost.
    Lost,
    /// Messages arrive late, and so out of order.
    Late,
    /// Messages are doubled.
    Doubled,
    /// The network is cut in two.
    Cut,
    /// The network is cut in one direction.
    OneWay,
    /// Nodes pause.
    Pause,
    /// Nodes crash, and restart with their disk.
    Crash,
    /// Nodes lose their disk.
    Wipe,
    /// Nodes take others for unreachable.
    Suspect,
    /// Clocks are wrong.
    Skew,
    /// Coordinators stop waiting.
    Timeout,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Lost,
        Self::Late,
        Self::Doubled,
        Self::Cut,
        Self::OneWay,
        Self::Pause,
        Self::Crash,
        Self::Wipe,
        Self::Suspect,
        Self::Skew,
        Self::Timeout,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Late => "late",
            Self::Doubled => "doubled",
            Self::Cut => "cut",
            Self::OneWay => "one-way",
            Self::Pause => "pause",
            Self::Crash => "crash",
            Self::Wipe => "wipe",
            Self::Suspect => "suspect",
            Self::Skew => "skew",
            Self::Timeout => "timeout",
        }
    }
}

/// A set of kinds of fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Faults(u16);

impl Faults {
    /// All kinds.
    pub const ALL: Self = Self((1 << Fault::ALL.len()) - 1);
    /// No fault at all.
    pub const NONE: Self = Self(0);

    /// Whether a kind is on.
    #[inline]
    #[must_use]
    pub const fn has(self, fault: Fault) -> bool {
        self.0 >> fault as u16 & 1 == 1
    }

    /// With this kind as well.
    #[must_use]
    pub const fn with(self, fault: Fault) -> Self {
        Self(self.0 | 1 << fault as u16)
    }

    /// Without this kind.
    #[must_use]
    pub const fn without(self, fault: Fault) -> Self {
        Self(self.0 & !(1 << fault as u16))
    }

    /// The kinds that are on.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.into_iter().filter(move |fault| self.has(*fault))
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        faults.into_iter().fold(Self::NONE, Self::with)
    }
}

/// What random schedules are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// The cluster they are for.
    pub cluster: Cluster,
    /// At most this many clients.
    pub clients: u16,
    /// At most this many keys.
    pub keys: u16,
    /// How many operations: from this
    pub fewest_operations: u16,
    /// to this.
    pub most_operations: u16,
    /// Which kinds of fault may occur.
    pub faults: Faults,
}

impl Shape {
    /// The default: up to four clients, two keys, 12 to 36 operations, every kind of fault.
    #[must_use]
    pub const fn of(cluster: Cluster) -> Self {
        Self { cluster, clients: 4, keys: 2, fewest_operations: 12, most_operations: 36, faults: Faults::ALL }
    }

    /// The schedule of this seed and number.
    #[must_use]
    pub fn schedule(&self, seed: u64, number: u64) -> Schedule {
        Walk::new(self, Dice::of(seed, number)).finish()
    }
}

/// What one schedule is like, in thousandths.
struct Mood {
    reads: u32,
    deletes: u32,
    blind: u32,
    levels: u32,
    unusual: u32,
    fault_begins: u32,
    fault_ends: u32,
    arrives: u32,
    ticks: u32,
    /// How much to stay with the coordinator of the operation before.
    sticky: u32,
}

struct Walk<'a> {
    shape: &'a Shape,
    dice: Dice,
    faults: Faults,
    clients: u32,
    keys: u32,
    mood: Mood,
    steps: Vec<Step>,
    late: Vec<(OpId, MessageName)>,
    stopped: NodeSet,
    via: NodeId,
}

impl<'a> Walk<'a> {
    fn new(shape: &'a Shape, mut dice: Dice) -> Self {
        // One schedule in four has every kind of fault there may be; the others, each with an even chance.
        let all = dice.happens(250);
        let faults = shape.faults.iter().filter(|_| all || dice.happens(500)).collect();
        let mood = Mood {
            reads: *dice.one_of(&[350, 500, 650]),
            deletes: *dice.one_of(&[0, 100, 250]),
            blind: *dice.one_of(&[0, 200, 500, 1000]),
            levels: *dice.one_of(&[0, 0, 0, 150]),
            unusual: *dice.one_of(&[0, 50, 150, 400]),
            fault_begins: *dice.one_of(&[0, 50, 150, 300]),
            fault_ends: *dice.one_of(&[100, 300, 600]),
            arrives: *dice.one_of(&[100, 300, 600]),
            ticks: *dice.one_of(&[0, 200, 900]),
            sticky: *dice.one_of(&[0, 0, 500, 900]),
        };
        let clients = dice.between(1, u32::from(shape.clients.max(1)));
        let keys = dice.between(1, u32::from(shape.keys.max(1)));
        Self {
            shape,
            dice,
            faults,
            clients,
            keys,
            mood,
            steps: Vec::with_capacity(48),
            late: Vec::new(),
            stopped: NodeSet::EMPTY,
            via: NodeId(1),
        }
    }

    fn finish(mut self) -> Schedule {
        let operations =
            self.dice.between(u32::from(self.shape.fewest_operations), u32::from(self.shape.most_operations));
        for op in 1..=operations.max(1) {
            self.between_operations();
            self.operation(OpId(op as u16));
        }
        Schedule { steps: self.steps }
    }

    fn between_operations(&mut self) {
        if self.dice.happens(self.mood.ticks) {
            let ms = self.dice.between(1, 20);
            self.steps.push(Step::Tick { ms });
        }
        if self.dice.happens(self.mood.fault_ends) {
            self.end_a_fault();
        }
        if self.dice.happens(self.mood.fault_begins) {
            self.begin_a_fault();
        }
        while !self.late.is_empty() && self.dice.happens(self.mood.arrives) {
            let at = self.dice.below(self.late.len() as u32) as usize;
            let (op, name) = self.late.swap_remove(at);
            self.steps.push(Step::Arrive { op, name });
        }
    }

    fn operation(&mut self, op: OpId) {
        let action = if self.dice.happens(self.mood.reads) {
            Action::Get
        } else if self.dice.happens(self.mood.deletes) {
            Action::Delete
        } else {
            Action::Put
        };
        if !self.dice.happens(self.mood.sticky) {
            self.via = self.node();
        }
        let level = if self.dice.happens(self.mood.levels) {
            *self.dice.one_of(&[Level::One, Level::Quorum, Level::All])
        } else {
            Level::Default
        };
        let mut operation = Operation {
            op,
            action,
            client: ClientId(self.dice.between(1, self.clients) as u16),
            key: Key(self.dice.between(1, self.keys) as u16),
            via: self.via,
            blind: action.is_write() && self.dice.happens(self.mood.blind),
            level,
            exceptions: smallvec::SmallVec::new(),
        };
        if self.dice.happens(self.mood.unusual) {
            self.exceptions(&mut operation);
        }
        let unanswered = !operation.exceptions.is_empty();
        self.steps.push(Step::Operation(operation));
        if unanswered && self.faults.has(Fault::Timeout) && self.dice.happens(150) {
            self.steps.push(Step::Timeout { op });
        }
    }

    /// Gives some messages of an operation another fate.
    fn exceptions(&mut self, operation: &mut Operation) {
        let fates: Vec<Fate> =
            [(Fault::Lost, Fate::Lost), (Fault::Late, Fate::Late), (Fault::Doubled, Fate::Doubled)]
                .into_iter()
                .filter(|(fault, _)| self.faults.has(*fault))
                .map(|(_, fate)| fate)
                .collect();
        if fates.is_empty() {
            return;
        }
        loop {
            let name = self.message();
            let fate = *self.dice.one_of(&fates);
            let taken = operation.exceptions.iter().any(|exception| exception.name == name);
            let senseless = name.kind.is_of_client() && fate == Fate::Doubled;
            if !taken && !senseless {
                operation.exceptions.push(Exception { name, fate });
                if fate != Fate::Lost {
                    self.late.push((operation.op, name));
                }
            }
            if operation.exceptions.len() >= 6 || !self.dice.happens(500) {
                break;
            }
        }
        operation.exceptions.sort_unstable();
    }

    fn message(&mut self) -> MessageName {
        let kind = match self.dice.below(20) {
            0..8 => MessageKind::Ask,
            8..13 => MessageKind::Answer,
            13..16 => MessageKind::Repair,
            16 => MessageKind::Request,
            17 => MessageKind::Reply,
            18 => MessageKind::HandOff,
            _ => *self.dice.one_of(&[MessageKind::Repaired, MessageKind::HandedOff]),
        };
        let replica = (!kind.is_of_client()).then(|| self.node());
        MessageName { kind, replica, attempt: 0 }
    }

    fn begin_a_fault(&mut self) {
        const BEGINNING: [Fault; 7] =
            [Fault::Cut, Fault::OneWay, Fault::Pause, Fault::Crash, Fault::Wipe, Fault::Suspect, Fault::Skew];
        let fault = *self.dice.one_of(&BEGINNING);
        if !self.faults.has(fault) {
            return;
        }
        let node = self.node();
        let step = match fault {
            Fault::Cut => {
                let (side, other) = self.sides();
                Step::Cut { side, other }
            }
            Fault::OneWay => {
                let (from, to) = self.sides();
                Step::CutOneWay { from, to }
            }
            Fault::Pause => Step::Pause { node },
            Fault::Crash => Step::Crash { node },
            Fault::Wipe => Step::Wipe { node },
            Fault::Suspect => Step::Suspect { at: node, whom: self.node() },
            _ => Step::Skew { node, ms: self.dice.between(0, 200) as i32 - 100 },
        };
        if matches!(step, Step::Pause { .. } | Step::Crash { .. }) {
            self.stopped.insert(node);
        }
        self.steps.push(step);
    }

    fn end_a_fault(&mut self) {
        let step = match self.dice.below(4) {
            0 => Step::Heal,
            1 => Step::Trust,
            2 => Step::Wake { node: self.node() },
            _ => match self.stopped.iter().next() {
                Some(node) => {
                    self.stopped.remove(node);
                    Step::Restart { node }
                }
                None => Step::Heal,
            },
        };
        let needless = match step {
            Step::Heal => !(self.faults.has(Fault::Cut) || self.faults.has(Fault::OneWay)),
            Step::Trust => !self.faults.has(Fault::Suspect),
            _ => false,
        };
        if !needless {
            self.steps.push(step);
        }
    }

    /// Two sides of a cut, neither empty where there is more than one node.
    fn sides(&mut self) -> (NodeSet, NodeSet) {
        let nodes = u32::from(self.shape.cluster.nodes);
        let all = NodeSet::first(nodes as usize);
        let side = NodeSet(self.dice.between(1, (1 << nodes) - 1) as u16);
        let side = if side == all { NodeSet::only(self.node()) } else { side };
        (side, all.minus(side))
    }

    fn node(&mut self) -> NodeId {
        NodeId(self.dice.between(1, u32::from(self.shape.cluster.nodes)) as u8)
    }
}
