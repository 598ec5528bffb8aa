//! `status`: one page about everything.

use openclaw_store::SessionQuery;

use crate::{cron::SystemEvents, heartbeat, methods::prelude::*, rows};

params! {
    /// Nothing is needed.
    {} understood { include_channel_summary }
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "status";
    const ABOUT: &'static str = "One page about everything: version, uptime, sessions, runs, store, memory.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        let state = call.state();
        let read = state.store.read(|reader| {
            let page = reader.list_sessions(&SessionQuery { limit: 10, ..SessionQuery::default() })?;
            Ok((page.sessions, reader.count_sessions(None, None)?))
        });
        let (sessions, count) = read.await.map_err(|error| fault::store(&error))?;
        let recent: Vec<Value> = sessions.iter().map(|session| rows::row(state, session)).collect();
        let default = state.default_agent();
        let agent = state.agent(&default)?;
        let model = state.agent_model(&agent);
        let context = state.active().registry.resolve(&model).map_or(0, |(_, info)| info.context_window);
        let path = state.store_path();
        let queued: Vec<String> = SystemEvents::of(state, &heartbeat::main_session(&default))
            .await?
            .into_iter()
            .map(|event| event.text)
            .collect();
        let heartbeats: Vec<Value> = state
            .agents()
            .iter()
            .map(|agent| {
                let look = heartbeat::of_agent(&state.active().loaded.config, &agent.id);
                let enabled = look.every_ms.is_some() && state.heartbeats.enabled();
                json!({ "agentId": agent.id, "enabled": enabled, "every": look.every, "everyMs": look.every_ms })
            })
            .collect();
        let (resident, processor) = crate::watch::process();
        Ok(json!({
            "process": { "residentBytes": resident, "cpuMs": processor },
            "frames": { "received": state.metrics.messages_received.get(), "sent": state.metrics.messages_sent.get() },
            "runtimeVersion": openclaw_protocol::VERSION,
            "uptimeMs": state.uptime_ms(),
            "heartbeat": { "defaultAgentId": default, "agents": heartbeats },
            "channelSummary": [],
            "queuedSystemEvents": queued,
            "sessions": {
                "paths": [path], "count": count, "defaults": { "model": model.to_string(), "contextTokens": context },
                "recent": recent, "byAgent": [{ "agentId": default, "path": path, "count": count, "recent": recent }],
            },
            "connections": state.hub.len(),
            "runs": { "active": state.runs.active_count() },
            "modelConfigured": state.model_configured(),
            "config": state.reload.report().shown(),
            "tailscale": state.tailscale.published().map(|published| match published {
                Ok(url) => json!({ "url": url }),
                Err(problem) => json!({ "problem": problem }),
            }),
            "tls": state.tls.as_ref().map(crate::tls::Tls::shown),
        }))
    }
}
