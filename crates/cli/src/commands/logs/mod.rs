//! `openclaw logs`

mod trail;

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use openclaw_client::{Deadline, Supervised};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::{Output, Text, Tone},
    reach::{self, Target},
};

/// Time between two looks with `--follow`.
const PAUSE: Duration = Duration::from_secs(1);

/// Show the gateway's log
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw logs
  openclaw logs --follow --level warn
  openclaw logs -n 50 --json
  openclaw logs filter --event authentication --level warn
  openclaw logs audit --last 24h")]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Logs {
    #[command(subcommand)]
    trail: Option<Trail>,
    #[command(flatten)]
    target: Target,
    /// Go on until interrupted
    #[arg(short, long)]
    follow: bool,
    /// Most lines to begin with
    #[arg(short = 'n', long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5000))]
    limit: u32,
    /// Only lines of this level and above
    #[arg(long, value_enum, default_value_t = Level::Trace)]
    level: Level,
}

#[derive(Debug, Subcommand)]
enum Trail {
    /// Show records of the audit trail with a name
    Filter(trail::Filter),
    /// Show the audit trail
    Audit(trail::Audit),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Level {
    Trace,
    Debug,
    Info,
    #[value(alias = "warning")]
    Warn,
    Error,
}

impl Level {
    /// The level of a line; one without any counts as info.
    fn of(line: &Value) -> Self {
        Self::named(line.get("level").and_then(Value::as_str).unwrap_or("info"))
    }

    /// The level with this name; any other word counts as info.
    fn named(word: &str) -> Self {
        Self::from_str(word, true).unwrap_or(Self::Info)
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Trace | Self::Debug => Tone::Faint,
            Self::Info => Tone::Strong,
            Self::Warn => Tone::Warning,
            Self::Error => Tone::Bad,
        }
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    cursor: u64,
    #[serde(default)]
    lines: Vec<String>,
    #[serde(default)]
    reset: bool,
}

impl Logs {
    pub(crate) async fn run(mut self, context: &mut Context) -> Done {
        match self.trail.take() {
            Some(Trail::Filter(command)) => return command.run(context),
            Some(Trail::Audit(command)) => return command.run(context),
            None => {}
        }
        let gateway = reach::supervised(context, &self.target).await?;
        let output = &mut context.output;
        let mut page = tail(&gateway, json!({ "limit": self.limit }), Deadline::Usual).await?;
        let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
        loop {
            for line in &page.lines {
                self.show(output, line)?;
            }
            output.flush()?;
            if !self.follow {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                _ = &mut interrupted => break,
            }
            // However long the gateway is away: whoever follows a log wants to go on.
            let next = tail(&gateway, json!({ "limit": 5000, "cursor": page.cursor }), Deadline::Never);
            page = tokio::select! {
                page = output.progress("waiting for the gateway").during(next) => page?,
                _ = &mut interrupted => break,
            };
            if page.reset && !output.json {
                output.line("(lines were lost: the log went on faster than it was read, or the gateway restarted)")?;
            }
        }
        gateway.close().await;
        Ok(Exit::Ok)
    }

    fn show(&self, output: &mut Output, text: &str) -> std::io::Result<()> {
        let Ok(line) = serde_json::from_str::<Value>(text) else {
            return if output.json { output.json_line(&Plain { msg: text }) } else { output.line(text) };
        };
        let level = Level::of(&line);
        if level < self.level {
            return Ok(());
        }
        // One document a line, so that a program can follow.
        if output.json {
            return output.json_line(&line);
        }
        output.line(readable(&line, level))
    }
}

/// A line that is not JSON.
#[derive(Serialize)]
struct Plain<'a> {
    msg: &'a str,
}

/// A page of the log, from the next connection when this one is lost meanwhile.
async fn tail(gateway: &Supervised, params: Value, deadline: Deadline) -> Result<Page, Failure> {
    let page = gateway.request_again("logs.tail", params, deadline, |_| {}).await?;
    serde_json::from_str(page.get()).map_err(|error| {
        Failure::new(Exit::Failed, "ANSWER", format!("logs.tail answered in an unexpected shape: {error}"))
    })
}

/// Time, level, text, then the other members.
fn readable(line: &Value, level: Level) -> Text {
    let time = ["ts", "time", "timestamp"].into_iter().find_map(|name| line.get(name));
    let time = match time {
        Some(Value::Number(ms)) => {
            ms.as_i64().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).map(|at| at.to_string())
        }
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    let word = format!("{:<5}", format!("{level:?}").to_uppercase());
    let mut text = time.map_or_else(Text::default, |time| Text::toned(Tone::Faint, time).and(" "));
    text = text.and_toned(level.tone(), word).and(" ");
    let message = ["msg", "message"].into_iter().find_map(|name| line.get(name).and_then(Value::as_str));
    text = text.and(message.unwrap_or_default());
    for (name, value) in line.as_object().into_iter().flatten() {
        if !matches!(name.as_str(), "ts" | "time" | "timestamp" | "level" | "msg" | "message") {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text = text.and_toned(Tone::Faint, format!(" {name}={value}"));
        }
    }
    text
}
