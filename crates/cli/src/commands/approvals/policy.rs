//! `openclaw approvals get` and `set`

use std::{fs, path::PathBuf};

use clap::Args;
use openclaw_client::Connection;
use openclaw_config::Format;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Nothing;
use crate::{
    app::Context,
    ask::{Answer, ask},
    commands::config::standard_input,
    failure::{Done, Failure},
    output::{Column, Output, Table, Text},
    reach::{self, Target},
    show,
};

/// Whose policy.
#[derive(Args, Clone, Debug)]
pub(super) struct Place {
    #[command(flatten)]
    pub(super) target: Target,
    /// That of the gateway, which is what is meant anyway
    #[arg(long)]
    gateway: bool,
    /// That of this node, which the node keeps
    #[arg(long, value_name = "NODE", conflicts_with = "gateway")]
    node: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    node_id: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    node_id: Option<&'a str>,
    file: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_hash: Option<&'a str>,
}

/// The policy and what names its present state.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Policy {
    path: String,
    pub(super) exists: bool,
    pub(super) hash: String,
    pub(super) file: Value,
    resolved_defaults: Value,
}

impl Place {
    pub(super) async fn read(&self, gateway: &Connection) -> Result<Answer<Policy>, Failure> {
        let method = if self.node.is_some() { "exec.approvals.node.get" } else { "exec.approvals.get" };
        ask(gateway, method, Asked { node_id: self.node.as_deref() }).await
    }

    pub(super) async fn write(
        &self,
        gateway: &Connection,
        file: &Value,
        over: Option<&str>,
    ) -> Result<Answer<Policy>, Failure> {
        let method = if self.node.is_some() { "exec.approvals.node.set" } else { "exec.approvals.set" };
        ask(gateway, method, Change { node_id: self.node.as_deref(), file, base_hash: over }).await
    }
}

/// Show which commands may run
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw approvals get
  openclaw approvals get --json")]
pub(super) struct Get {
    #[command(flatten)]
    place: Place,
}

/// The reply of `config.get`, as far as it is shown.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Configured {
    config: Value,
}

impl Get {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.place.target, None).await?;
        let answer = self.place.read(&gateway).await?;
        let configured: Answer<Configured> = ask(&gateway, "config.get", Nothing {}).await?;
        gateway.close().await;
        let exec = configured.read.config.pointer("/tools/exec").cloned().unwrap_or(Value::Null);
        answer.show(&mut context.output, |output, policy| show(output, policy, &exec))
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn show(output: &mut Output, policy: &Policy, configured: &Value) -> std::io::Result<()> {
    let file = if policy.exists { policy.path.clone() } else { format!("{} (none yet)", policy.path) };
    let pair = |of: &Value| format!("security {}, ask {}", word(&of["security"]), word(&of["ask"]));
    let requested = match &configured["mode"] {
        Value::String(mode) => format!("mode {mode}"),
        _ if configured["security"].is_null() && configured["ask"].is_null() => "nothing".to_owned(),
        _ => pair(configured),
    };
    output.facts([
        ("policy", file.into()),
        ("hash", policy.hash.as_str().into()),
        (
            "default",
            format!(
                "{}, without people {}",
                pair(&policy.resolved_defaults),
                word(&policy.resolved_defaults["askFallback"])
            )
            .into(),
        ),
        ("tools.exec", format!("{requested} (where both say something, the stricter holds)").into()),
    ])?;
    let Some(agents) = policy.file["agents"].as_object().filter(|agents| !agents.is_empty()) else {
        output.line("")?;
        return output.line("no program is listed: people are asked about every command");
    };
    let mut table = Table::new([
        Column::whole("AGENT"),
        Column::words("POLICY"),
        Column::words("PROGRAM"),
        Column::words("ARGUMENTS"),
    ]);
    for (agent, of) in agents {
        let own = pair(of);
        let own = if of["security"].is_null() && of["ask"].is_null() { "-".to_owned() } else { own };
        let entries = of["allowlist"].as_array().cloned().unwrap_or_default();
        if entries.is_empty() {
            table.row([Text::from(agent), own.clone().into(), "-".into(), "-".into()]);
        }
        for entry in &entries {
            let arguments = entry["argPattern"].as_str().map(str::to_owned);
            table.row([
                Text::from(agent),
                own.clone().into(),
                word(&entry["pattern"]).into(),
                show::text(arguments.as_ref()),
            ]);
        }
    }
    output.line("")?;
    output.table(&table)
}

/// Replace the policy of commands
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw approvals set --file exec-approvals.json
  echo '{version: 1, defaults: {ask: \"always\"}}' | openclaw approvals set --stdin

The policy is JSON5 and replaces the one that is there, unless somebody changed that meanwhile.")]
pub(super) struct Set {
    #[command(flatten)]
    place: Place,
    /// Read it from this file
    #[arg(long, value_name = "PATH", required_unless_present = "stdin", conflicts_with = "stdin")]
    file: Option<PathBuf>,
    /// Read it from standard input
    #[arg(long)]
    stdin: bool,
}

impl Set {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let text = match &self.file {
            Some(path) => fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))?,
            None => standard_input()?,
        };
        let file = openclaw_config::parse_document(&text, Format::Json5)
            .map_err(|error| Failure::usage(format!("the policy is not JSON5: {error}")))?;
        let gateway = reach::gateway(context, &self.place.target, None).await?;
        // A policy that cannot be used is replaced all the same: its error says what it is.
        let before = self.place.read(&gateway).await;
        let hash = match before {
            Ok(answer) => Some(answer.read.hash).filter(|_| answer.read.exists),
            Err(failure) if failure.code == "EXEC_POLICY_UNUSABLE" => unusable_hash(&gateway).await,
            Err(failure) => return Err(failure),
        };
        let answer = self.place.write(&gateway, &file, hash.as_deref()).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, policy| output.line(format!("{} is in force", policy.path)))
    }
}

/// The hash of a policy that cannot be used.
async fn unusable_hash(gateway: &Connection) -> Option<String> {
    let error = gateway.request("exec.approvals.get", Nothing {}).await.err()?;
    error.refusal()?.details["hash"].as_str().map(str::to_owned)
}
