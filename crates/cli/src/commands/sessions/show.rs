//! `openclaw sessions show`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use super::{One, find, row::Row};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Exit, Failure},
    output::{Output, Text},
    show,
    watch::{Picture, Watch},
};

/// Show all about one conversation
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw sessions show main
  openclaw sessions show main --watch")]
pub(super) struct Show {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    watch: Watch,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    key: String,
    include_derived_titles: bool,
}

/// The reply of `sessions.describe`.
#[derive(Debug, Deserialize)]
pub(super) struct Described {
    session: Option<Row>,
}

impl Show {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.one.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for Show {
    type Facts = Answer<Described>;

    async fn ask(&self, gateway: &Connection) -> Result<Answer<Described>, Failure> {
        let key = find::session(gateway, &self.one.session).await?;
        let answer: Answer<Described> =
            ask(gateway, "sessions.describe", Asked { key, include_derived_titles: true }).await?;
        if answer.read.session.is_none() {
            let cause = format!("there is no conversation \"{}\" any more", self.one.session);
            return Err(Failure::new(Exit::Failed, "NOT_FOUND", cause).helped("openclaw sessions list"));
        }
        Ok(answer)
    }

    fn show(&self, output: &mut Output, facts: &Answer<Described>) -> Done {
        facts.show(output, |output, described| {
            let Some(row) = &described.session else { return Ok(()) };
            let now = Clock::system().now_ms();
            let used = show::count(row.total_tokens);
            let context = match row.total_tokens.saturating_mul(100).checked_div(row.context_tokens) {
                Some(percent) => format!("{used} of {} tokens ({percent} %)", show::count(row.context_tokens)),
                None => used,
            };
            let since = |at: Option<i64>| Text::from(format!("{} ({})", show::time(at), show::age(now, at)));
            output.facts([
                ("Conversation", Text::from(&row.key)),
                ("Name", show::text(row.name())),
                ("Identifier", Text::from(&row.session_id)),
                ("Agent", Text::from(&row.agent_id)),
                ("Model", row.model().into()),
                ("Thinking", show::text(row.thinking_level.as_ref())),
                ("State", row.state()),
                ("Run", show::words(&row.active_run_ids)),
                ("Pinned", if row.pinned { "yes" } else { "no" }.into()),
                ("Messages", row.message_count.to_string().into()),
                ("Context", context.into()),
                (
                    "Used",
                    format!("{} tokens in, {} out", show::count(row.input_tokens), show::count(row.output_tokens))
                        .into(),
                ),
                ("Cost", row.cost()),
                ("Begun", since(row.created_at)),
                ("Updated", since(row.updated_at)),
            ])
        })
    }
}
