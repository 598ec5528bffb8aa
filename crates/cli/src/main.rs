//! `openclaw`: the gateway, and commands that talk to one. The only crate that prints and reads the process environment.

mod app;
mod commands;
mod failure;
mod local;
mod output;
mod reach;
mod show;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::main()
}
