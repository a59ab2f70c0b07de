//! Numbers with their noun.

use std::fmt;

/// `1 schedule`, `2 schedules`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plural<N>(pub(crate) N, pub(crate) &'static str);

impl<N: fmt::Display + Copy + TryInto<u64>> fmt::Display for Plural<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, noun) = *self;
        let one = number.try_into().is_ok_and(|number: u64| number == 1);
        write!(f, "{number} {noun}{}", if one { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        assert_eq!(Plural(1u32, "run").to_string(), "1 run");
        assert_eq!(Plural(0usize, "run").to_string(), "0 runs");
        assert_eq!(Plural(12u64, "run").to_string(), "12 runs");
    }
}
