//! The tests of the whole house: one crate, so that it is linked once. (`tests/foreign.rs` stands apart, for it
//! compiles the built-in protocols as files of somebody else's crate.)

mod as_seeded;
mod as_seeded_search;
mod built_ins;
mod certificate;
mod command_line;
mod common;
mod cry_wolf;
mod difference;
mod harness;
mod held;
mod judges;
mod laws;
mod layering;
mod model;
mod mutants;
mod play;
mod proptest_regressions;
mod random_schedules;
mod recorded_histories;
mod round_trip;
mod schedule_text;
mod schedules;
mod second_door;
mod shrinking;
mod state_search;
mod watch;
