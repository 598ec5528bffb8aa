//! `openclaw gateway probe`

use std::time::Duration;

use clap::Args;
use openclaw_client::ConnectError;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    app::Context,
    commands::milliseconds,
    failure::{Done, Exit, Failure},
    output::Tone,
    reach::{self, Target},
    show,
};

/// Tell whether a gateway can be reached, admits this program and is well
#[derive(Args, Debug)]
pub(crate) struct Probe {
    #[command(flatten)]
    target: Target,
    /// Most time to wait for each step, milliseconds
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "10000")]
    timeout: Duration,
}

impl Probe {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let found = reach::find(&context.local, &self.target)?;
        let options = reach::options(&context.local, &self.target, &found, Some(self.timeout))?;
        let began = Instant::now();
        let connected = openclaw_client::connect(&options).await;
        let connect_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let url = found.url.to_string();
        let output = &mut context.output;
        let gateway = match connected {
            Ok(gateway) => gateway,
            Err(error) => {
                let reachable = matches!(error, ConnectError::Refused { .. } | ConnectError::ProtocolMismatch { .. });
                let failure = Failure::from(error);
                if output.json {
                    output.value(&json!({
                        "ok": false, "url": url, "source": found.source.word(), "reachable": reachable, "admitted": false,
                        "error": { "code": failure.code, "message": failure.cause, "help": failure.help },
                    }))?;
                    return Ok(failure.exit);
                }
                return Err(failure);
            }
        };
        let asked = Instant::now();
        let health: Value = gateway.call("health", json!({})).await?;
        let rtt_ms = asked.elapsed().as_secs_f64() * 1000.0;
        let hello = gateway.hello();
        let (server, scopes, protocol) = (hello.server.clone(), hello.scopes.clone(), gateway.dialect().number());
        gateway.close().await;
        let well = health.get("ok").and_then(Value::as_bool).unwrap_or(false);
        if output.json {
            output.value(&json!({
                "ok": well, "url": url, "source": found.source.word(), "reachable": true, "admitted": true,
                "protocol": protocol, "server": { "version": server.version, "bootId": server.boot_id },
                "scopes": scopes, "connectMs": connect_ms, "rttMs": (rtt_ms * 100.0).round() / 100.0,
                "health": health,
            }))?;
        } else {
            let yes = output.toned(Tone::Good, "yes");
            output.facts(&[
                ("Address", format!("{url} ({})", found.source.word())),
                ("Reachable", format!("{yes}, in {connect_ms} ms")),
                ("Admitted", format!("{yes}, protocol {protocol}, scopes {}", show::clean(&scopes.join(" ")))),
                ("Version", show::clean(&server.version)),
                ("Well", format!("{}, answered in {rtt_ms:.1} ms", if well { yes.as_str() } else { "no" })),
            ])?;
        }
        Ok(if well { Exit::Ok } else { Exit::Failed })
    }
}
