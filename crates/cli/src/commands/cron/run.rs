//! `openclaw cron run`

use std::time::Duration;

use clap::Args;
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{change::One, row::find, when};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Exit, Failure},
    reach,
};

/// Run a job now
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw cron run Morning
  openclaw cron run Morning --wait --wait-timeout 10m
  openclaw cron run Morning --due             only when it is due

With --wait the exit code is 0 only when the job was done, and its result told where it should be.")]
pub(super) struct Run {
    #[command(flatten)]
    one: One,
    /// Only when it is due
    #[arg(long)]
    due: bool,
    /// Wait for the end
    #[arg(long)]
    wait: bool,
    /// Longest wait
    #[arg(long, value_name = "PERIOD", value_parser = period, default_value = "10m", requires = "wait")]
    wait_timeout: Duration,
    /// How often to look
    #[arg(long, value_name = "PERIOD", value_parser = period, default_value = "2s", requires = "wait")]
    poll_interval: Duration,
}

fn period(text: &str) -> Result<Duration, String> {
    let ms = when::period(text).filter(|ms| *ms > 0).ok_or("expected a length of time such as 10m or 2s")?;
    Ok(Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX)))
}

#[derive(Serialize)]
struct Asked<'a> {
    id: &'a str,
    mode: &'static str,
}

/// The reply of `cron.run`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Begun {
    reason: Option<String>,
    run_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AskedRun<'a> {
    scope: &'static str,
    run_id: &'a str,
}

#[derive(Debug, Default, Deserialize)]
struct Page {
    entries: Vec<Box<RawValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Ended {
    status: Option<String>,
    completion_status: String,
    summary: Option<String>,
    error: Option<String>,
}

impl Run {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.one.target, None).await?;
        let job = find(&gateway, &self.one.job).await?;
        let asked = Asked { id: &job.id, mode: if self.due { "due" } else { "force" } };
        let answer: Answer<Begun> = ask(&gateway, "cron.run", asked).await?;
        let Some(run_id) = answer.read.run_id.clone() else {
            gateway.close().await;
            return answer.show(&mut context.output, |output, begun| {
                output.paragraph(match begun.reason.as_deref() {
                    Some("not-due") => "it is not due".to_owned(),
                    Some("already-running") => "it runs already".to_owned(),
                    other => format!("it did not run: {}", other.unwrap_or("no reason given")),
                })
            });
        };
        if !self.wait {
            gateway.close().await;
            return answer.show(&mut context.output, |output, _| output.paragraph(format!("{run_id} begun")));
        }
        let entry = context.output.progress("cron.run").during(self.ended(&gateway, &run_id)).await?;
        gateway.close().await;
        let ended: Ended = serde_json::from_str(entry.get()).unwrap_or_default();
        let output = &mut context.output;
        if output.json {
            output.raw(&entry)?;
        } else {
            output.paragraph(format!("{run_id} ended: {}", ended.status.as_deref().unwrap_or("-")))?;
            if let Some(said) = ended.error.as_ref().or(ended.summary.as_ref()) {
                output.block(said)?;
            }
        }
        Ok(if ended.completion_status == "succeeded" { Exit::Ok } else { Exit::Failed })
    }

    /// Looks until the run has ended.
    async fn ended(&self, gateway: &Connection, run_id: &str) -> Result<Box<RawValue>, Failure> {
        let until = Instant::now() + self.wait_timeout;
        loop {
            let page: Answer<Page> = ask(gateway, "cron.runs", AskedRun { scope: "all", run_id }).await?;
            if let Some(entry) = page.read.entries.into_iter().next() {
                return Ok(entry);
            }
            if Instant::now() >= until {
                return Err(Failure::new(Exit::Failed, "TIMEOUT", format!("{run_id} has not ended in time"))
                    .helped(format!("it goes on; see what comes of it: openclaw cron runs --run-id {run_id}")));
            }
            tokio::time::sleep(self.poll_interval.min(until.saturating_duration_since(Instant::now()))).await;
        }
    }
}
