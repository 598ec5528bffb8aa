//! `openclaw sessions reset`, `compact` and `delete`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::One;
use crate::{app::Context, failure::Done};

/// Start a conversation over; what was said is set aside
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw sessions reset main")]
pub(super) struct Reset {
    #[command(flatten)]
    one: One,
}

/// Set all but the newest lines aside
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw sessions compact main --keep 50")]
pub(super) struct Compact {
    #[command(flatten)]
    one: One,
    /// Lines that stay
    #[arg(long, value_name = "LINES", default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..))]
    keep: u64,
}

/// Remove a conversation
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw sessions delete agent:main:trip
  openclaw sessions delete trip --keep-transcript")]
pub(super) struct Delete {
    #[command(flatten)]
    one: One,
    /// Set what was said aside instead of removing it
    #[arg(long)]
    keep_transcript: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_lines: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_transcript: Option<bool>,
}

/// What the three methods answer, as far as it is shown.
#[derive(Debug, Deserialize)]
struct Changed {
    key: String,
    #[serde(default)]
    compacted: bool,
    #[serde(default)]
    kept: Option<u64>,
}

impl Reset {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asked = |key| Asked { key, max_lines: None, delete_transcript: None };
        let answer = self.one.call(context, "sessions.reset", asked).await?;
        answer
            .show(&mut context.output, |output, changed: &Changed| output.line(format!("{} begins anew", changed.key)))
    }
}

impl Compact {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asked = |key| Asked { key, max_lines: Some(self.keep), delete_transcript: None };
        let answer = self.one.call(context, "sessions.compact", asked).await?;
        answer.show(&mut context.output, |output, changed: &Changed| {
            output.line(match changed.kept.filter(|_| changed.compacted) {
                Some(kept) => format!("{} keeps its newest {kept} lines", changed.key),
                None => format!("{} is short enough: nothing was set aside", changed.key),
            })
        })
    }
}

impl Delete {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let asked = |key| Asked { key, max_lines: None, delete_transcript: self.keep_transcript.then_some(false) };
        let answer = self.one.call(context, "sessions.delete", asked).await?;
        answer.show(&mut context.output, |output, changed: &Changed| output.line(format!("{} removed", changed.key)))
    }
}
