//! The command line: arguments in, a report on standard output, an exit code.
//!
//! [`main!`](crate::main) makes one over protocols of your own, with every command:
//!
//! ```
//! # mod mine {
//! use quorate::prelude::*;
//!
//! /// The textbook, but nothing is repaired.
//! #[derive(Debug)]
//! struct Lazy;
//!
//! impl Protocol for Lazy {
//!     fn base(&self) -> &dyn Protocol {
//!         &Textbook
//!     }
//!
//!     fn repair(&self, _: &Progress<Dotted>, _: &Siblings<Dotted>) -> Repairs<Dotted> {
//!         Repairs::default()
//!     }
//! }
//!
//! quorate::main!(Lazy); // fn main: `cargo run --release -- check`, `… -- diff --against textbook` and so on
//! # }
//! ```
//!
//! | code | meaning |
//! |---|---|
//! | 0 | nothing demanded was broken |
//! | 1 | something was |
//! | 2 | usage, or bad input: one line on standard error says where and what was expected |
//! | 3 | inconclusive: not everything was examined, or a run has not ended |
//!
//! `certify` is asked another question: 0 says that a counterexample is one, and minimal, and 1 that it is not.
//!
//! Colours are for terminals, and `NO_COLOR` turns them off; a bar is for terminals, and not under `CI`.
//!
//! Not here: anything that a library user would miss.

mod arguments;
mod certify;
mod check;
mod diff;
mod exhaust;
mod judge;
mod output;
mod protocols;
mod replay;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::protocols::{Entry, register};

/// What a command came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Exit {
    NoViolation = 0,
    Violation = 1,
    Inconclusive = 3,
}

/// The exit code of bad input.
const BAD_INPUT: u8 = 2;

/// Checks quorum-replicated, eventually consistent key-value protocols.
///
/// Runs and judges random schedules of operations, deliveries and faults. A failure is shrunk, and printed step by
/// step.
///
/// Exit codes: 0 no violation, 1 violation, 2 usage or bad input, 3 inconclusive.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Diff(diff::Arguments),
    Protocols(protocols::Arguments),
    Replay(replay::Arguments),
    Certify(certify::Arguments),
    Exhaust(exhaust::Arguments),
    Judge(judge::Arguments),
}

/// `fn main` of a command line over these protocols and the built-in ones. The first is the one that commands take when
/// none is named.
///
/// Each is an expression that can stand in a `static`, mostly the name of a unit struct.
#[macro_export]
macro_rules! main {
    ($($protocol:expr),+ $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            $crate::cli::run(::std::vec![$($crate::protocols::Entry::of(&$protocol)),+])
        }
    };
}

/// Runs the command line that the arguments of this process ask for, over these protocols and the built-in ones.
#[must_use]
pub fn run(own: Vec<Entry>) -> ExitCode {
    if let Err(bad) = register(own) {
        output::error(&bad);
        return ExitCode::from(BAD_INPUT);
    }
    let outcome = match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Protocols(arguments) => protocols::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Certify(arguments) => certify::run(&arguments),
        Command::Exhaust(arguments) => exhaust::run(&arguments),
        Command::Judge(arguments) => judge::run(&arguments),
    };
    match outcome {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(bad) => {
            output::error(&bad);
            ExitCode::from(BAD_INPUT)
        }
    }
}
