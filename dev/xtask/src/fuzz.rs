//! Builds and runs the fuzz targets of `fuzz/src/bin`, one file each; a new file there is a new target.
//!
//! libFuzzer on the stable compiler: the flags are what cargo-fuzz sets, without the sanitizers that need a nightly.
//! Each target starts from the small inputs in `fuzz/seeds/<target>`; what it finds worth keeping grows in
//! `fuzz/corpus/<target>`. An input that a target failed on stays in `fuzz/findings/<target>`, and is tried first in
//! every later run until it passes. Programs and logs are in `fuzz` below cargo's target folder, so that where that folder is
//! kept dependencies are not compiled again.

use anyhow::{Context, Result, bail, ensure};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use crate::{
    process::{self, Nice},
    workspace::Workspace,
};

/// Coverage feedback for libFuzzer.
const FLAGS: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// An input that takes longer is a finding. Seconds.
const HANG: u32 = 10;
/// A target that takes more memory is a finding. MiB.
const MEMORY: u32 = 512;
/// Targets that run at the same time; each would keep one processor busy, and gives way to whatever else runs.
const AT_A_TIME: usize = 5;

/// Runs every target, or `only` one of them, for `seconds` each and prints one line per target.
///
/// # Errors
/// When a target is unknown or does not build, and when any of them made a finding.
pub(crate) fn run(workspace: &Workspace, seconds: u64, only: Option<&str>) -> Result<()> {
    let targets = targets(&workspace.root, only)?;
    let programs = build(workspace, only)?;
    let mut out = std::io::stdout().lock();
    let mut found = Vec::new();
    for group in targets.chunks(AT_A_TIME) {
        for (target, outcome) in group.iter().zip(together(workspace, &programs, group, seconds)) {
            let outcome = outcome?;
            let Outcome { executions, per_second, findings, .. } = &outcome;
            writeln!(out, "{target:<20} {executions:>12} executions {per_second:>8}/s {:>3} findings", findings.len())?;
            if !outcome.passed || !findings.is_empty() {
                let inputs: Vec<_> = findings.iter().map(|path| format!("\n  {}", path.display())).collect();
                found.push(format!("{target} failed, see {}{}", outcome.log.display(), inputs.concat()));
            }
        }
    }
    ensure!(found.is_empty(), "{}", found.join("\n"));
    Ok(())
}

/// Runs a group of targets at the same time, and answers in their order.
fn together(workspace: &Workspace, programs: &Path, group: &[String], seconds: u64) -> Vec<Result<Outcome>> {
    thread::scope(|scope| {
        let start = |target: &String| {
            let (program, target) = (programs.join(target), target.clone());
            scope.spawn(move || fuzz(workspace, &program, &target, seconds))
        };
        let running: Vec<_> = group.iter().map(start).collect();
        let ended = running.into_iter().map(thread::ScopedJoinHandle::join);
        ended.map(|outcome| outcome.unwrap_or_else(|_| bail!("watching a target panicked"))).collect()
    })
}

/// Names of the targets to run, in order.
fn targets(root: &Path, only: Option<&str>) -> Result<Vec<String>> {
    let folder = root.join("fuzz/src/bin");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let sources =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let mut names: Vec<_> = sources.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    let Some(only) = only else { return Ok(names) };
    if names.iter().any(|name| name == only) {
        return Ok(vec![only.to_owned()]);
    }
    bail!("there is no fuzz target {only}; known are: {}", names.join(", "))
}

/// Compiles the targets; answers the folder of the programs.
fn build(workspace: &Workspace, only: Option<&str>) -> Result<PathBuf> {
    let host = host()?;
    let status = building(workspace, &host, only).status().context("cannot start cargo")?;
    ensure!(status.success(), "the fuzz targets do not build");
    Ok(folder(workspace).join(host).join("release"))
}

/// Begins to compile the targets beside other work; [`run`] waits for cargo's lock.
///
/// # Errors
/// When cargo does not start.
pub(crate) fn build_ahead(workspace: &Workspace) -> Result<()> {
    process::beside(&building(workspace, &host()?, None), Nice::Last)
}

/// Where programs and logs are.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("fuzz")
}

fn building(workspace: &Workspace, host: &str, only: Option<&str>) -> Command {
    let mut cargo = Command::new("cargo");
    // With an explicit target the flags do not reach build scripts, which could not link with them.
    cargo
        .args(["build", "--quiet", "--release", "--target", host, "--manifest-path"])
        .arg(workspace.root.join("fuzz/Cargo.toml"));
    match only {
        Some(target) => cargo.args(["--bin", target]),
        None => cargo.arg("--bins"),
    };
    cargo
        .env("RUSTFLAGS", FLAGS.join(" "))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("CARGO_TARGET_DIR", folder(workspace));
    cargo.current_dir(&workspace.root);
    cargo
}

/// The platform that this compiler builds for.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot start rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}

/// What came of one target.
struct Outcome {
    executions: String,
    per_second: String,
    findings: Vec<PathBuf>,
    passed: bool,
    log: PathBuf,
}

fn fuzz(workspace: &Workspace, program: &Path, target: &str, seconds: u64) -> Result<Outcome> {
    let root = &workspace.root;
    let corpus = root.join("fuzz/corpus").join(target);
    let seeds = root.join("fuzz/seeds").join(target);
    let findings = root.join("fuzz/findings").join(target);
    for folder in [&corpus, &seeds, &findings] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let log = folder(workspace).join(format!("{target}.log"));
    let log_file = File::create(&log).with_context(|| format!("cannot create {}", log.display()))?;
    let status = Command::new("nice")
        .args(["-n", "19"])
        .arg(program)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={HANG}"))
        .arg(format!("-rss_limit_mb={MEMORY}"))
        .arg("-print_final_stats=1")
        .arg(format!("-artifact_prefix={}/", findings.display()))
        // New inputs are written to the first folder; the others are only read.
        .args([&corpus, &seeds, &findings])
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(log_file.try_clone().context("cannot share the log")?)
        .stderr(log_file)
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let text = fs::read(&log).with_context(|| format!("cannot read {}", log.display()))?;
    let text = String::from_utf8_lossy(&text);
    let of = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name));
        value.map_or_else(|| "?".to_owned(), |value| value.trim().to_owned())
    };
    // An old finding that passes now stays as a test; only a failed run makes the folder's content count.
    let inputs = if status.success() { Vec::new() } else { inputs(&findings)? };
    Ok(Outcome {
        executions: of("stat::number_of_executed_units:"),
        per_second: of("stat::average_exec_per_sec:"),
        findings: inputs,
        passed: status.success(),
        log,
    })
}

/// Inputs that a target failed on, now or earlier.
fn inputs(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}
