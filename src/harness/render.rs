//! A report as text for a person.

use std::fmt;

use super::report::{GuaranteeRow, Report, Standing, Verdict};
use super::tally::Totals;
use crate::plural::Plural;
use crate::story::layout::{WIDTH, grouped, labelled, wrap};
use crate::story::{Paint, Plain, Role, Story};

impl Report {
    /// The report as text, without a final line break. If there are counterexamples, it is their stories.
    #[must_use]
    pub fn render(&self, paint: &dyn Paint) -> String {
        let mut out = String::new();
        match self.verdict() {
            Verdict::Violation => {
                for story in &self.counterexamples {
                    out.push_str(&story.render(paint));
                    out.push_str("\n\n");
                }
                self.kinds(&mut out);
            }
            verdict => {
                self.heading(verdict, paint, &mut out);
                self.table(paint, &mut out);
                self.not_owed(paint, &mut out);
                self.not_claimed(paint, &mut out);
                self.met(&mut out);
                self.ran(&mut out);
                out.push('\n');
                self.ending(verdict, &mut out);
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// The other kinds of failure, in a line.
    fn kinds(&self, out: &mut String) {
        let number = |story: &Story| story.found.as_ref().map_or(0, |found| found.number);
        let kinds: Vec<_> = self
            .counterexamples
            .iter()
            .map(|story| format!("{} (first by schedule #{})", story.breakage, number(story)))
            .collect();
        let of = grouped(self.totals.schedules);
        let as_well = self.broken_as_well().map(|line| format!("{} in {}", line.guarantee, line.broken));
        let as_well: Vec<_> = as_well.collect();
        if !as_well.is_empty() {
            let text = format!("{} of {of} schedules (--keep-going tells each)", as_well.join(", "));
            labelled("broken as well", &text, out);
        }
        if kinds.len() > 1 {
            labelled("broken", &kinds.join(", "), out);
            let Totals { failed, schedules, .. } = self.totals;
            labelled("failed", &format!("{} of {} schedules", grouped(failed), grouped(schedules)), out);
        }
    }

    fn heading(&self, verdict: Verdict, paint: &dyn Paint, out: &mut String) {
        let of = format!(
            "{} at {}, {} schedules of seed {}",
            self.protocol,
            self.cluster,
            grouped(self.totals.schedules),
            self.seed
        );
        let line = match verdict {
            Verdict::NoViolation => paint.paint(Role::Right, &format!("✓ no violation: {of}")),
            _ => paint.paint(Role::Strong, &format!("? inconclusive: {of}")),
        };
        out.push_str(&format!("{line}\n"));
        for reason in self.inconclusive() {
            wrap(&reason, WIDTH - 4).iter().for_each(|line| out.push_str(&format!("    {line}\n")));
        }
        out.push('\n');
    }

    fn table(&self, paint: &dyn Paint, out: &mut String) {
        let head = format!("  {:<20}{:>14}{:>12}{:>12}", "claimed", "examined", "not owed", "undecided");
        out.push_str(&format!("{}\n", paint.paint(Role::Strong, &head)));
        for GuaranteeRow { guarantee, outlook, counts, .. } in &self.lines {
            if matches!(outlook, Standing::NotClaimed(_)) {
                continue;
            }
            let row = format!(
                "  {guarantee:<20}{:>14}{:>12}{:>12}",
                grouped(counts.examined),
                grouped(counts.not_owed.total()),
                grouped(counts.unknown)
            );
            let note = match outlook {
                Standing::Expected(_) => "  expected, not claimed",
                Standing::NotJudged => "  cannot be judged from outside",
                _ if counts.examined == 0 => "  vacuous",
                _ => "",
            };
            out.push_str(&format!("{row}{note}\n"));
        }
        out.push('\n');
    }

    /// By guarantee: the share of its obligations that were not owed, and why.
    fn not_owed(&self, paint: &dyn Paint, out: &mut String) {
        let excused = |line: &&GuaranteeRow| line.outlook.is_judged() && line.counts.not_owed.total() > 0;
        let mut lines = self.lines.iter().filter(excused).peekable();
        if lines.peek().is_none() {
            return;
        }
        out.push_str(&format!("{}\n", paint.paint(Role::Strong, "  not owed")));
        for GuaranteeRow { guarantee, counts, .. } in lines {
            let by = counts.not_owed.iter().map(|(by, count)| format!("{} {by}", grouped(count)));
            let percent = 100.0 * counts.share_not_owed();
            paragraph(&format!("{guarantee}, {percent:.1} %: {}", by.collect::<Vec<_>>().join(", ")), out);
        }
        out.push('\n');
    }

    fn not_claimed(&self, paint: &dyn Paint, out: &mut String) {
        let unclaimed = || self.lines.iter().filter(|line| matches!(line.outlook, Standing::NotClaimed(_)));
        if unclaimed().next().is_some() {
            out.push_str(&format!("{}\n", paint.paint(Role::Strong, "  not claimed")));
        }
        // Guarantees that are not claimed for the same reason share a line.
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in unclaimed() {
            let Standing::NotClaimed(reason) = line.outlook else { continue };
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(line.guarantee.name()),
                None => reasons.push((reason, vec![line.guarantee.name()])),
            }
        }
        for (reason, names) in reasons {
            paragraph(&format!("{}: {reason}", names.join(", ")), out);
        }
        if let Some(lowered) = &self.lowered {
            let names: Vec<_> = lowered.guarantees.iter().map(|guarantee| guarantee.name()).collect();
            out.push_str(&format!("{}\n", paint.paint(Role::Strong, "  given up")));
            paragraph(&format!("{}: {} claims this, which it changes", names.join(", "), lowered.base), out);
        }
        if unclaimed().next().is_some() || self.lowered.is_some() {
            out.push('\n');
        }
    }

    fn met(&self, out: &mut String) {
        let totals = &self.totals;
        let share = |count: u64| {
            let percent = 100.0 * count as f64 / totals.schedules.max(1) as f64;
            format!("{percent:.1} %")
        };
        let text = format!(
            "siblings read in {}, a cut {}, a repair {}, a hand-off {}, a refusal {}, an operation without answer {}",
            share(totals.with_conflict),
            share(totals.with_partition),
            share(totals.with_repair),
            share(totals.with_hand_off),
            share(totals.with_refused),
            share(totals.with_info),
        );
        labelled("schedules with", &text, out);
    }

    fn ran(&self, out: &mut String) {
        let totals = &self.totals;
        let seconds = self.elapsed.as_secs_f64().max(1e-6);
        let per_second = |count: u64| grouped((count as f64 / seconds).round() as u64);
        let text = format!(
            "{} schedules, {} events in {seconds:.2} s on {}: {} schedules/s, {} events/s",
            grouped(totals.schedules),
            grouped(totals.events),
            Plural(self.threads, "thread"),
            per_second(totals.schedules),
            per_second(totals.events),
        );
        labelled("ran", &text, out);
        let twice = totals.run_twice;
        let text = format!("{} were run twice and compared after every step", Plural(twice, "schedule"));
        labelled("determinism", &text, out);
    }

    fn ending(&self, verdict: Verdict, out: &mut String) {
        let text = match verdict {
            Verdict::Inconclusive => {
                "Nothing that was examined was broken, and not everything was examined. More schedules, or more \
                 kinds of fault, may reach the rest."
            }
            _ => {
                "Nothing broken in these schedules; that is evidence, and no proof. Another seed or more schedules \
                 look further."
            }
        };
        wrap(text, WIDTH - 2).iter().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
}

/// A paragraph whose later lines are indented a little more.
fn paragraph(text: &str, out: &mut String) {
    for (i, line) in wrap(text, WIDTH - 6).iter().enumerate() {
        out.push_str(&format!("  {}{line}\n", if i == 0 { "" } else { "    " }));
    }
}

impl fmt::Display for Report {
    /// As plain text, 100 columns wide.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Plain))
    }
}
