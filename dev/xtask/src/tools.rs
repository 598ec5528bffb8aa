//! Cargo's own tools: taken from the search path, else built once below the target folder.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::steps::Skips;
use crate::workspace::Workspace;

/// A published program that checks the project.
pub(crate) struct Tool {
    /// The crate, which is also the program's name.
    pub(crate) name: &'static str,
    /// The version that is built when none is installed.
    pub(crate) version: &'static str,
}

/// Judges licences, bans, sources and advisories.
pub(crate) const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// Changes the code and looks whether a test notices.
pub(crate) const CARGO_MUTANTS: Tool = Tool { name: "cargo-mutants", version: "27.1.0" };

/// Finds a tool, or builds it below the target folder.
pub(crate) fn provide(workspace: &Workspace, tool: &Tool) -> Result<PathBuf> {
    if let Some(installed) = process::find(tool.name) {
        return Ok(installed);
    }
    let tools = workspace.target.join("tools");
    let built = tools.join("bin").join(tool.name);
    if built.is_file() && is_version(&built, tool.version) {
        return Ok(built);
    }
    println!("{} is not installed; building {} below {}", tool.name, tool.version, tools.display());
    let mut install = workspace.cargo();
    install
        .args(["install", "--locked", "--debug", "--force", "--root"])
        .arg(&tools)
        .arg(format!("{}@{}", tool.name, tool.version))
        // Unoptimised and without debug information it builds much sooner and is still fast enough.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", tools.join("build"));
    process::run(&mut install)?;
    // What is left of the build is ten times the size of the tool.
    let _ = std::fs::remove_dir_all(tools.join("build"));
    Ok(built)
}

fn is_version(program: &PathBuf, version: &str) -> bool {
    let said = process::read(Command::new(program).arg("--version")).unwrap_or_default();
    said.split_whitespace().any(|word| word == version)
}

/// Finds a component of the Rust toolchain, and adds it when a skip would fail.
///
/// An error says how to add it.
pub(crate) fn component(program: &str, component: &str, skips: Skips) -> Result<()> {
    let works = || process::succeeds(Command::new(program).arg("--version"));
    if works() {
        return Ok(());
    }
    if skips == Skips::Fail
        && process::run(Command::new("rustup").args(["component", "add", component])).is_ok()
        && works()
    {
        return Ok(());
    }
    bail!("the toolchain has no {component}; add it with: rustup component add {component}")
}
