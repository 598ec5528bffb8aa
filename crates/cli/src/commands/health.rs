//! `openclaw health`

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::{
    app::Context,
    commands::milliseconds,
    failure::{Done, Exit},
    output::Tone,
    reach::{self, Target},
    show,
};

/// Ask a gateway whether it is well: one connection, one request
#[derive(Args, Debug)]
pub(crate) struct Health {
    #[command(flatten)]
    target: Target,
    /// Most time to wait, milliseconds
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "10000")]
    timeout: Duration,
}

impl Health {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(&context.local, &self.target, Some(self.timeout)).await?;
        let reply: Value = gateway.call("health", json!({})).await?;
        let version = gateway.hello().server.version.clone();
        gateway.close().await;
        let well = reply.get("ok").and_then(Value::as_bool).unwrap_or(false);
        let output = &mut context.output;
        if output.json {
            output.value(&reply)?;
        } else {
            let word = if well { output.toned(Tone::Good, "ok") } else { output.toned(Tone::Bad, "not well") };
            let sessions = reply.pointer("/sessions/count").and_then(Value::as_u64).unwrap_or(0);
            output.facts(&[
                ("Gateway", format!("{word} (version {})", show::clean(&version))),
                ("Agents", names(&reply)),
                ("Sessions", sessions.to_string()),
            ])?;
        }
        Ok(if well { Exit::Ok } else { Exit::Failed })
    }
}

/// The agents, the default one marked.
fn names(reply: &Value) -> String {
    let agents = reply.get("agents").and_then(Value::as_array);
    let names: Vec<String> = agents
        .into_iter()
        .flatten()
        .map(|agent| {
            let default = agent.get("isDefault").and_then(Value::as_bool).unwrap_or(false);
            show::text(agent, "agentId") + if default { " (default)" } else { "" }
        })
        .collect();
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}
