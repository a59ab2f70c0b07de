//! A line's words, one after the other, and what to say when a word is wrong.

use std::fmt;
use std::str::FromStr;

use crate::id::ParseIdError;

/// The longest line to read, in bytes.
pub const MAX_LINE: usize = 16 * 1024;

/// The most characters of a wrong word that an error repeats.
const MAX_SHOWN: usize = 40;

/// A text that does not say what it should, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadText {
    /// Its line, counted from 1.
    pub line: usize,
    /// What was expected there.
    pub expected: String,
    /// What stood there.
    pub found: String,
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: expected {}, found {}", self.line, self.expected, self.found)
    }
}

impl std::error::Error for BadText {}

/// What is left of a line. Brackets, commas, `|` and `>` are words by themselves, spaced or not.
#[derive(Clone, Copy)]
pub(in crate::world) struct Words<'t> {
    /// The line's number, counted from 1.
    pub(in crate::world) line: usize,
    rest: &'t str,
}

impl<'t> Words<'t> {
    /// The words of a line, up to its comment.
    pub(in crate::world) fn of(line: usize, text: &'t str) -> Result<Self, BadText> {
        if text.len() > MAX_LINE {
            let expected = format!("at most {MAX_LINE} bytes in a line");
            return Err(BadText { line, expected, found: text.len().to_string() });
        }
        let content = text.split_once('#').map_or(text, |(content, _)| content);
        Ok(Self { line, rest: content.trim() })
    }

    /// The rest of the line, as it stands there.
    pub(in crate::world) fn rest(&self) -> &'t str {
        self.rest
    }

    /// The next word, without taking it.
    pub(in crate::world) fn peek(&self) -> Option<&'t str> {
        let is_sign = |c: char| matches!(c, '(' | ')' | ',' | '|' | '>');
        let first = self.rest.chars().next()?;
        let end =
            if is_sign(first) { Some(1) } else { self.rest.find(|c: char| is_sign(c) || c.is_whitespace()) };
        Some(&self.rest[..end.unwrap_or(self.rest.len())])
    }

    /// Takes the next word.
    pub(in crate::world) fn next(&mut self) -> Option<&'t str> {
        let word = self.peek()?;
        self.rest = self.rest[word.len()..].trim_start();
        Some(word)
    }

    /// Takes the next word if it is this one.
    pub(in crate::world) fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        if found {
            self.next();
        }
        found
    }

    /// Takes this word.
    pub(in crate::world) fn expect(&mut self, word: &str) -> Result<(), BadText> {
        if self.take(word) { Ok(()) } else { Err(self.bad(format!("`{word}`"))) }
    }

    /// Takes a name: of a node, a client, a key, an operation.
    pub(in crate::world) fn name<T: FromStr<Err = ParseIdError>>(&mut self) -> Result<T, BadText> {
        let name = self.peek().unwrap_or_default().parse().map_err(|e: ParseIdError| self.bad(e.expected))?;
        self.next();
        Ok(name)
    }

    /// Takes a number written in digits, with a sign before it only if `signed`.
    pub(in crate::world) fn number<T: FromStr>(
        &mut self,
        signed: bool,
        expected: &str,
    ) -> Result<T, BadText> {
        let word = self.peek().unwrap_or_default();
        let number = (signed || word.starts_with(|c: char| c.is_ascii_digit())).then(|| word.parse().ok());
        let number = number.flatten().ok_or_else(|| self.bad(expected))?;
        self.next();
        Ok(number)
    }

    /// The line must end here.
    pub(in crate::world) fn end(&self) -> Result<(), BadText> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.bad("the end of the line")) }
    }

    /// What to say if the next word is not what was expected.
    pub(in crate::world) fn bad(&self, expected: impl Into<String>) -> BadText {
        let found = self.peek().map_or_else(|| "the end of the line".to_owned(), quoted);
        BadText { line: self.line, expected: expected.into(), found }
    }
}

/// A word from outside, made safe to show: cut short, and without what would command a terminal.
pub(in crate::world) fn quoted(word: &str) -> String {
    let mut shown: String =
        word.chars().take(MAX_SHOWN).map(|c| if c.is_control() { '?' } else { c }).collect();
    if word.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// The word that was probably meant: at most two letters are wrong, too many, missing or exchanged, or one in a short word.
#[must_use]
pub fn nearest<'w>(found: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    // A long text is no misspelling, and the comparison costs the product of the lengths.
    let found = Some(found.to_lowercase()).filter(|found| found.len() <= MAX_SHOWN)?;
    let distances = words.into_iter().map(|word| (strsim::damerau_levenshtein(&found, word), word));
    distances.filter(|(edits, word)| *edits <= if word.len() < 5 { 1 } else { 2 }).min().map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_word_is_shown_short_and_harmless() {
        assert_eq!(quoted("\u{1b}[2J"), "`?[2J`");
        assert_eq!(quoted(&"ä".repeat(50)), format!("`{}…`", "ä".repeat(40)));
    }
}
