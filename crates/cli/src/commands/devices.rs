//! `openclaw devices`

use clap::{Args, Subcommand};
use openclaw_client::Connection;
use openclaw_core::Clock;
use serde_json::{Value, json};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    reach::{self, Target},
    show,
};

/// Admit and remove devices
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Devices {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List devices, and those that ask to be admitted
    List(Plain),
    /// Admit a device that asks
    Approve(Request),
    /// Turn a device that asks away
    Reject(Request),
    /// Remove a device, which ends its connections
    Remove(Device),
    /// Replace a device's token
    Rotate(Token),
    /// Withdraw a device's token, which ends its connections
    Revoke(Token),
}

#[derive(Args, Debug)]
struct Plain {
    #[command(flatten)]
    target: Target,
}

#[derive(Args, Debug)]
struct Request {
    #[command(flatten)]
    target: Target,
    /// The request, or the first characters of its identifier
    #[arg(required_unless_present = "latest")]
    request: Option<String>,
    /// The newest request
    #[arg(long, conflicts_with = "request")]
    latest: bool,
}

#[derive(Args, Debug)]
struct Device {
    #[command(flatten)]
    target: Target,
    /// The device, or the first characters of its identifier
    device: String,
}

#[derive(Args, Debug)]
struct Token {
    #[command(flatten)]
    target: Target,
    /// The device, or the first characters of its identifier
    #[arg(long)]
    device: String,
    /// Role that the token is good for
    #[arg(long, default_value = "operator")]
    role: String,
    /// Scopes of the new token, at most those of the device
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
}

impl Devices {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => list(context, &self.target).await,
            Some(Verb::List(plain)) => list(context, &plain.target).await,
            Some(Verb::Approve(request)) => decide(context, request, "device.pair.approve", "admitted").await,
            Some(Verb::Reject(request)) => decide(context, request, "device.pair.reject", "turned away").await,
            Some(Verb::Remove(device)) => {
                let gateway = reach::gateway(&context.local, &device.target, None).await?;
                let id = resolve(&gateway, &device.device).await?;
                finish(context, gateway, "device.pair.remove", json!({ "deviceId": id }), format!("{id} removed")).await
            }
            Some(Verb::Rotate(token)) => change(context, token, "device.token.rotate", "replaced").await,
            Some(Verb::Revoke(token)) => change(context, token, "device.token.revoke", "withdrawn").await,
        }
    }
}

async fn list(context: &mut Context, target: &Target) -> Done {
    let gateway = reach::gateway(&context.local, target, None).await?;
    let reply: Value = gateway.call("device.pair.list", json!({})).await?;
    gateway.close().await;
    let output = &mut context.output;
    if output.json {
        output.value(&reply)?;
        return Ok(Exit::Ok);
    }
    let now = Clock::system().now_ms();
    let (pending, paired) = (entries(&reply, "pending"), entries(&reply, "paired"));
    if !pending.is_empty() {
        let mut rows =
            vec![["REQUEST", "DEVICE", "NAME", "ROLE", "SCOPES", "FROM", "ASKED"].map(str::to_owned).to_vec()];
        rows.extend(pending.iter().map(|entry| {
            vec![
                show::text(entry, "requestId"),
                short(entry),
                show::text(entry, "displayName"),
                show::text(entry, "role"),
                show::text(entry, "scopes"),
                show::text(entry, "remoteIp"),
                show::age(now, entry.get("ts").and_then(Value::as_i64)),
            ]
        }));
        output.line("Asking to be admitted (openclaw devices approve <request>):")?;
        output.table(&rows)?;
        output.line("")?;
    }
    if paired.is_empty() {
        output.line("no devices are admitted")?;
        return Ok(Exit::Ok);
    }
    let mut rows = vec![["DEVICE", "NAME", "CLIENT", "ROLES", "SCOPES", "SEEN"].map(str::to_owned).to_vec()];
    rows.extend(paired.iter().map(|entry| {
        vec![
            short(entry),
            show::text(entry, "displayName"),
            show::text(entry, "clientId"),
            show::text(entry, "roles"),
            show::text(entry, "scopes"),
            show::age(now, entry.get("lastSeenAtMs").and_then(Value::as_i64)),
        ]
    }));
    output.table(&rows)?;
    Ok(Exit::Ok)
}

async fn decide(context: &mut Context, request: Request, method: &str, done: &str) -> Done {
    let gateway = reach::gateway(&context.local, &request.target, None).await?;
    let reply: Value = gateway.call("device.pair.list", json!({})).await?;
    let pending = entries(&reply, "pending");
    let id = match &request.request {
        Some(prefix) => pick(&pending, "requestId", prefix)?,
        None => pending
            .iter()
            .max_by_key(|entry| entry.get("ts").and_then(Value::as_i64))
            .map(|entry| show::text(entry, "requestId"))
            .ok_or_else(|| Failure::new(Exit::Failed, "NOT_FOUND", "no device asks to be admitted"))?,
    };
    finish(context, gateway, method, json!({ "requestId": id }), format!("{id} {done}")).await
}

async fn change(context: &mut Context, token: Token, method: &str, done: &str) -> Done {
    let gateway = reach::gateway(&context.local, &token.target, None).await?;
    let id = resolve(&gateway, &token.device).await?;
    let mut params = json!({ "deviceId": id, "role": token.role });
    if !token.scopes.is_empty() {
        params["scopes"] = json!(token.scopes);
    }
    let text = format!("the {} token of {id} is {done}", token.role);
    finish(context, gateway, method, params, text).await
}

async fn finish(context: &mut Context, gateway: Connection, method: &str, params: Value, text: String) -> Done {
    let reply: Value = gateway.call(method, params).await?;
    gateway.close().await;
    if context.output.json {
        context.output.value(&reply)?;
    } else {
        context.output.line(text)?;
    }
    Ok(Exit::Ok)
}

async fn resolve(gateway: &Connection, prefix: &str) -> Result<String, Failure> {
    let reply: Value = gateway.call("device.pair.list", json!({})).await?;
    pick(&entries(&reply, "paired"), "deviceId", prefix)
}

fn pick(entries: &[&Value], name: &str, prefix: &str) -> Result<String, Failure> {
    let ids: Vec<&str> = entries.iter().filter_map(|entry| entry.get(name).and_then(Value::as_str)).collect();
    show::unique(&ids, prefix)
        .map(str::to_owned)
        .map_err(|why| Failure::new(Exit::Failed, "NOT_FOUND", why).helped("see them with: openclaw devices list"))
}

fn entries<'a>(reply: &'a Value, name: &str) -> Vec<&'a Value> {
    reply.get(name).and_then(Value::as_array).into_iter().flatten().collect()
}

/// Enough of a device's identifier to name it in a command.
fn short(entry: &Value) -> String {
    show::text(entry, "deviceId").chars().take(16).collect()
}
