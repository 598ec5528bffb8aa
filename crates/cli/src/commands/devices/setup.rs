//! `openclaw devices setup-code`, `setup-codes` and `setup-revoke`, and what `openclaw qr` shows as well

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Args;
use openclaw_client::Connection;
use openclaw_core::{Clock, Secret};
use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::Nothing;
use crate::{
    app::Context,
    ask::{Answer, ask, once},
    commands::cron::when,
    failure::{Done, Exit, Failure},
    ids::{self, Candidate},
    output::{Column, Output, Table, Text, Tone},
    reach::{self, Target},
    show,
};

/// How codes are listed.
const LIST: &str = "openclaw devices setup-codes";

/// Make a code by which one new device comes in, once and soon
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw devices setup-code                                     a device that reads and writes
  openclaw devices setup-code --scope operator.read --expires 2m
  openclaw devices setup-code --role node --label \"Build box\"
  openclaw devices setup-code --public-url wss://gw.example.com --qr

The code holds an address and a token that works once; whoever has it first comes in by it.
Take one back with: openclaw devices setup-revoke <ID>")]
pub(super) struct SetupCode {
    #[command(flatten)]
    target: Target,
    /// What the device may do; may be given several times. Default operator.read and operator.write
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// What the device is: operator, node, or both. Default operator
    #[arg(long = "role", value_name = "ROLE", value_parser = ["operator", "node"])]
    roles: Vec<String>,
    /// How long it works, from a minute to an hour
    #[arg(long, value_name = "PERIOD", value_parser = life, default_value = "10m")]
    expires: Duration,
    /// What the device is to be called
    #[arg(long, value_name = "NAME")]
    label: Option<String>,
    /// Address under which the device reaches the gateway; otherwise the gateway's own
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Draw it for a camera, too
    #[arg(long)]
    qr: bool,
}

fn life(text: &str) -> Result<Duration, String> {
    let ms = when::period(text).and_then(|ms| u64::try_from(ms).ok()).filter(|ms| (60_000..=3_600_000).contains(ms));
    ms.map(Duration::from_millis).ok_or_else(|| "expected a length of time from 1m to 1h".to_owned())
}

/// List setup codes, and never a code itself
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw devices setup-codes
  openclaw devices setup-codes --json")]
pub(super) struct SetupCodes {
    #[command(flatten)]
    target: Target,
}

/// Take a setup code back that nobody has used
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw devices setup-revoke 3f2a91c0")]
pub(super) struct SetupRevoke {
    #[command(flatten)]
    target: Target,
    /// The code, or the first characters of its identifier
    code: String,
}

/// What `device.pair.setupCode` takes.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wish {
    pub(crate) include_qr: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) public_url: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) prefer_remote_url: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bootstrap_profile: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) roles: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_in_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
}

/// A code that was made.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Made {
    setup_id: String,
    pub(crate) setup_code: String,
    gateway_url: String,
    access: String,
    #[serde(default)]
    access_downgraded: bool,
    expires_at_ms: i64,
}

/// How much of a code is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The code for a camera, the code, and what it is good for.
    Drawn,
    /// The code, and what it is good for.
    Told,
    /// Nothing but the code.
    Bare,
}

/// Makes a code and shows it.
pub(crate) async fn make(context: &mut Context, target: &Target, wish: Wish, shown: Shown) -> Done {
    let answer: Answer<Made> = once(context, target, "device.pair.setupCode", wish).await?;
    answer.show(&mut context.output, |output, made| tell(output, made, shown))
}

fn tell(output: &mut Output, made: &Made, shown: Shown) -> std::io::Result<()> {
    if shown == Shown::Bare {
        return output.line(Text::toned(Tone::Strong, &made.setup_code));
    }
    let drawn = (shown == Shown::Drawn).then(|| openclaw_gateway::qr::lines(&made.setup_code)).flatten();
    for line in drawn.into_iter().flatten() {
        output.line(line)?;
    }
    output.line(Text::toned(Tone::Strong, &made.setup_code))?;
    output.line("")?;
    let now = Clock::system().now_ms();
    output.facts([
        ("gateway", Text::from(&made.gateway_url)),
        ("access", Text::from(&made.access)),
        ("works", format!("once, for {}", show::span(made.expires_at_ms.saturating_sub(now))).into()),
        ("id", Text::from(&made.setup_id)),
    ])?;
    if made.access_downgraded {
        output.paragraph(Text::toned(
            Tone::Warning,
            "Without administrator access, because others could listen on the way; use wss:// for all of it.",
        ))?;
    }
    if is_this_machine(&made.gateway_url) {
        output.paragraph(Text::toned(
            Tone::Warning,
            "This address works on this machine alone; name another with --public-url, or set gateway.bind.",
        ))?;
    }
    Ok(())
}

fn is_this_machine(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["127.", "localhost", "[::1]"].iter().any(|start| host.starts_with(start))
}

impl SetupCode {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let roles = if self.roles.is_empty() { vec!["operator".to_owned()] } else { self.roles };
        let scopes = match (self.scopes.is_empty(), roles.iter().any(|role| role == "operator")) {
            (true, true) => ["operator.read", "operator.write"].map(str::to_owned).to_vec(),
            (_, _) => self.scopes,
        };
        let wish = Wish {
            public_url: self.public_url,
            scopes: Some(scopes),
            roles: Some(roles),
            expires_in_ms: Some(u64::try_from(self.expires.as_millis()).unwrap_or(u64::MAX)),
            label: self.label,
            ..Wish::default()
        };
        make(context, &self.target, wish, if self.qr { Shown::Drawn } else { Shown::Told }).await
    }
}

/// The reply of `device.pair.setupList`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Listed {
    pub(crate) codes: Vec<Code>,
}

/// One code.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Code {
    pub(crate) setup_id: String,
    pub(crate) fingerprint: String,
    pub(crate) roles: Vec<String>,
    pub(crate) scopes: Vec<String>,
    label: Option<String>,
    issued_by: String,
    pub(crate) created_at_ms: Option<i64>,
    pub(crate) expires_at_ms: Option<i64>,
    pub(crate) status: String,
    device_id: Option<String>,
}

/// What a code holds.
pub(crate) struct Paired {
    /// Where the gateway is.
    pub(crate) url: String,
    /// What is shown to it, once.
    pub(crate) token: Secret,
}

/// Reads a code as it was printed, or as a link.
pub(crate) fn read(code: &str) -> Result<Paired, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload {
        url: String,
        bootstrap_token: String,
    }
    let text = code.trim().trim_start_matches("oc-pair://").trim_end_matches(['/', '=']);
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let payload = bytes.and_then(|bytes| serde_json::from_slice::<Payload>(&bytes).ok());
    let payload = payload.filter(|payload| !payload.bootstrap_token.is_empty());
    payload.map(|payload| Paired { url: payload.url, token: Secret::new(payload.bootstrap_token) }).ok_or_else(|| {
        Failure::usage("this is no setup code: it is cut off, or something else").helped("openclaw devices setup-code")
    })
}

/// Which codes there are.
pub(crate) async fn codes(gateway: &Connection) -> Result<Answer<Listed>, Failure> {
    ask(gateway, "device.pair.setupList", Nothing {}).await
}

impl SetupCodes {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let answer = codes(&gateway).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, listed| {
            if listed.codes.is_empty() {
                return output.line("no setup code was made within the last hour");
            }
            let length = ids::length(listed.codes.iter().map(|code| code.setup_id.as_str()));
            let mut table = Table::new([
                Column::whole("CODE"),
                Column::words("NAME"),
                Column::whole("ROLES"),
                Column::words("SCOPES"),
                Column::words("MADE BY"),
                Column::whole("EXPIRES"),
                Column::whole("STATUS"),
                Column::whole("DEVICE"),
            ]);
            for code in &listed.codes {
                let device = code.device_id.as_ref().map(|id| id.chars().take(12).collect::<String>());
                table.row([
                    Text::from(ids::short(&code.setup_id, length)),
                    show::text(code.label.as_ref()),
                    show::words(&code.roles),
                    show::words(&code.scopes),
                    Text::from(&code.issued_by),
                    show::time(code.expires_at_ms).into(),
                    Text::from(&code.status),
                    show::text(device.as_ref()),
                ]);
            }
            output.table(&table)
        })
    }
}

/// What `device.pair.setupRevoke` takes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Named<'a> {
    setup_id: &'a str,
}

impl SetupRevoke {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let listed = codes(&gateway).await?.read;
        let open = listed.codes.iter().filter(|code| code.status != "used");
        let all: Vec<Candidate> =
            open.map(|code| Candidate::new(&code.setup_id, code.label.clone().unwrap_or_default())).collect();
        let id = ids::unique(&all, &self.code, "setup code", LIST)?.id.clone();
        let answer = ask(&gateway, "device.pair.setupRevoke", Named { setup_id: &id }).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _: &IgnoredAny| output.line(format!("{id} taken back")))?;
        Ok(Exit::Ok)
    }
}
