//! `openclaw sessions cleanup`

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{app::Context, ask::once, failure::Done, reach::Target};

/// Remove conversations of agents that are gone; what was said is kept among the archives
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw sessions cleanup --dry-run      what would go
  openclaw sessions cleanup")]
pub(super) struct Cleanup {
    #[command(flatten)]
    target: Target,
    /// Only count
    #[arg(long, conflicts_with = "enforce")]
    dry_run: bool,
    /// Do it, which is so anyway
    #[arg(long)]
    enforce: bool,
    /// Only conversations of this agent
    #[arg(long, value_name = "ID", conflicts_with = "all_agents")]
    agent: Option<String>,
    /// Conversations of all agents, which is so anyway
    #[arg(long)]
    all_agents: bool,
    /// A conversation that stays in any case
    #[arg(long, value_name = "KEY")]
    active_key: Option<String>,
    /// Conversations whose agent is missing, which is so anyway
    #[arg(long)]
    fix_missing: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    enforce: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_key: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cleaned {
    before_count: u64,
    missing: u64,
}

impl Cleanup {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let dry_run = self.dry_run;
        let asked = Asked { agent: self.agent, enforce: !dry_run, active_key: self.active_key };
        let answer = once::<Cleaned>(context, &self.target, "sessions.cleanup", asked).await?;
        answer.show(&mut context.output, |output, cleaned| {
            let Cleaned { before_count, missing } = cleaned;
            output.line(match (dry_run, missing) {
                (_, 0) => format!("nothing to remove among {before_count} conversations"),
                (true, _) => format!("{missing} of {before_count} conversations belong to agents that are gone"),
                (false, _) => format!("{missing} of {before_count} conversations removed"),
            })
        })
    }
}
