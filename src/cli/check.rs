//! `quorate check`: a campaign of random schedules.

use std::fs::OpenOptions;
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::guarantee::Guarantee;
use crate::harness::{CampaignProgress, Monitor, Options, Report, Stop, Stuck, Verdict, check_watched};
use crate::id::{MAX_CLIENTS, MAX_KEYS};
use crate::protocols::Entry;
use crate::search::random::{Faults, Shape};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::arguments::{self, ClusterArguments, Format};
use super::{Exit, output};

/// So many schedules may be run to show that no failure is smaller: a second's work or two.
const CERTIFICATE: u64 = 400_000;

/// Whether SIGINT or SIGTERM has come: the search ends with what it has found. A second one ends the process.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What runs in some seconds on two cores.
const SCHEDULES: u64 = 10_000;

/// Checks a protocol with random schedules
#[derive(Args)]
pub(super) struct Arguments {
    /// The protocol; `quorate protocols` lists them
    #[arg(long, value_name = "NAME", default_value = arguments::default_protocol(), value_parser = arguments::protocol(),
          hide_possible_values = true)]
    protocol: &'static Entry,
    #[command(flatten)]
    cluster: ClusterArguments,
    /// The most clients that a schedule has
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=MAX_CLIENTS as i64))]
    clients: u16,
    /// The most keys that a schedule has
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=MAX_KEYS as i64))]
    keys: u16,
    /// Kinds of fault that may occur, with commas between them; `all` or `none`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "all",
          value_parser = arguments::faults())]
    faults: Vec<Faults>,
    /// How many schedules [default: 10000, or as many as the seconds allow]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    schedules: Option<u64>,
    /// For how long; with --schedules as well: at most so long
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    seconds: Option<u32>,
    /// Which schedules: the same seed gives the same ones
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    seed: u64,
    /// The number of the first schedule: where a run that was interrupted goes on
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    first: u64,
    /// On how many threads [default: one for each core]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Judges a guarantee though the protocol does not claim it; may be given several times
    #[arg(long, value_name = "GUARANTEE", value_parser = arguments::guarantee(), hide_possible_values = true)]
    expect: Vec<Guarantee>,
    /// Goes on after the first failure, and tells the first of each kind
    #[arg(long)]
    keep_going: bool,
    /// Tells a failure on the smallest cluster that claims the same for the same reasons
    #[arg(long)]
    smaller_clusters: bool,
    /// Writes each counterexample to a new file in this folder, which is made if it is not there
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// How the report is printed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Arguments {
    fn options(&self) -> Result<Options, String> {
        let cluster = self.cluster.cluster_with(self.protocol.spare)?;
        let shape = Shape {
            clients: self.clients,
            keys: self.keys,
            faults: arguments::together(&self.faults)?,
            ..Shape::of(cluster)
        };
        let count = if self.seconds.is_some() { u64::MAX } else { SCHEDULES };
        Ok(Options {
            shape,
            schedules: self.schedules.unwrap_or(count),
            time: self.seconds.map(|seconds| Duration::from_secs(seconds.into())),
            seed: self.seed,
            first: self.first,
            threads: self.threads.map_or(0, usize::from),
            expect: self.expect.iter().copied().collect(),
            certificate: CERTIFICATE,
            smaller_clusters: self.smaller_clusters,
            stop: if self.keep_going { Stop::AtEnd } else { Stop::AtFirst },
            ..Options::of(cluster)
        })
    }
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    let options = arguments.options()?;
    arguments::sound(arguments.protocol, options.cluster(), options.shape.keys)?;
    if let Some(folder) = &arguments.save {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|error| format!("--save {}: expected a folder: {error}", folder.display()))?;
        can_be_written_to(folder)?;
    }
    let spare = arguments.protocol.spare;
    if options.cluster().nodes == options.cluster().n && spare > 0 {
        let needed = options.cluster().n.saturating_add(spare);
        output::note(&format!(
            "every node is a replica of every key, so that none can stand in for another: what {} does then is \
             not tried (--nodes {needed} would)",
            arguments.protocol.name
        ));
    }
    // Where no handler can be set, a signal ends the process as it always does.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::AcqRel) {
            std::process::exit(Exit::Inconclusive as i32);
        }
    });
    let bar = Bar::new(&options, arguments.format);
    let report = check_watched(arguments.protocol.subject, &options, &bar);
    bar.0.finish_and_clear();
    save(arguments, &report)?;
    if report.interrupted {
        report.inconclusive().first().into_iter().for_each(|said| output::note(said));
    }
    match arguments.format {
        Format::Human => output::text(&report.render(&output::Colours))?,
        Format::Json => output::json(&Told {
            verdict: report.verdict(),
            inconclusive: report.inconclusive(),
            report: &report,
        })?,
    }
    Ok(match report.verdict() {
        Verdict::NoViolation => Exit::NoViolation,
        Verdict::Violation => Exit::Violation,
        Verdict::Inconclusive => Exit::Inconclusive,
    })
}

/// A report with what it comes to.
#[derive(Serialize)]
struct Told<'a> {
    verdict: Verdict,
    inconclusive: Vec<String>,
    #[serde(flatten)]
    report: &'a Report,
}

/// Whether a counterexample will find room there: it is better known before the search than after.
fn can_be_written_to(folder: &Path) -> Result<(), String> {
    let probe = folder.join(format!(".quorate-{}", std::process::id()));
    let made = OpenOptions::new().write(true).create_new(true).open(&probe);
    made.map_err(|error| format!("--save {}: expected a folder to write to: {error}", folder.display()))?;
    let _ = std::fs::remove_file(&probe);
    Ok(())
}

fn save(arguments: &Arguments, report: &Report) -> Result<(), String> {
    let Some(folder) = &arguments.save else { return Ok(()) };
    for story in &report.counterexamples {
        let path = folder.join(format!("{}-{}.txt", story.scenario.protocol, story.breakage));
        let written =
            story.scenario.write_new(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        output::note(&format!(
            "written to {}; again: quorate replay {}",
            written.display(),
            written.display()
        ));
    }
    Ok(())
}

/// A bar on a terminal; nothing elsewhere, and nothing under CI.
struct Bar(ProgressBar, Format);

impl Bar {
    fn new(options: &Options, format: Format) -> Self {
        if !stderr().is_terminal() || std::env::var_os("CI").is_some() {
            return Self(ProgressBar::hidden(), format);
        }
        let (bar, template) = match options.schedules {
            u64::MAX => (ProgressBar::new_spinner(), "  {spinner} {pos} schedules, {per_sec}"),
            count => (ProgressBar::new(count), "  {bar:40} {pos}/{len} schedules, {per_sec}, {eta} left"),
        };
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        Self(bar, format)
    }
}

impl Monitor for Bar {
    fn progress(&self, progress: CampaignProgress) {
        self.0.set_position(progress.schedules);
    }

    fn interrupts(&self) -> bool {
        INTERRUPTED.load(Ordering::Acquire)
    }

    fn shrinking(&self, number: u64) {
        self.0.set_style(ProgressStyle::default_spinner());
        self.0.set_message(format!("making schedule #{number} smaller"));
    }

    fn stuck(&self, stuck: &Stuck) {
        self.0.finish_and_clear();
        // The thread that runs it cannot be ended.
        std::process::exit(output::stuck(stuck, self.1) as i32);
    }
}
