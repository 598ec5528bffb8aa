//! `openclaw agents token`

use clap::{Args, Subcommand};
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::Done,
    output::{Column, Table, Text},
    reach::Target,
    show,
};

/// Give an agent's program a token of its own
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw agents token                   which agents have one
  openclaw agents token create main       make one, and show it this once
  openclaw agents token rotate main       replace it
  openclaw agents token revoke main       withdraw it

The token lets its holder use the gateway over HTTP as that agent, and as no other.")]
pub(crate) struct Token {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List which agents have a token
    #[command(after_help = "Example:
  openclaw agents token list")]
    List(List),
    /// Make a token and show it this once
    #[command(after_help = "Example:
  openclaw agents token create main")]
    Create(One),
    /// Replace a token and show the new one this once; the old one ends at once
    #[command(after_help = "Example:
  openclaw agents token rotate main")]
    Rotate(One),
    /// Withdraw a token; it ends at once
    #[command(after_help = "Example:
  openclaw agents token revoke main")]
    Revoke(One),
}

#[derive(Args, Debug)]
struct List {
    #[command(flatten)]
    target: Target,
}

#[derive(Args, Debug)]
struct One {
    #[command(flatten)]
    target: Target,
    /// The agent
    agent: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Known {
    tokens: Vec<Row>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Row {
    agent_id: String,
    fingerprint: String,
    created_at_ms: Option<i64>,
    rotated_at_ms: Option<i64>,
    status: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Issued {
    agent_id: String,
    token: String,
}

impl Token {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(list)) => list.run(context).await,
            Some(Verb::Create(one)) => one.issue(context, "agents.token.create").await,
            Some(Verb::Rotate(one)) => one.issue(context, "agents.token.rotate").await,
            Some(Verb::Revoke(one)) => one.revoke(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &mut Context) -> Done {
        let answer = once::<Known>(context, &self.target, "agents.token.list", Asked { agent_id: None }).await?;
        answer.show(&mut context.output, |output, known| {
            if known.tokens.is_empty() {
                return output.line("no agent has a token");
            }
            let now = Clock::system().now_ms();
            let mut table = Table::new([
                Column::whole("AGENT"),
                Column::whole("FINGERPRINT"),
                Column::whole("STATUS"),
                Column::whole("SINCE"),
            ]);
            for row in &known.tokens {
                table.row([
                    Text::from(&row.agent_id),
                    Text::from(&row.fingerprint),
                    Text::from(&row.status),
                    show::age(now, row.rotated_at_ms.or(row.created_at_ms)).into(),
                ]);
            }
            output.table(&table)
        })
    }
}

impl One {
    async fn issue(self, context: &mut Context, method: &str) -> Done {
        let asked = Asked { agent_id: Some(&self.agent) };
        let answer = once::<Issued>(context, &self.target, method, asked).await?;
        answer.show(&mut context.output, |output, issued| {
            output.paragraph(format!("The token of {}. It is not shown again:", issued.agent_id))?;
            output.line(&issued.token)
        })
    }

    async fn revoke(self, context: &mut Context) -> Done {
        let asked = Asked { agent_id: Some(&self.agent) };
        let answer = once::<Row>(context, &self.target, "agents.token.revoke", asked).await?;
        answer
            .show(&mut context.output, |output, row| output.line(format!("the token of {} is withdrawn", row.agent_id)))
    }
}
