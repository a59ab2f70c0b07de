//! Everything that makes schedules, and makes them smaller.
//!
//! | to | see |
//! |---|---|
//! | draw schedules at random | [`random`] |
//! | run all small schedules | [`schedules`] |
//! | visit all states of a small world | [`states`] |
//! | use proptest | [`strategy`], [`property`]; [`regressions`] keeps failures |
//! | use quickcheck | [`arbitrary`] |
//! | shrink a failure | [`minimise`]; one candidate at a time, [`shrink_iter`] |
//! | find where two systems differ | [`difference`] |
//! | check that a failure is minimal | [`certificate`] |

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
