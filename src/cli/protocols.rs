//! `quorate protocols`: what there is, what each claims, and why it does not claim the rest.

use std::collections::BTreeMap;

use crate::guarantee::Guarantee;
use crate::model::{Claims, Cluster};
use crate::protocols::{self, ALL, Entry, MUTANTS, Mutant};
use crate::story::{Paint, Role};
use clap::Args;
use serde_json::json;

use super::arguments::{ClusterArguments, Format};
use super::{Exit, output};

/// Lists the protocols, with what each claims, and why not the rest
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    cluster: ClusterArguments,
    /// Lists the broken protocols instead, each with the rule that it changes and what that breaks
    #[arg(long)]
    mutants: bool,
    /// How they are printed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let cluster = arguments.cluster.cluster()?;
    if arguments.mutants {
        return mutants(arguments.format);
    }
    match arguments.format {
        Format::Human => {
            let told: Vec<String> = protocols::own().chain(ALL).map(|entry| tell(entry, cluster)).collect();
            output::text(&format!("At {cluster}:\n\n{}", told.join("\n")))?;
        }
        Format::Json => {
            let listed: Vec<_> = protocols::own().chain(ALL).map(|entry| listed(entry, cluster)).collect();
            output::json(&json!({ "cluster": cluster, "protocols": listed }))?;
        }
    }
    Ok(Exit::NoViolation)
}

fn mutants(format: Format) -> Result<Exit, String> {
    match format {
        Format::Human => {
            let told: Vec<String> = MUTANTS.iter().map(tell_mutant).collect();
            output::text(&told.join("\n"))?;
        }
        Format::Json => {
            let listed = MUTANTS.iter().map(|mutant| {
                json!({
                    "name": mutant.name,
                    "about": mutant.about,
                    "changes": mutant.base,
                    "breaks": mutant.breaks.to_string(),
                })
            });
            output::json(&json!({ "mutants": listed.collect::<Vec<_>>() }))?;
        }
    }
    Ok(Exit::NoViolation)
}

fn tell_mutant(mutant: &Mutant) -> String {
    let mut text = format!("{}\n", output::Colours.paint(Role::Strong, mutant.name));
    wrapped("", mutant.about, &mut text);
    wrapped("changes", &format!("{}, and so breaks {}", mutant.base, mutant.breaks), &mut text);
    text
}

fn listed(entry: &Entry, cluster: Cluster) -> serde_json::Value {
    let claims = entry.subject.claims(cluster);
    let claimed: Vec<_> = claims.set().iter().collect();
    let why_not: BTreeMap<_, _> =
        Guarantee::ALL.iter().filter_map(|g| claims.why_not(*g).map(|reason| (g.name(), reason))).collect();
    json!({
        "name": entry.name,
        "about": entry.about,
        "data_type": entry.subject.data_type(),
        "claims": claimed,
        "not_claimed": why_not,
    })
}

fn tell(entry: &Entry, cluster: Cluster) -> String {
    let claims = entry.subject.claims(cluster);
    let name = output::Colours.paint(Role::Strong, entry.name);
    let mut text = format!("{name}: {}\n", entry.about);
    let names: Vec<_> = claims.set().iter().map(Guarantee::name).collect();
    match names.len() {
        Guarantee::COUNT => text.push_str("  claims everything\n"),
        0 => text.push_str("  claims nothing\n"),
        _ => wrapped("claims", &names.join(", "), &mut text),
    }
    for (reason, guarantees) in by_reason(&claims) {
        wrapped("not", &format!("{}: {reason}", guarantees.join(", ")), &mut text);
    }
    text
}

/// What is not claimed for one reason is said together, in the order in which reports name it.
fn by_reason(claims: &Claims) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for guarantee in Guarantee::ALL {
        let Some(reason) = claims.why_not(guarantee) else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, guarantees)) => guarantees.push(guarantee.name()),
            None => reasons.push((reason, vec![guarantee.name()])),
        }
    }
    reasons
}

fn wrapped(label: &str, said: &str, text: &mut String) {
    for (i, line) in crate::story::wrap(said, 88).iter().enumerate() {
        let label = if i == 0 { label } else { "" };
        text.push_str(&format!("  {label:<8}{line}\n"));
    }
}
