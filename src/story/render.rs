//! A story as text for a person.
//!
//! The steps stand on the left, each with its outcomes below it. What the nodes hold stands on the right, one column
//! a node and one version a line: `+` new, `-` gone. `✗` marks what is wrong, `•` the writes it is about.

use super::layout::{WIDTH, cut, labelled, pad, width, wrap};
use super::rows::{Change, Mark, Row};
use super::{Found, Story};
use crate::guarantee::Guarantee;
use crate::id::NodeId;
use crate::judge::Breakage;
use crate::model::Cluster;
use crate::plural::Plural;

/// The least width of the steps, and the greatest width of a node's column.
const STEPS: usize = 44;
const COLUMN: usize = 16;

/// The role of a piece of text, which gives it its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// What is wrong.
    Wrong,
    /// What is right.
    Right,
    /// A heading, or something to notice.
    Strong,
    /// Something less important.
    Faint,
    /// What is new.
    Added,
    /// What is gone.
    Gone,
}

/// Colours text.
pub trait Paint {
    /// The text in the colour of its role.
    fn paint(&self, role: Role, text: &str) -> String;
}

/// No colours.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Paint for Plain {
    fn paint(&self, _role: Role, text: &str) -> String {
        text.to_owned()
    }
}

impl Story {
    /// The story as text, without a final line break.
    #[must_use]
    pub fn render(&self, paint: &dyn Paint) -> String {
        let mut out = String::new();
        self.heading(paint, &mut out);
        self.table(paint, &mut out);
        self.versions(&mut out);
        self.what_else(paint, &mut out);
        self.again(paint, &mut out);
        out.truncate(out.trim_end().len());
        out
    }

    fn heading(&self, paint: &dyn Paint, out: &mut String) {
        out.push_str(&paint.paint(Role::Wrong, &format!("✗ {}", headline(self.breakage))));
        out.push('\n');
        if let Some(statement) = self.statement {
            out.push_str(&format!("  \"{statement}\"\n"));
        }
        out.push('\n');
        for line in wrap(&self.because, WIDTH - 2) {
            out.push_str(&paint.paint(Role::Strong, &format!("  {line}")));
            out.push('\n');
        }
        for line in wrap(&self.owed, WIDTH - 2) {
            out.push_str(&paint.paint(Role::Faint, &format!("  {line}")));
            out.push('\n');
        }
        out.push('\n');
    }

    fn table(&self, paint: &dyn Paint, out: &mut String) {
        Columns::of(&self.rows, &self.nodes).table(&self.rows, &self.nodes, paint, out);
        let untold = self.scenario.schedule.steps.len().saturating_sub(self.rows.len());
        if untold > 0 {
            out.push_str(&format!("       … and {} more\n", Plural(untold, "step")));
        }
        out.push('\n');
    }

    fn versions(&self, out: &mut String) {
        let clocks: Vec<_> = self.clocks.iter().map(|(name, clock)| format!("{name} @ {clock}")).collect();
        if !clocks.is_empty() {
            labelled("versions", &clocks.join("   "), out);
        }
    }

    fn what_else(&self, paint: &dyn Paint, out: &mut String) {
        let names = |these: &[Guarantee]| these.iter().map(|g| g.name()).collect::<Vec<_>>().join(", ");
        if !self.holds.is_empty() {
            labelled(&paint.paint(Role::Right, "still holds"), &names(&self.holds), out);
        }
        if !self.also_broken.is_empty() {
            labelled(&paint.paint(Role::Wrong, "also broken"), &names(&self.also_broken), out);
        }
        if !self.not_claimed.is_empty() {
            labelled("not claimed", &format!("{}, and broken by this run", names(&self.not_claimed)), out);
        }
        for (breakage, schedule) in &self.met {
            labelled("met as well", &format!("{breakage}, by: {schedule}"), out);
        }
        if let Some(found) = &self.found {
            labelled("found", &how(found, self.scenario.schedule.size(), &self.scenario.cluster), out);
            if let Some(below) = &found.below {
                labelled("smaller ones", &below.said_of("failure"), out);
            }
        }
        out.push('\n');
    }

    fn again(&self, paint: &dyn Paint, out: &mut String) {
        if let Some(command) = &self.replay.command {
            out.push_str(&format!("{}\n\n", paint.paint(Role::Strong, "To see it again:")));
            command.lines().for_each(|line| out.push_str(&format!("{line}\n")));
            out.push('\n');
        }
        out.push_str(&format!("{}\n\n", paint.paint(Role::Strong, "As a test:")));
        self.replay.test.lines().for_each(|line| out.push_str(&format!("{line}\n")));
    }
}

fn headline(breakage: Breakage) -> String {
    match breakage {
        Breakage::Panic => "the protocol panics".to_owned(),
        Breakage::Storm => "its messages do not end".to_owned(),
        Breakage::Nondeterminism => "the protocol is not deterministic".to_owned(),
        Breakage::Guarantee(_) | Breakage::Difference => format!("{breakage} is broken"),
    }
}

/// How it was found, and made into the one that is told, with this size and this cluster.
pub(super) fn how(found: &Found, size: usize, told: &Cluster) -> String {
    let Found {
        seed, number, schedules, cluster: asked, size: was, shrink_runs, shrink_ms, one_minimal, ..
    } = found;
    let mut text = format!("by schedule #{number} of seed {seed}; {schedules} schedules were run");
    if *shrink_runs > 0 {
        text.push_str(&format!(
            "; made smaller from size {was}{} to {size} in {}, {shrink_ms} ms",
            if asked == told { String::new() } else { format!(" at {asked}") },
            Plural(*shrink_runs, "run"),
        ));
    }
    if *one_minimal {
        text.push_str("; nothing in it can be left out");
    } else if *shrink_runs > 0 {
        text.push_str("; the run limit was reached, so that this may not be minimal");
    }
    text
}

/// The widths of the table.
pub(super) struct Columns {
    left: usize,
    width: usize,
}

impl Columns {
    pub(super) fn of(rows: &[Row], nodes: &[NodeId]) -> Self {
        let cells = rows.iter().flat_map(|row| &row.held);
        let longest = cells.map(|held| width(&held.text)).max().unwrap_or(0).max(3);
        let columns = nodes.len().max(1);
        // A node's column holds the sign, the text, and two spaces between columns.
        let most = ((WIDTH - STEPS - 2) / columns).clamp(6, COLUMN);
        let width = (longest + 4).min(most);
        let most = if nodes.is_empty() { WIDTH - 2 } else { (WIDTH - 2).saturating_sub(width * columns) };
        let steps = rows.iter().map(|row| super::layout::width(&row.step));
        let outcomes = rows.iter().flat_map(|row| &row.outcomes);
        let outcomes = outcomes.map(|outcome| super::layout::width(&outcome.text) + 2);
        let reasons = rows.iter().flat_map(|row| &row.needed);
        let reasons = reasons.map(|reason| super::layout::width(reason) + 4);
        let needed = steps.chain(outcomes).chain(reasons).max();
        Self { left: (needed.unwrap_or(0) + 10).clamp(STEPS, most.max(STEPS)), width }
    }

    pub(super) fn table(&self, rows: &[Row], nodes: &[NodeId], paint: &dyn Paint, out: &mut String) {
        if !nodes.is_empty() {
            let mut line = " ".repeat(self.left + 2);
            for node in nodes {
                line.push_str(&pad(&format!("  {node}"), self.width));
            }
            out.push_str(&paint.paint(Role::Strong, line.trim_end()));
            out.push('\n');
        }
        rows.iter().for_each(|row| self.row(row, nodes, paint, out));
    }

    fn row(&self, row: &Row, nodes: &[NodeId], paint: &dyn Paint, out: &mut String) {
        let number = row.number.map_or_else(|| "  ".to_owned(), |number| format!("{number:>2}"));
        let sign = match row.mark {
            Mark::None => " ",
            Mark::Concerned => "•",
            Mark::Wrong => "✗",
        };
        let mut left: Vec<(Role, String)> = Vec::new();
        let room = self.left - 7;
        for (i, line) in wrap(&row.step, room).into_iter().enumerate() {
            let head = if i == 0 { format!("{sign} {number}  ") } else { " ".repeat(8) };
            left.push((Role::Strong, format!("{head}{line}")));
        }
        for outcome in &row.outcomes {
            let wrong = outcome.mark == Mark::Wrong;
            for (i, line) in wrap(&outcome.text, room - 2).into_iter().enumerate() {
                let sign = if wrong && i == 0 { "✗ " } else { "  " };
                left.push((if wrong { Role::Wrong } else { Role::Faint }, format!("      {sign}{line}")));
            }
        }
        for needed in &row.needed {
            for (i, line) in wrap(needed, room - 4).into_iter().enumerate() {
                let sign = if i == 0 { "↳ " } else { "  " };
                left.push((Role::Faint, format!("        {sign}{line}")));
            }
        }
        let columns: Vec<Vec<(Role, String)>> = nodes.iter().map(|node| self.cells(row, *node)).collect();
        let height = columns.iter().map(Vec::len).max().unwrap_or(0).max(left.len());
        for i in 0..height {
            let mut line = match left.get(i) {
                Some((role, text)) => painted(*role, &pad(text, self.left + 2), paint),
                None => " ".repeat(self.left + 2),
            };
            for column in &columns {
                match column.get(i) {
                    Some((role, text)) => line.push_str(&painted(*role, &pad(text, self.width), paint)),
                    None => line.push_str(&" ".repeat(self.width)),
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }

    fn cells(&self, row: &Row, node: NodeId) -> Vec<(Role, String)> {
        let of_node = row.held.iter().filter(|held| held.node == node);
        let mut cells: Vec<_> = of_node
            .map(|held| {
                let (role, sign) = match held.change {
                    Change::Kept => (Role::Faint, ' '),
                    Change::Added => (Role::Added, '+'),
                    Change::Gone => (Role::Gone, '-'),
                };
                (role, format!("{sign} {}", cut(&held.text, self.width - 3)))
            })
            .collect();
        if cells.is_empty() {
            cells.push((Role::Faint, "  ·".to_owned()));
        }
        cells
    }
}

/// Paints the text, but not the spaces after it.
fn painted(role: Role, text: &str, paint: &dyn Paint) -> String {
    let end = text.trim_end().len();
    if end == 0 {
        return text.to_owned();
    }
    format!("{}{}", paint.paint(role, &text[..end]), &text[end..])
}
