//! `openclaw cron edit`, `enable`, `disable` and `rm`

use clap::Args;
use openclaw_core::Clock;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::{
    fields::{Fields, Id},
    row::{self, Job, Nothing, find},
};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    reach::{self, Target},
};

/// One job of one gateway.
#[derive(Args, Clone, Debug)]
pub(super) struct One {
    #[command(flatten)]
    pub(super) target: Target,
    /// The job: the first characters of its identifier, or its name
    #[arg(value_name = "JOB")]
    pub(super) job: String,
}

/// Change a job
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw cron edit Morning --cron \"30 7 * * 1-5\"
  openclaw cron edit 3f2a91c0 --message \"What is new in the queue?\" --model house/big
  openclaw cron edit 3f2a91c0 --clear-model --clear-agent

What is not named stays.")]
pub(super) struct Edit {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    fields: Fields,
    /// Back to the default agent
    #[arg(long, conflicts_with = "agent", help_heading = "Taking back")]
    clear_agent: bool,
    /// Back to the agent's model
    #[arg(long, conflicts_with = "model", help_heading = "Taking back")]
    clear_model: bool,
    /// Back to the agent's fallbacks
    #[arg(long, conflicts_with = "fallbacks", help_heading = "Taking back")]
    clear_fallbacks: bool,
    /// Back to the agent's thinking level
    #[arg(long, conflicts_with = "thinking", help_heading = "Taking back")]
    clear_thinking: bool,
    /// Back to the name alone
    #[arg(long, conflicts_with = "display_name", help_heading = "Taking back")]
    clear_display_name: bool,
    /// Let it run by itself
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Keep it from running by itself
    #[arg(long)]
    disable: bool,
}

/// Let a job run by itself
#[derive(Args, Debug)]
pub(super) struct Enable {
    #[command(flatten)]
    one: One,
}

/// Keep a job from running by itself
#[derive(Args, Debug)]
pub(super) struct Disable {
    #[command(flatten)]
    one: One,
}

/// Take a job away; its history stays
#[derive(Args, Debug)]
pub(super) struct Remove {
    #[command(flatten)]
    one: One,
}

impl Edit {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let mut patch = self.fields.named()?;
        if self.clear_agent {
            patch.insert("agentId".to_owned(), Value::Null);
        }
        if self.clear_display_name {
            patch.insert("displayName".to_owned(), Value::Null);
        }
        let cleared =
            [("model", self.clear_model), ("fallbacks", self.clear_fallbacks), ("thinking", self.clear_thinking)];
        for (name, _) in cleared.iter().filter(|(_, clear)| *clear) {
            let payload = patch.entry("payload").or_insert_with(|| json!({ "kind": "agentTurn" }));
            payload[*name] = Value::Null;
        }
        if self.enable || self.disable {
            patch.insert("enabled".to_owned(), json!(self.enable));
        }
        if patch.is_empty() {
            return Err(Failure::usage("nothing is to be changed").helped("openclaw cron edit --help"));
        }
        update(context, &self.one, patch, "changed").await
    }
}

impl Enable {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        update(context, &self.one, Map::from_iter([("enabled".to_owned(), json!(true))]), "enabled").await
    }
}

impl Disable {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        update(context, &self.one, Map::from_iter([("enabled".to_owned(), json!(false))]), "disabled").await
    }
}

async fn update(context: &mut Context, one: &One, patch: Map<String, Value>, done: &str) -> Done {
    let gateway = reach::gateway(context, &one.target, None).await?;
    let job = find(&gateway, &one.job).await?;
    let answer: Answer<Job> = ask(&gateway, "cron.update", json!({ "id": job.id, "patch": patch })).await?;
    let status: Answer<row::Status> = ask(&gateway, "cron.status", Nothing {}).await?;
    gateway.close().await;
    answer.show(&mut context.output, |output, job| {
        output.paragraph(format!("{}  {} {done}", job.id, job.shown_name()))?;
        output.paragraph(row::preview(job, status.read.timezone.as_deref(), Clock::system().now_ms()))
    })
}

impl Remove {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.one.target, None).await?;
        let job = find(&gateway, &self.one.job).await?;
        let answer: Answer<IgnoredAny> = ask(&gateway, "cron.remove", Id { id: &job.id }).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _| {
            output.paragraph(format!("{}  {} removed", job.id, job.shown_name()))
        })
    }
}
