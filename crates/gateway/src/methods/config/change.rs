//! What the methods that change the configuration share: their reply, and how they read where and what.

use std::sync::Arc;

use openclaw_config::{ChangeError, Edit, Format, KeyPath, Mode};
use openclaw_protocol::close;

use crate::{
    methods::prelude::*,
    reload::{AUTH_CHANGED, Author, Change, Failure, Goal, Key, Made, Warning},
};

/// What became of a change, and what is in force now.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changed {
    ok: bool,
    /// The file.
    path: String,
    /// Hash of the file now: the `baseHash` of the next change.
    pub(in crate::methods) hash: String,
    /// Hash of the file before.
    before_hash: String,
    /// Whether the file was written; `false` when it said so already.
    changed: bool,
    /// Its entry in the history; absent when nothing was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Canonical paths of what has another value now.
    changed_paths: Vec<String>,
    /// Those of them that hold for new connections only.
    reconnect_required: Vec<String>,
    /// Keys that wait for the next start, from earlier changes too.
    restart_required: Vec<String>,
    /// What is worth knowing about the change.
    warnings: Vec<Warning>,
    /// What is in force, under canonical names; secrets are replaced by a marker.
    config: Value,
}

/// Where a change begins and how it is told.
#[derive(Debug, Default)]
pub(in crate::methods) struct Terms {
    pub(in crate::methods) base_hash: Option<String>,
    pub(in crate::methods) note: Option<String>,
    pub(in crate::methods) idempotency_key: Option<String>,
}

/// Makes a change.
pub(in crate::methods) async fn make<M: Method>(call: &Call, goal: Goal, terms: Terms) -> Result<Changed, WireError> {
    // The record of a change whose key the store refuses would be missing.
    let most = openclaw_store::MAX_IDEMPOTENCY_NAME_BYTES;
    if terms.idempotency_key.as_ref().is_some_and(|key| key.is_empty() || key.len() > most) {
        return Err(bad::<M>("idempotencyKey", &format!("must have 1 to {most} bytes")));
    }
    let made = ask::<M>(call, goal, terms, Mode::Write).await?;
    let state = call.state();
    if made.ends_asker {
        goodbye(call);
    }
    let loaded = Arc::clone(&state.active().loaded);
    let config = state.reload.look_up(move |_| openclaw_config::redact(&loaded.resolved)).await?;
    Ok(Changed {
        ok: true,
        path: state.config_path(),
        hash: made.hash,
        before_hash: made.before_hash,
        changed: made.written,
        id: made.id,
        changed_paths: made.changed_paths,
        reconnect_required: made.reconnect,
        restart_required: made.restart_required,
        warnings: made.warnings,
        config,
    })
}

/// Ends the caller's connection, whose credential was changed, once the answer is on its way.
pub(in crate::methods) fn goodbye(call: &Call) {
    let (answered, outbox) = (call.until_answered(), Arc::clone(&call.conn().outbox));
    call.state().tasks.spawn("goodbye", async move {
        // Resolves one way or the other then.
        let _ = answered.await;
        outbox.close(close::FINAL, AUTH_CHANGED);
    });
}

/// Asks the owner of the configuration.
pub(super) async fn ask<M: Method>(call: &Call, goal: Goal, terms: Terms, mode: Mode) -> Result<Made, Failure> {
    let key = terms.idempotency_key.map(|key| Key {
        scope: format!("{}:{}", call.principal().audit_name(), M::NAME),
        key,
        request_hash: request_hash(&goal, terms.base_hash.as_deref()),
    });
    let author = Author {
        actor: call.principal().audit_name(),
        ip: Some(call.conn().ip.to_string()),
        method: Some(M::NAME),
        asker: Some(call.conn().number),
    };
    call.state().reload.change(Change { goal, base_hash: terms.base_hash, note: terms.note, mode, author, key }).await
}

/// What tells one request from another under the same key. It holds no value in clear.
fn request_hash(goal: &Goal, base_hash: Option<&str>) -> String {
    let edit = |edit: &Edit| match edit {
        Edit::Set { path, value } => json!(["set", path.to_string(), value]),
        Edit::Unset { path } => json!(["unset", path.to_string()]),
        Edit::Merge { path, patch } => json!(["merge", path.as_ref().map(ToString::to_string), patch]),
        Edit::Replace { text } => json!(["replace", text]),
    };
    let asked = match goal {
        Goal::Edits(edits) => edits.iter().map(edit).collect(),
        Goal::Undo(id) => json!(["undo", id]),
        // Planned changes carry no key.
        Goal::Planned(_) => Value::Null,
    };
    openclaw_config::hash(json!([asked, base_hash]).to_string().as_bytes())
}

/// A path that a client names, from the parameter of this name.
pub(in crate::methods) fn key_path<M: Method>(text: &str, name: &str) -> Result<KeyPath, WireError> {
    text.parse().map_err(|error| {
        WireError::params(format!("invalid {} params: at /{name}: {error}", M::NAME))
            .with("path", format!("params.{name}"))
    })
}

/// The path of a call that spells it `path` or, as in specification 003, `key`.
pub(super) fn named<M: Method>(path: Option<String>, key: Option<String>) -> Result<KeyPath, WireError> {
    match (path, key) {
        (Some(path), None) => key_path::<M>(&path, "path"),
        (None, Some(key)) => key_path::<M>(&key, "key"),
        (Some(_), Some(_)) => Err(bad::<M>("path", "means the same as key; send one of them")),
        (None, None) => Err(bad::<M>("path", "is missing: which key is to be changed")),
    }
}

/// Parameters that do not fit together.
pub(super) fn bad<M: Method>(name: &str, problem: &str) -> WireError {
    WireError::params(format!("invalid {} params: at /{name}: {problem}", M::NAME))
        .with("path", format!("params.{name}"))
}

/// A whole text replaces what its sender has seen, so it must say what that was. Clients match the text (PROTOCOL §5).
pub(super) fn seen(call: &Call, base_hash: Option<String>) -> Result<Option<String>, WireError> {
    let exists = call.state().active().loaded.exists || call.state().reload.report().rejected.is_some();
    if base_hash.is_none() && exists {
        return Err(WireError::invalid(
            detail::BASE_HASH_REQUIRED,
            "config base hash required; re-run config.get and retry",
        ));
    }
    Ok(base_hash)
}

/// The object that a merge patch is written as, JSON5.
pub(super) fn patch_of(raw: &str) -> Result<Value, WireError> {
    openclaw_config::parse_document(raw, Format::Json5)
        .map_err(|error| Failure::Change(ChangeError::Config(error)).into())
}

/// A value that is there even when it is `null`.
pub(super) fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
