//! What clients may ask of a session and this gateway has no part for. A value that asks for nothing passes; anything else is
//! refused by name, so that nobody takes a session for what it is not.

use crate::methods::prelude::*;

/// Agents run no tools, so there is nothing that such a setting would hold back or allow.
pub(super) const NO_TOOLS: &str = "agents of this gateway run no tools";
/// Nothing reads what channels would.
pub(super) const NO_CHANNELS: &str = "no channel is connected that would read it";
/// Sessions of this gateway do not start each other.
pub(super) const NO_PARENTS: &str = "sessions of this gateway are not made by other sessions";
/// One window for each model.
pub(super) const NO_WINDOWS: &str = "a model has one context window here, which models.list shows";
/// No vendor is asked for a faster service.
pub(super) const NO_FAST: &str = "no model is asked for a faster service tier";
/// Nothing is traced into conversations.
pub(super) const NO_TRACE: &str = "no plugin writes traces into a conversation; logs.tail has the log";
/// Revisions are not counted.
pub(super) const NO_REVISIONS: &str =
    "this gateway counts no lifecycle revisions; expectedSessionId names the transcript";
/// Folders are the agents'.
pub(super) const NO_FOLDERS: &str = "sessions have no folder or work tree of their own";
/// Everything is kept.
pub(super) const NO_INCOGNITO: &str = "every session is kept in the store; sessions.delete takes one away";
/// Whoever may read sees all of them.
pub(super) const NO_SHARING: &str = "whoever may read sessions sees all of them";
/// Transcripts are not copied.
pub(super) const NO_FORKS: &str = "transcripts are not copied into other sessions";

/// Whether a value asks for what is the case anyway.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Number(_) => false,
        Value::String(text) => text.is_empty() || text == "off",
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
    }
}

/// Refuses the first of these that asks for something. Each has its name, its value and why it cannot be had.
///
/// # Errors
/// `UNAVAILABLE`, with the place and the reason.
pub(super) fn refuse(method: &str, asked: &[(&'static str, &Option<Value>, &'static str)]) -> Result<(), WireError> {
    let wanted = asked.iter().find(|(_, value, _)| value.as_ref().is_some_and(|value| !is_nothing(value)));
    match wanted {
        None => Ok(()),
        Some((name, _, why)) => {
            let text = format!("{method} cannot honour {name}: {why}; leave it out");
            Err(WireError::unavailable(detail::NOT_IMPLEMENTED, text).with("path", format!("params.{name}")))
        }
    }
}
