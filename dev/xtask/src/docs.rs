//! `cargo xtask docs`: the code documentation, and the user guide when mdBook is there.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Build the code documentation and the user guide.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Open the code documentation in a browser
    #[arg(long)]
    open: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo.args(["doc", "--workspace", "--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", "-D warnings");
    if arguments.open {
        cargo.arg("--open");
    }
    process::run(&mut cargo)?;
    let guide = workspace.root.join("docs");
    if !guide.join("book.toml").is_file() {
        println!("SKIPPED the guide: docs/book.toml is not there; docs/ reads as plain Markdown");
    } else if process::find("mdbook").is_none() {
        println!("SKIPPED the guide: mdbook is not installed; docs/ reads as plain Markdown");
    } else {
        let mut book = Command::new("mdbook");
        process::run(book.arg("build").arg(&guide).arg("--dest-dir").arg(workspace.target.join("guide")))?;
    }
    Ok(ExitCode::SUCCESS)
}
