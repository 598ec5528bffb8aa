//! `openclaw security status`

use clap::Args;
use openclaw_core::Clock;
use openclaw_posture::{Severity, Summary, View, pattern};
use serde::Serialize;

use super::{facts, lockdown, monitoring::Monitoring, shown};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Text, Tone},
};

/// Show on one screen how safely it is set up
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security status
  openclaw security status --json

The exit code is 2 when something critical is found.")]
pub(super) struct Status {}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed {
    posture: Posture,
    summary: Summary,
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lockdown: Option<Locked>,
}

/// The emergency stop, while it holds.
#[derive(Serialize)]
struct Locked {
    since: Option<i64>,
}

/// How it is set up.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Posture {
    pattern: openclaw_posture::Pattern,
    bind: String,
    port: u16,
    auth: String,
    tls: bool,
    tailscale: &'static str,
    exec: String,
    sandbox: String,
    elevated: bool,
    hooks: bool,
    rate_limit: RateLimit,
    suppressions: usize,
    monitoring: Monitoring,
}

/// When somebody who tries secrets is locked out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RateLimit {
    max_attempts: u32,
    window_ms: u64,
    lockout_ms: u64,
}

impl Status {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let looked = match facts::look(&context.local) {
            Ok(looked) => looked,
            Err(error) => return facts::broken(context, error),
        };
        let summary = looked.report().summary();
        let view = View::new(&looked.loaded.parsed, &looked.loaded.resolved, &looked.facts);
        let config = &looked.loaded.config;
        let exec = ["tools.exec.mode", "tools.exec.security"].iter().find_map(|path| view.text(path)).unwrap_or("ask");
        let limit = &config.gateway.auth.rate_limit;
        let now = Clock::system().now_ms();
        let monitoring = Monitoring::of(config, &looked.paths.state_dir, context.local.home.as_deref(), now);
        let posture = Posture {
            pattern: pattern(&view).0,
            bind: config.gateway.bind.word().to_owned(),
            port: config.gateway.listening_port(),
            auth: if view.asks_for_a_credential() { view.mode().to_owned() } else { "none".to_owned() },
            tls: config.gateway.tls.enabled,
            tailscale: config.gateway.tailscale.mode.word(),
            exec: exec.to_owned(),
            sandbox: view.text("agents.defaults.sandbox.mode").unwrap_or("off").to_owned(),
            elevated: view.is_on("tools.elevated.enabled"),
            hooks: view.is_on("hooks.enabled"),
            rate_limit: RateLimit {
                max_attempts: limit.max_attempts,
                window_ms: limit.window_ms,
                lockout_ms: limit.lockout_ms,
            },
            suppressions: config.security.audit.suppressions.len(),
            monitoring,
        };
        let worst = summary.worst();
        let level = if worst == Severity::Info { "ok" } else { worst.word() };
        let known = lockdown::known(&looked.paths.state_dir);
        let output = &mut context.output;
        if output.json {
            let lockdown = known.map(|known| Locked { since: known.since });
            output.value(&Printed { posture, summary, level, lockdown })?;
        } else {
            let on = |is: bool| if is { Text::toned(Tone::Warning, "on") } else { Text::from("off") };
            let level = Text::toned(if worst == Severity::Info { Tone::Good } else { shown::tone(worst) }, level);
            let limit = &posture.rate_limit;
            let alerts = if posture.monitoring.is_failing() { Tone::Bad } else { Tone::Plain };
            let lockdown = known.map(|known| ("Lockdown", Text::toned(Tone::Warning, known.told())));
            let facts = [
                ("Level", level.and(" (").then(shown::counts(summary)).and(")")),
                ("Exposure", Text::from(posture.pattern.name())),
                ("Bind", Text::from(format!("{}, port {}", posture.bind, posture.port))),
                ("Credential", Text::from(posture.auth)),
                ("TLS", Text::from(if posture.tls { "on" } else { "off" })),
                ("Tailscale", Text::from(posture.tailscale)),
                (
                    "Lock-out",
                    Text::from(format!(
                        "after {} failures in {} s, for {} s",
                        limit.max_attempts,
                        limit.window_ms / 1000,
                        limit.lockout_ms / 1000
                    )),
                ),
                ("Commands", Text::from(posture.exec)),
                ("Sandbox", Text::from(posture.sandbox)),
                ("Elevated", on(posture.elevated)),
                ("Hooks", on(posture.hooks)),
                ("Watched", Text::from(posture.monitoring.watched())),
                ("Alerts", Text::toned(alerts, posture.monitoring.told(now))),
            ];
            output.facts(facts.into_iter().chain(lockdown))?;
            if worst > Severity::Info {
                output.paragraph(Text::toned(Tone::Strong, "See: ").and("openclaw security audit"))?;
            }
        }
        Ok(if worst == Severity::Critical { Exit::Usage } else { Exit::Ok })
    }
}
