//! `hooks.status`: whether web hooks are served, and what they did.

use openclaw_config::{HookAction, HookMapping};

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

/// Whether web hooks are served, and what they did since the start.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    enabled: bool,
    path: String,
    /// Whether a token lets a sender in.
    token: bool,
    /// Whether a signature lets a sender in.
    signature: bool,
    max_body_bytes: u64,
    rate_per_minute: u32,
    replay_window_seconds: u64,
    mappings: Vec<Mapping>,
    /// Requests that did something.
    accepted: u64,
    /// Requests that were refused.
    refused: u64,
    /// Deliveries that are remembered, so that they do nothing again.
    remembered: usize,
}

/// An address of its own.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Mapping {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// `agent` or `wake`.
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
}

impl Mapping {
    fn of(mapping: &HookMapping) -> Self {
        Self {
            id: mapping.id.clone(),
            path: mapping.r#match.path.clone(),
            source: mapping.r#match.source.clone(),
            action: mapping.action.word(),
            agent_id: mapping.agent_id.clone().filter(|_| mapping.action == HookAction::Agent),
        }
    }
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "hooks.status";
    const ABOUT: &'static str =
        "Whether web hooks are served, by what senders get in, and what they did since the start.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let active = state.active();
        let hooks = &active.loaded.config.hooks;
        let (accepted, refused) = state.hooks.counts();
        Ok(Reply {
            enabled: hooks.enabled,
            path: hooks.path.clone(),
            token: hooks.token.is_some(),
            signature: hooks.signature.secret.is_some(),
            max_body_bytes: hooks.max_body_bytes,
            rate_per_minute: hooks.rate_per_minute,
            replay_window_seconds: hooks.replay_window_seconds,
            mappings: hooks.mappings.iter().map(Mapping::of).collect(),
            accepted,
            refused,
            remembered: state.hooks.remembered(),
        })
    }
}
