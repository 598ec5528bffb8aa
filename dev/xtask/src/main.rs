//! Developer commands, reached as `cargo xtask <command>`.
//!
//! Each command is one file. `lint`, `test` and `deep` are lists of [`steps::Step`]s that share one runner, one way of
//! reporting and one meaning of "skipped"; everything else is a thin wrapper around cargo.
#![expect(clippy::disallowed_macros, reason = "a developer command talks to the terminal it was started in")]
#![expect(clippy::disallowed_methods, reason = "a developer command reads its own environment and measures real time")]

mod apart;
mod autobahn;
mod bench;
mod checks;
mod deep;
mod differences;
mod docs;
mod fuzz;
mod lint;
mod load;
mod mutants;
mod node;
mod page;
mod planted;
mod process;
mod run;
mod schema;
mod schemathesis;
mod serving;
mod sslyze;
mod steps;
mod system;
mod tally;
mod test;
mod tidy_coverage;
mod tools;
mod words;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Developer commands of the gateway.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the gateway and start it, with the arguments after `--`
    Run(run::Arguments),
    /// Formatting, lengths, words, dependencies and clippy, the cheapest first
    Lint(lint::Arguments),
    /// Everything a push must pass
    Test(test::Arguments),
    /// Count the instructions of requests and events, or measure the store on this disk
    Bench(bench::Arguments),
    /// Measure a release build of the gateway under load
    Load(load::Arguments),
    /// Write the generated files anew, or check that they are fresh
    Schema(schema::Arguments),
    /// Build the code documentation and the user guide
    Docs(docs::Arguments),
    /// Fuzz the parsers
    Fuzz(deep::FuzzArguments),
    /// The full figures: hours of fuzzing, mutants, a thousand kills, conformance, soak
    Deep(deep::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(&arguments.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &Command) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find()?;
    match command {
        Command::Run(arguments) => run::run(&workspace, arguments),
        Command::Lint(arguments) => lint::run(&workspace, arguments),
        Command::Test(arguments) => test::run(&workspace, arguments),
        Command::Bench(arguments) => bench::run(&workspace, arguments),
        Command::Load(arguments) => load::run(&workspace, arguments),
        Command::Schema(arguments) => schema::run(&workspace, arguments),
        Command::Docs(arguments) => docs::run(&workspace, arguments),
        Command::Fuzz(arguments) => deep::fuzz(&workspace, arguments),
        Command::Deep(arguments) => deep::run(&workspace, arguments),
    }
}
