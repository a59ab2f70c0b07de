//! One line of a history file, and its fields by name and kind.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::BadHistory;

/// How many characters of a wrong value an error shows.
const SHOWN: usize = 60;

/// One line: a JSON object and where it stands.
pub(super) struct JsonLine<'a> {
    pub(super) file: &'a str,
    /// From 1.
    pub(super) number: usize,
    pub(super) fields: Map<String, Value>,
}

/// The fields of an object, each of which occurs once. (`Map` alone would silently keep the last of two.)
struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;

        impl<'de> Visitor<'de> for Once {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if fields.contains_key(&name) {
                        return Err(A::Error::custom(format_args!("`{name}` is there twice")));
                    }
                    fields.insert(name, value);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Once)
    }
}

impl<'a> JsonLine<'a> {
    pub(super) fn parse(file: &'a str, number: usize, bytes: &[u8]) -> Result<Self, BadHistory> {
        let bad = |expected: &str, found: String| BadHistory {
            file: file.to_owned(),
            line: number,
            expected: expected.to_owned(),
            found,
        };
        let text = std::str::from_utf8(bytes)
            .map_err(|e| bad("text in UTF-8", format!("another byte at column {}", e.valid_up_to() + 1)))?;
        let text = text.trim_end_matches(['\n', '\r']);
        match serde_json::from_str(text) {
            Ok(Fields(fields)) => Ok(Self { file, number, fields }),
            Err(_) if text.trim().is_empty() => Err(bad("a JSON object", "an empty line".to_owned())),
            Err(e) => Err(bad("a JSON object", format!("{} ({})", quoted(text), describe_error(&e)))),
        }
    }

    pub(super) fn bad(&self, expected: impl Into<String>, found: impl Into<String>) -> BadHistory {
        BadHistory {
            file: self.file.to_owned(),
            line: self.number,
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// An error about one field: what was expected in it.
    pub(super) fn bad_field(&self, name: &str, expected: &str) -> BadHistory {
        self.bad(format!("`{name}`, {expected}"), shown(self.fields.get(name)))
    }

    pub(super) fn integer(&self, name: &str) -> Result<u64, BadHistory> {
        self.fields
            .get(name)
            .and_then(Value::as_u64)
            .ok_or_else(|| self.bad_field(name, "an integer not below 0"))
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, BadHistory> {
        self.fields.get(name).and_then(Value::as_str).ok_or_else(|| self.bad_field(name, "a string"))
    }

    /// A field that may be absent or null.
    pub(super) fn optional<'b, T>(
        &'b self,
        name: &str,
        expected: &str,
        take: impl FnOnce(&'b Value) -> Option<T>,
    ) -> Result<Option<T>, BadHistory> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => take(value).map(Some).ok_or_else(|| self.bad_field(name, expected)),
        }
    }

    pub(super) fn integers(&self, name: &str) -> Result<Vec<u64>, BadHistory> {
        self.list(name, Value::as_u64).ok_or_else(|| self.bad_field(name, "a list of integers not below 0"))
    }

    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, BadHistory> {
        self.list(name, Value::as_str).ok_or_else(|| self.bad_field(name, "a list of strings"))
    }

    fn list<'b, T>(&'b self, name: &str, take: impl Fn(&'b Value) -> Option<T>) -> Option<Vec<T>> {
        self.fields.get(name)?.as_array()?.iter().map(take).collect()
    }
}

/// The value that was found, short enough for an error.
pub(super) fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "no such field".to_owned(), |value| quoted(&value.to_string()))
}

fn quoted(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        format!("`{text}`")
    } else {
        format!("`{}…`", text.chars().take(SHOWN).collect::<String>())
    }
}

/// What serde_json says, with only the column: it was given one line.
fn describe_error(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("{what} at column {}", error.column())
}
