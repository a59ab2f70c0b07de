//! The effects of steps, noted so that they can be looked up.
//!
//! A search looks up about a million effects a second, and then mostly waits for memory. So an outcome is a few words
//! in a row, found by the fingerprint of its [`TransitionCause`]. (Two causes share a fingerprint as rarely as two
//! states do, and a search has more states.)

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::interner::Id;
use crate::world::fingerprint::fingerprint;

/// The parts that a step read: for several of a sort, a fingerprint of their numbers; for none, 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct TransitionCause {
    /// The fingerprint of the step; for a delivery or a loss, the message.
    pub(super) what: u64,
    pub(super) nodes: u64,
    pub(super) records: u64,
    pub(super) environment: Id,
    pub(super) clients: Id,
}

/// A part that a step put in place: the place, and the part's number.
pub(super) type Placed = [u32; 2];

/// What a step did: the parts that it put in place.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Transition {
    /// None: unchanged.
    pub(super) clients: Option<Id>,
    /// None: unchanged.
    pub(super) environment: Option<Id>,
    pub(super) nodes: SmallVec<[Placed; 2]>,
    pub(super) records: SmallVec<[Placed; 2]>,
    /// The messages that were sent, or stayed on their way.
    pub(super) sent: SmallVec<[Id; 3]>,
}

impl Transition {
    pub(super) fn told(&self) -> Told<'_> {
        let Self { clients, environment, nodes, records, sent } = self;
        Told { clients: *clients, environment: *environment, nodes, records, sent }
    }
}

/// An outcome, wherever it is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Told<'a> {
    pub(super) clients: Option<Id>,
    pub(super) environment: Option<Id>,
    pub(super) nodes: &'a [Placed],
    pub(super) records: &'a [Placed],
    pub(super) sent: &'a [Id],
}

/// Outcomes by cause.
#[derive(Default)]
pub(super) struct Outcomes {
    places: FxHashMap<u64, u32>,
    /// For each outcome: a header, the clients, the environment, the nodes, the records, what was sent.
    words: Vec<u32>,
}

/// Flags in a header: the outcome has clients, or an environment.
const CLIENTS: u32 = 1 << 31;
const ENVIRONMENT: u32 = 1 << 30;
/// A header also counts nodes, records and messages, in this many bits each.
const COUNT_BITS: u32 = 10;
const MOST: usize = (1 << COUNT_BITS) - 1;

impl Outcomes {
    /// How many outcomes are noted.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The outcome noted for a cause.
    #[inline]
    pub(super) fn find(&self, cause: &TransitionCause) -> Option<Told<'_>> {
        let place = *self.places.get(&fingerprint(cause))?;
        let (header, rest) = self.words[place as usize..].split_first()?;
        let count = |nth: u32| (header >> (nth * COUNT_BITS)) as usize & MOST;
        let (clients, rest) = rest.split_at(usize::from(header & CLIENTS != 0));
        let (environment, rest) = rest.split_at(usize::from(header & ENVIRONMENT != 0));
        let (nodes, rest) = rest.split_at(2 * count(2));
        let (records, rest) = rest.split_at(2 * count(1));
        Some(Told {
            clients: clients.first().copied(),
            environment: environment.first().copied(),
            nodes: nodes.as_chunks().0,
            records: records.as_chunks().0,
            sent: &rest[..count(0)],
        })
    }

    /// Notes an outcome, unless it has more parts than a header can count.
    pub(super) fn note(&mut self, cause: &TransitionCause, outcome: Told<'_>) {
        let Told { clients, environment, nodes, records, sent } = outcome;
        if nodes.len().max(records.len()).max(sent.len()) > MOST {
            return;
        }
        let counts = [nodes.len(), records.len(), sent.len()];
        let flags =
            if clients.is_some() { CLIENTS } else { 0 } | if environment.is_some() { ENVIRONMENT } else { 0 };
        let header = counts.into_iter().fold(0, |header, count| header << COUNT_BITS | count as u32);
        self.places.insert(fingerprint(cause), self.words.len() as u32);
        self.words.push(flags | header);
        self.words.extend(clients);
        self.words.extend(environment);
        self.words.extend_from_slice(nodes.as_flattened());
        self.words.extend_from_slice(records.as_flattened());
        self.words.extend_from_slice(sent);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use quickcheck::quickcheck;

    use super::*;

    quickcheck! {
        fn what_was_noted_is_found(noted: Vec<(u64, u8, Vec<u32>)>) -> bool {
            let mut outcomes = Outcomes::default();
            let mut expected = BTreeMap::new();
            for (what, shape, ids) in &noted {
                let cause = TransitionCause { what: *what, nodes: 0, records: 1, environment: 2, clients: 3 };
                let (nodes, others) = ids.split_at(ids.len() / 3);
                let (records, sent) = others.split_at(others.len() / 2);
                let placed = |ids: &[u32]| ids.iter().map(|id| [*id / 2, *id]).collect();
                let outcome = Transition {
                    clients: (shape & 1 == 1).then_some(7),
                    environment: (shape & 2 == 2).then_some(9),
                    nodes: placed(nodes),
                    records: placed(records),
                    sent: sent.iter().copied().collect(),
                };
                outcomes.note(&cause, outcome.told());
                expected.insert(*what, (cause, outcome));
            }
            let unknown = TransitionCause { what: 1, nodes: 2, records: 0, environment: 0, clients: 0 };
            outcomes.find(&unknown).is_none()
                && expected.values().all(|(cause, outcome)| outcomes.find(cause) == Some(outcome.told()))
        }
    }

    #[test]
    fn more_than_a_header_counts_is_not_noted() {
        let mut outcomes = Outcomes::default();
        let cause = TransitionCause { what: 1, nodes: 2, records: 3, environment: 4, clients: 5 };
        let outcome = |sent: usize| Transition { sent: (0..sent as u32).collect(), ..Transition::default() };
        outcomes.note(&cause, outcome(MOST + 1).told());
        assert_eq!(outcomes.find(&cause), None);
        outcomes.note(&cause, outcome(MOST).told());
        assert_eq!(outcomes.find(&cause), Some(outcome(MOST).told()));
    }
}
