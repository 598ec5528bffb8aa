//! Whether a gateway answers, which one, and whether it can do its work.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
};

use openclaw_client::Connection;
use openclaw_config::Loaded;
use openclaw_core::Clock;
use openclaw_protocol::VERSION;
use openclaw_store::StateDir;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    Report,
    finding::{Finding, Remedy, Severity},
};
use crate::{
    app::Context,
    ask::ask,
    commands::{Patient, status::Configuration},
    failure::{Exit, Failure},
    reach::{self, Found, Source},
};

/// Difference of two clocks that is worth a word, and the one at which signatures of devices are refused, milliseconds.
const SKEW: i64 = 30_000;
const REFUSED_SKEW: i64 = 120_000;

/// The methods take nothing.
#[derive(Serialize)]
struct Nothing {}

#[derive(Deserialize)]
struct Pong {
    ts: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default)]
    model_configured: Option<bool>,
    #[serde(default)]
    config: Configuration,
    #[serde(default)]
    tls: Option<Certificates>,
    #[serde(default)]
    tailscale: Option<Part>,
}

/// A part of it that may have a problem.
#[derive(Deserialize)]
struct Part {
    problem: Option<String>,
}

/// What it shows.
#[derive(Deserialize)]
struct Certificates {
    problem: Option<String>,
    acme: Option<Part>,
}

pub(super) async fn check(context: &Context, patient: &Patient, loaded: Option<&Loaded>, report: &mut Report) {
    let found = match reach::find(&context.local, &patient.target) {
        Ok(found) => found,
        Err(failure) => return report.take([reachable(&failure)]),
    };
    match reach::connected(context, &patient.target, &found, Some(patient.timeout)).await {
        Ok(gateway) => {
            report.take(identity(context, &found, &gateway));
            report.take(skew(&gateway).await);
            report.take(works(&gateway).await);
            gateway.close().await;
        }
        Err(failure) => {
            if found.source == Source::Local && failure.exit == Exit::Unreachable {
                report.take(leftovers(context));
                report.take(port(loaded));
            }
            report.take([reachable(&failure)]);
            report.skipped += 3;
        }
    }
}

fn reachable(failure: &Failure) -> Finding {
    let id = if failure.exit == Exit::Refused { "gateway.admitted" } else { "gateway.reachable" };
    let finding = Finding::new(id, Severity::Warning, failure.cause.clone());
    match &failure.hint {
        Some(hint) => finding.hint(hint.clone()),
        None => finding,
    }
}

/// Whether it is this machine's gateway, and of this program's version.
fn identity(context: &Context, found: &Found, gateway: &Connection) -> Vec<Finding> {
    let server = &gateway.hello().server;
    let mut findings = Vec::new();
    if server.version != VERSION {
        let text = format!("the gateway at {} is version {}, this program is {VERSION}", found.url, server.version);
        findings.push(
            Finding::new("gateway.version", Severity::Warning, text)
                .hint("restart it: openclaw gateway stop, then openclaw gateway"),
        );
    }
    let own = context.local.running();
    if found.source == Source::Local && own.as_ref().is_none_or(|own| own.boot_id != server.boot_id) {
        let text =
            format!("the gateway at {} keeps its state in another folder than this command line looks at", found.url);
        findings.push(
            Finding::new("gateway.own", Severity::Warning, text)
                .hint("set OPENCLAW_STATE_DIR to the folder that the gateway names in: openclaw logs"),
        );
    }
    findings
}

/// Whether both clocks agree.
async fn skew(gateway: &Connection) -> Option<Finding> {
    let clock = Clock::system();
    let asked = Instant::now();
    let Ok(pong) = ask::<Pong>(gateway, "ping", Nothing {}).await else { return None };
    // Half of the way lies behind the gateway's word.
    let half = i64::try_from(asked.elapsed().as_millis() / 2).unwrap_or(0);
    let difference = clock.now_ms() - half - pong.read.ts;
    if difference.abs() < SKEW {
        return None;
    }
    let severity = if difference.abs() < REFUSED_SKEW { Severity::Warning } else { Severity::Error };
    let (seconds, which) = (difference.abs() / 1000, if difference > 0 { "ahead of" } else { "behind" });
    let text = format!("this machine's clock is {seconds} s {which} the gateway's; beyond 120 s devices are refused");
    Some(Finding::new("clock.skew", severity, text).hint("set the clock: timedatectl set-ntp true"))
}

/// Whether a model answers, and the configuration is in force.
async fn works(gateway: &Connection) -> Vec<Finding> {
    let status = match ask::<Status>(gateway, "status", Nothing {}).await {
        Ok(status) => status.read,
        Err(failure) => return vec![Finding::new("gateway.status", Severity::Warning, failure.cause)],
    };
    let mut findings = Vec::new();
    if status.model_configured == Some(false) {
        let text = "no model is configured: the built-in demonstration answers";
        let hint = "set a provider's key in the gateway's environment, or openclaw config set agents.defaults.model <provider/model>";
        findings.push(Finding::new("model.configured", Severity::Warning, text).at("agents.defaults.model").hint(hint));
    }
    if let Some((cause, hint)) = status.config.complaint() {
        findings.push(Finding::new("config.in_force", Severity::Warning, cause).hint(hint));
    }
    if let Some(problem) = status.tailscale.and_then(|tailscale| tailscale.problem) {
        let text = format!("the gateway is not published through Tailscale: {problem}");
        let hint = "mend that, then restart the gateway: openclaw gateway stop, then openclaw gateway";
        findings.push(Finding::new("gateway.tailscale", Severity::Warning, text).at("gateway.tailscale").hint(hint));
    }
    let (files, authority) =
        status.tls.map_or((None, None), |tls| (tls.problem, tls.acme.and_then(|part| part.problem)));
    if let Some(problem) = authority {
        let text = format!("the authority has signed no certificate, what was served before still is: {problem}");
        let hint = "it is asked again by itself; to ask now, restart the gateway";
        findings.push(Finding::new("gateway.tls.acme", Severity::Warning, text).at("gateway.tls.acme").hint(hint));
    }
    if let Some(problem) = files {
        let text = format!("a changed certificate is not served, the former one is: {problem}");
        let hint = "mend the files; the gateway looks at them every second";
        findings.push(Finding::new("gateway.tls", Severity::Warning, text).at("gateway.tls").hint(hint));
    }
    findings
}

/// What a gateway that does not answer has left behind.
fn leftovers(context: &Context) -> Option<Finding> {
    let folder = context.local.paths().ok()?.state_dir;
    let running = context.local.running()?;
    if StateDir::is_claimed(&folder).unwrap_or(false) {
        let text = format!("the gateway (process {}) runs and does not answer at {}", running.pid, running.url);
        return Some(
            Finding::new("gateway.hung", Severity::Error, text).hint(format!("look at it, then: kill {}", running.pid)),
        );
    }
    let file = folder.join("gateway.json");
    let text = format!("{} was left by a gateway that was killed; nothing is lost", file.display());
    Some(
        Finding::new("state.leftover", Severity::Info, text)
            .at(file.display().to_string())
            .remedy(Remedy::Remove(file)),
    )
}

/// Whether a gateway could listen.
fn port(loaded: Option<&Loaded>) -> Option<Finding> {
    let port = loaded?.config.gateway.listening_port();
    let error = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).err()?;
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("see which: ss -ltnp 'sport = :{port}', or choose another: openclaw config set gateway.port <port>")
        }
        _ => "choose another: openclaw config set gateway.port <port>".to_owned(),
    };
    Some(
        Finding::new("gateway.port", Severity::Error, format!("a gateway cannot listen on port {port}: {error}"))
            .at("gateway.port")
            .hint(hint),
    )
}
