//! `openclaw approvals pending`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;
use serde::Serialize;

use super::shown::{Entry, waiting};
use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    ids,
    output::{Output, Text, Tone},
    reach::Target,
    show,
    watch::{Picture, Watch},
};

/// Show what waits for people
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw approvals pending
  openclaw approvals pending --watch
  openclaw approvals pending --json")]
pub(super) struct Pending {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    watch: Watch,
}

#[derive(Serialize)]
struct Told<'a> {
    approvals: &'a [Entry],
}

impl Pending {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for Pending {
    type Facts = Vec<Entry>;

    async fn ask(&self, gateway: &Connection) -> Result<Vec<Entry>, Failure> {
        waiting(gateway).await
    }

    fn show(&self, output: &mut Output, facts: &Vec<Entry>) -> Done {
        if output.json {
            output.value(&Told { approvals: facts })?;
            return Ok(Exit::Ok);
        }
        if facts.is_empty() {
            output.line("nothing waits for people")?;
        }
        let now = Clock::system().now_ms();
        let length = ids::length(facts.iter().map(|entry| entry.id.as_str()));
        for (at, entry) in facts.iter().enumerate() {
            if at > 0 {
                output.line("")?;
            }
            one(output, entry, ids::short(&entry.id, length), now)?;
        }
        Ok(Exit::Ok)
    }
}

/// What is asked is shown whole: whoever decides must have seen all of it.
fn one(output: &mut Output, entry: &Entry, id: &str, now: i64) -> std::io::Result<()> {
    let left = show::span(entry.expires_at_ms - now);
    let whose = entry.session_key.as_ref().or(entry.agent_id.as_ref());
    let mut head = Text::toned(Tone::Strong, id).and(format!("  {}", entry.kind));
    if let Some(whose) = whose {
        head = head.and(format!("  {whose}"));
    }
    output
        .line(head.and_toned(Tone::Faint, format!("  {}, {left} left", show::age(now, Some(entry.created_at_ms)))))?;
    for line in entry.summary.split('\n') {
        output.line(format!("  {line}"))?;
    }
    if let Some(place) = &entry.place {
        output.line(Text::toned(Tone::Faint, format!("  at {place}")))?;
    }
    for warning in entry.warnings.iter().flat_map(|warning| warning.split('\n')) {
        output.line(Text::toned(Tone::Warning, format!("  {warning}")))?;
    }
    output.line(Text::toned(
        Tone::Faint,
        format!("  openclaw approvals resolve {id} {}", entry.allowed_decisions.join("|")),
    ))
}
