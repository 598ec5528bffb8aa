//! What is remembered: the records that the store keeps and the changes it applies. Times are milliseconds since the epoch.

mod node;

pub use node::{
    ApprovedSurface, Node, NodeAbout, NodeAsk, NodePriority, NodeRequest, NodeState, NodeSurface, NodeTask, NodeWork,
};
mod access_token;
mod agent_token;
mod passkey;
mod setup_code;
mod spawn;

use openclaw_protocol::{AgentId, DeviceId, Role, RunId, Scopes, SessionKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub use access_token::{ACCESS_TOKEN_PREFIX, AccessSecret, AccessToken, MAX_ACCESS_SECRETS, REMEMBERED_ACCESS_TOKENS};
pub use agent_token::AgentToken;
pub use passkey::{MAX_PASSKEYS, Passkey};
pub use setup_code::{SetupCode, SetupIssuer, SetupUse, access as setup_access};
pub use spawn::{SpawnEnd, SpawnState, Spawned};

/// A conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Canonical key.
    pub key: SessionKey,
    /// Identifier of the present transcript; a reset makes a new one.
    pub session_id: Uuid,
    /// Whose conversation it is.
    pub agent_id: AgentId,
    /// Name given by people; unique among sessions.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last written to.
    pub updated_at: i64,
    /// Number of the last audit record that touched it: a unique, growing sort key and an ETag.
    pub revision: i64,
    /// Messages in the present transcript.
    pub message_count: u64,
    /// What people set for it.
    pub settings: SessionSettings,
    /// What it has used, over all its runs since the last reset.
    pub totals: Totals,
    /// Whether its last run was aborted or interrupted.
    pub aborted_last_run: bool,
}

/// Settings of a session; absent means the agent's default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionSettings {
    /// `provider/model`.
    pub model: Option<String>,
    /// Models that stand in for it, in order, each `provider/model`; empty for none.
    pub fallbacks: Option<Vec<String>>,
    /// `off`, `minimal`, `low`, `medium`, `high`, …
    pub thinking_level: Option<String>,
    /// `off`, `on`, `full`.
    pub verbose_level: Option<String>,
    /// `off`, `on`, `stream`.
    pub reasoning_level: Option<String>,
    /// `on`, `off`, `ask`, `full`.
    pub elevated_level: Option<String>,
    /// `off`, `tokens`, `full`, `on`.
    pub response_usage: Option<String>,
    /// `allow` or `deny`.
    pub send_policy: Option<String>,
    /// `mention` or `always`.
    pub group_activation: Option<String>,
    /// `steer`, `followup`, `collect`, `interrupt`.
    pub queue_mode: Option<String>,
    /// Set aside by people.
    pub archived: bool,
    /// Kept on top by people.
    pub pinned: bool,
    /// Further settings that clients keep here (icon, color, category, …), each at most 4 KiB of JSON.
    pub extra: serde_json::Map<String, Value>,
}

/// Sums of usage. Tokens are counted, cost is in US dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Totals {
    /// Tokens sent, without those read from or written to a cache.
    pub input: u64,
    /// Tokens produced.
    pub output: u64,
    /// Tokens read from a cache.
    pub cache_read: u64,
    /// Tokens written to a cache.
    pub cache_write: u64,
    /// How many of `output` were thinking, where the provider tells.
    pub reasoning: u64,
    /// Sum over all runs.
    pub total_tokens: u64,
    /// Tokens that the next turn starts with: the size of the conversation as the model last counted it.
    pub context_tokens: u64,
    /// US dollars, for runs whose model has a known price.
    pub cost: f64,
}

/// One line of a transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TranscriptMessage {
    /// Position in the transcript, from 1, without gaps. Given by the store when it appends.
    pub seq: u64,
    /// Identifier of the message.
    pub id: Uuid,
    /// When it was written.
    pub ts: i64,
    /// Run it belongs to.
    pub run_id: Option<RunId>,
    /// The message as `chat.history` shows it: `role`, `content`, `timestamp`, … (PROTOCOL §6.2).
    pub body: Value,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// On stable storage, waiting for its turn.
    Accepted,
    /// The model is at work.
    Running,
    /// Ended well.
    Final,
    /// Ended with an error.
    Error,
    /// Stopped on request.
    Aborted,
    /// The gateway ended in the middle of it.
    Interrupted,
}

impl RunState {
    /// Whether nothing more will happen.
    #[must_use]
    pub const fn ended(self) -> bool {
        !matches!(self, Self::Accepted | Self::Running)
    }

    /// The word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Running => "running",
            Self::Final => "final",
            Self::Error => "error",
            Self::Aborted => "aborted",
            Self::Interrupted => "interrupted",
        }
    }
}

/// One turn of an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its name: the idempotency key of the request that started it. Unique per gateway.
    pub run_id: RunId,
    /// Where it runs.
    pub session_key: SessionKey,
    /// Who started it, as the audit names them.
    pub principal: String,
    /// SHA-256 (hex) of the request, to tell a retry from another request with the same key.
    pub request_hash: String,
    /// How far it has come.
    pub state: RunState,
    /// When it was accepted.
    pub accepted_at: i64,
    /// When the model was first asked.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Outcome as `agent` and `agent.wait` report it: text, stop reason, usage, model, error.
    pub outcome: Option<Value>,
}

/// A device that was admitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// Its identifier.
    pub device_id: DeviceId,
    /// Raw Ed25519 public key, base64url without padding.
    pub public_key: String,
    /// Name for people.
    pub display_name: Option<String>,
    /// As the client says, for example `linux`.
    pub platform: Option<String>,
    /// As the client says.
    pub device_family: Option<String>,
    /// `client.id` at pairing.
    pub client_id: Option<String>,
    /// `client.mode` at pairing.
    pub client_mode: Option<String>,
    /// Roles it may take.
    pub roles: Vec<Role>,
    /// Scopes it may hold.
    pub scopes: Scopes,
    /// Where it came from when it was paired.
    pub remote_ip: Option<String>,
    /// Whose it is, for `maxDevicesPerUser`.
    pub owner: String,
    /// `silent` or `operator`.
    pub approved_via: String,
    /// When it first asked.
    pub created_at: i64,
    /// When it was admitted.
    pub approved_at: i64,
    /// When it last connected.
    pub last_seen_at: Option<i64>,
    /// At most one per role.
    pub tokens: Vec<DeviceToken>,
    /// Number of the last audit record that admitted it or withdrew something from it, given by the store. What was decided
    /// about another revision holds no more.
    #[serde(default)]
    pub revision: i64,
}

/// A device's credential for one role. The token itself is kept only as a hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceToken {
    /// Role it is good for.
    pub role: Role,
    /// SHA-256 of the token, hex.
    pub hash: String,
    /// Scopes it carries at most.
    pub scopes: Scopes,
    /// When it was first issued.
    pub created_at: i64,
    /// When it was last replaced.
    pub rotated_at: Option<i64>,
    /// When it was withdrawn.
    pub revoked_at: Option<i64>,
    /// When it was last used.
    pub last_used_at: Option<i64>,
    /// When it ends.
    pub expires_at: i64,
}

/// A device that asks to be admitted, or for more than it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairingRequest {
    /// Names the request for approval.
    pub request_id: Uuid,
    /// Who asks.
    pub device_id: DeviceId,
    /// Its public key.
    pub public_key: String,
    /// Name for people.
    pub display_name: Option<String>,
    /// As the client says.
    pub platform: Option<String>,
    /// As the client says.
    pub device_family: Option<String>,
    /// As the client says.
    pub client_id: Option<String>,
    /// As the client says.
    pub client_mode: Option<String>,
    /// Role it asks for.
    pub role: Role,
    /// Scopes it asks for.
    pub scopes: Scopes,
    /// Where it comes from.
    pub remote_ip: Option<String>,
    /// Whose it would be.
    pub owner: String,
    /// Whether a device with this id is already admitted.
    pub is_repair: bool,
    /// When it asked; it lapses five minutes later.
    pub ts: i64,
}

/// An agent's stable number, for `agent.status` (SPEC-NOTES 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentNumber {
    /// From 1, never reused.
    pub number: i64,
    /// Which agent.
    pub agent_id: AgentId,
}

/// Who did what, for the chained audit table. Never holds message text, arguments or secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// For example `session.patched` (SECURITY §3.4).
    pub event: String,
    /// `info`, `warn` or `error`.
    pub severity: String,
    /// Kind and name of who did it, for example `device:ab12…`, `token`, `gateway`.
    pub actor: String,
    /// Where it came from.
    pub ip: Option<String>,
    /// Method that was called.
    pub method: Option<String>,
    /// What it was done to.
    pub target: Option<String>,
    /// `ok`, `denied` or `error`.
    pub outcome: String,
    /// Why, when refused or failed.
    pub reason: Option<String>,
    /// Further facts: ids, sizes, hashes.
    pub detail: Value,
}

/// An audit record as it is kept: the event, its number and the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// From 1, without gaps.
    pub seq: i64,
    /// When it was written.
    pub ts: i64,
    /// What happened.
    #[serde(flatten)]
    pub event: AuditEvent,
    /// Hash of the record before, hex; 64 zeros for the first.
    pub prev: String,
    /// Keyed hash over `prev` and this record's stored bytes, hex; of records from before there was a key, SHA-256.
    pub hash: String,
}
