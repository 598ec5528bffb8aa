//! `openclaw health`

use clap::Args;
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use super::Patient;
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Exit, Failure},
    output::{Output, Text, Tone},
    show,
    watch::{Picture, Watch},
};

/// Ask a gateway whether it is well: one connection, one request
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw health
  openclaw gateway health --json
  openclaw health --watch 5")]
pub(crate) struct Health {
    #[command(flatten)]
    patient: Patient,
    #[command(flatten)]
    watch: Watch,
}

/// The method takes nothing.
#[derive(Serialize)]
struct Nothing {}

/// The reply of `health`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Reply {
    ok: bool,
    agents: Vec<Agent>,
    sessions: Sessions,
    lockdown: Option<Locked>,
    audit_trail: Trail,
}

/// The emergency stop, while it holds.
#[derive(Debug, Deserialize)]
struct Locked {
    since: i64,
}

/// How the audit trail stands.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Trail {
    state: String,
    first_bad: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Agent {
    agent_id: String,
    is_default: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sessions {
    count: u64,
}

/// Who answered what.
pub(crate) struct Facts {
    version: String,
    answer: Answer<Reply>,
}

impl Health {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let (watch, patient) = (self.watch, self.patient.clone());
        watch.run(context, &patient.target, Some(patient.timeout), self).await
    }
}

impl Picture for Health {
    type Facts = Facts;

    async fn ask(&self, gateway: &Connection) -> Result<Facts, Failure> {
        Ok(Facts { version: gateway.hello().server.version.clone(), answer: ask(gateway, "health", Nothing {}).await? })
    }

    fn show(&self, output: &mut Output, facts: &Facts) -> Done {
        let well = facts.answer.read.ok;
        facts.answer.show(output, |output, reply| {
            let word = if well { Text::toned(Tone::Good, "ok") } else { Text::toned(Tone::Bad, "not well") };
            let mut shown = vec![
                ("Gateway", word.and(format!(" (version {})", facts.version))),
                ("Agents", names(&reply.agents)),
                ("Sessions", reply.sessions.count.to_string().into()),
            ];
            if let Some(locked) = &reply.lockdown {
                let text = format!("locked down since {}", show::time(Some(locked.since)));
                shown.push(("Lockdown", Text::toned(Tone::Warning, text)));
            }
            if reply.audit_trail.state == "broken" {
                let record = reply.audit_trail.first_bad.unwrap_or_default();
                let text = format!("not as it was written, from record {record} on; see: openclaw audit verify");
                shown.push(("Audit trail", Text::toned(Tone::Bad, text)));
            }
            output.facts(shown)
        })?;
        Ok(if well { Exit::Ok } else { Exit::Failed })
    }
}

/// The agents, the default one marked.
fn names(agents: &[Agent]) -> Text {
    let name = |agent: &Agent| agent.agent_id.clone() + if agent.is_default { " (default)" } else { "" };
    let names: Vec<String> = agents.iter().map(name).collect();
    if names.is_empty() { "-".into() } else { names.join(", ").into() }
}
