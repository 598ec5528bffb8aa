//! The steps that `lint`, `test` and `deep` are made of.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::autobahn::{self, Extent};
use crate::bench;
use crate::fuzz;
use crate::mutants;
use crate::node;
use crate::page;
use crate::process::{self, Nice};
use crate::schema;
use crate::schemathesis;
use crate::sslyze;
use crate::steps::{Outcome, Plan, Skips, Step};
use crate::system::{CC, CHROMIUM, CXX, GIT, NPM, VALGRIND};
use crate::tally::Tally;
use crate::tidy_coverage;
use crate::tools;
use crate::words;
use crate::workspace::Workspace;

/// The most lines that a source file may have.
const LONGEST_FILE: usize = 1000;

/// Complaints that are printed before the rest is only counted.
const COMPLAINTS_SHOWN: usize = 50;

pub(crate) const FMT: Step =
    Step { name: "fmt", what: "every Rust file is formatted", needs: &[GIT], run: fmt, beside: false };

pub(crate) const TIDY: Step = Step {
    name: "tidy",
    what: "files are short, names say what they are, named tests exist, the lock file is fresh",
    needs: &[GIT],
    run: tidy,
    beside: false,
};

pub(crate) const DENY: Step = Step {
    name: "deny",
    what: "licences, bans, sources and advisories of dependencies",
    needs: &[],
    run: deny,
    beside: true,
};

pub(crate) const CLIPPY: Step =
    Step { name: "clippy", what: "no warning in any target", needs: &[CC], run: clippy, beside: false };

pub(crate) const BUILD: Step =
    Step { name: "build", what: "everything that the tests need compiles", needs: &[CC], run: build, beside: false };

pub(crate) const GENERATED: Step = Step {
    name: "generated",
    what: "committed generated files are what the code says",
    needs: &[],
    run: generated,
    beside: false,
};

pub(crate) const TESTS: Step =
    Step { name: "tests", what: "unit, integration and documentation tests", needs: &[CC], run: tests, beside: false };

pub(crate) const FAULTS: Step = Step {
    name: "faults",
    what: "nothing acknowledged is lost by kills and power cuts",
    needs: &[CC],
    run: faults,
    beside: true,
};

pub(crate) const OPTIMISED: Step =
    Step { name: "optimised", what: "the gateway builds optimised", needs: &[CC], run: optimised, beside: true };

pub(crate) const RELEASE: Step =
    Step { name: "release", what: "the gateway builds as it is released", needs: &[CC], run: release, beside: false };

pub(crate) const BENCH: Step = Step {
    name: "bench",
    what: "requests and events take no more instructions than before",
    needs: &[CC, VALGRIND],
    run: bench::check,
    beside: false,
};

pub(crate) const STORIES: Step = Step {
    name: "stories",
    what: "official clients and both Mission Controls",
    needs: &[NPM],
    run: stories,
    beside: true,
};

pub(crate) const OPENAPI: Step = Step {
    name: "openapi",
    what: "every answer over HTTP is as the document says",
    needs: &[CC],
    run: openapi,
    beside: true,
};

pub(crate) const INTERFACE: Step = Step {
    name: "interface",
    what: "the official Control UI in Chromium; screenshots in target/control-ui",
    needs: &[NPM, CHROMIUM],
    run: interface,
    beside: true,
};

pub(crate) const UNITS: Step = Step {
    name: "units",
    what: "Mission Control: types and unit tests",
    needs: &[NPM],
    run: page::units,
    beside: true,
};

pub(crate) const PAGE: Step = Step {
    name: "page",
    what: "Mission Control: stories in Chromium; screenshots in target/mission-control-shots",
    needs: &[NPM, CHROMIUM],
    run: page::stories,
    beside: true,
};

pub(crate) const FUZZ: Step =
    Step { name: "fuzz", what: "no parser panics, hangs or grows", needs: &[CC, CXX], run: fuzzed, beside: true };

pub(crate) const HANDSHAKES: Step = Step {
    name: "handshakes",
    what: "TLS is what Mozilla calls intermediate, and better",
    needs: &[CC],
    run: handshakes,
    beside: true,
};

pub(crate) const CONFORMANCE: Step = Step {
    name: "conformance",
    what: "WebSocket conformance, groups 1 to 7",
    needs: &[CC],
    run: conformance,
    beside: true,
};

pub(crate) const MUTANTS: Step = Step {
    name: "mutants",
    what: "changes to deciding code that was touched are noticed by a test",
    needs: &[CC, GIT],
    run: mutants::changed,
    beside: true,
};

/// Requests for each operation, beside those that try each of its parameters.
const EXAMPLES: u32 = 10;

fn openapi(plan: &Plan<'_>) -> Result<Outcome> {
    if process::find("python3").is_none() {
        return Ok(Outcome::Skipped("there is no python3".into()));
    }
    schemathesis::run(plan.workspace, EXAMPLES)?;
    Ok(Outcome::HOLDS)
}

fn conformance(plan: &Plan<'_>) -> Result<Outcome> {
    if let Err(why) = autobahn::possible() {
        return Ok(Outcome::Skipped(format!("{why:#}")));
    }
    autobahn::run(plan.workspace, Extent::Brief)?;
    Ok(Outcome::HOLDS)
}

fn handshakes(plan: &Plan<'_>) -> Result<Outcome> {
    if process::find("python3").is_none() {
        return Ok(Outcome::Skipped("there is no python3".into()));
    }
    sslyze::run(plan.workspace)?;
    Ok(Outcome::HOLDS)
}

fn fmt(plan: &Plan<'_>) -> Result<Outcome> {
    if let Err(why) = tools::component("rustfmt", "rustfmt", plan.skips) {
        return Ok(Outcome::Skipped(why.to_string()));
    }
    let files = plan.workspace.sources(&[".rs"])?;
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.current_dir(&plan.workspace.root).args(["--check", "--edition", "2024", "--config-path"]);
    process::run(rustfmt.arg(&plan.workspace.root).args(&files))?;
    println!("{} files", files.len());
    Ok(Outcome::HOLDS)
}

fn tidy(plan: &Plan<'_>) -> Result<Outcome> {
    let workspace = plan.workspace;
    let mut complaints = Vec::new();
    for file in workspace.sources(&[".rs", ".ts", ".tsx", ".mjs", ".js", ".sh"])? {
        let text = workspace.text(&file)?;
        let lines = text.lines().count();
        // What is generated has the length that it has; the folder of documents holds no other code.
        if lines > LONGEST_FILE && !file.starts_with("docs") {
            complaints.push(format!("{}: {lines} lines, more than {LONGEST_FILE}; split it", file.display()));
        }
        if file.extension().is_some_and(|ending| ending == "rs") {
            complaints.extend(text.lines().enumerate().filter_map(|(index, line)| {
                words::complaint(&file, line).map(|what| format!("{}:{}: {what}", file.display(), index + 1))
            }));
        }
    }
    complaints.extend(tidy_coverage::complaints(workspace)?);
    // On a developer's machine an edited manifest changes the lock file rightly; what was pushed must be whole.
    let pushed = std::env::var_os("CI").is_some();
    if pushed && !process::succeeds(workspace.git().args(["diff", "--quiet", "HEAD", "--", "Cargo.lock"])) {
        complaints.push("Cargo.lock: cargo had to change it; commit it as it is now".into());
    }
    for complaint in complaints.iter().take(COMPLAINTS_SHOWN) {
        println!("{complaint}");
    }
    Ok(match complaints.len() {
        0 => Outcome::HOLDS,
        many => Outcome::Failed(Tally::default(), format!("{many} complaints")),
    })
}

fn deny(plan: &Plan<'_>) -> Result<Outcome> {
    let workspace = plan.workspace;
    tools::provide(workspace, &tools::CARGO_DENY)?;
    let mut check = deny_command(workspace)?;
    process::run(check.args(["bans", "licenses", "sources"]))?;

    // The database lies outside the registry, so a machine may well reach one and not the other.
    let mut unreachable = false;
    let fresh = process::watch(deny_command(workspace)?.arg("advisories"), |line| {
        unreachable |= line.contains("failed to fetch advisory database");
    })?;
    if fresh {
        println!("Advisories were checked.");
    } else if unreachable {
        println!("ADVISORIES WERE NOT CHECKED: their database could not be fetched.");
    } else {
        return Ok(Outcome::Failed(Tally::default(), "an advisory concerns a dependency".into()));
    }
    Ok(Outcome::HOLDS)
}

fn deny_command(workspace: &Workspace) -> Result<Command> {
    let mut deny = Command::new(tools::provide(workspace, &tools::CARGO_DENY)?);
    deny.current_dir(&workspace.root).args(["--locked", "check", "--hide-inclusion-graph"]);
    Ok(deny)
}

fn clippy(plan: &Plan<'_>) -> Result<Outcome> {
    if let Err(why) = tools::component("cargo-clippy", "clippy", plan.skips) {
        return Ok(Outcome::Skipped(why.to_string()));
    }
    let mut cargo = plan.workspace.cargo();
    process::run(cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    Ok(Outcome::HOLDS)
}

fn build(plan: &Plan<'_>) -> Result<Outcome> {
    process::run(plan.workspace.cargo().args(["build", "--workspace", "--all-targets"]))?;
    Ok(Outcome::HOLDS)
}

fn generated(plan: &Plan<'_>) -> Result<Outcome> {
    let workspace = plan.workspace;
    // A step may be asked for alone; after `build` this does nothing.
    process::run(workspace.cargo().args(["build", "--workspace", "--all-targets"]))?;
    let Some(fresh) = schema::generate(workspace)? else {
        return Ok(Outcome::Skipped("this gateway has no `openclaw dev schema`".into()));
    };
    let stale = schema::compare(&workspace.root, &fresh)?;
    for difference in &stale {
        println!("{difference}");
    }
    Ok(match stale.len() {
        0 => Outcome::HOLDS,
        many => Outcome::Failed(Tally::default(), format!("{many} files are stale; run: cargo xtask schema")),
    })
}

fn tests(plan: &Plan<'_>) -> Result<Outcome> {
    if plan.all {
        // Tests wait often; the step that needs it waits for cargo's lock.
        process::beside(&building(plan.workspace, PUSH), Nice::Next)?;
    }
    let outcome = all_tests(plan)?;
    if plan.all {
        // The compiler leaves one processor idle for minutes at the end of the optimised build, and browsers wait more than they compute.
        fuzz::build_ahead(plan.workspace)?;
    }
    Ok(outcome)
}

fn all_tests(plan: &Plan<'_>) -> Result<Outcome> {
    let mut cargo = plan.workspace.cargo();
    if process::find("cargo-nextest").is_none() {
        return counted(cargo.args(["test", "--workspace", "--no-fail-fast"]), Tally::default());
    }
    cargo.args(["nextest", "run", "--workspace", "--no-fail-fast", "--status-level", "slow"]);
    let ran = counted(cargo.args(["--final-status-level", "fail"]), Tally::default())?;
    // nextest leaves documentation tests to cargo.
    let mut cargo = plan.workspace.cargo();
    cargo.args(["test", "--workspace", "--doc", "--no-fail-fast"]);
    match ran {
        Outcome::Passed(tally) => counted(&mut cargo, tally),
        Outcome::Failed(tally, why) => Ok(match counted(&mut cargo, tally)? {
            Outcome::Passed(sum) | Outcome::Failed(sum, _) => Outcome::Failed(sum, why),
            skipped @ Outcome::Skipped(_) => skipped,
        }),
        skipped @ Outcome::Skipped(_) => Ok(skipped),
    }
}

/// Runs a test runner and adds what it counts to `before`.
pub(crate) fn counted(command: &mut Command, before: Tally) -> Result<Outcome> {
    let mut tally = before;
    let good = process::watch(command, |line| tally += Tally::of_line(line))?;
    Ok(if good {
        Outcome::Passed(tally)
    } else {
        let failed = tally.failed;
        Outcome::Failed(tally, format!("{failed} tests failed in `{}`", process::shown(command)))
    })
}

/// Runs the crash tests of the store and of the configuration's file, as many rounds as the plan says.
fn faults(plan: &Plan<'_>) -> Result<Outcome> {
    let workspace = plan.workspace;
    if !workspace.root.join("crates/store/tests/store/crash.rs").is_file() {
        return Ok(Outcome::Skipped("there is no crates/store/tests/store/crash.rs".into()));
    }
    let mut cargo = workspace.cargo();
    // The whole workspace, so that dependencies keep the features, and the builds, of the other steps.
    cargo.args(["test", "--workspace", "--test", "store", "--test", "file", "--"]);
    cargo.args(["crash::", "--skip", "crash::child", "--nocapture"]);
    let rounds = plan.kills.to_string();
    cargo.env("OPENCLAW_STORE_TEST_ROUNDS", &rounds).env("OPENCLAW_CONFIG_TEST_ROUNDS", &rounds);
    counted(&mut cargo, Tally::default())
}

fn optimised(plan: &Plan<'_>) -> Result<Outcome> {
    told_its_size(&build_optimised(plan.workspace)?)?;
    Ok(Outcome::HOLDS)
}

fn release(plan: &Plan<'_>) -> Result<Outcome> {
    told_its_size(&build_release(plan.workspace)?)?;
    Ok(Outcome::HOLDS)
}

fn told_its_size(binary: &Path) -> Result<()> {
    let size = std::fs::metadata(binary).with_context(|| format!("{} is not there", binary.display()))?.len();
    process::run(Command::new(binary).arg("--version"))?;
    println!("{} KiB", size / 1024);
    Ok(())
}

/// The profile in which a push is tried: see `Cargo.toml`.
const PUSH: &str = "push";

/// Builds the gateway optimised, with the benchmarks, and returns the gateway's binary. Always both: alone, each could need its
/// dependencies with other features.
pub(crate) fn build_optimised(workspace: &Workspace) -> Result<PathBuf> {
    process::run(&mut building(workspace, PUSH))?;
    Ok(workspace.binary(PUSH))
}

/// Builds the gateway as it is released, and returns its binary.
pub(crate) fn build_release(workspace: &Workspace) -> Result<PathBuf> {
    process::run(&mut building(workspace, "release"))?;
    Ok(workspace.binary("release"))
}

fn building(workspace: &Workspace, profile: &str) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--profile", profile, "--package", "openclaw", "--package", "openclaw-bench"]);
    cargo
}

fn stories(plan: &Plan<'_>) -> Result<Outcome> {
    told(plan, |run| {
        run.args(["--without", "ui"]);
    })
}

fn interface(plan: &Plan<'_>) -> Result<Outcome> {
    let shots = plan.workspace.target.join("control-ui");
    told(plan, |run| {
        run.args(["--only", "ui", "--shots"]).arg(&shots);
    })
}

/// Runs some of the stories against the optimised gateway.
fn told(plan: &Plan<'_>, which: impl FnOnce(&mut Command)) -> Result<Outcome> {
    let workspace = plan.workspace;
    let script = workspace.root.join("dev/official/run.mjs");
    if !script.is_file() {
        return Ok(Outcome::Skipped("there is no dev/official/run.mjs".into()));
    }
    let binary = build_optimised(workspace)?;
    let clients = match (node::provide(workspace), plan.skips) {
        (Ok(clients), _) => clients,
        (Err(error), Skips::Said) => return Ok(Outcome::Skipped(format!("{error:#}"))),
        (Err(error), Skips::Fail) => return Err(error),
    };
    let mut run = Command::new(&clients.node);
    run.current_dir(&workspace.root).arg(script).arg("--binary").arg(binary).arg("--modules").arg(&clients.folder);
    which(&mut run);
    counted(&mut run, Tally::default())
}

fn fuzzed(plan: &Plan<'_>) -> Result<Outcome> {
    fuzz::run(plan.workspace, plan.fuzz_seconds, None)?;
    Ok(Outcome::HOLDS)
}
