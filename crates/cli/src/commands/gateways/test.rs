//! `openclaw gateways test`

use clap::Args;
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use super::{Problem, add::Way, named};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Exit, Failure},
    output::{Output, Text, Tone},
    reach::{self, Target},
};

/// Connect to a gateway once, and say what came of it
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateways test office
  openclaw gateways test wss://office.example:18789 --token-stdin < token.txt

Exit code 1 says that it did not work.")]
pub(super) struct Test {
    #[command(flatten)]
    target: Target,
    /// A gateway that is known, or an address
    gateway: String,
    #[command(flatten)]
    way: Way,
}

/// The reply of `gateways.test`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Tested {
    pub(super) ok: bool,
    latency_ms: Option<u64>,
    version: Option<String>,
    warnings: Vec<String>,
    problem: Option<Problem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_self_signed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_private_network: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_certificate: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_fingerprint: Option<&'a str>,
}

impl Test {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let secret = self.way.secret()?;
        let authority = self.way.authority()?;
        let gateway = reach::gateway(context, &self.target, None).await?;
        let known = if self.gateway.contains("://") { None } else { Some(named(&gateway, &self.gateway).await?) };
        let url = known.is_none().then_some(self.gateway.as_str());
        let looked = look(context, &gateway, known.as_deref(), url, &self.way, secret.as_deref(), authority.as_deref());
        let answer = looked.await?;
        gateway.close().await;
        answer.show(&mut context.output, show)?;
        Ok(if answer.read.ok { Exit::Ok } else { Exit::Failed })
    }
}

/// Has the gateway connect to another.
pub(super) async fn look(
    context: &Context,
    gateway: &Connection,
    id: Option<&str>,
    url: Option<&str>,
    way: &Way,
    token: Option<&str>,
    ca_certificate: Option<&str>,
) -> Result<Answer<Tested>, Failure> {
    let asked = Asked {
        id,
        url,
        token,
        allow_self_signed: way.accept_self_signed.then_some(true),
        allow_private_network: way.private.then_some(true),
        ca_certificate,
        tls_fingerprint: way.pin.as_deref(),
    };
    context.output.progress("gateways.test").during(ask(gateway, "gateways.test", asked)).await
}

/// Shows what came of it.
pub(super) fn show(output: &mut Output, tested: &Tested) -> std::io::Result<()> {
    match &tested.problem {
        Some(problem) => {
            output.line(Text::toned(Tone::Bad, format!("it does not work: {} ({})", problem.message, problem.code)))?;
            if let Some(fix) = &problem.fix {
                output.paragraph(format!("help: {fix}"))?;
            }
            if let Some(fingerprint) = &problem.fingerprint {
                output.line(format!("its certificate: {fingerprint}"))?;
            }
        }
        None => {
            let version = tested.version.as_deref().unwrap_or("unknown");
            let latency = tested.latency_ms.map_or_else(String::new, |ms| format!(", {ms} ms"));
            output.line(Text::toned(Tone::Good, format!("it works: version {version}{latency}")))?;
        }
    }
    for warning in &tested.warnings {
        output.paragraph(format!("warning: {warning}"))?;
    }
    Ok(())
}
