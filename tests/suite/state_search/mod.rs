//! Exhaustive search of states: its counts are pinned, what it finds replays, and what it leaves out changes nothing.

mod fuzz;
mod limits;
mod pinned;
mod plain;
mod replay;
mod stateright;
mod symmetry;
mod twin;
mod world;
