//! Scenarios in files, as text or as JSON.
//!
//! A file comes from outside and may hold anything. It is read up to a bound, and an error about it is one line:
//! `file:line: expected …, found …`. A written file is evidence, so no file is overwritten.
//!
//! Not covered: files that another process writes at the same time, of which a half-written one reads as a
//! bad one; the folder, which must be there; and the exact line of what is wrong in JSON, which is that where
//! the reader noticed: such an error names the step as well.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::scenario::Scenario;
use super::schedule_text::BadText;

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 1024 * 1024;

/// How many file names to try before giving up.
const MAX_NAMES: u32 = 10_000;

/// How many characters of serde's message to repeat.
const MAX_SAID: usize = 300;

/// A file that holds no scenario, and why.
#[derive(Debug)]
pub struct BadFile {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: FileFault,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum FileFault {
    /// It cannot be read.
    Unreadable(io::Error),
    /// It is longer than [`MAX_FILE`].
    TooLong,
    /// It does not say what it should.
    Text(BadText),
}

impl fmt::Display for BadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.reason {
            FileFault::Unreadable(error) => write!(f, "{path}: cannot be read: {error}"),
            FileFault::TooLong => write!(f, "{path}: expected at most {MAX_FILE} bytes, found more"),
            FileFault::Text(BadText { line, expected, found }) => {
                write!(f, "{path}:{line}: expected {expected}, found {found}")
            }
        }
    }
}

impl std::error::Error for BadFile {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            FileFault::Unreadable(error) => Some(error),
            FileFault::TooLong | FileFault::Text(_) => None,
        }
    }
}

impl Scenario {
    /// Reads a file of text or JSON; it is JSON if it begins with a brace.
    ///
    /// # Errors
    /// The file cannot be read, is too long, or holds no scenario; then the error names the line.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, BadFile> {
        let path = path.as_ref();
        let bad = |reason| BadFile { path: path.to_owned(), reason };
        let bytes = read_bounded(path).map_err(FileFault::Unreadable).map_err(bad)?;
        if bytes.len() > MAX_FILE {
            return Err(bad(FileFault::TooLong));
        }
        Self::from_bytes(&bytes).map_err(FileFault::Text).map_err(bad)
    }

    /// Reads a file's content: text or JSON.
    ///
    /// # Errors
    /// Says what was expected, and on which line.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadText> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let bad = error.valid_up_to();
            let line = 1 + bytes[..bad].iter().filter(|byte| **byte == b'\n').count();
            BadText {
                line,
                expected: "UTF-8 text".to_owned(),
                found: format!("the byte {:#04x}", bytes[bad]),
            }
        })?;
        // Some editors begin a file with an invisible byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| bad_json(&error))
        } else {
            text.parse()
        }
    }

    /// Writes a new file, as JSON if the name ends in `.json`, otherwise as text, and returns its path.
    ///
    /// No file is overwritten. If a file of this name holds an equal scenario, it stays, and its path is returned; if
    /// it holds anything else, the next free name is taken: `lost.txt`, `lost-2.txt`, `lost-3.txt`.
    ///
    /// # Errors
    /// The scenario would not read back (`InvalidData`), the path names no file, or the system refuses to write.
    pub fn write_new(&self, path: impl AsRef<Path>) -> io::Result<PathBuf> {
        let path = path.as_ref();
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let mut text = if is_json { serde_json::to_string_pretty(self)? } else { self.to_string() };
        text.push('\n');
        self.reads_back_from(&text)?;
        if path.file_name().is_none() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the path does not end in a file's name",
            ));
        }
        for number in 1..=MAX_NAMES {
            let path = numbered(path, number);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    // A truncated file would be refused for ever, so remove it.
                    if let Err(error) = file.write_all(text.as_bytes()) {
                        fs::remove_file(&path).ok();
                        return Err(error);
                    }
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if path.is_file() && Self::read(&path).is_ok_and(|there| there == *self) {
                        return Ok(path);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        let error = format!("{MAX_NAMES} files of this name are there already");
        Err(io::Error::new(io::ErrorKind::AlreadyExists, error))
    }

    /// A file that cannot be replayed is worse than none.
    fn reads_back_from(&self, text: &str) -> io::Result<()> {
        let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
        if text.len() > MAX_FILE {
            return Err(invalid(format!("a scenario of more than {MAX_FILE} bytes would not be read back")));
        }
        let read = Self::from_bytes(text.as_bytes());
        match read.map_err(|bad| invalid(format!("it would not be read back: {bad}")))? == *self {
            true => Ok(()),
            false => Err(invalid("it would be read back as another one".to_owned())),
        }
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The path itself for number 1; later numbers stand before the extension.
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let mut name: OsString = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// A serde error in our words, with its line.
fn bad_json(error: &serde_json::Error) -> BadText {
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    let (expected, found) = expected_and_found(said);
    BadText { line: error.line().max(1), expected: harmless(&expected), found: harmless(&found) }
}

/// Our own errors already have the form `expected …, found …`, perhaps after the place; serde has half a dozen
/// other forms.
fn expected_and_found(said: &str) -> (String, String) {
    if let Some(field) = said.strip_prefix("missing field ") {
        return (format!("the field {field}"), "none".to_owned());
    }
    if let Some((before, (expected, found))) =
        said.split_once("expected ").and_then(|(before, said)| Some((before, said.split_once(", found ")?)))
    {
        let step = before.strip_suffix(": ").map_or(String::new(), |step| format!(", at {step}"));
        return (expected.to_owned(), format!("{found}{step}"));
    }
    if let Some((found, expected)) = said.split_once(", expected ") {
        let found = found.trim_start_matches("invalid type: ").trim_start_matches("invalid value: ");
        return (expected.to_owned(), found.to_owned());
    }
    match said.strip_prefix("expected ") {
        Some(expected) => (expected.to_owned(), "something else".to_owned()),
        None => ("a scenario in JSON".to_owned(), said.to_owned()),
    }
}

/// The start of a message, without characters that a terminal would obey.
fn harmless(said: &str) -> String {
    said.chars().map(|c| if c.is_control() { '?' } else { c }).take(MAX_SAID).collect()
}
