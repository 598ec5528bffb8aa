//! `openclaw cron list`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;
use serde::Serialize;

use super::row::{Job, Nothing, Page, Status};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    ids,
    output::{Column, Output, Table, Text},
    reach::Target,
    show,
    watch::{Picture, Watch},
};

/// List jobs, the next one first
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw cron list
  openclaw cron list --all --agent ops
  openclaw cron list --watch")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
    /// Those that do not run by themselves, too
    #[arg(long)]
    all: bool,
    /// Only those of this agent
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Only those with this text in name or description
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
    /// Most jobs to show
    #[arg(short = 'n', long, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: Option<u32>,
    #[command(flatten)]
    watch: Watch,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    include_disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for List {
    type Facts = (Answer<Page>, Status);

    async fn ask(&self, gateway: &Connection) -> Result<(Answer<Page>, Status), Failure> {
        let asked = Asked {
            include_disabled: self.all,
            agent_id: self.agent.as_deref(),
            query: self.query.as_deref(),
            limit: self.limit,
        };
        let page = ask(gateway, "cron.list", asked).await?;
        let status: Answer<Status> = ask(gateway, "cron.status", Nothing {}).await?;
        Ok((page, status.read))
    }

    fn show(&self, output: &mut Output, (answer, status): &(Answer<Page>, Status)) -> Done {
        answer.show(output, |output, page| {
            if page.jobs.is_empty() {
                let filtered = self.agent.is_some() || self.query.is_some();
                return output.paragraph(match (filtered, status.jobs) {
                    (true, _) => "no job is like that".to_owned(),
                    (false, 0) => {
                        "nothing is scheduled; begin with: openclaw cron add \"0 7 * * *\" \"What is new?\"".to_owned()
                    }
                    (false, jobs) => format!("none of {jobs} jobs runs by itself; see them with --all"),
                });
            }
            output.table(&table(&page.jobs, status.timezone.as_deref(), Clock::system().now_ms()))?;
            if page.has_more {
                output.paragraph(format!("{} of {}; see more with --limit", page.jobs.len(), page.total))?;
            }
            if !status.enabled {
                output
                    .paragraph("Jobs do not run by themselves: cron.enabled is false, or OPENCLAW_SKIP_CRON is set.")?;
            }
            Ok(())
        })
    }
}

fn table(jobs: &[Job], zone: Option<&str>, now: i64) -> Table {
    let mut table = Table::new([
        Column::whole("ID"),
        Column::words("NAME"),
        Column::words("WHEN"),
        Column::whole("NEXT"),
        Column::whole("LAST"),
        Column::whole("STATE"),
        Column::words("AGENT"),
    ]);
    let length = ids::length(jobs.iter().map(|job| job.id.as_str()));
    for job in jobs {
        table.row([
            Text::from(ids::short(&job.id, length)),
            job.shown_name().into(),
            job.when(zone).into(),
            job.next(now),
            show::age(now, job.state.last_run_at_ms).into(),
            job.standing(),
            show::text(job.effective_agent_id.as_ref().or(job.agent_id.as_ref())),
        ]);
    }
    table
}
