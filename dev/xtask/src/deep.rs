//! `cargo xtask deep`: the full figures, which take hours and run before a release rather than on each push.

use std::process::ExitCode;

use anyhow::Result;

use crate::autobahn::{self, Extent};
use crate::checks;
use crate::differences;
use crate::fuzz;
use crate::load::{self, Servers};
use crate::mutants;
use crate::planted;
use crate::steps::{self, Outcome, Plan, Skips, Step};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Seconds that each fuzz target runs on a push.
pub(crate) const BRIEF_FUZZ: u64 = 60;
/// Kills and power cuts of the fault tests on a push.
pub(crate) const BRIEF_KILLS: u32 = 50;

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
    differences::ALL_DIFFERENCES,
    differences::TIMES,
    Step {
        name: "mutants",
        what: "changes to deciding code are noticed by a test",
        needs: &[],
        run: mutants::all,
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
    autobahn::run(plan.workspace, Extent::Whole)?;
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
