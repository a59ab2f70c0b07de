//! Text from outside, made safe for a terminal and for one line of a report.
//!
//! A recorded history, a protocol's name and the text of a panic may hold anything: an escape sequence that clears
//! the screen, a newline that adds a line of its own to a report, a mark that turns the reading direction round.
//! Each such character is written out instead of sent: `\n`, `\u{1b}`. What can be seen passes, in any script.
//!
//! Written out are the control characters (C0, DEL and C1: some terminals take U+009B for ESC `[`), the line and
//! paragraph separators, the format characters (Unicode's category Cf: the marks of direction among them), and the
//! letters and marks that have no shape. The table is of Unicode 16 and our own, so that the same text gives the
//! same bytes whichever tables the compiler brings.
//!
//! A backslash passes as it is: the text is safe, and not always reversible. JSON is: see [`json`].

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// The characters that are written out, as ranges in order.
const UNSEEN: [(char, char); 26] = [
    ('\0', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether a character is written out: it cannot be seen, or changes how others are.
#[must_use]
pub fn is_unseen(c: char) -> bool {
    // Printable ASCII is nearly everything.
    if matches!(c, ' '..='~') {
        return false;
    }
    let at = UNSEEN.partition_point(|(first, _)| *first <= c);
    at > 0 && c <= UNSEEN[at - 1].1
}

/// The text with every unseen character written out: one line, and nothing that a terminal obeys. Borrowed where
/// there is none.
///
/// ```
/// use quorate::escape::escape;
///
/// assert_eq!(escape("näin 値"), "näin 値");
/// assert_eq!(escape("v1\n\u{1b}[2J"), r"v1\n\u{1b}[2J");
/// ```
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unseen) { Cow::Owned(Escaped(text).to_string()) } else { Cow::Borrowed(text) }
}

/// The same, cut after so many characters of the text, with `…` for the rest: what a file says may be megabytes long.
///
/// ```
/// assert_eq!(quorate::escape::brief("abc\n\n", 4), r"abc\n…");
/// ```
#[must_use]
pub fn brief(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => escape(text),
        Some((end, _)) => Cow::Owned(format!("{}…", Escaped(&text[..end]))),
    }
}

/// A text that is escaped as it is written, without a copy of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        written_out(self.0, f, |c, f| match c {
            '\n' => f.write_str("\\n"),
            '\r' => f.write_str("\\r"),
            '\t' => f.write_str("\\t"),
            _ => write!(f, "{}", c.escape_unicode()),
        })
    }
}

/// A part of a JSON string with every unseen character written out in JSON's own way (`\u009b`, and two of them beyond
/// U+FFFF), so that printing it is safe and parsing it gives the same text. JSON's own escapes (quotation marks,
/// backslashes) must have been made already: of those characters none is unseen.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = written_out(text, &mut out, |c, out| {
        c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
    });
    Cow::Owned(out)
}

/// Writes runs of what can be seen as they are, and each other character by `each`.
fn written_out<W: fmt::Write>(
    text: &str,
    out: &mut W,
    mut each: impl FnMut(char, &mut W) -> fmt::Result,
) -> fmt::Result {
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unseen(*c)) {
        out.write_str(&rest[..at])?;
        each(c, out)?;
        rest = &rest[at + c.len_utf8()..];
    }
    out.write_str(rest)
}

#[cfg(test)]
mod tests {
    use quickcheck::quickcheck;

    use super::*;

    #[test]
    fn what_can_be_seen_passes() {
        for text in ["", "k1", "C:\\tmp \"quoted\"", "✗ ß e\u{301} 値 עברית हिन्दी 🦀 ✈\u{fe0f}", "a\u{a0}b"]
        {
            assert!(matches!(escape(text), Cow::Borrowed(same) if same == text), "{text}");
            assert!(matches!(json(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn controls_are_written_out() {
        assert_eq!(escape("a\tb\r\nc"), r"a\tb\r\nc");
        assert_eq!(escape("\u{1b}[2J\u{1b}]0;title\u{7}"), r"\u{1b}[2J\u{1b}]0;title\u{7}");
        assert_eq!(escape("\0\u{8}\u{7f}"), r"\u{0}\u{8}\u{7f}");
        assert_eq!(escape("\u{80}\u{85}\u{9b}2J\u{9f}"), r"\u{80}\u{85}\u{9b}2J\u{9f}");
        for c in (0..=0x9f).filter_map(char::from_u32).filter(|c| c.is_control()) {
            assert!(is_unseen(c), "{c:?}");
        }
    }

    #[test]
    fn format_characters_are_written_out() {
        // Directions: overrides, embeddings, isolates, marks.
        for c in
            "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}"
                .chars()
        {
            assert_eq!(escape(&format!("a{c}b")), format!("a{}b", c.escape_unicode()));
        }
        // Separators of lines, joiners, a byte-order mark, a soft hyphen, tags, blank letters.
        for c in "\u{2028}\u{2029}\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}\u{e0041}\u{3164}\u{115f}".chars() {
            assert!(is_unseen(c), "{c:?}");
        }
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(UNSEEN.iter().all(|(first, last)| first <= last));
        assert!(UNSEEN.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }

    quickcheck! {
        fn nothing_unseen_is_left(text: String) -> bool {
            !escape(&text).chars().any(is_unseen) && !json(&text).chars().any(is_unseen)
        }

        fn escaping_twice_changes_nothing_more(text: String) -> bool {
            let once = escape(&text).into_owned();
            escape(&once) == once
        }

        fn json_gives_the_same_text_back(text: String) -> bool {
            let quoted = serde_json::to_string(&text).unwrap();
            serde_json::from_str::<String>(&json(&quoted)).unwrap() == text
        }
    }
}
