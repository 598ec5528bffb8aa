//! `openclaw approvals grants`

use clap::{Args, Subcommand};
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use super::Nothing;
use crate::{
    app::Context,
    ask::{self, ask},
    failure::{Done, Exit, Failure},
    ids::{self, Candidate},
    output::{Column, Table, Text},
    reach::{self, Target},
    show,
};

const LIST: &str = "openclaw approvals grants list";

/// Show what was allowed for good, and take it back
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw approvals grants list
  openclaw approvals grants revoke 8c1f02de")]
pub(super) struct Grants {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what was allowed for good
    #[command(after_help = "Example:
  openclaw approvals grants list")]
    List(List),
    /// Take one back, so that people are asked again
    #[command(after_help = "Example:
  openclaw approvals grants revoke 8c1f02de")]
    Revoke(Revoke),
}

/// Show what was allowed for good
#[derive(Args, Debug)]
struct List {
    #[command(flatten)]
    target: Target,
}

/// Take one back, so that people are asked again
#[derive(Args, Debug)]
struct Revoke {
    #[command(flatten)]
    target: Target,
    /// The grant, or the first characters of its identifier
    grant: String,
}

#[derive(Default, Deserialize)]
struct Known {
    #[serde(default)]
    grants: Vec<Grant>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Grant {
    grant_id: String,
    agent_id: String,
    cron_job_id: String,
    command: String,
    cwd: Option<String>,
    expires_at_ms: Option<i64>,
    revoked_at_ms: Option<i64>,
    last_used_at_ms: Option<i64>,
    use_count: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Which<'a> {
    grant_id: &'a str,
}

#[derive(Deserialize)]
struct Outcome {
    outcome: String,
}

impl Grants {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Revoke(command)) => command.run(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &mut Context) -> Done {
        let answer = ask::once::<Known>(context, &self.target, "exec.approval.grants.list", Nothing {}).await?;
        answer.show(&mut context.output, |output, known| {
            if known.grants.is_empty() {
                return output.line("nothing was allowed for good");
            }
            let now = Clock::system().now_ms();
            let mut table = Table::new([
                Column::whole("GRANT"),
                Column::words("AGENT"),
                Column::whole("STATE"),
                Column::number("USED"),
                Column::whole("LAST"),
                Column::words("JOB"),
                Column::words("FOLDER"),
                Column::words("COMMAND"),
            ]);
            let length = ids::length(known.grants.iter().map(|grant| grant.grant_id.as_str()));
            for grant in &known.grants {
                let job = Some(&grant.cron_job_id).filter(|job| *job != "none");
                table.row([
                    Text::from(ids::short(&grant.grant_id, length)),
                    Text::from(&grant.agent_id),
                    grant.state(now).into(),
                    grant.use_count.to_string().into(),
                    show::age(now, grant.last_used_at_ms).into(),
                    show::text(job),
                    show::text(grant.cwd.as_ref()),
                    Text::from(&grant.command),
                ]);
            }
            output.table(&table)
        })
    }
}

impl Grant {
    fn state(&self, now: i64) -> String {
        match (self.revoked_at_ms, self.expires_at_ms) {
            (Some(_), _) => "revoked".to_owned(),
            (None, Some(end)) if end <= now => "expired".to_owned(),
            (None, Some(end)) => format!("expires in {}", show::span(end - now)),
            (None, None) => "until revoked".to_owned(),
        }
    }
}

impl Revoke {
    async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let known = ask::<Known>(&gateway, "exec.approval.grants.list", Nothing {}).await?.read;
        let all: Vec<Candidate> =
            known.grants.into_iter().map(|grant| Candidate::new(grant.grant_id, grant.command)).collect();
        let id = ids::unique(&all, &self.grant, "grant", LIST)?.id.clone();
        let answer = ask::<Outcome>(&gateway, "exec.approval.grants.revoke", Which { grant_id: &id }).await?;
        gateway.close().await;
        if answer.read.outcome == "not-found" {
            return Err(Failure::new(Exit::Failed, "NOT_FOUND", format!("there is no grant {id}")).helped(LIST));
        }
        answer.show(&mut context.output, |output, done| output.line(format!("{id} {}", done.outcome)))
    }
}
