//! `openclaw spawn output`, and what it shares with `openclaw spawn run`.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Args;
use openclaw_client::{Connection, Deadline};
use serde::{Deserialize, Serialize};

use super::{Program, kill::full};
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    output::Output,
    reach::{self, Target},
};

/// How long the gateway waits for output before it answers without.
const WAIT: Duration = Duration::from_secs(20);

/// Show what a program wrote: the newest 256 KiB that the gateway keeps
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw spawn output 3f2a91c0
  openclaw spawn output 3f2a91c0 --follow")]
pub(super) struct Show {
    #[command(flatten)]
    target: Target,
    /// Which, by the first characters of its identifier
    #[arg(value_name = "PROGRAM")]
    id: String,
    /// Go on until it ends
    #[arg(short, long)]
    follow: bool,
}

/// What is asked of `spawn.output`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<u64>,
    wait_ms: u64,
    encoding: &'static str,
}

/// A page of `spawn.output`.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    cursor: u64,
    lost: u64,
    output: Vec<Run>,
    pub(super) ended: Option<Program>,
}

#[derive(Debug, Deserialize)]
struct Run {
    stream: String,
    base64: String,
}

/// Where a reader of a program's output is.
#[derive(Clone, Copy, Debug, Default)]
struct Reader {
    cursor: Option<u64>,
}

impl Reader {
    /// What comes next, as soon as there is something or the program is over; nothing new after a while otherwise.
    async fn next(self, gateway: &Connection, id: &str, wait: Duration) -> Result<Page, Failure> {
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(0);
        let asked = Asked { id, cursor: self.cursor, wait_ms, encoding: "base64" };
        let deadline = Deadline::After(wait + Duration::from_secs(30));
        let raw = gateway.request_within("spawn.output", asked, deadline).await?;
        serde_json::from_str(raw.get()).map_err(|error| {
            Failure::new(Exit::Failed, "ANSWER", format!("spawn.output answered in an unexpected shape: {error}"))
                .helped("compare the versions: openclaw doctor")
        })
    }

    /// Shows a page.
    fn show(&mut self, output: &mut Output, page: &Page) -> Result<(), Failure> {
        if page.lost > 0 && self.cursor.is_some() {
            output.foreign_error(format!("({} bytes were not kept)\n", page.lost).as_bytes())?;
        }
        self.cursor = Some(page.cursor);
        for run in &page.output {
            let bytes = STANDARD.decode(&run.base64).unwrap_or_default();
            if run.stream == "stderr" {
                output.foreign_error(&bytes)?;
            } else {
                output.foreign(&bytes)?;
            }
        }
        Ok(())
    }
}

impl Show {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let id = full(&gateway, &self.id).await?;
        if context.output.json {
            let answer =
                ask::<Page>(&gateway, "spawn.output", Asked { id: &id, cursor: None, wait_ms: 0, encoding: "base64" })
                    .await?;
            gateway.close().await;
            context.output.raw(&answer.raw)?;
            return Ok(Exit::Ok);
        }
        let mut reader = Reader::default();
        loop {
            let page = reader.next(&gateway, &id, if self.follow { WAIT } else { Duration::ZERO }).await?;
            let nothing = page.output.is_empty();
            reader.show(&mut context.output, &page)?;
            if page.ended.is_some() || (nothing && !self.follow) {
                gateway.close().await;
                return Ok(Exit::Ok);
            }
        }
    }
}

/// Takes output until the program is over, and says how it ended. Ctrl-C asks it to end, and again ends it.
pub(super) async fn see_through(
    gateway: &Connection,
    id: &str,
    output: &mut Output,
) -> Result<(Program, bool), Failure> {
    let mut reader = Reader::default();
    let mut interrupts = 0_u32;
    let mut interrupted = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    loop {
        let next = reader.next(gateway, id, WAIT);
        tokio::pin!(next);
        let page = loop {
            tokio::select! {
                page = &mut next => break page?,
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            interrupts += 1;
            let params = super::kill::Named { id, force: interrupts > 1 };
            let (gateway, params) = (gateway.clone(), serde_json::to_value(params).unwrap_or_default());
            // Its end comes with the output.
            tokio::select! {
                asked = gateway.request_within("spawn.kill", params, Deadline::Never) => drop(asked?),
                page = &mut next => break page?,
            }
        };
        reader.show(output, &page)?;
        if let Some(ended) = page.ended {
            return Ok((ended, interrupts > 0));
        }
    }
}
