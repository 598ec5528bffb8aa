//! `openclaw nodes invoke`

use std::time::Duration;

use clap::Args;
use openclaw_client::Deadline;
use serde::Serialize;
use serde_json::value::RawValue;

use super::named::Named;
use crate::{
    app::Context,
    commands::milliseconds,
    failure::{Done, Exit, Failure},
    reach::{self, Target},
};

/// What the gateway needs beside the node's time.
const GRACE: Duration = Duration::from_secs(10);

/// Ask a node for one of its commands, and print its answer as JSON
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw nodes invoke build-box --command system.which --params '{\"bins\": [\"git\"]}'
  openclaw nodes invoke --node 9c41d0e2 --command system.run --params '{\"command\": [\"uname\", \"-a\"]}'

`openclaw nodes describe` lists a node's commands.")]
pub(super) struct Invoke {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    named: Named,
    /// The command, for example system.which
    #[arg(long, value_name = "COMMAND")]
    command: String,
    /// Its parameters, a JSON object
    #[arg(long, value_name = "JSON", default_value = "{}")]
    params: String,
    /// Most time that the node may take, milliseconds
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "15000")]
    invoke_timeout: Duration,
    /// Most time to wait for the gateway, milliseconds
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "30000", help_heading = "Gateway")]
    timeout: Duration,
    /// Names the work: the same key again does not do it again
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    node_id: &'a str,
    command: &'a str,
    params: Box<RawValue>,
    timeout_ms: u64,
    idempotency_key: String,
}

impl Invoke {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let params: Box<RawValue> = serde_json::from_str(&self.params).map_err(|error| {
            Failure::usage(format!("--params is not JSON: {error}"))
                .helped("quote it: --params '{\"bins\": [\"git\"]}'")
        })?;
        if self.idempotency_key.as_deref() == Some("") {
            return Err(Failure::usage("--idempotency-key is empty").helped("leave it out to get a fresh one"));
        }
        let gateway = reach::gateway(context, &self.target, Some(self.timeout)).await?;
        let node = self.named.find(&gateway).await?;
        let asked = Asked {
            node_id: &node.node_id,
            command: &self.command,
            params,
            timeout_ms: u64::try_from(self.invoke_timeout.as_millis()).unwrap_or(u64::MAX),
            idempotency_key: self.idempotency_key.unwrap_or_else(|| openclaw_core::Ids::system().uuid().to_string()),
        };
        let deadline = Deadline::After(self.timeout.max(self.invoke_timeout + GRACE));
        let sign = context.output.progress(&self.command);
        let answer = sign.during(gateway.request_within("node.invoke", asked, deadline)).await?;
        gateway.close().await;
        context.output.raw(&answer)?;
        Ok(Exit::Ok)
    }
}
