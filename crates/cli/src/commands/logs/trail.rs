//! `openclaw logs filter` and `openclaw logs audit`

use clap::Args;
use openclaw_core::audit::{Selection, words};
use openclaw_store::audit_file::Entry;

use super::Level;
use crate::{
    app::Context,
    commands::audit::{self, Ago, Format},
    failure::{Done, Exit, Failure},
};

/// Show records of the audit trail with a name
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw logs filter --event authentication --level warn
  openclaw logs filter --event authorization_denied --last 7d
  openclaw logs filter --event config.changed --json --fail-empty

An event is a record's name (auth.failure), a family (auth.*), or a word such as authentication,
authentication_failure, authorization_denied, suspicious_activity, rate_limit_exceeded,
config_changes, agent_execution, file_access, message_send, message_receive, errors.")]
pub(super) struct Filter {
    /// Which events; may be given again
    #[arg(long, value_name = "NAME", required = true)]
    event: Vec<String>,
    /// Only records of this level and above
    #[arg(long, value_enum, default_value_t = Level::Trace)]
    level: Level,
    /// Only since then: a span such as 24h, or a time such as 2026-11-26T08:00:00Z
    #[arg(long, alias = "last", value_name = "WHEN")]
    since: Option<Ago>,
    /// End with 2 when no record is like that
    #[arg(long)]
    fail_empty: bool,
}

impl Filter {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let selection = Selection::parse(self.event.iter().map(String::as_str)).map_err(|unknown| {
            let near = words().map(|word| (strsim::damerau_levenshtein(word, &unknown.0), word)).min();
            let failure = Failure::usage(unknown.to_string());
            match near.filter(|(distance, word)| *distance <= word.len() / 3) {
                Some((_, word)) => failure.helped(format!("did you mean \"{word}\"?")),
                None => failure.helped("openclaw logs filter --help"),
            }
        })?;
        let mut found = 0_u64;
        let done = audit::each(context, self.since, |context, record| {
            if !selection.takes(&record.event.event) || Level::named(&record.event.severity) < self.level {
                return Ok(());
            }
            found += 1;
            let entry = Entry::from(record);
            if context.output.json {
                context.output.json_line(&entry)?;
            } else {
                context.output.line(entry.text())?;
            }
            Ok(())
        })?;
        if found > 0 {
            return Ok(done);
        }
        audit::nothing(context)?;
        Ok(if self.fail_empty { Exit::Usage } else { done })
    }
}

/// Show the audit trail
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw logs audit --last 24h
  openclaw logs audit --last 7d --json")]
pub(super) struct Audit {
    /// Only records of this span, such as 24h or 7d
    #[arg(long, value_name = "SPAN")]
    last: Option<Ago>,
}

impl Audit {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let format = if context.output.json { Format::Jsonl } else { Format::Text };
        audit::write_all(context, self.last, format, None)
    }
}
