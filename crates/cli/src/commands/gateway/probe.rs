//! `openclaw gateway probe`

use std::path::PathBuf;

use clap::Args;
use openclaw_client::ConnectError;
use openclaw_protocol::Scope;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::tunnel::{Destination, Tunnel};
use crate::{
    app::Context,
    ask::ask,
    commands::Patient,
    failure::{Done, Exit, Failure, ToldError},
    output::{Text, Tone},
    reach,
};

/// Tell whether a gateway can be reached, admits this program and is well
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateway probe
  openclaw gateway probe --url wss://gateway.example.com --token secret
  openclaw gateway probe --ssh me@gateway.example.com --token secret

With --ssh the address is the one that the far side sees, usually ws://127.0.0.1:18789, and only secrets that are given here
are shown to it. ssh asks nothing: its keys and known hosts have to be set up.

Only the named address is probed. The exit code is 0 when all is well, 1 when the gateway is not well, 3 when nothing
answers, 4 when it refuses, or admits this program without letting it read.")]
pub(crate) struct Probe {
    #[command(flatten)]
    patient: Patient,
    /// Go through ssh to a gateway that listens on its own machine alone
    #[arg(long, value_name = "[USER@]HOST[:PORT]")]
    ssh: Option<Destination>,
    /// Key file for ssh
    #[arg(long, value_name = "FILE", requires = "ssh")]
    ssh_identity: Option<PathBuf>,
}

/// The method takes nothing.
#[derive(Serialize)]
struct Nothing {}

#[derive(Deserialize)]
struct Health {
    #[serde(default)]
    ok: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    ok: bool,
    url: &'a str,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tunnel: Option<&'a str>,
    reachable: bool,
    admitted: bool,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    met: Option<Met<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ToldError<'a>>,
}

/// What a gateway said that admitted us.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Met<'a> {
    /// It does not let us read.
    scope_limited: bool,
    protocol: u8,
    server: Server<'a>,
    scopes: &'a [String],
    connect_ms: u64,
    rtt_ms: f64,
    health: &'a RawValue,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Server<'a> {
    version: &'a str,
    boot_id: Option<&'a String>,
}

/// What helps against a failure on the far side of ssh; nothing where the same helps as elsewhere.
fn through_ssh(code: &str) -> Option<&'static str> {
    let lacks_secret = code == "DEVICE_IDENTITY_REQUIRED"
        || ["AUTH_TOKEN_M", "AUTH_PASSWORD_M"].iter().any(|begin| code.starts_with(begin));
    match code {
        _ if lacks_secret => Some("pass --token or --password: no secret of this machine is shown to the far side"),
        "UNREACHABLE" | "TIMEOUT" => {
            Some("see whether ssh itself gets there, and pass what the gateway's address is there with --url")
        }
        _ => None,
    }
}

impl Probe {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let Patient { target, timeout } = &self.patient;
        let found = match &self.ssh {
            Some(_) => reach::far(target)?,
            None => reach::find(&context.local, target)?,
        };
        let mut options = reach::options(&context.local, target, &found, Some(*timeout))?;
        let mut complaint = None;
        if let Some(destination) = &self.ssh {
            let (destination, identity) = (destination.clone(), self.ssh_identity.clone());
            let tunnel = Tunnel { destination, identity, timeout: *timeout };
            let (dial, complaints) = tunnel.dial(&context.local.environment, &options.handles.tasks);
            (options.dial, complaint) = (dial, Some(complaints));
        }
        let tunnel = self.ssh.as_ref().map(ToString::to_string);
        let (url, source) = (found.url.to_string(), found.source.word());
        let through = tunnel.as_ref().map_or_else(|| source.to_owned(), |tunnel| format!("ssh {tunnel}"));
        let began = Instant::now();
        let sign = context.output.progress(&format!("connecting to {url}"));
        let connected = sign.during(openclaw_client::connect(&options)).await;
        let connect_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let output = &mut context.output;
        let gateway = match connected {
            Ok(gateway) => gateway,
            Err(error) => {
                let reachable = matches!(error, ConnectError::Refused { .. } | ConnectError::ProtocolMismatch { .. });
                let mut failure = Failure::from(error);
                // The stream only ended; ssh knows why.
                let why = match complaint.filter(|_| !reachable) {
                    Some(complaint) => complaint.last().await,
                    None => None,
                };
                if let Some(why) = why {
                    failure.cause = format!("ssh {}: {why}", tunnel.as_deref().unwrap_or_default());
                }
                if let Some(hint) = tunnel.as_ref().and_then(|_| through_ssh(&failure.code)) {
                    failure.hint = Some(hint.to_owned());
                }
                if !output.json {
                    return Err(failure);
                }
                let error = Some(failure.error());
                output.value(&Printed {
                    ok: false,
                    url: &url,
                    source,
                    tunnel: tunnel.as_deref(),
                    reachable,
                    admitted: false,
                    met: None,
                    error,
                })?;
                return Ok(failure.exit);
            }
        };
        let asked = Instant::now();
        let health = ask::<Health>(&gateway, "health", Nothing {}).await?;
        let rtt_ms = asked.elapsed().as_secs_f64() * 1000.0;
        let (hello, protocol) = (gateway.hello(), gateway.dialect().number());
        let reads = [Scope::Read, Scope::Write, Scope::Admin].map(Scope::as_str);
        let scope_limited = !hello.scopes.iter().any(|scope| reads.contains(&scope.as_str()));
        let well = health.read.ok;
        if output.json {
            let server = Server { version: &hello.server.version, boot_id: hello.server.boot_id.as_ref() };
            let rtt_ms = (rtt_ms * 100.0).round() / 100.0;
            let scopes = &hello.scopes;
            let met = Met { scope_limited, protocol, server, scopes, connect_ms, rtt_ms, health: &health.raw };
            let ok = well && !scope_limited;
            let admitted = true;
            let tunnel = tunnel.as_deref();
            let (met, error) = (Some(met), None);
            output.value(&Printed { ok, url: &url, source, tunnel, reachable: true, admitted, met, error })?;
        } else {
            let yes = || Text::toned(Tone::Good, "yes");
            let scopes = if scope_limited {
                Text::toned(
                    Tone::Warning,
                    "no scope to read; approve this device, or connect with an operator's secret",
                )
            } else {
                format!("scopes {}", hello.scopes.join(" ")).into()
            };
            let is_well = if well { yes() } else { Text::toned(Tone::Bad, "no") };
            output.facts([
                ("Address", format!("{url} ({through})").into()),
                ("Reachable", yes().and(format!(", in {connect_ms} ms"))),
                ("Admitted", yes().and(format!(", protocol {protocol}, ")).then(scopes)),
                ("Version", Text::from(&hello.server.version)),
                ("Well", is_well.and(format!(", answered in {rtt_ms:.1} ms"))),
            ])?;
        }
        gateway.close().await;
        Ok(match (well, scope_limited) {
            (false, _) => Exit::Failed,
            (true, true) => Exit::Refused,
            (true, false) => Exit::Ok,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::through_ssh;

    #[test]
    fn what_helps_through_ssh_fits_what_went_wrong() {
        for code in ["AUTH_TOKEN_MISSING", "AUTH_PASSWORD_MISMATCH", "DEVICE_IDENTITY_REQUIRED"] {
            assert!(through_ssh(code).is_some_and(|hint| hint.starts_with("pass --token")), "{code}");
        }
        assert!(through_ssh("UNREACHABLE").is_some_and(|hint| hint.contains("ssh itself")));
        for code in ["PROTOCOL_MISMATCH", "TLS", "PAIRING_REQUIRED", "NOT_A_GATEWAY"] {
            assert_eq!(through_ssh(code), None, "{code} says by itself what helps");
        }
    }
}
