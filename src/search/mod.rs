//! The producers: everything that makes schedules, and makes them smaller.
//!
//! | who asks | module |
//! |---|---|
//! | a search of our own | [`random`] |
//! | whoever wants all small schedules | [`schedules`] |
//! | whoever wants all states of a small world | [`states`] |
//! | proptest | [`strategy`], [`property`]; failures are kept by [`regressions`] |
//! | quickcheck | [`arbitrary`] |
//! | whoever has a failure | [`minimise`]; step by step, [`shrink_iter`] |
//! | whoever wants to know where two systems differ | [`difference`] |
//! | whoever doubts that a failure is as small as it claims | [`certificate`] |

pub mod arbitrary;
pub mod certificate;
pub mod difference;
pub mod minimise;
pub mod property;
pub mod random;
pub mod regressions;
pub mod rng;
pub mod schedules;
pub mod shrink_iter;
pub mod states;
pub mod strategy;
pub mod symptom;
