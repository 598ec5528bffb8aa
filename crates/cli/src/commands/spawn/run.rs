//! `openclaw spawn run`

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::output::see_through;
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    output::Tone,
    reach::{self, Target},
};

/// Start a program on the gateway's machine, show what it writes, and end as it does
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw spawn run -- uptime
  openclaw spawn run --cwd /opt/agents -e AGENT_NAME=agent1 -- python agent.py --role developer
  openclaw spawn run --detach -- python agent.py     leave it running

The exit code is the program's, 128 and the signal's number when a signal ended it. Ctrl-C asks it to end, twice ends it.")]
pub(super) struct Run {
    #[command(flatten)]
    target: Target,
    /// Folder that it starts in, on the gateway's machine
    #[arg(long, value_name = "PATH")]
    cwd: Option<String>,
    /// Variable that is set for it
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// Return as soon as it runs
    #[arg(short, long)]
    detach: bool,
    /// The program and its arguments; no shell reads them
    #[arg(last = true, required = true, value_name = "COMMAND")]
    program: Vec<String>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

/// What is asked of `spawn`.
#[derive(Serialize)]
struct Asked<'a> {
    command: &'a str,
    args: &'a [String],
    env: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<&'a str>,
    follow: bool,
}

/// What `spawn` answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Started {
    spawn_id: String,
    pid: Option<u32>,
}

/// How it ended, for `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    spawn_id: &'a str,
    status: &'a str,
    exit_code: Option<i32>,
    signal: Option<&'a str>,
    error: Option<&'a str>,
    stdout: String,
    stderr: String,
}

impl Run {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let Some((command, args)) = self.program.split_first() else { return Err(Failure::usage("no command")) };
        let gateway = reach::gateway(context, &self.target, None).await?;
        let env = self.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let asked = Asked { command, args, env, cwd: self.cwd.as_deref(), follow: !self.detach };
        let started = ask::<Started>(&gateway, "spawn", asked).await?;
        let id = &started.read.spawn_id;
        if self.detach {
            gateway.close().await;
            return started.show(&mut context.output, |output, started| {
                let pid = started.pid.unwrap_or_default();
                output.line(format!(
                    "{} runs (process {pid}); see: openclaw spawn output {}",
                    started.spawn_id,
                    crate::ids::short(&started.spawn_id, 8)
                ))
            });
        }
        let json = context.output.json;
        let capture = json.then(|| context.output.capture());
        let seen = see_through(&gateway, id, &mut context.output).await;
        let captured = capture.map(|()| context.output.captured()).unwrap_or_default();
        let (ended, interrupted) = seen?;
        gateway.close().await;
        let ending = ended.result.as_ref();
        let (code, signal) =
            (ending.and_then(|ending| ending.exit_code), ending.and_then(|ending| ending.signal.as_deref()));
        if json {
            let [stdout, stderr] = captured.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            let error = ended.error.as_deref();
            context.output.value(&Told {
                spawn_id: id,
                status: &ended.status,
                exit_code: code,
                signal,
                error,
                stdout,
                stderr,
            })?;
        } else if let Some(error) = &ended.error {
            crate::output::complain(
                &context.local.environment,
                crate::output::ColourChoice::Auto,
                &[(Tone::Bad, "ended:", error)],
            );
        }
        Ok(if interrupted { Exit::Interrupted } else { passed_on(code, signal) })
    }
}

/// The exit code as a shell would give it.
fn passed_on(code: Option<i32>, signal: Option<&str>) -> Exit {
    let number = match (code, signal) {
        (Some(code), None) => u8::try_from(code).unwrap_or(1),
        (_, Some(signal)) => 128 + signal_number(signal),
        (None, None) => 1,
    };
    Exit::Program(number)
}

fn signal_number(name: &str) -> u8 {
    match name {
        "SIGHUP" => 1,
        "SIGINT" => 2,
        "SIGQUIT" => 3,
        "SIGILL" => 4,
        "SIGABRT" => 6,
        "SIGFPE" => 8,
        "SIGKILL" => 9,
        "SIGSEGV" => 11,
        "SIGPIPE" => 13,
        "SIGALRM" => 14,
        "SIGTERM" => 15,
        other => other.strip_prefix("SIG").and_then(|number| number.parse().ok()).filter(|n| *n < 128).unwrap_or(0),
    }
}
