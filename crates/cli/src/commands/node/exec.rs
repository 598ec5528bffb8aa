//! `system.run` and `system.which` on this node.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use openclaw_core::{
    Environment,
    approval::{self, Ask, Verdict, Wanted, decide},
};
use openclaw_sandbox::{Collected, Host, Limits, Mark, Outcome, Plan, Program, Request, Rules, StopReason};
use serde::{Deserialize, Serialize};

use super::policy::PolicyFile;

/// Bytes of each stream that are told.
const OUTPUT_BYTES: usize = 200_000;
/// Names that are looked for at once.
const BINS: usize = 256;

/// What `system.run` takes. What a caller says besides is not needed here.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wish {
    /// The program and its arguments.
    command: Vec<String>,
    /// The same as one line; it must say the same.
    #[serde(default)]
    raw_command: Option<String>,
    #[serde(default)]
    cwd: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    timeout_ms: Option<u64>,
    #[serde(default)]
    agent_id: Option<String>,
    /// People were asked by the gateway, which lets nobody else say so.
    #[serde(default)]
    approved: bool,
}

/// What came of a program.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ran {
    exit_code: Option<i32>,
    signal: Option<String>,
    timed_out: bool,
    success: bool,
    stdout: String,
    stderr: String,
    truncated: bool,
    error: Option<String>,
}

/// Why nothing was run: a word and a text.
pub(super) type Refused = (&'static str, String);

/// How programs run here.
#[derive(Clone, Debug)]
pub(super) struct Executor {
    pub(super) host: Host,
    pub(super) policy: PolicyFile,
    pub(super) environment: Environment,
    pub(super) home: Option<PathBuf>,
    /// Folders below which programs start; empty for anywhere.
    pub(super) roots: Vec<PathBuf>,
}

impl Executor {
    fn rules(&self) -> Rules {
        Rules { base: self.environment.clone(), roots: self.roots.clone(), ..Rules::default() }
    }

    /// Where these programs are, by name; those that are not there are left out. Blocks for a moment.
    pub(super) fn which(&self, bins: &[String]) -> Result<BTreeMap<String, String>, Refused> {
        if bins.len() > BINS {
            return Err(("INVALID_REQUEST", format!("at most {BINS} bins can be looked for at once")));
        }
        let rules = Rules { roots: Vec::new(), ..self.rules() };
        let find = |name: &String| {
            let request = Request { command: name.clone(), ..Request::default() };
            let plan = Plan::make(request, &rules).ok()?;
            Some((name.clone(), plan.program().display().to_string()))
        };
        Ok(bins.iter().filter_map(find).collect())
    }

    /// Checks a wish against this node's policy. Blocks for a moment.
    pub(super) fn permit(&self, wish: &Wish) -> Result<Plan, Refused> {
        let invalid = |text: String| ("INVALID_REQUEST", text);
        let Some((command, args)) = wish.command.split_first() else {
            return Err(invalid("command is empty; give the program and its arguments as a list".to_owned()));
        };
        let line = approval::quoted(&wish.command);
        if let Some(raw) = &wish.raw_command {
            approval::same_command(raw, &wish.command).map_err(|mismatch| invalid(mismatch.to_string()))?;
        }
        let request = Request {
            command: command.clone(),
            args: args.to_vec(),
            env: wish.env.clone(),
            cwd: wish.cwd.clone().or_else(|| self.start_folder()),
        };
        let plan = Plan::make(request, &self.rules()).map_err(|refusal| invalid(refusal.to_string()))?;
        let snapshot = self.policy.read().map_err(|problem| ("SYSTEM_RUN_DENIED", problem))?;
        let effective = snapshot.file.effective(wish.agent_id.as_deref(), Wanted::default());
        let resolved = plan.program().display().to_string();
        let asked = approval::Plan {
            agent_id: wish.agent_id.as_deref(),
            host: Some("node"),
            node_id: None,
            command: &line,
            argv: Some(&wish.command),
            cwd: wish.cwd.as_deref(),
            resolved_path: Some(&resolved),
            env: &wish.env,
        };
        match decide(&effective, &asked, false, self.home.as_deref()) {
            Verdict::Allow(_) => Ok(plan),
            Verdict::Ask if wish.approved => Ok(plan),
            Verdict::Ask => {
                let text = match effective.ask {
                    Ask::Always => "this node asks about every program, and nobody has approved this one",
                    Ask::OnMiss | Ask::Off => {
                        "this program is not on this node's allowlist, and nobody has approved it"
                    }
                };
                Err(("APPROVAL_REQUIRED", format!("{text}: {}", approval::shown(&line))))
            }
            Verdict::Deny(reason) => Err(("SYSTEM_RUN_DENIED", reason.about().to_owned())),
        }
    }

    fn start_folder(&self) -> Option<String> {
        let home = self.home.as_ref().filter(|_| self.roots.is_empty())?;
        home.is_dir().then(|| home.display().to_string())
    }

    /// Starts what was permitted; it ends within this time.
    pub(super) async fn start(&self, plan: Plan, mark: Mark, wish: &Wish, most: Duration) -> Result<Program, Refused> {
        let wall = wish.timeout_ms.filter(|ms| *ms > 0).map_or(most, |ms| Duration::from_millis(ms).min(most));
        let limits = Limits { wall: Some(wall), ..Limits::default() };
        self.host.start(plan, mark, limits).await.map_err(|error| ("UNAVAILABLE", error.to_string()))
    }
}

/// Waits for a program's end.
pub(super) async fn ran(program: Program) -> Ran {
    let Collected { ended, stdout, stderr, truncated } = program.collect(OUTPUT_BYTES).await;
    let stopped = ended.and_then(|ended| ended.stopped);
    let (exit_code, signal) = match ended.map(|ended| ended.outcome) {
        Some(Outcome::Exited(code)) => (Some(code), None),
        Some(Outcome::Signalled(signal)) => (None, Some(Outcome::signal_name(signal))),
        None => (None, None),
    };
    let error = match (ended, stopped, &signal) {
        (None, ..) => Some("nobody knows how it ended".to_owned()),
        (_, Some(reason), _) => Some(reason.as_str().to_owned()),
        (_, None, Some(signal)) => Some(format!("ended by {signal}")),
        (_, None, None) => None,
    };
    Ran {
        exit_code,
        signal,
        timed_out: stopped == Some(StopReason::Time),
        success: exit_code == Some(0) && stopped.is_none(),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        truncated,
        error,
    }
}
