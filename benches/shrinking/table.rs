//! The table, as text.

use std::fmt::Write as _;

use crate::bugs::{Bug, FAILURES};
use crate::ours::{Ends, Measured, median_and_worst};

/// What came of a bug.
pub(crate) struct Row {
    pub(crate) bug: &'static Bug,
    pub(crate) failures: usize,
    pub(crate) measured: Measured,
    pub(crate) on_its_cluster: Ends,
    pub(crate) peers: [Ends; 3],
    /// How many single changes of the least failure the separate checker ran; none: it refuses the certificate.
    pub(crate) checked: Option<usize>,
}

impl Row {
    fn least(&self) -> String {
        self.measured.least.failure.minimal.case.to_string()
    }
}

const HEAD: &str = "\
Shrinking, measured. From each failing schedule of a bug, as random walks find them, at most FAILURES a bug:
  passes   `minimise`: how many end at the least failure, in how many texts; runs and µs, median [worst]
  search   `search_below`, after it: the same; schedules run and µs, median, not counted with the passes
  proven   every smaller schedule in the scope around the least failure was run, and on so many other clusters
  checked  the single changes of it that the separate checker ran, and none of which fails
Times are of the processor, so that a busy machine does not count.
Bugs HELD OUT were run for the first time after the passes were done.
";

/// All of it.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut text = HEAD.replace("FAILURES", &FAILURES.to_string());
    for (title, held_out) in [("SEEN while the passes were written", false), ("HELD OUT", true)] {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.bug.held_out == held_out).collect();
        let _ = writeln!(text, "\n{title}\n");
        let _ = writeln!(
            text,
            "{:<42} {:>4} {:>4}  {:>12} {:>10} {:>13}  {:>12} {:>7} {:>8}  {:<12} {:>7}",
            "bug",
            "fail",
            "size",
            "passes end",
            "runs",
            "µs",
            "search end",
            "runs",
            "µs",
            "proven",
            "checked"
        );
        rows.iter().for_each(|row| line(row, &mut text));
        totals(&rows, &mut text);
    }
    against_peers(rows, &mut text);
    texts(rows, &mut text);
    text
}

fn line(row: &Row, text: &mut String) {
    let Measured { shrunk, exact, least } = &row.measured;
    let size = least.failure.minimal.case.schedule.size();
    let ended = |ends: &Ends| format!("{}/{} in {}", ends.at(&row.least()), row.failures, ends.texts());
    let both = |of: &[u64]| {
        let (median, worst) = median_and_worst(of);
        format!("{median} [{worst}]")
    };
    let proven = match least.search.complete {
        true => "in its scope".to_owned(),
        false => format!("up to size {}", least.search.size),
    };
    let _ = writeln!(
        text,
        "{:<42} {:>4} {size:>4}  {:>12} {:>10} {:>13}  {:>12} {:>7} {:>8}  {proven:<12} {:>7}",
        row.bug.name(),
        row.failures,
        ended(shrunk),
        both(&shrunk.runs),
        both(&shrunk.micros),
        ended(exact),
        median_and_worst(&exact.runs).0,
        median_and_worst(&exact.micros).0,
        row.checked.map_or("REFUSED".to_owned(), |changes| changes.to_string()),
    );
}

fn totals(rows: &[&Row], text: &mut String) {
    let one = |ends: fn(&Row) -> &Ends| rows.iter().filter(|row| ends(row).texts() == 1).count();
    let all = |ends: fn(&Row) -> &Ends| -> usize { rows.iter().map(|row| ends(row).at(&row.least())).sum() };
    let failures: usize = rows.iter().map(|row| row.failures).sum();
    let medians = |of: fn(&Ends) -> &[u64]| -> Vec<u64> {
        rows.iter().map(|row| median_and_worst(of(&row.measured.shrunk)).0).collect()
    };
    let (runs, micros) = (medians(|ends| &ends.runs), medians(|ends| &ends.micros));
    let within = |of: &[u64], most: u64| of.iter().filter(|&&median| median <= most).count();
    let bugs = rows.len();
    let _ = writeln!(
        text,
        "\nof {bugs} bugs, {failures} failures: one text by passes {}, after the search {}; at the least failure by \
         passes {}, after the search {};\nmedian within 500 runs {}, within 5 ms {}; median of medians {} runs, {} µs",
        one(|row| &row.measured.shrunk),
        one(|row| &row.measured.exact),
        all(|row| &row.measured.shrunk),
        all(|row| &row.measured.exact),
        within(&runs, 500),
        within(&micros, 5_000),
        median_and_worst(&runs).0,
        median_and_worst(&micros).0,
    );
}

/// Side by side, on the first failures of each bug. The peers cannot lower the cluster; here nobody does.
fn against_peers(rows: &[Row], text: &mut String) {
    let _ = writeln!(
        text,
        "\nBESIDE OTHERS, on the first {} failures of each bug, the cluster left as it is\n\
         (size median [worst], distinct texts, runs and µs at the median)\n",
        crate::PEERS
    );
    let heads = ["quorate", "proptest Vec", "proptest-state-machine", "quickcheck Vec"];
    let _ = write!(text, "{:<42}", "bug");
    heads.iter().for_each(|head| {
        let _ = write!(text, " {head:>31}");
    });
    text.push('\n');
    for row in rows {
        let _ = write!(text, "{:<42}", row.bug.name());
        for ends in std::iter::once(&row.on_its_cluster).chain(&row.peers) {
            let (size, worst) = median_and_worst(&ends.sizes);
            let (runs, micros) = (median_and_worst(&ends.runs).0, median_and_worst(&ends.micros).0);
            let _ =
                write!(text, " {:>8} {:>3} {runs:>8} {micros:>8}", format!("{size} [{worst}]"), ends.texts());
        }
        text.push('\n');
    }
    let least = |ends: &Ends, row: &Row| {
        let least =
            row.on_its_cluster.sizes.iter().chain(row.peers.iter().flat_map(|ends| &ends.sizes)).min();
        ends.sizes.iter().filter(|size| Some(*size) == least).count()
    };
    let _ = write!(text, "{:<42}", "share at the least size that any found");
    for at in 0..4 {
        let ends = |row: &'_ Row| {
            if at == 0 { least(&row.on_its_cluster, row) } else { least(&row.peers[at - 1], row) }
        };
        let failures: usize = rows.iter().map(|row| row.on_its_cluster.sizes.len()).sum();
        let share = 100 * rows.iter().map(ends).sum::<usize>() / failures.max(1);
        let _ = write!(text, " {share:>29} %");
    }
    text.push('\n');
}

fn texts(rows: &[Row], text: &mut String) {
    text.push_str("\nTHE LEAST FAILURES\n\n");
    for row in rows {
        let least = &row.measured.least.failure.minimal.case;
        let steps = least.schedule.to_string().replace('\n', "; ");
        let _ = writeln!(text, "{:<42} {}: {steps}", row.bug.name(), least.cluster);
    }
}
