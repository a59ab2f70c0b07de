//! The command line: `quorate check`, `protocols`, `replay`, `exhaust`, `judge`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
