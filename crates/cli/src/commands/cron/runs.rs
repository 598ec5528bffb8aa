//! `openclaw cron runs`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use super::row::find;
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    output::{Column, Output, Table, Text, Tone},
    reach::Target,
    show,
    watch::{Picture, Watch},
};

/// Show what came of jobs
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw cron runs                       of all jobs, newest first
  openclaw cron runs Morning --limit 10
  openclaw cron runs --status error")]
pub(super) struct Runs {
    #[command(flatten)]
    target: Target,
    /// The job: the first characters of its identifier, or its name [default: all]
    #[arg(value_name = "JOB")]
    job: Option<String>,
    /// The same
    #[arg(long = "id", value_name = "JOB", conflicts_with = "job", hide = true)]
    id: Option<String>,
    /// Most runs to show
    #[arg(short = 'n', long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// How many to pass over
    #[arg(long, value_name = "N")]
    offset: Option<u64>,
    /// Only this run
    #[arg(long, value_name = "ID")]
    run_id: Option<String>,
    /// Only those that ended so: ok, error or skipped
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Only those whose result was: delivered, not-delivered, unknown or not-requested
    #[arg(long, value_name = "STATUS")]
    delivery_status: Option<String>,
    /// Only those with this text
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
    /// asc for the oldest first
    #[arg(long, value_name = "ORDER")]
    sort: Option<String>,
    #[command(flatten)]
    watch: Watch,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    scope: &'static str,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sort_dir: Option<&'a str>,
}

/// A page of `cron.runs`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Page {
    entries: Vec<Entry>,
    total: u64,
    has_more: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Entry {
    ts: Option<i64>,
    status: Option<String>,
    completion_status: String,
    summary: Option<String>,
    error: Option<String>,
    duration_ms: i64,
    job_name: String,
}

impl Runs {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for Runs {
    type Facts = Answer<Page>;

    async fn ask(&self, gateway: &Connection) -> Result<Answer<Page>, Failure> {
        let job = match self.job.as_ref().or(self.id.as_ref()) {
            // The history of a job outlives it, so a whole identifier is taken as it is.
            Some(word) if word.len() == 36 => Some(word.clone()),
            Some(word) => Some(find(gateway, word).await?.id),
            None => None,
        };
        let asked = Asked {
            scope: if job.is_some() { "job" } else { "all" },
            id: job,
            limit: self.limit,
            offset: self.offset,
            run_id: self.run_id.as_deref(),
            status: self.status.as_deref(),
            delivery_status: self.delivery_status.as_deref(),
            query: self.query.as_deref(),
            sort_dir: self.sort.as_deref(),
        };
        ask(gateway, "cron.runs", asked).await
    }

    fn show(&self, output: &mut Output, facts: &Answer<Page>) -> Done {
        facts.show(output, |output, page| {
            if page.entries.is_empty() {
                return output.paragraph("no runs yet");
            }
            let now = Clock::system().now_ms();
            let mut table = Table::new([
                Column::whole("ENDED"),
                Column::words("JOB"),
                Column::whole("STATUS"),
                Column::whole("TOOK"),
                Column::words("WHAT CAME OF IT"),
            ]);
            for entry in &page.entries {
                let status = entry.status.as_deref().unwrap_or("-");
                let tone = match (status, entry.completion_status.as_str()) {
                    ("error", _) => Tone::Bad,
                    ("skipped", _) => Tone::Faint,
                    (_, "failed") => Tone::Bad,
                    _ => Tone::Plain,
                };
                let said = entry.error.as_ref().or(entry.summary.as_ref());
                let line = said.and_then(|text| text.lines().find(|line| !line.trim().is_empty()).map(str::to_owned));
                table.row([
                    Text::from(show::age(now, entry.ts)),
                    Text::from(&entry.job_name),
                    Text::toned(
                        tone,
                        if status == "ok" && entry.completion_status == "failed" { "ok, not told" } else { status },
                    ),
                    show::span(entry.duration_ms).into(),
                    show::text(line.as_ref()),
                ]);
            }
            output.table(&table)?;
            if page.has_more {
                output.paragraph(format!("{} of {}; see more with --offset", page.entries.len(), page.total))?;
            }
            Ok(())
        })
    }
}
