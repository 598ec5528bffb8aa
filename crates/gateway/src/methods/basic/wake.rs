//! `wake`: tells an agent something in its session, and has it look at once or with its next turn.

use crate::{
    cron::{SystemEvents, TEXT_BYTES},
    heartbeat,
    methods::prelude::*,
};

params! {
    /// What to tell whom.
    {
        /// `now`, or `next-heartbeat` to wait for the agent's next turn.
        mode: String,
        /// What the agent is told.
        text: String,
        /// Where. Default: the agent's main session. With it the agent looks at once.
        #[serde(default)]
        session_key: Option<SessionKey>,
        /// Whom. Default: the default agent.
        #[serde(default)]
        agent_id: Option<AgentId>,
    } understood { idempotency_key }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    ok: bool,
}

pub(crate) struct Wake;

impl Method for Wake {
    const NAME: &'static str = "wake";
    const ABOUT: &'static str = "Tells an agent something, and has it look at once or with its next turn.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("agent.woken");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let now = match params.mode.as_str() {
            "now" => true,
            "next-heartbeat" => params.session_key.is_some(),
            _ => {
                let text = "invalid wake params: at /mode: must be now or next-heartbeat";
                return Err(WireError::params(text).with("path", "params.mode"));
            }
        };
        let text = checked(Self::NAME, &params.text)?;
        let key = target(&call, Self::NAME, params.session_key, params.agent_id)?;
        let detail = json!({ "mode": params.mode, "bytes": text.len() });
        let audit = call.audit("agent.woken", Self::NAME, Some(key.to_string()), detail);
        SystemEvents::tell(state, &key, text, audit).await?;
        if now {
            heartbeat::wake(state, &key);
        }
        Ok(Reply { ok: true })
    }
}

/// A text that can be told.
pub(super) fn checked(method: &str, text: &str) -> Result<String, WireError> {
    let refuse = |what: &str| {
        Err(WireError::params(format!("invalid {method} params: at /text: {what}")).with("path", "params.text"))
    };
    if text.trim().is_empty() {
        return refuse("must not be empty");
    }
    if text.len() > TEXT_BYTES {
        return refuse(&format!("must not be longer than {TEXT_BYTES} bytes"));
    }
    Ok(text.trim().to_owned())
}

/// The session that is told.
pub(super) fn target(
    call: &Call,
    method: &str,
    key: Option<SessionKey>,
    agent: Option<AgentId>,
) -> Result<SessionKey, WireError> {
    let state = call.state();
    let key = match (key, &agent) {
        (Some(key), Some(agent)) => key.canonical(agent),
        (Some(key), None) => call.canonical(&key),
        (None, _) => heartbeat::main_session(&agent.clone().unwrap_or_else(|| state.default_agent())),
    };
    let owner = state.agent(&call.agent_of(&key))?;
    if let Some(agent) = agent.filter(|agent| *agent != owner.id) {
        let text = format!("invalid {method} params: at /agentId: agent \"{agent}\" does not own session {key}");
        return Err(WireError::params(text).with("path", "params.agentId"));
    }
    Ok(key)
}
