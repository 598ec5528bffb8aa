//! `openclaw status`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Patient, sessions};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Exit, Failure},
    output::{Output, Text, Tone},
    reach, show,
    watch::{Picture, Watch},
};

/// Show what a gateway is doing: one connection, one request
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw status
  openclaw status --watch
  openclaw status --url wss://gateway.example.com --token secret --json")]
pub(crate) struct Status {
    #[command(flatten)]
    patient: Patient,
    #[command(flatten)]
    watch: Watch,
}

/// The method takes nothing.
#[derive(Serialize)]
struct Nothing {}

/// The reply of `status`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Reply {
    uptime_ms: i64,
    connections: u64,
    runs: Runs,
    sessions: Sessions,
    model_configured: Option<bool>,
    config: Configuration,
}

/// How the configuration's file stands to what is in force.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Configuration {
    restart_required: Vec<String>,
    last_error: Option<Rejected>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rejected {
    message: String,
}

impl Configuration {
    /// What is to be said when the file is not in force as it is, and what helps.
    pub(super) fn complaint(&self) -> Option<(String, &'static str)> {
        if let Some(error) = &self.last_error {
            let cause = format!("the file cannot be used, so what was read before is in force: {}", error.message);
            return Some((cause, "openclaw config validate"));
        }
        let waiting = (!self.restart_required.is_empty()).then(|| self.restart_required.join(", "))?;
        Some((format!("changed and waiting for a restart: {waiting}"), "openclaw gateway stop, then openclaw gateway"))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Runs {
    active: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sessions {
    count: u64,
    defaults: Defaults,
    recent: Vec<sessions::Row>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Defaults {
    model: Option<String>,
}

/// Who answered what.
struct Facts {
    version: String,
    protocol: u8,
    boot_id: Option<String>,
    answer: Answer<Reply>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    gateway: Server<'a>,
    status: &'a RawValue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Server<'a> {
    url: &'a str,
    version: &'a str,
    protocol: u8,
    boot_id: Option<&'a String>,
}

/// The command, and the gateway that it asks.
struct Asked {
    url: String,
}

impl Status {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let url = reach::find(&context.local, &self.patient.target)?.url.to_string();
        let Patient { target, timeout } = self.patient;
        self.watch.run(context, &target, Some(timeout), Asked { url }).await
    }
}

impl Picture for Asked {
    type Facts = Facts;

    async fn ask(&self, gateway: &Connection) -> Result<Facts, Failure> {
        let server = &gateway.hello().server;
        Ok(Facts {
            version: server.version.clone(),
            protocol: gateway.dialect().number(),
            boot_id: server.boot_id.clone(),
            answer: ask(gateway, "status", Nothing {}).await?,
        })
    }

    fn show(&self, output: &mut Output, facts: &Facts) -> Done {
        let (url, reply) = (self.url.as_str(), &facts.answer.read);
        if output.json {
            let Facts { version, protocol, boot_id, answer } = facts;
            let gateway = Server { url, version, protocol: *protocol, boot_id: boot_id.as_ref() };
            output.value(&Printed { gateway, status: &answer.raw })?;
            return Ok(Exit::Ok);
        }
        let gateway = format!(
            "{url} (version {}, protocol {}, up {})",
            facts.version,
            facts.protocol,
            show::span(reply.uptime_ms)
        );
        let model = show::text(reply.sessions.defaults.model.as_ref());
        let demo = reply.model_configured == Some(false);
        let mut lines = vec![
            ("Gateway", Text::from(gateway)),
            ("Model", if demo { model.and_toned(Tone::Warning, " (a demo, not a model)") } else { model }),
            ("Connections", reply.connections.to_string().into()),
            ("Runs", format!("{} active", reply.runs.active).into()),
            ("Sessions", reply.sessions.count.to_string().into()),
        ];
        lines.extend(reply.config.complaint().map(|(cause, _)| ("Configuration", Text::toned(Tone::Warning, cause))));
        output.facts(lines)?;
        if !reply.sessions.recent.is_empty() {
            output.line("")?;
            output.table(&sessions::table(&reply.sessions.recent, Clock::system().now_ms()))?;
        }
        Ok(Exit::Ok)
    }
}
