//! `openclaw security runbook`

use clap::Args;
use openclaw_config::Bind;
use openclaw_core::Clock;
use openclaw_posture::{Control, Pattern, Summary, View, pattern};
use serde::Serialize;
use serde_json::Value;

use super::{
    facts::{self, Looked},
    runbook_lists as lists, shown,
};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Output, Text, Tone},
    show,
};

/// Print the checklist for exposing a gateway, filled in
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security runbook
  openclaw security runbook --json
  openclaw security runbook > exposure.txt

What the configuration tells is filled in; what somebody has to look at has an empty box. Change one thing at a time, check,
and sign. Nothing is changed.")]
pub(super) struct Runbook {}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    created_at: String,
    version: &'static str,
    inventory: Vec<Item>,
    baseline: Baseline,
    exposure: Exposure,
    firewall: Vec<String>,
    proxy: &'static [&'static str],
    post_change: &'static [&'static str],
    rollback: &'static [&'static str],
    review: &'static [&'static str],
    setup: &'static [&'static str],
    maintenance: &'static [&'static str],
    incident: &'static [&'static str],
}

/// One of the eight things to write down before a change.
#[derive(Serialize)]
struct Item {
    what: &'static str,
    found: String,
}

#[derive(Serialize)]
struct Baseline {
    commands: &'static [&'static str],
    summary: Summary,
}

#[derive(Serialize)]
struct Exposure {
    pattern: Pattern,
    name: &'static str,
    controls: Vec<Control>,
}

impl Runbook {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let looked = match facts::look(&context.local) {
            Ok(looked) => looked,
            Err(error) => return facts::broken(context, error),
        };
        let view = View::new(&looked.loaded.parsed, &looked.loaded.resolved, &looked.facts);
        let (in_force, controls) = pattern(&view);
        let user = context.local.environment.get("USER").or_else(|| context.local.environment.get("LOGNAME"));
        let printed = Printed {
            created_at: show::time(Some(Clock::system().now_ms())),
            version: openclaw_protocol::VERSION,
            inventory: inventory(&looked, &view, user),
            baseline: Baseline { commands: lists::BASELINE, summary: looked.report().summary() },
            exposure: Exposure { pattern: in_force, name: in_force.name(), controls },
            firewall: firewall(&looked),
            proxy: lists::PROXY,
            post_change: lists::AFTER,
            rollback: lists::ROLLBACK,
            review: lists::REVIEW,
            setup: lists::SETUP,
            maintenance: lists::MAINTENANCE,
            incident: lists::INCIDENT,
        };
        let output = &mut context.output;
        if output.json {
            output.value(&printed)?;
        } else {
            print(output, &printed)?;
        }
        Ok(Exit::Ok)
    }
}

fn inventory(looked: &Looked, view: &View<'_>, user: Option<&str>) -> Vec<Item> {
    let config = &looked.loaded.config;
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let scheme = if config.gateway.tls.enabled { "wss" } else { "ws" };
    let address = config.gateway.custom_bind_host.as_deref().filter(|_| config.gateway.bind == Bind::Custom);
    let address = address.unwrap_or(match config.gateway.bind {
        Bind::Loopback | Bind::Auto => "127.0.0.1",
        _ => &host,
    });
    let url = format!("{scheme}://{address}:{}, bind {}", config.gateway.listening_port(), config.gateway.bind.word());
    let source = |name: &str, path: &str| {
        looked.loaded.resolved.pointer(path).map_or(name.to_owned(), |_| format!("{name} in the configuration"))
    };
    let mode = view.mode();
    let auth = match mode {
        _ if !view.asks_for_a_credential() => "none".to_owned(),
        "trusted-proxy" => format!(
            "trusted-proxy, user from {}",
            view.text("gateway.auth.trustedProxy.userHeader").unwrap_or("no header")
        ),
        "token" if looked.facts.token.is_some() => "token from OPENCLAW_GATEWAY_TOKEN".to_owned(),
        "password" if looked.facts.password.is_some() => "password from OPENCLAW_GATEWAY_PASSWORD".to_owned(),
        "password" => source("password", "/gateway/auth/password"),
        _ => source("token", "/gateway/auth/token"),
    };
    let mut channels: Vec<String> = Vec::new();
    let mut remote = Vec::new();
    for (id, channel) in &config.channels {
        if id == "defaults" || channel.enabled == Some(false) {
            continue;
        }
        let (dm, groups) = (channel.dm_policy.word(), channel.group_policy.word());
        channels.push(format!("{id}: direct messages {dm}, groups {groups}"));
        if dm != "disabled" || groups != "disabled" {
            remote.push(id.clone());
        }
    }
    if config.hooks.enabled {
        channels.push(format!("hooks at {}", config.hooks.path));
        remote.push("hooks".to_owned());
    }
    let agents: Vec<String> = if config.agents.list.is_empty() {
        vec![config.default_agent().to_owned()]
    } else {
        config.agents.list.iter().map(|agent| agent.id.clone()).collect()
    };
    let reachable = if remote.is_empty() {
        "none but through the gateway's own clients".to_owned()
    } else {
        format!("{} through {}", agents.join(", "), remote.join(", "))
    };
    let policies = agents.iter().enumerate().map(|(index, id)| {
        let own = config.agents.list.get(index).and_then(|agent| agent.tools.as_ref());
        let profile =
            own.and_then(|tools| tools.get("profile")).and_then(Value::as_str).or_else(|| view.text("tools.profile"));
        let sandbox = config.agents.list.get(index).and_then(|agent| agent.sandbox.as_ref());
        let sandbox = sandbox.or(config.agents.defaults.sandbox.as_ref()).map_or("off", |sandbox| sandbox.mode.word());
        let elevated = if config.tools.elevated.enabled { "on" } else { "off" };
        format!("{id}: profile {}, sandbox {sandbox}, elevated {elevated}", profile.unwrap_or("full"))
    });
    let mut credentials: Vec<String> = config
        .models
        .providers
        .iter()
        .filter(|(_, provider)| provider.api_key.is_some() || !provider.api_keys.is_empty())
        .map(|(id, _)| format!("models.providers.{id}"))
        .collect();
    let shared = looked.loaded.resolved.pointer("/security/apiKeys").and_then(Value::as_object);
    credentials.extend(shared.into_iter().flatten().map(|(id, _)| format!("security.apiKeys.{id}")));
    credentials.extend(config.spawn.pass_env.iter().map(|name| format!("variable {name}")));
    let none = |list: Vec<String>, word: &str| if list.is_empty() { word.to_owned() } else { list.join("; ") };
    let storage = config.security.storage.as_ref().and_then(|storage| storage.backup_path.clone());
    let backups = storage.unwrap_or_else(|| {
        format!("{} (openclaw security backup-config)", looked.paths.state_dir.join("backups").display())
    });
    let item = |what, found| Item { what, found };
    vec![
        item(
            "Host, user and state directory",
            format!("{host}, {}, {}", user.unwrap_or("unknown user"), looked.paths.state_dir.display()),
        ),
        item("Address and bind", url),
        item("Credential and where it comes from", auth),
        item("Channels, and who may write there", none(channels, "none")),
        item("Agents that others can reach", reachable),
        item("Tools, sandbox and elevation of each", policies.collect::<Vec<_>>().join("; ")),
        item(
            "Credentials that agents can use",
            none(credentials, "none in the configuration; look at the gateway's environment"),
        ),
        item("Where backups are", backups),
    ]
}

/// Lines for the firewall of this machine.
fn firewall(looked: &Looked) -> Vec<String> {
    let gateway = &looked.loaded.config.gateway;
    let port = gateway.listening_port();
    match gateway.bind {
        Bind::Loopback | Bind::Auto => {
            vec![format!("sudo ufw deny {port}/tcp    # nobody needs it from outside; loopback is not affected")]
        }
        Bind::Tailnet => vec![
            format!("sudo ufw allow in on tailscale0 to any port {port} proto tcp"),
            format!("sudo ufw deny {port}/tcp"),
        ],
        Bind::Lan | Bind::Custom => {
            let proxies = &gateway.trusted_proxies;
            let known = if proxies.is_empty() { vec!["192.168.1.0/24".to_owned()] } else { proxies.clone() };
            let note = if proxies.is_empty() { "    # put your own network here" } else { "" };
            let mut lines: Vec<String> = known
                .iter()
                .map(|from| format!("sudo ufw allow from {from} to any port {port} proto tcp{note}"))
                .collect();
            lines.push(format!("sudo ufw deny {port}/tcp"));
            lines
        }
    }
}

fn print(output: &mut Output, printed: &Printed) -> std::io::Result<()> {
    output.line(Text::toned(Tone::Strong, "OpenClaw exposure runbook"))?;
    output.paragraph(Text::toned(Tone::Faint, format!("{}, openclaw {}", printed.created_at, printed.version)))?;
    heading(output, "1. Write down before a change")?;
    for Item { what, found } in &printed.inventory {
        output.hung(done(), Text::toned(Tone::Strong, format!("{what}: ")).and(found))?;
    }
    heading(output, "2. Baseline")?;
    for command in printed.baseline.commands {
        boxed(output, command)?;
    }
    output.indented(4, Text::from("The audit says now: ").then(shown::counts(printed.baseline.summary)))?;
    heading(output, "3. Exposure pattern in force")?;
    for one in Pattern::ALL {
        let (mark, name) = if one == printed.exposure.pattern { ("  > ", Tone::Strong) } else { ("    ", Tone::Faint) };
        let text = Text::toned(name, one.name()).and_toned(Tone::Faint, format!(": {}", one.meant_for()));
        output.hung(Text::toned(Tone::Strong, mark), text)?;
    }
    output.line("")?;
    output.line("What it demands:")?;
    for Control { what, met } in &printed.exposure.controls {
        match met {
            Some(true) => output.hung(done(), *what)?,
            Some(false) => {
                output.hung(Text::toned(Tone::Bad, "[!] "), Text::from(*what).and_toned(Tone::Bad, " (missing)"))?;
            }
            None => boxed(output, what)?,
        }
    }
    heading(output, "4. Firewall for this bind")?;
    // Never broken, so that they can be copied.
    for line in &printed.firewall {
        output.line(format!("    {line}"))?;
    }
    let tunnel = "Over the internet prefer a VPN, or a tunnel: ssh -N -L 18789:127.0.0.1:18789 <host>";
    output.indented(4, Text::toned(Tone::Faint, tunnel))?;
    for (title, list) in [
        ("5. Where a proxy logs people in", printed.proxy),
        ("6. After each change", printed.post_change),
        ("7. The way back", printed.rollback),
        ("8. Review", printed.review),
        ("9. First setup", printed.setup),
        ("10. Maintenance", printed.maintenance),
        ("11. When something happened", printed.incident),
    ] {
        heading(output, title)?;
        list.iter().try_for_each(|line| boxed(output, line))?;
    }
    heading(output, "Signed off")?;
    for line in
        ["Accepted warnings: ______________________", "Name: ______________________", "Date: ______________________"]
    {
        output.line(format!("    {line}"))?;
    }
    Ok(())
}

fn heading(output: &mut Output, title: &str) -> std::io::Result<()> {
    output.line("")?;
    output.line(Text::toned(Tone::Strong, title))
}

fn boxed(output: &mut Output, line: &str) -> std::io::Result<()> {
    output.hung(Text::from("[ ] "), line)
}

fn done() -> Text {
    Text::toned(Tone::Good, "[x] ")
}
