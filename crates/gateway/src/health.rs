//! The health reply: made when something changed, at most once a second, and told from memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use openclaw_protocol::SessionKey;
use openclaw_store::SessionQuery;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};
use tokio::sync::Notify;

use crate::{heartbeat, state::State, tls};

/// Time in which changes are taken together.
const GATHER: Duration = Duration::from_secs(1);
/// Sessions that the reply names.
const RECENT: usize = 5;

/// The reply and its counter.
#[derive(Debug)]
pub(crate) struct Health {
    reply: ArcSwap<HealthReply>,
    version: AtomicU64,
    changed: Notify,
}

/// The reply, serialised once.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct HealthReply {
    reply: Box<RawValue>,
    /// As a hello shows it, when that differs: its schema has no room for what is wrong with the configuration.
    #[serde(skip)]
    in_hello: Option<Box<RawValue>>,
}

impl HealthReply {
    /// As a hello shows it.
    pub(crate) fn in_hello(&self) -> &RawValue {
        self.in_hello.as_deref().unwrap_or(&self.reply)
    }
}

impl schemars::JsonSchema for HealthReply {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Health".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object", "required": ["ok", "ts", "agents", "sessions"] })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recent {
    key: SessionKey,
    updated_at: i64,
    age: i64,
}

impl Health {
    /// Nothing known yet.
    pub(crate) fn new() -> Self {
        let empty = RawValue::from_string("{}".to_owned()).expect("an empty object is JSON");
        let reply = ArcSwap::from_pointee(HealthReply { reply: empty, in_hello: None });
        Self { reply, version: AtomicU64::new(0), changed: Notify::new() }
    }

    /// The reply.
    pub(crate) fn current(&self) -> Arc<HealthReply> {
        self.reply.load_full()
    }

    /// Grows with each new reply.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// Says that the reply is out of date.
    pub(crate) fn touch(&self) {
        self.changed.notify_one();
    }

    /// Keeps the reply current until the gateway stops.
    pub(crate) async fn keep(state: Arc<State>) {
        loop {
            tokio::select! {
                () = state.tasks.stopping() => return,
                () = state.health.changed.notified() => {}
            }
            tokio::select! {
                () = state.tasks.stopping() => return,
                () = tokio::time::sleep(GATHER) => {}
            }
            Self::refresh(&state).await;
        }
    }

    /// Makes the reply anew.
    pub(crate) async fn refresh(state: &Arc<State>) {
        let began = tokio::time::Instant::now();
        let now = state.clock.now_ms();
        let read = state.store.read(|reader| {
            let page = reader.list_sessions(&SessionQuery { limit: RECENT, ..SessionQuery::default() })?;
            Ok((page.sessions, reader.count_sessions(None, None)?))
        });
        let (sessions, count) = match read.await {
            Ok(read) => read,
            Err(error) => {
                tracing::warn!(%error, "health could not read the store");
                return;
            }
        };
        let recent: Vec<Recent> = sessions
            .into_iter()
            .map(|session| Recent {
                age: (now - session.updated_at).max(0),
                key: session.key,
                updated_at: session.updated_at,
            })
            .collect();
        let default_agent = state.default_agent();
        let path = state.store_path();
        let config = Arc::clone(&state.active().loaded);
        let config = &config.config;
        let heartbeat_seconds = heartbeat::of_agent(config, &default_agent).every_ms.map_or(0, |ms| ms / 1000);
        let agents: Vec<Value> = state
            .agents()
            .iter()
            .map(|agent| {
                let look = heartbeat::of_agent(config, &agent.id);
                json!({
                    "agentId": agent.id, "name": agent.name.as_deref().unwrap_or(agent.id.as_str()), "isDefault": agent.id == default_agent,
                    "heartbeat": {
                        "enabled": look.every_ms.is_some() && state.heartbeats.enabled(), "every": look.every, "everyMs": look.every_ms,
                        "prompt": look.prompt, "target": look.target, "ackMaxChars": look.ack_chars,
                    },
                    "sessions": { "path": path, "count": count, "recent": recent },
                })
            })
            .collect();
        let mut reply = json!({
            "ok": true, "ts": now, "durationMs": u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            "configReload": { "hotReloadStatus": "active" },
            "channels": {}, "channelOrder": [], "channelLabels": {}, "heartbeatSeconds": heartbeat_seconds,
            "defaultAgentId": default_agent, "agents": agents,
            "sessions": { "path": path, "count": count, "recent": recent },
        });
        let (summary, audit) = (state.reload.report().summary(), state.audit_export.failing());
        // A hello's schema has no room for any of what follows.
        let in_hello = serde_json::value::to_raw_value(&reply).ok();
        reply["auditTrail"] = json!(state.audit_watch.shown());
        if let Some(record) = state.lockdown.record() {
            reply["lockdown"] = json!(record.shown());
        }
        if let Some(summary) = summary {
            reply["configReload"] = json!(summary);
        }
        if let Some(failing) = audit {
            reply["auditFile"] = json!(failing);
        }
        if let Some(failing) = tls::acme::health(state) {
            reply["certificate"] = failing;
        }
        if let Ok(raw) = serde_json::value::to_raw_value(&reply) {
            state.health.reply.store(Arc::new(HealthReply { reply: raw, in_hello }));
            state.health.version.fetch_add(1, Ordering::Relaxed);
        }
    }
}
