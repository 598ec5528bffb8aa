//! `openclaw status`

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use crate::{
    app::Context,
    commands::milliseconds,
    failure::{Done, Exit},
    reach::{self, Target},
    show,
};

/// Show what a gateway is doing: one connection, one request
#[derive(Args, Debug)]
pub(crate) struct Status {
    #[command(flatten)]
    target: Target,
    /// Most time to wait, milliseconds
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "10000")]
    timeout: Duration,
}

impl Status {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let found = reach::find(&context.local, &self.target)?;
        let options = reach::options(&context.local, &self.target, &found, Some(self.timeout))?;
        let gateway = openclaw_client::connect(&options).await?;
        let reply: Value = gateway.call("status", json!({})).await?;
        let server = gateway.hello().server.clone();
        let protocol = gateway.dialect().number();
        gateway.close().await;
        let output = &mut context.output;
        if output.json {
            output.value(&json!({
                "gateway": {
                    "url": found.url.to_string(), "version": server.version, "protocol": protocol, "bootId": server.boot_id,
                },
                "status": reply,
            }))?;
            return Ok(Exit::Ok);
        }
        let number = |path: &str| reply.pointer(path).and_then(Value::as_u64).unwrap_or(0);
        let model = reply
            .pointer("/sessions/defaults")
            .map_or_else(|| "-".to_owned(), |defaults| show::text(defaults, "model"));
        let demo = reply.get("modelConfigured").and_then(Value::as_bool) == Some(false);
        let uptime = show::span(i64::try_from(number("/uptimeMs")).unwrap_or(i64::MAX));
        output.facts(&[
            (
                "Gateway",
                format!("{} (version {}, protocol {protocol}, up {uptime})", found.url, show::clean(&server.version)),
            ),
            ("Model", if demo { format!("{model} (a demo, not a model)") } else { model }),
            ("Connections", number("/connections").to_string()),
            ("Runs", format!("{} active", number("/runs/active"))),
            ("Sessions", number("/sessions/count").to_string()),
        ])?;
        let recent = reply.pointer("/sessions/recent").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if !recent.is_empty() {
            output.line("")?;
            output.table(&super::sessions::rows(recent, openclaw_core::Clock::system().now_ms()))?;
        }
        Ok(Exit::Ok)
    }
}
