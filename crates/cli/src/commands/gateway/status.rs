//! `openclaw gateway status`

use clap::Args;
use openclaw_core::Clock;
use serde::Serialize;

use crate::{
    app::Context,
    commands::Patient,
    failure::{Done, Exit, Failure, ToldError},
    local::Running,
    output::{Output, Text, Tone},
    reach::{self, Source},
    show,
    watch::Watch,
};

/// Tell whether this machine's gateway runs, where, and since when
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateway status
  openclaw gateway status --watch
  openclaw gateway status --json")]
pub(crate) struct Status {
    #[command(flatten)]
    patient: Patient,
    #[command(flatten)]
    watch: Watch,
}

/// What is known of a gateway.
struct Facts {
    url: String,
    source: &'static str,
    met: Result<Met, Failure>,
}

/// A gateway that answers.
struct Met {
    version: String,
    boot_id: Option<String>,
    protocol: u8,
    /// What it wrote about itself on this machine.
    own: Option<Running>,
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    ok: bool,
    running: bool,
    url: &'a str,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    met: Option<PrintedMet<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ToldError<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrintedMet<'a> {
    protocol: u8,
    version: &'a str,
    boot_id: Option<&'a String>,
    pid: Option<u32>,
    started_at: Option<i64>,
}

impl Status {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let Patient { target, timeout } = self.patient;
        let watching = self.watch.is_on();
        let ask = async |context: &Context| {
            let found = reach::find(&context.local, &target)?;
            let met = match reach::connected(context, &target, &found, Some(timeout)).await {
                Ok(gateway) => {
                    let server = gateway.hello().server.clone();
                    let protocol = gateway.dialect().number();
                    gateway.close().await;
                    // The file may be left from a gateway that was killed; only one that answers runs.
                    let own = context.local.running().filter(|_| found.source == Source::Local);
                    let own = own.filter(|running| running.boot_id == server.boot_id);
                    Ok(Met { version: server.version, boot_id: server.boot_id, protocol, own })
                }
                Err(failure) if watching || context.output.json => Err(failure),
                Err(failure) => return Err(failure),
            };
            Ok(Facts { url: found.url.to_string(), source: found.source.word(), met })
        };
        self.watch.rounds(context, ask, show).await
    }
}

fn show(output: &mut Output, facts: &Facts) -> Done {
    let Facts { url, source, met } = facts;
    let met = match met {
        Ok(met) => met,
        Err(failure) => {
            if output.json {
                let running = failure.exit == Exit::Refused;
                output.value(&Printed { ok: false, running, url, source, met: None, error: Some(failure.error()) })?;
            } else {
                output.facts([("Gateway", Text::toned(Tone::Bad, "away").and(format!(" ({})", failure.cause)))])?;
            }
            return Ok(failure.exit);
        }
    };
    if output.json {
        let own = met.own.as_ref();
        let printed = PrintedMet {
            protocol: met.protocol,
            version: &met.version,
            boot_id: met.boot_id.as_ref(),
            pid: own.map(|own| own.pid),
            started_at: own.and_then(|own| own.started_at),
        };
        output.value(&Printed { ok: true, running: true, url, source, met: Some(printed), error: None })?;
        return Ok(Exit::Ok);
    }
    let mut facts = vec![
        ("Gateway", Text::toned(Tone::Good, "running").and(format!(" at {url}"))),
        ("Version", format!("{} (protocol {})", met.version, met.protocol).into()),
    ];
    if let Some(own) = &met.own {
        let since = own.started_at.map(|at| show::span(Clock::system().now_ms() - at));
        let since = since.map_or_else(String::new, |since| format!(", up {since}"));
        facts.push(("Process", format!("{}{since}", own.pid).into()));
    }
    output.facts(facts)?;
    Ok(Exit::Ok)
}
