//! The table, as text.

use std::fmt::Write as _;

use crate::bugs::Bug;
use crate::measure::{Hunt, MOST};
use crate::strategies::Contender;

pub(crate) const HEAD: &str = "\
Exploration, measured: how soon does a random search find a bug that was planted, or told of stores like these?
A search draws and runs schedules until something is broken that is claimed, or that the row expects; it is given up
after 256. An event is an invocation, a message handled, a timeout or a fault: since schedules differ in length, it is
events that are compared.
";

/// Strategies side by side.
pub(crate) fn side_by_side(
    title: &str,
    contenders: &[Contender],
    bugs: &[Bug],
    hunts: &[Vec<Hunt>],
) -> String {
    let seeds = hunts.first().and_then(|column| column.first()).map_or(0, |hunt| hunt.found.len());
    let mut text = format!("\n{title}\n\n");
    for Contender { name, about, .. } in contenders {
        let _ = writeln!(text, "  {name:<8} {about}");
    }
    let _ = writeln!(
        text,
        "\nEvents for each find; and, if not all of {seeds} seeds find it, how many do (/{seeds})\n"
    );
    let _ = write!(text, "{:<35}", "bug");
    contenders.iter().for_each(|contender| {
        let _ = write!(text, " {:>12}", contender.name);
    });
    text.push('\n');
    for (at, bug) in bugs.iter().enumerate() {
        let _ = write!(text, "{:<35}", bug.name());
        hunts.iter().for_each(|column| {
            let _ = write!(text, " {:>12}", cell(&column[at]));
        });
        text.push('\n');
    }
    let mut line = |what: &str, of: &dyn Fn(&[Hunt]) -> String| {
        let _ = write!(text, "{what:<35}");
        hunts.iter().for_each(|column| {
            let _ = write!(text, " {:>12}", of(column));
        });
        text.push('\n');
    };
    line("events, geometric mean beside first", &|column| format!("{:.3}", beside(column, &hunts[0])));
    line("bugs that every seed finds", &|column| {
        column.iter().filter(|hunt| hunt.finds() == seeds).count().to_string()
    });
    line("bugs that some seed finds", &|column| {
        column.iter().filter(|hunt| hunt.finds() > 0).count().to_string()
    });
    let searches = seeds * bugs.len();
    line("searches that find, in thousand", &|column| {
        (1000 * column.iter().map(Hunt::finds).sum::<usize>() / searches.max(1)).to_string()
    });
    text
}

fn cell(hunt: &Hunt) -> String {
    let events = match hunt.finds() {
        0 => "-".to_owned(),
        _ => format!("{:.0}", hunt.events_per_find()),
    };
    match hunt.finds() == hunt.found.len() {
        true => events,
        false => format!("{events} /{}", hunt.finds()),
    }
}

/// The geometric mean of what finds cost, as a share of what they cost another. A bug that was never found counts as
/// found with the last event.
fn beside(column: &[Hunt], first: &[Hunt]) -> f64 {
    let logs =
        column.iter().zip(first).map(|(hunt, base)| (hunt.events_per_find() / base.events_per_find()).ln());
    (logs.sum::<f64>() / column.len().max(1) as f64).exp()
}

/// The default alone, from more seeds.
pub(crate) fn in_full(bugs: &[Bug], hunts: &[Hunt]) -> String {
    let seeds = hunts.first().map_or(0, |hunt| hunt.found.len());
    let mut text = format!(
        "\nTHE DEFAULT, from {seeds} seeds: how many find the bug within {MOST} schedules, with the interval of Wilson for \
         95 %;\nschedules until then, median [worst]; events for each find\n\n"
    );
    let mut surely = 0;
    for (bug, hunt) in bugs.iter().zip(hunts) {
        let (low, high) = wilson(hunt.finds(), seeds);
        surely += usize::from(low >= 0.99);
        let or_more =
            |schedules: Option<u64>| schedules.map_or(format!(">{MOST}"), |schedules| schedules.to_string());
        let worst =
            hunt.found.iter().copied().collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
        let schedules = format!("{} [{}]", or_more(hunt.median()), or_more(worst));
        let _ = writeln!(
            text,
            "{:<35} {:>3}/{seeds}  {:>6.4} to {:>6.4}  {schedules:>12} {:>9}",
            bug.name(),
            hunt.finds(),
            low,
            high,
            cell(hunt).split(' ').next().unwrap_or_default(),
        );
    }
    let _ = writeln!(
        text,
        "\nof {} bugs, with 0.99 or more by the lower end of the interval: {surely}",
        bugs.len()
    );
    text
}

/// Wilson's score interval for a share of so many, at 95 % (E. B. Wilson, JASA 1927).
fn wilson(successes: usize, of: usize) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    let (n, share) = (of.max(1) as f64, successes as f64 / of.max(1) as f64);
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0))
}
