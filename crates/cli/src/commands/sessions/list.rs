//! `openclaw sessions list`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use super::row::{self, Row};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    output::Output,
    reach::Target,
    watch::{Picture, Watch},
};

/// List conversations, newest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw sessions list --limit 20
  openclaw sessions list --search trip --agent main
  openclaw sessions list --active 60 --watch 5")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
    /// Most conversations to show
    #[arg(short = 'n', long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Only those of this agent
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Only those touched in the last minutes
    #[arg(long, value_name = "MINUTES")]
    active: Option<u32>,
    /// Only those with this text in their key or label
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Those that were set aside, too
    #[arg(long)]
    archived: bool,
    #[command(flatten)]
    watch: Watch,
}

/// What is asked of `sessions.list`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked<'a> {
    pub(super) limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) active_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) search: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) archived: Option<&'static str>,
    pub(super) include_derived_titles: bool,
}

/// A page of `sessions.list`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Page {
    pub(super) sessions: Vec<Row>,
    pub(super) total_count: u64,
    pub(super) has_more: bool,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for List {
    type Facts = Answer<Page>;

    async fn ask(&self, gateway: &Connection) -> Result<Answer<Page>, Failure> {
        let asked = Asked {
            limit: self.limit,
            agent_id: self.agent.as_deref(),
            active_minutes: self.active,
            search: self.search.as_deref(),
            archived: self.archived.then_some("all"),
            include_derived_titles: true,
        };
        ask(gateway, "sessions.list", asked).await
    }

    fn show(&self, output: &mut Output, facts: &Answer<Page>) -> Done {
        facts.show(output, |output, page| {
            if page.sessions.is_empty() {
                let filtered = self.agent.is_some() || self.active.is_some() || self.search.is_some();
                return output.paragraph(if filtered {
                    "no conversation is like that"
                } else {
                    "no conversations yet; begin one with: openclaw agent --message \"Hello\""
                });
            }
            output.table(&row::table(&page.sessions, Clock::system().now_ms()))?;
            if page.has_more {
                let shown = page.sessions.len();
                output.paragraph(format!("{shown} of {}; see more with --limit", page.total_count))?;
            }
            Ok(())
        })
    }
}
