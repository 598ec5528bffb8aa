//! `openclaw config history`

use std::path::PathBuf;

use clap::Args;
use openclaw_config::{Cause, Entry};
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use super::place::{Place, looking};
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit},
    ids,
    output::{Column, Output, Table, Text},
    reach::Target,
    show,
};

/// List the states that the configuration was in
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config history
  openclaw config history --limit 5 --json")]
pub(super) struct History {
    #[command(flatten)]
    target: Target,
    /// Most states, the newest ones
    #[arg(short = 'n', long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
}

#[derive(Serialize)]
struct Asked {
    limit: u32,
}

/// The states, newest first, which is what `--json` prints.
#[derive(Debug, Deserialize, Serialize)]
struct States {
    entries: Vec<State>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct State {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent_hash: Option<String>,
    hash: String,
    ts: i64,
    who: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    cause: Cause,
    changed_paths: Vec<String>,
}

impl From<Entry> for State {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            parent_hash: entry.parent,
            hash: entry.hash,
            ts: entry.time_ms,
            who: entry.who,
            note: entry.note,
            cause: entry.cause,
            changed_paths: entry.paths,
        }
    }
}

impl History {
    pub(super) async fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let states = match looking(context, &self.target, file).await? {
            Place::File(file) => {
                let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
                States { entries: file.history(limit)?.into_iter().map(State::from).collect() }
            }
            Place::Gateway(gateway) => {
                let states = ask(&gateway, "config.history", Asked { limit: self.limit }).await?.read;
                gateway.close().await;
                states
            }
        };
        let output = &mut context.output;
        if output.json {
            output.value(&states)?;
        } else {
            print(output, &states.entries)?;
        }
        Ok(Exit::Ok)
    }
}

fn print(output: &mut Output, states: &[State]) -> std::io::Result<()> {
    if states.is_empty() {
        return output.paragraph("nothing was changed yet");
    }
    let mut table = Table::new([
        Column::whole("ID"),
        Column::whole("WHEN"),
        Column::words("WHO"),
        Column::whole("HOW"),
        Column::words("CHANGED"),
        Column::words("NOTE"),
    ]);
    let length = ids::length(states.iter().map(|state| state.id.as_str()));
    let now = Clock::system().now_ms();
    for state in states {
        let how = match state.cause {
            Cause::Edit => "changed",
            Cause::Undo => "taken back",
            Cause::Found => "found",
        };
        table.row([
            Text::from(ids::short(&state.id, length)),
            show::age(now, Some(state.ts)).into(),
            Text::from(&state.who),
            how.into(),
            show::words(&state.changed_paths),
            show::text(state.note.as_ref()),
        ]);
    }
    output.table(&table)
}
