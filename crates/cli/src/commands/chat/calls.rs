//! What a conversation asks of the gateway. A connection that breaks meanwhile is waited for: everything here may be asked twice.

use std::time::Duration;

use openclaw_client::{Deadline, Supervised};
use serde::{Serialize, de::DeserializeOwned};

use super::wire::{
    Approval, Decide, Follow, Followed, History, ListSessions, Models, Nothing, Page, Say, Sessions, SetModel, Stop,
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
    serde_json::from_str(raw.get()).map_err(|error| {
        Failure::new(Exit::Failed, "ANSWER", format!("{method} answered in an unexpected shape: {error}"))
            .helped("compare the versions: openclaw doctor")
    })
}

/// Follows a conversation, and fetches what was said in it.
pub(super) async fn load(gateway: &Supervised, key: &str) -> Result<Loaded, Failure> {
    let follow = Follow { key, include_approvals: true };
    let followed: Followed = call(gateway, "sessions.messages.subscribe", follow, PATIENCE).await?;
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

/// Says something. The run's name keeps it from being said twice.
pub(super) async fn say(gateway: &Supervised, said: &Say) -> Result<(), Failure> {
    call::<serde::de::IgnoredAny>(gateway, "chat.send", said, AWAY).await.map(|_| ())
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
