//! Measures the gateway beside a bare server on the same machine, in the same run.
//!
//! `cargo xtask load` builds the gateway and runs this. Wall-clock figures of a shared machine are noise; the figure to
//! compare is server CPU per operation, relative to the bare server that does no work (`limit`).

#![expect(clippy::disallowed_macros, reason = "a developer's command prints")]

mod cases;
mod effort;
mod figures;
mod limit;
mod login;
mod model;
mod probe;
mod process;
mod reference;
mod report;
mod seed;
mod server;
mod slope;
mod turn;
mod wire;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};
use openclaw_core::Ids;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{runtime, task::LocalSet};

use cases::Case;
use effort::Effort;
use figures::Figures;
use limit::Sizes;
use reference::Reference;
use report::{Machine, Report, Row};
use server::{Launcher, Target};

/// Measure the gateway beside a bare server.
#[derive(Parser)]
#[command(name = "openclaw-load", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    role: Option<Role>,
    #[command(flatten)]
    run: Run,
}

#[derive(Subcommand)]
enum Role {
    /// Serve as the bare server; the tool starts it by itself.
    Limit {
        /// Port on 127.0.0.1.
        #[arg(long)]
        port: u16,
        #[command(flatten)]
        sizes: Sizes,
    },
}

#[derive(Args)]
struct Run {
    /// The gateway's binary.
    #[arg(long, default_value = "target/release/openclaw")]
    binary: PathBuf,
    /// Also measure the reference, installed by npm in this folder.
    #[arg(long, value_name = "FOLDER")]
    reference: Option<PathBuf>,
    /// The Node that runs it; the one that npm put beside it when absent.
    #[arg(long, value_name = "FILE", requires = "reference")]
    node: Option<PathBuf>,
    /// Measure these cases only; all but the storm and the soak when absent.
    #[arg(long, value_enum, value_name = "CASE")]
    only: Vec<Case>,
    /// Measure these servers only.
    #[arg(long, value_enum, value_name = "SERVER")]
    target: Vec<Target>,
    /// Show that everything works, in about a minute; the figures are noise.
    #[arg(long)]
    quick: bool,
    /// Repetitions of each case, of which the median counts.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=50))]
    repetitions: Option<u8>,
    /// Length of a soak, minutes.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    minutes: Option<u32>,
    /// Print one JSON document instead of tables.
    #[arg(long)]
    json: bool,
    /// Also write the tables between the marker lines of this document.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    // One thread: what the client costs is no business of the server's, and two cores are all there may be.
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    match cli.role {
        Some(Role::Limit { port, sizes }) => runtime.block_on(limit::serve(port, sizes)),
        None => LocalSet::new().block_on(&runtime, async {
            tokio::select! {
                done = run(cli.run) => done,
                // Servers end when they are dropped, not with our terminal.
                _ = tokio::signal::ctrl_c() => bail!("interrupted"),
            }
        }),
    }
}

async fn run(run: Run) -> Result<()> {
    let mut effort = if run.quick { Effort::QUICK } else { Effort::FULL };
    effort.repetitions = run.repetitions.map_or(effort.repetitions, usize::from);
    effort.soak = run.minutes.map_or(effort.soak, |minutes| Duration::from_secs(60) * minutes);
    let mut targets = if run.target.is_empty() { Target::value_variants().to_vec() } else { run.target.clone() };
    if run.reference.is_none() {
        targets.retain(|target| *target != Target::Reference);
    }
    ensure!(
        !targets.is_empty(),
        "--target reference needs --reference FOLDER; `cargo xtask load --reference` gives it"
    );
    let cases = if run.only.is_empty() { Case::usual() } else { run.only.clone() };
    raise_descriptor_limit();
    let machine = Machine::look(&std::env::temp_dir())?;
    let launcher = prepare(&run, &targets).await?;
    let (mut rows, mut failed) = (Vec::new(), Vec::new());
    for case in cases {
        match measure(case, &launcher, &targets, &effort).await {
            Ok(found) => rows.extend(found),
            // What was measured before, and what comes after, is worth having.
            Err(error) => {
                eprintln!("{error:#}");
                failed.push(case.name());
            }
        }
    }
    let report =
        Report { command: command(&run), machine, sizes: launcher.sizes, repetitions: effort.repetitions, rows };
    if let Some(path) = &run.markdown {
        report.write_markdown(path)?;
    }
    if run.json {
        println!("{}", report.json()?);
    } else {
        print!("{}", report.text());
    }
    ensure!(failed.is_empty(), "not measured: {}", failed.join(", "));
    Ok(())
}

async fn prepare(run: &Run, targets: &[Target]) -> Result<Launcher> {
    let mut launcher = Launcher {
        binary: run.binary.clone(),
        reference: match &run.reference {
            Some(folder) => Some(Reference::find(folder, run.node.as_deref())?),
            None => None,
        },
        sizes: Sizes::default(),
        model: model::Model::start()?,
        ids: Ids::system(),
        seeded: tokio::sync::Mutex::default(),
    };
    if targets.contains(&Target::Gateway) {
        ensure!(
            run.binary.is_file(),
            "there is no gateway at {}: run `cargo build --release -p openclaw` first, or name one with --binary",
            run.binary.display()
        );
        launcher.binary = run.binary.canonicalize()?;
        eprintln!("looking at the gateway's messages");
        launcher.sizes = probe::sizes(&launcher).await?;
    }
    Ok(launcher)
}

/// All repetitions of a case, the servers taking turns.
async fn measure(case: Case, launcher: &Launcher, targets: &[Target], effort: &Effort) -> Result<Vec<Row>> {
    let mut found: Vec<(&'static str, BTreeMap<Target, Vec<Figures>>)> = Vec::new();
    for repetition in 1..=effort.repetitions {
        for target in targets.iter().copied().filter(|target| case.fits(*target)) {
            let effort = effort.on(target).of(case);
            if repetition > effort.repetitions {
                continue;
            }
            eprintln!("{} {repetition}/{}: {}", case.name(), effort.repetitions, target.name());
            let lines = case.run(launcher, target, &effort).await;
            let lines = lines.with_context(|| format!("{} failed on {}", case.name(), target.name()))?;
            for (index, (what, figures)) in lines.into_iter().enumerate() {
                if found.len() <= index {
                    found.push((what, BTreeMap::new()));
                }
                found[index].1.entry(target).or_default().push(figures);
            }
        }
    }
    let median = |all: Vec<Figures>| Figures::median(&all);
    Ok(found
        .into_iter()
        .map(|(what, all)| Row {
            case: case.name(),
            what,
            figures: all.into_iter().map(|(target, all)| (target, median(all))).collect(),
        })
        .collect())
}

/// As many descriptors as the system lets us have, for us and for the servers we start: some cases need thousands.
fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        eprintln!("the limit of open files could not be raised: {error}");
    }
}

/// The command that repeats this run.
fn command(run: &Run) -> String {
    let mut words = vec!["cargo xtask load".to_owned()];
    words.extend(run.reference.is_some().then(|| "--reference".to_owned()));
    if !run.only.is_empty() || !run.target.is_empty() || run.quick || run.repetitions.is_some() || run.minutes.is_some()
    {
        words.push("--".to_owned());
    }
    words.extend(run.only.iter().map(|case| format!("--only {}", case.name())));
    words.extend(run.target.iter().map(|target| format!("--target {}", target.name())));
    words.extend(run.quick.then(|| "--quick".to_owned()));
    words.extend(run.repetitions.map(|count| format!("--repetitions {count}")));
    words.extend(run.minutes.map(|minutes| format!("--minutes {minutes}")));
    words.join(" ")
}
