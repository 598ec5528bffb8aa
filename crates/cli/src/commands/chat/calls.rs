//! What a conversation asks of the gateway. A connection that breaks meanwhile is waited for: everything here may be asked twice.

use std::time::Duration;

use openclaw_client::{Deadline, RequestError, Supervised};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::wire::{
    Approval, Await, Awaited, Decide, Follow, Followed, Heard, History, ListSessions, Models, Nothing, Page, Say,
    Sessions, SetModel, Stop, Taken,
};
use crate::{
    commands::approvals,
    failure::{Exit, Failure},
};

/// Messages that are fetched.
const MESSAGES: u32 = 100;
/// Conversations that are offered.
const SESSIONS: u32 = 100;
/// How long the gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the gateway may be away before what was said counts as not sent.
const AWAY: Duration = Duration::from_secs(300);

/// A conversation as the gateway keeps it.
pub(super) struct Loaded {
    pub(super) key: String,
    pub(super) history: History,
    pub(super) waiting: Vec<Approval>,
}

async fn call<T: DeserializeOwned>(
    gateway: &Supervised,
    method: &str,
    params: impl Serialize,
    within: Duration,
) -> Result<T, Failure> {
    let raw = gateway.request_again(method, params, Deadline::After(within), |_| {}).await?;
    read(method, &raw)
}

fn read<T: DeserializeOwned>(method: &str, raw: &RawValue) -> Result<T, Failure> {
    serde_json::from_str(raw.get()).map_err(|error| {
        Failure::new(Exit::Failed, "ANSWER", format!("{method} answered in an unexpected shape: {error}"))
            .helped("compare the versions: openclaw doctor")
    })
}

/// Follows a conversation: its events come from now on.
pub(super) async fn follow(gateway: &Supervised, key: &str) -> Result<Followed, Failure> {
    call(gateway, "sessions.messages.subscribe", Follow { key, include_approvals: true }, PATIENCE).await
}

/// Follows a conversation, and fetches what was said in it.
pub(super) async fn load(gateway: &Supervised, key: &str) -> Result<Loaded, Failure> {
    let followed = follow(gateway, key).await?;
    let page = Page { session_key: &followed.key, limit: MESSAGES };
    let history = call(gateway, "chat.history", page, PATIENCE).await?;
    Ok(Loaded { key: followed.key.clone(), history, waiting: followed.waiting() })
}

/// Follows it no more. That it cannot be said is no matter: the connection ends with the program.
pub(super) async fn unfollow(gateway: &Supervised, key: &str) {
    let follow = Follow { key, include_approvals: true };
    let _: Result<serde::de::IgnoredAny, Failure> =
        call(gateway, "sessions.messages.unsubscribe", follow, PATIENCE).await;
}

/// What became of something that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// A turn answers it, or will.
    AtWork,
    /// Its turn is over: the gateway had it already, from before the connection broke. Events may not tell its end any more.
    Over,
    /// The gateway took it for a command of its own, which no turn answers.
    Obeyed,
}

/// Says something. The run's name keeps it from being said twice.
pub(super) async fn say(gateway: &Supervised, said: &Say) -> Result<Sent, Failure> {
    match gateway.request_again("chat.send", said, Deadline::After(AWAY), |_| {}).await {
        Ok(raw) => Ok(sent(&read("chat.send", &raw)?)),
        Err(error) if is_of(&error, &said.idempotency_key) => Ok(Sent::Over),
        Err(error) => Err(error.into()),
    }
}

fn sent(taken: &Taken) -> Sent {
    match taken.status.as_deref() {
        Some("ok") => Sent::Over,
        Some(_) => Sent::AtWork,
        None => Sent::Obeyed,
    }
}

/// Whether a refusal tells how this run ended.
fn is_of(error: &RequestError, run: &str) -> bool {
    error.refusal().is_some_and(|refusal| refusal.details.get("runId").is_some_and(|known| known == run))
}

/// How a turn ended; nothing when it has not.
pub(super) async fn ended(gateway: &Supervised, run: &str) -> Result<Option<Heard>, Failure> {
    let awaited: Awaited = call(gateway, "agent.wait", Await { run_id: run, timeout_ms: 0 }, PATIENCE).await?;
    Ok(awaited.ended(run))
}

/// Stops what is at work in a conversation, or one turn of it.
pub(super) async fn stop(gateway: &Supervised, session_key: &str, run_id: Option<&str>) -> Result<(), Failure> {
    call::<serde::de::IgnoredAny>(gateway, "chat.abort", Stop { session_key, run_id }, PATIENCE).await.map(|_| ())
}

/// Decides what waits.
pub(super) async fn decide(gateway: &Supervised, approval: &Approval, decision: &str) -> Result<(), Failure> {
    let params = Decide { id: &approval.id, kind: &approval.kind, decision };
    call::<serde::de::IgnoredAny>(gateway, "approval.resolve", params, PATIENCE).await.map(|_| ())
}

/// What waits, with where it would run, which events do not tell.
pub(super) async fn waiting(gateway: &Supervised) -> Result<Vec<approvals::Entry>, Failure> {
    let connection = gateway.connection().await.map_err(|why| Failure::new(Exit::Unreachable, "ENDED", &*why))?;
    approvals::waiting(&connection).await
}

/// Has a model answer from now on.
pub(super) async fn set_model(gateway: &Supervised, key: &str, model: &str) -> Result<(), Failure> {
    call::<serde::de::IgnoredAny>(gateway, "sessions.patch", SetModel { key, model }, PATIENCE).await.map(|_| ())
}

pub(super) async fn models(gateway: &Supervised) -> Result<Models, Failure> {
    call(gateway, "models.list", Nothing {}, PATIENCE).await
}

pub(super) async fn sessions(gateway: &Supervised) -> Result<Sessions, Failure> {
    let params = ListSessions { limit: SESSIONS, include_derived_titles: true };
    call(gateway, "sessions.list", params, PATIENCE).await
}

#[cfg(test)]
mod tests {
    use openclaw_client::Refusal;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_became_of_something_said_is_read_from_the_answer() {
        let read = |reply: Value| sent(&serde_json::from_value(reply).unwrap());
        assert_eq!(read(json!({"runId": "r", "status": "started"})), Sent::AtWork);
        assert_eq!(read(json!({"runId": "r", "status": "in_flight"})), Sent::AtWork);
        assert_eq!(read(json!({"runId": "r", "status": "ok"})), Sent::Over);
        assert_eq!(read(json!({"ok": true, "aborted": false, "runIds": []})), Sent::Obeyed);
        let refused = |details: Value| {
            let refusal = Box::new(Refusal { details, ..Refusal::default() });
            RequestError::Refused { method: "chat.send".into(), refusal }
        };
        assert!(is_of(&refused(json!({"code": "MODEL_UNAVAILABLE", "runId": "r"})), "r"));
        assert!(!is_of(&refused(json!({"runId": "other"})), "r") && !is_of(&refused(Value::Null), "r"));
    }
}
