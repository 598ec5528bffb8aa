//! One look of an agent.

use std::sync::Arc;

use openclaw_core::record::{AuditEvent, RunState};
use openclaw_protocol::{
    RunId, SessionKey, WireError,
    event::{Event, Heartbeat},
};
use openclaw_store::{Change, cron::CronChange};
use serde_json::json;
use tokio::sync::oneshot;
use tracing::warn;

use super::{hours, of_agent, settings::HeartbeatSettings};
use crate::{
    audit::gateway_audit,
    cron::{SystemEvents, forgotten, lines},
    runs::{self, QueueMode, RunOutcome, Runs, Submission},
    state::State,
    turn,
};

/// Characters of what was said that are told.
const PREVIEW: usize = 200;

/// Why an agent looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It is time.
    Clock,
    /// Somebody woke it.
    Woken,
}

/// What came of a look.
struct Came {
    status: &'static str,
    reason: Option<String>,
    preview: Option<String>,
}

impl Came {
    fn skipped(reason: &str) -> Self {
        Self { status: "skipped", reason: Some(reason.to_owned()), preview: None }
    }
}

/// Lets the agent of a session look, and tells what came of it.
pub(super) async fn beat(state: &Arc<State>, key: &SessionKey, cause: Cause) {
    let began = state.clock.now_ms();
    let came = match look(state, key, cause).await {
        Ok(Some(came)) => came,
        // Another turn has told it meanwhile.
        Ok(None) => return,
        Err(error) => {
            warn!(session = %key, %error, "an agent could not look at what waits for it");
            Came { status: "failed", reason: Some(error.message.to_string()), preview: None }
        }
    };
    let ts = state.clock.now_ms();
    let heartbeat = Heartbeat {
        ts,
        status: came.status,
        reason: came.reason,
        to: (came.status == "sent").then(|| key.to_string()),
        preview: came.preview,
        duration_ms: Some((ts - began).max(0)),
    };
    state.heartbeats.keep(heartbeat.clone());
    state.hub.publish(Event::Heartbeat(heartbeat));
}

async fn look(state: &Arc<State>, key: &SessionKey, cause: Cause) -> Result<Option<Came>, WireError> {
    let agent_id = key.agent().unwrap_or_else(|| state.default_agent());
    let agent = state.agent(&agent_id)?;
    let settings = of_agent(&state.active().loaded.config, &agent_id);
    if !state.heartbeats.enabled() {
        return Ok(Some(Came::skipped("disabled")));
    }
    if state.lockdown.holds() {
        return Ok(Some(Came::skipped("locked-down")));
    }
    if cause == Cause::Clock {
        if let Some(hours) = &settings.hours
            && !hours::within(hours, &state.cron.zones, state.clock.now_ms())
        {
            return Ok(Some(Came::skipped("quiet-hours")));
        }
        if state.runs.is_busy(&agent_id) {
            return Ok(Some(Came::skipped("requests-in-flight")));
        }
    }
    let events = SystemEvents::of(state, key).await?;
    if cause == Cause::Woken && events.is_empty() {
        return Ok(None);
    }
    let session_key = session(&settings, key, cause)?;
    let run_id = RunId::new(format!("heartbeat:{agent_id}:{}", state.ids.uuid()))
        .map_err(|error| WireError::params(error.to_string()))?;
    let text = format!("{}\n{}", lines(&events), settings.prompt);
    let message = runs::user(text.trim_start(), &[], run_id.as_str(), state.clock.now_ms());
    let mut also = Vec::new();
    if session_key != *key {
        also.push(Change::Cron(CronChange::Afresh { key: session_key.clone(), session_id: state.ids.uuid() }));
    }
    if !events.is_empty() {
        also.push(forgotten(&events));
    }
    let (_, told) = oneshot::channel();
    let detail = json!({ "runId": run_id, "events": events.len(), "cause": if cause == Cause::Clock { "clock" } else { "wake" } });
    let submission = Submission {
        run_id: run_id.clone(),
        session_key: session_key.clone(),
        agent,
        message,
        queue_mode: QueueMode::Followup,
        model: settings.model.clone(),
        fallbacks: settings.fallbacks.clone(),
        thinking: None,
        limits: runs::Limits::default(),
        extra_system_prompt: None,
        label: None,
        timeout_ms: Some(settings.timeout_ms),
        request_hash: String::new(),
        principal: "heartbeat".to_owned(),
        trace: None,
        audit: AuditEvent { target: Some(session_key.to_string()), ..gateway_audit("run.accepted", detail) },
        told,
        also,
    };
    Runs::submit(state, submission).await?;
    state.cron.events.told(key, events.len());
    let Some(run) = turn::ended_run(state, &run_id, None).await? else { return Ok(None) };
    if run.state != RunState::Final {
        return Ok(Some(Came { status: "failed", reason: Some(turn::error_text(&run)), preview: None }));
    }
    Ok(Some(said(&settings, &RunOutcome::of(&run).text)))
}

/// Where the agent looks. A session of its own only by the clock: whoever woke it spoke of a conversation.
fn session(settings: &HeartbeatSettings, key: &SessionKey, cause: Cause) -> Result<SessionKey, WireError> {
    if settings.isolated && cause == Cause::Clock {
        return SessionKey::new(format!("{key}:heartbeat")).map_err(|error| WireError::params(error.to_string()));
    }
    Ok(key.clone())
}

/// What an answer means.
fn said(settings: &HeartbeatSettings, text: &str) -> Came {
    let text = text.trim();
    let preview: String = text.chars().take(PREVIEW).collect();
    let quiet = |status| Came { status, reason: None, preview: None };
    if text.is_empty() {
        return quiet("ok-empty");
    }
    for word in ["HEARTBEAT_OK", "NO_REPLY"] {
        let rest = text.strip_prefix(word).or_else(|| text.strip_suffix(word));
        if rest.is_some_and(|rest| rest.trim().chars().count() <= settings.ack_chars) {
            return quiet("ok-token");
        }
    }
    Came { status: "sent", reason: None, preview: Some(preview) }
}

#[cfg(test)]
mod tests {
    use openclaw_config::Config;
    use openclaw_protocol::AgentId;

    use super::*;

    #[test]
    fn an_answer_that_needs_no_attention_is_quiet() {
        let settings = of_agent(&Config::default(), &AgentId::new("main").unwrap());
        let status = |text: &str| said(&settings, text).status;
        assert_eq!(status("  \n"), "ok-empty");
        assert_eq!(status("HEARTBEAT_OK"), "ok-token");
        assert_eq!(status("NO_REPLY"), "ok-token");
        assert_eq!(status("All is well. HEARTBEAT_OK"), "ok-token");
        assert_eq!(status("I said HEARTBEAT_OK in the middle"), "sent");
        assert_eq!(status(&format!("HEARTBEAT_OK {}", "x".repeat(301))), "sent");
        assert_eq!(status("The disk is full."), "sent");
    }
}
