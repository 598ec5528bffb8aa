//! `cargo xtask deep`: the full figures, which take hours and run before a release rather than on each push.

use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};

use crate::autobahn;
use crate::checks;
use crate::fuzz;
use crate::load::{self, Servers};
use crate::planted;
use crate::process;
use crate::steps::{self, Outcome, Plan, Skips, Step};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Seconds that each fuzz target runs on a push.
pub(crate) const BRIEF_FUZZ: u64 = 60;
/// Kills and power cuts of the fault tests on a push.
pub(crate) const BRIEF_KILLS: u32 = 50;

/// Where a mutant that survives is worst: who may do what, and what leaves the process.
const MUTATED: &[&str] = &["openclaw-auth", "openclaw-config", "openclaw-protocol", "openclaw-websocket"];
/// The same in packages that are too large to be changed everywhere: origins and addresses, framing, paths, scopes, approvals, what a
/// program gets.
const MUTATED_FILES: &[&str] = &[
    "crates/core/src/approval/*.rs",
    "crates/core/src/lookalike.rs",
    "crates/gateway/src/access.rs",
    "crates/gateway/src/egress.rs",
    "crates/gateway/src/http/bundle/place.rs",
    "crates/gateway/src/http/framing.rs",
    "crates/gateway/src/http/hooks/gate.rs",
    "crates/gateway/src/workspace/*.rs",
    "crates/sandbox/src/environment.rs",
    "crates/sandbox/src/plan.rs",
    "crates/skills/src/names.rs",
];

/// The full figures.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only this step; may be given more than once
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Print the steps and run none
    #[arg(long)]
    list: bool,
    /// Seconds that each fuzz target runs
    #[arg(long, default_value_t = 3_600)]
    fuzz_seconds: u64,
    /// Kills and power cuts of the fault tests
    #[arg(long, default_value_t = 1_000)]
    kills: u32,
}

/// Fuzz the parsers.
#[derive(clap::Args)]
pub(crate) struct FuzzArguments {
    /// Fuzz only this target
    target: Option<String>,
    /// Seconds that each target runs
    #[arg(long, default_value_t = BRIEF_FUZZ)]
    seconds: u64,
}

const STEPS: &[Step] = &[
    checks::RELEASE,
    Step {
        name: "autobahn",
        what: "WebSocket conformance, groups 1 to 7, 9 and 10",
        needs: &[],
        run: conformance,
        beside: false,
    },
    checks::FAULTS,
    Step { name: "load", what: "figures of the gateway under load", needs: &[], run: figures, beside: false },
    Step {
        name: "compare",
        what: "the same figures of the reference, beside ours",
        needs: &[],
        run: compare,
        beside: false,
    },
    Step {
        name: "storm",
        what: "ten thousand hostile connections cost no honest client its own",
        needs: &[],
        run: storm,
        beside: false,
    },
    Step {
        name: "simulation",
        what: "nothing is lost, doubled or told to the wrong on 200 bad days in a simulated network",
        needs: &[],
        run: simulation,
        beside: false,
    },
    Step { name: "soak", what: "memory and descriptors stay level for an hour", needs: &[], run: soak, beside: false },
    Step {
        name: "mutants",
        what: "changes to deciding code are noticed by a test",
        needs: &[],
        run: mutants,
        beside: false,
    },
    Step {
        name: "planted",
        what: "bugs of known advisories, put back one at a time, are noticed",
        needs: &[],
        run: planted,
        beside: false,
    },
    checks::FUZZ,
];

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    if arguments.list {
        steps::list(STEPS);
        return Ok(ExitCode::SUCCESS);
    }
    let plan = Plan {
        workspace,
        skips: Skips::Said,
        fuzz_seconds: arguments.fuzz_seconds,
        kills: arguments.kills,
        all: false,
    };
    Ok(steps::run(&plan, &steps::chosen(STEPS, &arguments.only)?))
}

pub(crate) fn fuzz(workspace: &Workspace, arguments: &FuzzArguments) -> Result<ExitCode> {
    fuzz::run(workspace, arguments.seconds, arguments.target.as_deref())?;
    Ok(ExitCode::SUCCESS)
}

fn conformance(plan: &Plan<'_>) -> Result<Outcome> {
    autobahn::run(plan.workspace)?;
    Ok(Outcome::HOLDS)
}

fn figures(plan: &Plan<'_>) -> Result<Outcome> {
    measured(plan, Servers::Gateway, &[])
}

fn compare(plan: &Plan<'_>) -> Result<Outcome> {
    measured(plan, Servers::GatewayAndReference, &[])
}

fn soak(plan: &Plan<'_>) -> Result<Outcome> {
    measured(plan, Servers::Gateway, &["--only", "soak"])
}

fn simulation(plan: &Plan<'_>) -> Result<Outcome> {
    let mut cargo = plan.workspace.cargo();
    cargo.args(["test", "--workspace", "--test", "sim", "--", "bad_days::", "--nocapture"]);
    checks::counted(cargo.env("OPENCLAW_SIM_DAYS", "200"), Tally::default())
}

fn storm(plan: &Plan<'_>) -> Result<Outcome> {
    measured(plan, Servers::Gateway, &["--only", "storm"])
}

fn measured(plan: &Plan<'_>, servers: Servers, arguments: &[&str]) -> Result<Outcome> {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    load::measure(plan.workspace, servers, &arguments)?;
    Ok(Outcome::HOLDS)
}

fn planted(plan: &Plan<'_>) -> Result<Outcome> {
    planted::run(plan.workspace)?;
    Ok(Outcome::HOLDS)
}

fn mutants(plan: &Plan<'_>) -> Result<Outcome> {
    tools::provide(plan.workspace, &tools::CARGO_MUTANTS)?;
    let mut whole = mutating(plan.workspace, "mutants")?;
    for package in MUTATED {
        whole.args(["--package", package]);
    }
    let mut chosen = mutating(plan.workspace, "mutants-of-files")?;
    chosen.arg("--workspace");
    for files in MUTATED_FILES {
        chosen.args(["--file", files]);
        let mut listing = mutating(plan.workspace, "mutants-of-files")?;
        let listed = process::read(listing.args(["--workspace", "--list", "--file", files]))?;
        ensure!(
            !listed.trim().is_empty(),
            "{files}: there is nothing to change; correct MUTATED_FILES in dev/xtask/src/deep.rs"
        );
    }
    // Both are run, so that one that survives hides no other.
    let outcomes = [process::run(&mut whole), process::run(&mut chosen)];
    outcomes.into_iter().collect::<Result<()>>()?;
    Ok(Outcome::HOLDS)
}

/// The tool, writing what it finds below the target folder.
fn mutating(workspace: &Workspace, output: &str) -> Result<Command> {
    let mut cargo = workspace.cargo();
    let tools = workspace.target.join("tools/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(tools).chain(std::env::split_paths(&path));
    cargo.env("PATH", std::env::join_paths(folders)?).args(["mutants", "--no-shuffle", "--output"]);
    cargo.arg(workspace.target.join(output));
    Ok(cargo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_is_mutated_is_there() {
        let sources = Workspace::find().unwrap().sources(&[".rs"]).unwrap();
        for files in MUTATED_FILES {
            let (start, end) = files.split_once('*').unwrap_or((files, ""));
            let there = sources
                .iter()
                .filter_map(|file| file.to_str())
                .any(|file| file.starts_with(start) && file.ends_with(end));
            assert!(there, "{files}");
        }
    }
}
