//! `openclaw sessions usage`

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::Done,
    output::{Column, Table},
    reach::Target,
    show,
};

/// Tell what conversations used
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw sessions usage
  openclaw sessions usage --from 2026-11-01 --agent work --json")]
pub(super) struct Usage {
    #[command(flatten)]
    target: Target,
    /// Only this conversation
    #[arg(long, value_name = "KEY")]
    session: Option<String>,
    /// Only those of this agent
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// The first day, YYYY-MM-DD [default: 30 days ago]
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Most conversations to show
    #[arg(short = 'n', long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
    limit: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Used {
    start_date: String,
    end_date: String,
    sessions: Vec<Row>,
    totals: Figures,
}

#[derive(Debug, Deserialize)]
struct Row {
    key: String,
    usage: SessionUsage,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionUsage {
    latency: Latency,
    #[serde(flatten)]
    figures: Figures,
}

#[derive(Debug, Deserialize)]
struct Latency {
    count: u64,
}

/// What was used, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Figures {
    input: u64,
    output: u64,
    cache_read: u64,
    total_tokens: u64,
    total_cost: f64,
}

impl Figures {
    /// The cells that every table of them has.
    pub(crate) fn cells(&self) -> [crate::output::Text; 5] {
        [
            show::count(self.input).into(),
            show::count(self.output).into(),
            show::count(self.cache_read).into(),
            show::count(self.total_tokens).into(),
            dollars(self.total_cost).into(),
        ]
    }

    /// The headings of these cells.
    pub(crate) fn columns() -> [Column; 5] {
        [
            Column::number("IN"),
            Column::number("OUT"),
            Column::number("CACHED"),
            Column::number("TOKENS"),
            Column::number("COST"),
        ]
    }

    /// Whether there is nothing.
    pub(crate) fn is_nothing(&self) -> bool {
        self.total_tokens == 0
    }
}

fn dollars(cost: f64) -> String {
    if cost == 0.0 { "-".to_owned() } else { format!("${cost:.4}") }
}

impl Usage {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asked = Asked {
            key: self.session,
            agent_id: self.agent,
            start_date: self.from,
            end_date: self.to,
            limit: self.limit,
        };
        let answer = once::<Used>(context, &self.target, "sessions.usage", asked).await?;
        answer.show(&mut context.output, |output, used| {
            if used.totals.is_nothing() {
                return output.paragraph(format!("nothing was used from {} to {}", used.start_date, used.end_date));
            }
            let first = [Column::whole("KEY"), Column::number("TURNS")];
            let mut table = Table::new(first.into_iter().chain(Figures::columns()));
            for row in &used.sessions {
                let first = [(&row.key).into(), row.usage.latency.count.to_string().into()];
                table.row(first.into_iter().chain(row.usage.figures.cells()));
            }
            table.row(["all".into(), "".into()].into_iter().chain(used.totals.cells()));
            output.table(&table)
        })
    }
}
