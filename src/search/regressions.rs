//! Failures kept in proptest's own file, as schedules and not as seeds.
//!
//! proptest stores the seed of a failure, `cc 5b1a…`. A seed is a schedule only together with the strategy that made
//! it: after any change of the strategy or of its arguments, the line stands for some other schedule, and passes. So
//! here a line holds the schedule itself, in another kind of line that proptest knows: for `pt 7175…` it returns the
//! bytes as they are, in place of random ones. The bytes begin with a word that marks them as ours. The
//! [text](crate::world::schedule_text) of the schedule follows, after its cluster if that is part of the case:
//!
//! ```text
//! pt 71756f726174650a… # shrinks to cluster N=3 R=2 W=2  put c1 k1 via n1 get c2 k1 via n2
//! ```
//!
//! `xxd -r -p` shows the text. Otherwise the file is proptest's own: comments, older `cc` lines and lines of other
//! strategies work as ever, and a file without our lines needs nothing from here. A line of ours that cannot be read
//! stops the test: a regression that is not run must not look like one that passed.
//!
//! Not covered: a strategy that takes its randomness apart before ours sees it (`prop_flat_map` and `prop_perturb`
//! split the bytes), and a failure with several arguments, which proptest stores by its seed.

use std::any::Any;
use std::fmt::Debug;

use proptest::test_runner::{
    Config, FailurePersistence, FileFailurePersistence, PersistedSeed, TestRng, contextualize_config,
};
use rand::Rng;

use crate::model::Cluster;
use crate::world::scenario::Scenario;
use crate::world::scenario_file::MAX_FILE;
use crate::world::schedule::Schedule;

/// What the bytes of a stored schedule begin with.
const MARK: [u8; 8] = *b"quorate\n";

/// How many bytes are read at a time.
const CHUNK: usize = 256;

/// What a line of ours holds: a schedule, and the cluster that was part of the case.
pub(super) type Stored = (Option<Cluster>, Schedule);

/// The configuration for a property of schedules: this many cases unless `PROPTEST_CASES` says otherwise, and failures
/// kept in this file, relative to the package: `proptest-regressions/lost-updates.txt`.
///
/// (You name the file because proptest's default looks for `lib.rs` above the source file, and finds none from
/// `tests/`. Cargo runs tests in the folder of their package.)
#[must_use]
pub fn config(cases: u32, file: &'static str) -> Config {
    let failure_persistence: Option<Box<dyn FailurePersistence>> = Some(Box::new(Regressions::in_file(file)));
    contextualize_config(Config { cases, failure_persistence, ..Config::default() })
}

/// Keeps failures in proptest's file, as schedules; see the [module](self).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Regressions {
    file: FileFailurePersistence,
}

impl Regressions {
    /// Keeps failures in this file, relative to the folder the test runs in: the package's, under cargo.
    #[must_use]
    pub const fn in_file(file: &'static str) -> Self {
        Self { file: FileFailurePersistence::Direct(file) }
    }
}

impl FailurePersistence for Regressions {
    fn load_persisted_failures2(&self, source_file: Option<&'static str>) -> Vec<PersistedSeed> {
        self.file.load_persisted_failures2(source_file)
    }

    fn save_persisted_failure2(
        &mut self,
        source_file: Option<&'static str>,
        seed: PersistedSeed,
        shrunken_value: &dyn Debug,
    ) {
        // proptest shows only how the value prints. Our values print as their text, so that is enough.
        let seed = seed_of_text(&format!("{shrunken_value:?}")).unwrap_or(seed);
        self.file.save_persisted_failure2(source_file, seed, shrunken_value);
    }

    fn box_clone(&self) -> Box<dyn FailurePersistence> {
        Box::new(*self)
    }

    fn eq(&self, other: &dyn FailurePersistence) -> bool {
        other.as_any().downcast_ref() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The line of a value, from its printed form; `None` if it is no schedule. `proptest!` puts the argument's name before
/// it: `schedule = put c1 k1 via n1`.
fn seed_of_text(printed: &str) -> Option<PersistedSeed> {
    let named = printed.split_once(" = ").map(|(_, text)| text);
    let text = [Some(printed), named].into_iter().flatten().find(|text| read(text).is_ok())?;
    line_of_text(text).parse().ok()
}

fn line_of_text(text: &str) -> String {
    let digits =
        |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]));
    "pt ".chars().chain(MARK.iter().chain(text.as_bytes()).flat_map(digits)).collect()
}

/// The line that holds a schedule, with or without its cluster, for adding it to a file by hand.
///
/// ```
/// use quorate::search::regressions::line;
/// use quorate::world::schedule::Schedule;
///
/// let schedule: Schedule = "put c1 k1 via n1".parse()?;
/// assert_eq!(line(None, &schedule), "pt 71756f726174650a707574206331206b3120766961206e31");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn line(cluster: Option<Cluster>, schedule: &Schedule) -> String {
    match cluster {
        Some(cluster) => line_of_text(&format!("cluster {cluster}\n\n{schedule}")),
        None => line_of_text(&schedule.to_string()),
    }
}

/// Parses a stored text.
fn read(text: &str) -> Result<Stored, String> {
    if text.starts_with("cluster ") {
        // Adds the protocol line of a scenario's header: the test decides which protocol runs.
        let scenario = format!("protocol any\n{text}").parse::<Scenario>().map_err(|bad| bad.to_string())?;
        Ok((Some(scenario.cluster), scenario.schedule))
    } else {
        text.parse()
            .map(|schedule| (None, schedule))
            .map_err(|bad: crate::world::schedule_text::BadText| bad.to_string())
    }
}

/// The schedule that this randomness stands for; `None` if it is not one of our lines. Leaves the randomness as it is.
///
/// # Errors
/// If it is one of our lines and cannot be read.
pub(super) fn stored(rng: &TestRng) -> Result<Option<Stored>, String> {
    let mut bytes = rng.clone();
    let mut mark = [0; MARK.len()];
    bytes.fill_bytes(&mut mark);
    if mark != MARK {
        return Ok(None);
    }
    let mut text = Vec::new();
    // Endless zeros follow the text.
    while text.len() <= MAX_FILE && !text.contains(&0) {
        let mut chunk = [0; CHUNK];
        bytes.fill_bytes(&mut chunk);
        text.extend_from_slice(&chunk);
    }
    text.truncate(text.iter().position(|byte| *byte == 0).unwrap_or(text.len()));
    let said = String::from_utf8(text)
        .map_err(|_| "it is not UTF-8".to_owned())
        .and_then(|text| read(&text).map_err(|bad| format!("{bad}, in\n{text}")));
    said.map(Some).map_err(|why| format!("a stored schedule cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::RngAlgorithm;

    use super::*;

    fn rng(bytes: &[u8]) -> TestRng {
        TestRng::from_seed(RngAlgorithm::PassThrough, bytes)
    }

    #[test]
    fn a_line_reads_back_with_its_cluster_or_without() {
        let schedule: Schedule = "put c1 k1 via n1 (to n2 late) as o1\narrive o1 to n2".parse().unwrap();
        for cluster in [None, Some(Cluster::new(3, 1, 1).on(5))] {
            let line = line(cluster, &schedule);
            let hex = line.strip_prefix("pt ").unwrap().as_bytes();
            let digits = hex.chunks(2).map(|pair| str::from_utf8(pair).unwrap());
            let bytes: Vec<u8> = digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
            assert_eq!(stored(&rng(&bytes)), Ok(Some((cluster, schedule.clone()))));
        }
    }

    #[test]
    fn randomness_that_is_not_ours_is_left_alone() {
        for bytes in [&b""[..], b"quorat", b"quorate put c1 k1 via n1", &[7; 40]] {
            let rng = rng(bytes);
            assert_eq!(stored(&rng), Ok(None));
            assert_eq!(stored(&rng), Ok(None), "and reading changes nothing");
        }
        assert_eq!(stored(&TestRng::deterministic_rng(RngAlgorithm::ChaCha)), Ok(None));
    }

    #[test]
    fn a_line_of_ours_that_cannot_be_read_says_so() {
        for (text, says) in [
            (&b"put c1 k1 via n99"[..], "line 1: expected a node such as n1"),
            (b"cluster N=3 R=2 W=2\n\ncrash n4", "expected a node of the cluster, at most n3"),
            (b"put \xff", "not UTF-8"),
        ] {
            let error = stored(&rng(&[&MARK, text].concat())).unwrap_err();
            assert!(error.contains("cannot be read") && error.contains(says), "{error}");
        }
    }

    #[test]
    fn values_are_known_by_how_they_print() {
        let text = |printed: &str| seed_of_text(printed).map(|seed| seed.to_string());
        let line = line(None, &"heal".parse().unwrap());
        assert_eq!(text("heal"), Some(line.clone()));
        assert_eq!(text("schedule = heal"), Some(line));
        assert_eq!(text("a = heal, b = 3"), None);
        assert_eq!(text("17"), None);
    }
}
