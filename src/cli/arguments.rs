//! Arguments that several commands share, and how they are read.

use crate::guarantee::Guarantee;
use crate::id::MAX_NODES;
use crate::model::Cluster;
use crate::protocols::{self, Entry};
use crate::search::random::{Fault, Faults};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

/// How something is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// For machines.
    Json,
}

/// N, R, W and the nodes.
#[derive(Args)]
pub(super) struct ClusterArguments {
    /// N: replicas of each key
    #[arg(short, long = "replicas", value_name = "N", default_value_t = 3, value_parser = small())]
    pub(super) n: u8,
    /// R: answers a read waits for
    #[arg(short, long = "read-quorum", value_name = "R", default_value_t = 2, value_parser = small())]
    pub(super) r: u8,
    /// W: acknowledgements a write waits for
    #[arg(short, long = "write-quorum", value_name = "W", default_value_t = 2, value_parser = small())]
    pub(super) w: u8,
    /// Storage nodes [default: N; with fallbacks to be tried, N and two more]
    #[arg(long, value_name = "NODES", value_parser = clap::value_parser!(u8).range(1..=MAX_NODES as i64))]
    pub(super) nodes: Option<u8>,
}

impl ClusterArguments {
    /// The cluster, if it can be built. Unless their number is given, it has no more nodes than replicas.
    pub(super) fn cluster(&self) -> Result<Cluster, String> {
        self.cluster_with(0)
    }

    /// The same, with so many nodes to spare unless their number is given.
    pub(super) fn cluster_with(&self, spare: u8) -> Result<Cluster, String> {
        let nodes = self.nodes.unwrap_or_else(|| self.n.saturating_add(spare).min(MAX_NODES as u8));
        let cluster = Cluster::new(self.n, self.r, self.w).on(nodes);
        cluster.validate().map_err(|bad| format!("-n {} -r {} -w {}: {bad}", self.n, self.r, self.w))
    }
}

fn small() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=255)
}

/// The protocol that commands take when none is named.
pub(super) fn default_protocol() -> &'static str {
    protocols::own().next().map_or("textbook", |entry| entry.name)
}

/// Refuses a protocol that cannot be run on this cluster, whatever the schedule.
pub(super) fn sound(entry: &Entry, cluster: Cluster, keys: u16) -> Result<(), String> {
    entry.subject.flaw(cluster, usize::from(keys)).map_or(Ok(()), Err)
}

/// A protocol by name. A mistake is answered with the user's own and the built-ins: the mutants are many.
pub(super) fn protocol() -> impl TypedValueParser<Value = &'static Entry> {
    let names = protocols::own().chain(protocols::ALL).map(|entry| PossibleValue::new(entry.name));
    let mutants = protocols::MUTANTS.iter().map(|mutant| PossibleValue::new(mutant.name).hide(true));
    PossibleValuesParser::new(names.chain(mutants))
        .try_map(|name| protocols::find(&name).ok_or("no such protocol"))
}

/// A guarantee, by name.
pub(super) fn guarantee() -> impl TypedValueParser<Value = Guarantee> {
    let names = Guarantee::ALL.iter().map(|guarantee| PossibleValue::new(guarantee.name()));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Guarantee>())
}

/// The kinds of fault together: `all` and `none` stand alone.
pub(super) fn together(faults: &[Faults]) -> Result<Faults, String> {
    match faults {
        [only] => Ok(*only),
        several if several.iter().any(|these| matches!(*these, Faults::ALL | Faults::NONE)) => {
            Err("--faults: expected `all`, `none` or names of faults, found one of the two beside others"
                .to_owned())
        }
        several => Ok(several.iter().flat_map(|faults| faults.iter()).collect()),
    }
}

/// A kind of fault, `all` or `none`.
pub(super) fn faults() -> impl TypedValueParser<Value = Faults> {
    let names = Fault::ALL.iter().map(|fault| PossibleValue::new(fault.name()));
    let words = [PossibleValue::new("all"), PossibleValue::new("none")];
    PossibleValuesParser::new(words.into_iter().chain(names)).map(|name| match name.as_str() {
        "all" => Faults::ALL,
        "none" => Faults::NONE,
        name => Fault::ALL.into_iter().filter(|fault| fault.name() == name).collect(),
    })
}
