//! `config.history`: the states that the configuration was in.

use openclaw_config::{Cause, ChangeError, Entry};

use crate::{methods::prelude::*, reload::Failure};

/// Entries of one answer when nothing is said.
const USUAL: usize = 20;
/// Most entries of one answer.
const MOST: usize = 100;

params! {
    /// How many.
    {
        /// Newest entries to tell, at most 100; 20 when absent.
        #[serde(default)]
        limit: Option<usize>,
        /// One entry alone, by the beginning of its id.
        #[serde(default)]
        id: Option<String>,
    } understood {}
}

/// The states, newest first.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    entries: Vec<State>,
    /// Hash of what is in force.
    applied_config_hash: String,
}

/// One state.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct State {
    /// Twelve hexadecimal digits; any beginning that fits one entry alone names it too.
    id: String,
    /// Hash of the state before.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_hash: Option<String>,
    /// Its hash.
    hash: String,
    /// When it was kept.
    ts: i64,
    /// Who made it, as the audit names them; `file` for an edit by hand.
    who: String,
    /// What they said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// How it came to be.
    cause: Origin,
    /// What differs from the state before.
    changed_paths: Vec<String>,
}

/// How a state came to be.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Origin {
    /// By a change.
    Edit,
    /// By taking a change back.
    Undo,
    /// It was found in the file.
    Found,
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
            cause: match entry.cause {
                Cause::Edit => Origin::Edit,
                Cause::Undo => Origin::Undo,
                Cause::Found => Origin::Found,
            },
            changed_paths: entry.paths,
        }
    }
}

pub(crate) struct History;

impl Method for History {
    const NAME: &'static str = "config.history";
    const ABOUT: &'static str = "The states that the configuration was in, newest first, without values.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let (limit, id) = (params.limit.unwrap_or(USUAL).min(MOST), params.id);
        let entries = call.state().reload.look_up(move |file| match id {
            Some(id) => Ok(vec![file.show(&id)?.entry]),
            None => Ok(file.history(limit)?),
        });
        let entries = entries.await?.map_err(|error: ChangeError| Failure::from(error))?;
        let applied_config_hash = call.state().active().loaded.hash.clone();
        Ok(Reply { entries: entries.into_iter().map(State::from).collect(), applied_config_hash })
    }
}
