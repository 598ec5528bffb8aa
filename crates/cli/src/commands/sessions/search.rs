//! `openclaw sessions search`

use clap::Args;
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::Done,
    output::{Column, Table},
    reach::Target,
    show,
};

/// Find what was said
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw sessions search northern way
  openclaw sessions search invoice --agent work -n 25")]
pub(super) struct Search {
    #[command(flatten)]
    target: Target,
    /// Words that a line must hold, all of them
    #[arg(value_name = "WORD", required = true)]
    words: Vec<String>,
    /// Only in conversations of this agent
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Most lines to show
    #[arg(short = 'n', long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=25))]
    limit: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    query: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
    limit: u32,
}

#[derive(Debug, Deserialize)]
struct Found {
    results: Vec<Hit>,
    #[serde(default)]
    truncated: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hit {
    session_key: String,
    role: String,
    timestamp: i64,
    snippet: String,
}

impl Search {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asked = Asked { query: self.words.join(" "), agent_id: self.agent, limit: self.limit };
        let answer = once::<Found>(context, &self.target, "sessions.search", asked).await?;
        answer.show(&mut context.output, |output, found| {
            if found.results.is_empty() {
                return output.paragraph("nobody said that");
            }
            let now = Clock::system().now_ms();
            let mut table =
                Table::new([Column::whole("KEY"), Column::whole("WHO"), Column::words("SAID"), Column::words("WHEN")]);
            for hit in &found.results {
                table.row([
                    (&hit.session_key).into(),
                    (&hit.role).into(),
                    (&hit.snippet).into(),
                    show::age(now, Some(hit.timestamp)).into(),
                ]);
            }
            output.table(&table)?;
            if found.truncated {
                output.paragraph("there may be older ones")?;
            }
            Ok(())
        })
    }
}
