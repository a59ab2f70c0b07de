//! The producers: everything that makes schedules, and makes them smaller.
//!
//! | who asks | module |
//! |---|---|
//! | a search of our own | [`walk`] |
//! | whoever wants all small schedules | [`exhaust`] |
//! | proptest | [`strategy`], [`property`]; failures are kept by [`regressions`] |
//! | quickcheck | [`arbitrary`] |
//! | whoever has a failure | [`minimise`]; step by step, [`smaller`] |
//! | whoever wants to know where two systems part | [`difference`] |
//! | whoever doubts that it is as small as it claims | [`certificate`] |

pub mod arbitrary;
pub mod certificate;
pub mod dice;
pub mod difference;
pub mod exhaust;
pub mod minimise;
pub mod property;
pub mod regressions;
pub mod smaller;
pub mod strategy;
pub mod walk;
