//! `openclaw sessions history`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::One;
use crate::{
    app::Context,
    commands::content::Content,
    failure::Done,
    output::{Output, Text, Tone},
    show,
};

/// Print what was said, oldest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw sessions history main
  openclaw sessions history main --limit 4 --json")]
pub(super) struct History {
    #[command(flatten)]
    one: One,
    /// Most messages, the newest ones
    #[arg(short = 'n', long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    session_key: String,
    limit: u32,
}

/// The reply of `chat.history`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    messages: Vec<Message>,
    has_more: bool,
    total_messages: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    role: String,
    content: Content,
    #[serde(rename = "__openclaw")]
    place: Place,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Place {
    record_timestamp_ms: Option<i64>,
}

impl History {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let limit = self.limit;
        let answer = self.one.call(context, "chat.history", |session_key| Asked { session_key, limit }).await?;
        answer.show(&mut context.output, print)
    }
}

fn print(output: &mut Output, page: &Page) -> std::io::Result<()> {
    if page.messages.is_empty() {
        return output.line("nothing was said yet");
    }
    if page.has_more {
        let shown = page.messages.len();
        output.paragraph(format!("the newest {shown} of {}; see more with --limit", page.total_messages))?;
        output.line("")?;
    }
    for (number, message) in page.messages.iter().enumerate() {
        if number > 0 {
            output.line("")?;
        }
        let at = show::time(message.place.record_timestamp_ms);
        output.line(Text::toned(Tone::Strong, &message.role).and_toned(Tone::Faint, format!("  {at}")))?;
        output.block(message.content.text().trim_end())?;
    }
    Ok(())
}
