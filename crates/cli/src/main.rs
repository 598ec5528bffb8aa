//! `openclaw`: the gateway, and commands that talk to one. The only crate that prints and reads the process environment.

mod app;
mod ask;
mod commands;
mod failure;
mod full_screen;
mod ids;
mod local;
mod output;
mod private;
mod reach;
mod show;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    openclaw_heap::bound();
    app::main()
}
