//! `openclaw system heartbeat`

use clap::{Args, Subcommand};
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use crate::{app::Context, ask, failure::Done, output::Text, reach::Target, show};

/// Show or change the regular looks of agents
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw system heartbeat last
  openclaw system heartbeat disable

An agent looks by itself where the configuration has agents.defaults.heartbeat.")]
pub(super) struct Heartbeat {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what came of the newest look
    #[command(after_help = "Example:
  openclaw system heartbeat last")]
    Last(One),
    /// Let agents look
    #[command(after_help = "Example:
  openclaw system heartbeat enable")]
    Enable(One),
    /// Keep all agents from looking
    #[command(after_help = "Example:
  openclaw system heartbeat disable")]
    Disable(One),
}

#[derive(Args, Debug)]
struct One {
    #[command(flatten)]
    target: Target,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
struct Set {
    enabled: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Last {
    ts: Option<i64>,
    status: String,
    reason: Option<String>,
    to: Option<String>,
    preview: Option<String>,
    duration_ms: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Enabled {
    enabled: bool,
}

impl Heartbeat {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::Last(One { target }) => {
                let answer = ask::once::<Option<Last>>(context, &target, "last-heartbeat", Nothing {}).await?;
                answer.show(&mut context.output, |output, last| {
                    let Some(last) = last else {
                        return output.paragraph("no agent has looked since the gateway started");
                    };
                    let facts = [
                        ("Looked", Text::from(show::age(Clock::system().now_ms(), last.ts))),
                        ("Result", Text::from(&last.status)),
                        ("Because", show::text(last.reason.as_ref())),
                        ("Told in", show::text(last.to.as_ref())),
                        ("Said", show::text(last.preview.as_ref())),
                        ("Took", last.duration_ms.map_or_else(|| "-".into(), |ms| show::span(ms).into())),
                    ];
                    output.facts(facts.into_iter().filter(|(_, value)| !value.is_absent()))
                })
            }
            Verb::Enable(One { target }) => set(context, &target, true).await,
            Verb::Disable(One { target }) => set(context, &target, false).await,
        }
    }
}

async fn set(context: &mut Context, target: &Target, enabled: bool) -> Done {
    let answer = ask::once::<Enabled>(context, target, "set-heartbeats", Set { enabled }).await?;
    answer.show(&mut context.output, |output, set| {
        output.line(if set.enabled { "agents may look" } else { "no agent looks any more" })
    })
}
