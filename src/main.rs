//! The command line over the built-in protocols. See [`quorate::cli`] for one over your own.

fn main() -> std::process::ExitCode {
    quorate::cli::run(Vec::new())
}
