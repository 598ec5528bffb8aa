//! `openclaw sessions`

use clap::{Args, Subcommand};
use openclaw_core::Clock;
use serde_json::{Value, json};

use crate::{
    app::Context,
    failure::{Done, Exit},
    reach::{self, Target},
    show,
};

/// Show conversations
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sessions {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List conversations, newest first
    List(List),
}

#[derive(Args, Debug)]
struct List {
    #[command(flatten)]
    target: Target,
    /// Most conversations to show
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Only those of this agent
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Only those touched in the last minutes
    #[arg(long, value_name = "MINUTES")]
    active: Option<u32>,
}

impl Sessions {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let list = match self.command {
            Some(Verb::List(list)) => list,
            None => self.list,
        };
        let gateway = reach::gateway(&context.local, &list.target, None).await?;
        let mut params = json!({ "limit": list.limit });
        if let Some(agent) = &list.agent {
            params["agentId"] = json!(agent);
        }
        if let Some(minutes) = list.active {
            params["activeMinutes"] = json!(minutes);
        }
        let reply: Value = gateway.call("sessions.list", params).await?;
        gateway.close().await;
        let output = &mut context.output;
        if output.json {
            output.value(&reply)?;
            return Ok(Exit::Ok);
        }
        let sessions = reply.get("sessions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if sessions.is_empty() {
            output.line("no conversations yet; begin one with: openclaw agent --message \"Hello\"")?;
        } else {
            output.table(&rows(sessions, Clock::system().now_ms()))?;
        }
        Ok(Exit::Ok)
    }
}

/// Conversations as a table.
pub(crate) fn rows(sessions: &[Value], now_ms: i64) -> Vec<Vec<String>> {
    let heading = ["KEY", "NAME", "MODEL", "TOKENS", "UPDATED"].map(str::to_owned).to_vec();
    let row = |session: &Value| {
        let name = ["label", "displayName", "derivedTitle"]
            .into_iter()
            .find(|name| session.get(name).is_some_and(Value::is_string));
        let tokens = session.get("totalTokens").and_then(Value::as_u64);
        vec![
            show::text(session, "key"),
            name.map_or_else(|| "-".to_owned(), |name| show::text(session, name)),
            show::text(session, "model"),
            tokens.map_or_else(|| "-".to_owned(), show::count),
            show::age(now_ms, session.get("updatedAt").and_then(Value::as_i64)),
        ]
    };
    std::iter::once(heading).chain(sessions.iter().map(row)).collect()
}
