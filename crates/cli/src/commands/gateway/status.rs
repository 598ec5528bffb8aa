//! `openclaw gateway status`

use std::time::Duration;

use clap::Args;
use openclaw_core::Clock;
use serde_json::json;

use crate::{
    app::Context,
    commands::milliseconds,
    failure::{Done, Failure},
    output::Tone,
    reach::{self, Source, Target},
    show,
};

/// Tell whether the gateway runs, where, and since when
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
        let connected = openclaw_client::connect(&options).await;
        // The file may be left from a gateway that was killed; only one that answers runs.
        let running = context.local.running().filter(|_| found.source == Source::Local);
        let url = found.url.to_string();
        let output = &mut context.output;
        match connected {
            Ok(gateway) => {
                let server = gateway.hello().server.clone();
                let protocol = gateway.dialect().number();
                gateway.close().await;
                let same = running.filter(|running| running.boot_id == server.boot_id);
                if output.json {
                    output.value(&json!({
                        "ok": true, "running": true, "url": url, "source": found.source.word(), "protocol": protocol,
                        "version": server.version, "bootId": server.boot_id,
                        "pid": same.as_ref().map(|running| running.pid), "startedAt": same.and_then(|running| running.started_at),
                    }))?;
                } else {
                    let word = output.toned(Tone::Good, "running");
                    let mut facts = vec![
                        ("Gateway", format!("{word} at {url}")),
                        ("Version", format!("{} (protocol {protocol})", show::clean(&server.version))),
                    ];
                    if let Some(running) = same {
                        let since = running.started_at.map(|at| show::span(Clock::system().now_ms() - at));
                        let since = since.map_or_else(String::new, |since| format!(", up {since}"));
                        facts.push(("Process", format!("{}{since}", running.pid)));
                    }
                    output.facts(&facts)?;
                }
                Ok(crate::failure::Exit::Ok)
            }
            Err(error) => {
                let failure = Failure::from(error);
                if output.json {
                    output.value(&json!({
                        "ok": false, "running": failure.exit == crate::failure::Exit::Refused, "url": url,
                        "source": found.source.word(),
                        "error": { "code": failure.code, "message": failure.cause, "help": failure.help },
                    }))?;
                    return Ok(failure.exit);
                }
                Err(failure)
            }
        }
    }
}
