//! What is told about the models behind a run.

use serde::Serialize;

use crate::{AgentId, RunId, SessionKey};

/// Another model than the wanted one is asked (`model.fallback`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelFallback {
    /// Which run.
    pub run_id: RunId,
    /// Where.
    pub session_key: SessionKey,
    /// Whose.
    pub agent_id: AgentId,
    /// The model that is left, `provider/model`.
    pub from: String,
    /// The model that is asked instead, `provider/model`.
    pub to: String,
    /// Why: a word as in [`ErrorDetail::failover_reason`].
    pub reason: &'static str,
    /// Which attempt of the run this is, from 1.
    pub attempt: u32,
    /// Until when the left model or its key is not asked again, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_until: Option<i64>,
}

/// What a `chat` error says beside its text (PROTOCOL §7.1).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetail {
    /// The provider that failed last.
    pub provider: String,
    /// Its model.
    pub model: String,
    /// `auth`, `billing`, `rate_limit`, `timeout`, …
    pub failover_reason: &'static str,
    /// The HTTP status, where one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
}
