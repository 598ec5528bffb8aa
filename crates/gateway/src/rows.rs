//! Sessions as lists and events show them.

use std::sync::Arc;

use openclaw_core::record::{Session, SessionSettings, Totals, TranscriptMessage};
use openclaw_protocol::{
    AgentId, SessionKey,
    event::{AgentStatus, Event, SessionsChanged, TickSession},
};
use serde_json::{Value, json};

use crate::{runs, settings::AgentSettings, state::State};

/// How long a session counts as active after it was touched, milliseconds.
const ACTIVE_MS: i64 = 60 * 60 * 1000;

/// A session that does not exist yet.
pub(crate) fn fresh_session(
    state: &State,
    key: &SessionKey,
    agent_id: &AgentId,
    label: Option<String>,
    settings: SessionSettings,
    now: i64,
) -> Session {
    Session {
        key: key.clone(),
        session_id: state.ids.uuid(),
        agent_id: agent_id.clone(),
        label,
        created_at: now,
        updated_at: now,
        revision: 0,
        message_count: 0,
        settings,
        totals: Totals::default(),
        aborted_last_run: false,
    }
}

fn agent_of(state: &State, session: &Session) -> AgentSettings {
    let active = state.active();
    active.agents.iter().find(|agent| agent.id == session.agent_id).unwrap_or(&active.agents[0]).clone()
}

/// A row of `sessions.list` (PROTOCOL §6.3).
pub(crate) fn row(state: &State, session: &Session) -> Value {
    let agent = agent_of(state, session);
    let model = runs::model_of(state, Some(session), &agent);
    let active_run = state.runs.active_run(&session.key);
    let context_window = state.active().registry.resolve(&model).map_or(0, |(_, info)| info.context_window);
    let mut row = json!({
        "key": session.key,
        "kind": kind(&session.key),
        "agentId": session.agent_id,
        "sessionId": session.session_id,
        "createdAt": session.created_at,
        "updatedAt": session.updated_at,
        "lastInteractionAt": session.updated_at,
        "lastActivityAt": session.updated_at,
        "isMain": session.key.is_main(),
        "archived": session.settings.archived,
        "pinned": session.settings.pinned,
        "abortedLastRun": session.aborted_last_run,
        "inputTokens": session.totals.input,
        "outputTokens": session.totals.output,
        "totalTokens": session.totals.context_tokens,
        "contextTokens": context_window,
        "messageCount": session.message_count,
        "cost": session.totals.cost,
        "estimatedCostUsd": session.totals.cost,
        "cacheReadTokens": session.totals.cache_read,
        "cacheWriteTokens": session.totals.cache_write,
        "reasoningTokens": session.totals.reasoning,
        "modelProvider": model.provider,
        "model": model.model,
        "hasActiveRun": active_run.is_some(),
    });
    if let Some(run_id) = active_run {
        row["activeRunIds"] = json!([run_id]);
    }
    for (name, value) in [
        ("label", &session.label),
        ("displayName", &session.label),
        ("thinkingLevel", &session.settings.thinking_level),
        ("verboseLevel", &session.settings.verbose_level),
        ("reasoningLevel", &session.settings.reasoning_level),
        ("elevatedLevel", &session.settings.elevated_level),
        ("sendPolicy", &session.settings.send_policy),
        ("responseUsage", &session.settings.response_usage),
        ("groupActivation", &session.settings.group_activation),
    ] {
        if let Some(value) = value {
            row[name] = json!(value);
        }
    }
    if let Some(fallbacks) = &session.settings.fallbacks {
        row["fallbacks"] = json!(fallbacks);
    }
    for (name, value) in &session.settings.extra {
        if row.get(name).is_none() {
            row[name.as_str()] = value.clone();
        }
    }
    row
}

/// A row with the model that answered last, which need not be the one that is wanted.
pub(crate) fn row_answered(state: &State, session: &Session, lines: &[TranscriptMessage]) -> Value {
    let mut row = row(state, session);
    if let Some((provider, model)) = runs::answered_by(lines) {
        row["activeModelProvider"] = json!(provider);
        row["activeModel"] = json!(model);
    }
    row
}

/// The kind of a session, from its key.
fn kind(key: &SessionKey) -> &'static str {
    match key.as_str() {
        "global" => "global",
        "unknown" => "unknown",
        text if text.contains(":group:") || text.contains(":channel:") => "group",
        _ => "direct",
    }
}

/// The stored fields of a session, as `sessions.patch` and `sessions.reset` show them.
pub(crate) fn entry(session: &Session) -> Value {
    let settings = &session.settings;
    let mut entry = json!({
        "sessionId": session.session_id, "updatedAt": session.updated_at, "createdAt": session.created_at,
        "inputTokens": session.totals.input, "outputTokens": session.totals.output, "totalTokens": session.totals.context_tokens,
        "abortedLastRun": session.aborted_last_run,
    });
    for (name, value) in [
        ("label", &session.label),
        ("modelOverride", &settings.model),
        ("thinkingLevel", &settings.thinking_level),
        ("verboseLevel", &settings.verbose_level),
        ("reasoningLevel", &settings.reasoning_level),
        ("elevatedLevel", &settings.elevated_level),
        ("responseUsage", &settings.response_usage),
        ("sendPolicy", &settings.send_policy),
        ("groupActivation", &settings.group_activation),
        ("queueMode", &settings.queue_mode),
    ] {
        if let Some(value) = value {
            entry[name] = json!(value);
        }
    }
    if let Some(fallbacks) = &settings.fallbacks {
        entry["fallbacks"] = json!(fallbacks);
    }
    if settings.archived {
        entry["archived"] = json!(true);
    }
    if settings.pinned {
        entry["pinned"] = json!(true);
    }
    for (name, value) in &settings.extra {
        entry[name.as_str()] = value.clone();
    }
    entry
}

/// A session in the tick of a `ui` connection.
pub(crate) fn tick_session(state: &State, session: &Session, now: i64) -> TickSession {
    let model = runs::model_of(state, Some(session), &agent_of(state, session));
    TickSession {
        kind: match kind(&session.key) {
            "direct" => "chat",
            kind => kind,
        },
        model: model.model,
        total_tokens: session.totals.total_tokens,
        context_tokens: session.totals.context_tokens,
        message_count: session.message_count,
        cost: session.totals.cost,
        updated_at: session.updated_at,
        active: now - session.updated_at < ACTIVE_MS || state.runs.active_run(&session.key).is_some(),
        key: session.key.clone(),
    }
}

/// Tells that a session changed.
pub(crate) fn told(state: &State, key: &SessionKey, session: Option<&Session>, reason: &'static str) {
    state.health.touch();
    state.hub.publish(Event::SessionsChanged(SessionsChanged {
        session_key: key.clone(),
        agent_id: key.agent().unwrap_or_else(|| state.default_agent()),
        reason,
        ts: state.clock.now_ms(),
        session: session.map(|session| Arc::new(row(state, session))),
    }));
}

/// Tells what an agent is doing.
pub(crate) fn told_status(state: &State, agent: &AgentId, status: &'static str, activity: &str) {
    let Some(id) = state.agent_number(agent) else { return };
    // An agent with another run at work is still busy.
    let status = if status != "busy" && state.runs.is_busy(agent) { "busy" } else { status };
    state.hub.publish(Event::AgentStatus(AgentStatus {
        id,
        name: agent.clone(),
        status,
        last_seen: state.clock.now_ms() / 1000,
        last_activity: activity.to_owned(),
    }));
}
