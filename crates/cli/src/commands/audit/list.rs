//! `openclaw audit list`

use clap::{Args, ValueEnum};
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use super::Ago;
use crate::{
    app::Context,
    ask,
    failure::Done,
    output::{Column, Table, Text, Tone},
    reach::Target,
    show,
};

/// List when runs of agents began and how they ended, newest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw audit list --limit 20
  openclaw audit list --status failed --after 24h
  openclaw audit list --agent main --json")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
    /// Only entries of this kind
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Only entries with this status
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// Only those of this agent
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Only since then: a span such as 24h, or a time such as 2026-11-26T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    after: Option<Ago>,
    /// Only before then
    #[arg(long, value_name = "WHEN")]
    before: Option<Ago>,
    /// Most entries
    #[arg(short = 'n', long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    /// Where to go on, as the list before said
    #[arg(long)]
    cursor: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
enum Kind {
    AgentRun,
    ToolAction,
    Message,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
enum Status {
    Started,
    Succeeded,
    Failed,
    Cancelled,
    TimedOut,
    Blocked,
    Unknown,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    events: Vec<Entry>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    sequence: i64,
    occurred_at: i64,
    action: String,
    status: String,
    agent_id: String,
    session_key: String,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let now = Clock::system().now_ms();
        let asked = Asked {
            limit: self.limit,
            kind: self.kind,
            status: self.status,
            agent_id: self.agent.as_deref(),
            after: self.after.map(|when| when.at(now)),
            before: self.before.map(|when| when.at(now)),
            cursor: self.cursor.as_deref(),
        };
        let answer = ask::once::<Page>(context, &self.target, "audit.list", asked).await?;
        answer.show(&mut context.output, |output, page| {
            if page.events.is_empty() {
                output.paragraph("no run is like that")?;
            } else {
                let mut table = Table::new([
                    Column::whole("RECORD"),
                    Column::whole("WHEN"),
                    Column::whole("WHAT"),
                    Column::whole("STATUS"),
                    Column::words("AGENT"),
                    Column::words("SESSION"),
                ]);
                for entry in &page.events {
                    let tone = match entry.status.as_str() {
                        "failed" | "timed_out" | "blocked" => Tone::Bad,
                        "cancelled" => Tone::Warning,
                        _ => Tone::Good,
                    };
                    table.row([
                        entry.sequence.to_string().into(),
                        show::age(now, Some(entry.occurred_at)).into(),
                        Text::from(&entry.action),
                        Text::toned(tone, &entry.status),
                        Text::from(&entry.agent_id),
                        Text::from(&entry.session_key),
                    ]);
                }
                output.table(&table)?;
            }
            match &page.next_cursor {
                Some(cursor) => output.paragraph(format!("older ones: the same command with --cursor {cursor}")),
                None => Ok(()),
            }
        })
    }
}
