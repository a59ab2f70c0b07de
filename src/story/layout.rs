//! Text in columns.

/// The width of printed text, in columns.
pub const WIDTH: usize = 100;

/// Puts `label` in its own column, and the text beside it.
pub(crate) fn labelled(label: &str, text: &str, out: &mut String) {
    const LABEL: usize = 16;
    for (i, line) in wrap(text, WIDTH - LABEL - 2).into_iter().enumerate() {
        let label = if i == 0 { label } else { "" };
        out.push_str(&format!("  {}{line}\n", pad(label, LABEL)));
    }
}

/// How many columns a text takes: without colour codes.
pub(crate) fn width(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// The text, padded with spaces to this many columns.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text, cut to this many columns.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(columns.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Lines of at most this many columns, broken at spaces where possible.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let options = textwrap::Options::new(columns)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// A number in groups of three: `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
