//! The report as a person reads it.

use std::fmt;

use super::{EndCounts, HistoryReport, HistoryVerdict, Judged};
use crate::escape;
use crate::guarantee::Guarantee;
use crate::plural::Plural;

/// How many breaches of a guarantee are told in full.
const TOLD: usize = 3;

/// How much of a name is shown, in characters.
const NAME: usize = 80;

/// How many keys and writes the last line of the counts names.
const NAMED: usize = 8;

impl fmt::Display for HistoryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, r, w) = self.quorum;
        writeln!(
            f,
            "N={n} R={r} W={w}; {}, {}, {}",
            ended(self.puts, "put"),
            ended(self.deletes, "delete"),
            ended(self.gets, "read")
        )?;
        writeln!(
            f,
            "\n{:<20} {:<8} {:>9} {:>7} {:>6} {:>9} {:>9}",
            "guarantee", "verdict", "examined", "broken", "reads", "undecided", "not owed"
        )?;
        for judged in &self.judged {
            judged.row(f)?;
        }
        let owed = self.judged.iter().filter(|judged| judged.owed).map(|judged| judged.guarantee);
        writeln!(
            f,
            "Owed by N, R and W alone: {}.",
            owed.map(Guarantee::name).collect::<Vec<_>>().join(", ")
        )?;
        writeln!(f, "\nmost siblings {}", self.most_siblings)?;
        self.end(f)?;
        self.judged.iter().try_for_each(|judged| self.told(judged, f))
    }
}

impl Judged {
    fn row(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { guarantee, ruling, not_owed, reads, .. } = self;
        write!(
            f,
            "{guarantee:<20} {:<8} {:>9} {:>7} {reads:>6} {:>9} {not_owed:>9}",
            self.verdict(),
            ruling.examined,
            ruling.broken,
            ruling.unknown
        )?;
        f.write_str(if self.expected { "  expected\n" } else { "\n" })
    }
}

impl HistoryReport {
    fn end(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys_at_end();
        let (divergent, lost): (Vec<_>, Vec<_>) = (self.divergent().collect(), self.lost().collect());
        if keys == 0 {
            return writeln!(f, "at the end: no key was read after its last write");
        }
        write!(
            f,
            "at the end: {} read after the last write; {} divergent; {} lost",
            Plural(keys, "key"),
            divergent.len(),
            Plural(lost.len(), "acknowledged write")
        )?;
        let named = divergent.iter().chain(&lost).take(NAMED).map(|name| escape::brief(name, NAME));
        let which = named.collect::<Vec<_>>().join(" ");
        match (divergent.len() + lost.len()).saturating_sub(NAMED) {
            0 if which.is_empty() => writeln!(f),
            0 => writeln!(f, " ({which})"),
            more => writeln!(f, " ({which} and {more} more)"),
        }
    }

    /// The first breaches of one guarantee, and why obligations are undecided.
    fn told(&self, judged: &Judged, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guarantee = judged.guarantee;
        if let (HistoryVerdict::Unknown, Some(why)) = (judged.verdict(), judged.ruling.why_unknown) {
            writeln!(f, "\n{guarantee} is undecided: {why}")?;
        }
        if judged.reads == 0 {
            return Ok(());
        }
        let reads = Plural(judged.reads, "read");
        if judged.most == 0 {
            writeln!(f, "\n{guarantee} broken by {reads}")?;
        } else {
            writeln!(
                f,
                "\n{guarantee} broken by {reads}, {} of them for a put; at most {} by one read, {} of them puts",
                judged.reads_for_puts,
                Plural(judged.most, "write"),
                judged.most_puts
            )?;
        }
        let of_this = || self.breaches().filter(|(_, breach)| breach.guarantee == guarantee);
        for (names, breach) in of_this().take(TOLD) {
            writeln!(f, "  {}", breach.sentence(names))?;
        }
        match of_this().count().saturating_sub(TOLD) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}

fn ended(ended: EndCounts, what: &'static str) -> String {
    let mut text = format!("{} ok", Plural(ended.ok, what));
    for (count, how) in [(ended.refused, "refused"), (ended.info, "info")] {
        if count > 0 {
            text.push_str(&format!(" {count} {how}"));
        }
    }
    text
}
