//! A gateway as answers show it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::fleet::{Problem, Sample, Seen};

/// A gateway. Its token is not in it and cannot be asked for.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Gateway {
    /// Names it in calls.
    id: String,
    /// Its name for people.
    name: String,
    /// Where it listens.
    url: String,
    /// Whether a token is kept for it.
    #[serde(rename = "has_token")]
    has_token: bool,
    /// Where agents work that are made through it.
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace_root: Option<String>,
    /// Whether any certificate is accepted.
    allow_self_signed: bool,
    /// Whether it may be on this machine or in a private network.
    allow_private_network: bool,
    /// Whether an authority is kept beside those of the system.
    has_ca_certificate: bool,
    /// SHA-256 of the one certificate that is trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_fingerprint: Option<String>,
    /// Whether it is the one that people use first.
    primary: bool,
    /// When it was added.
    created_at_ms: i64,
    /// `connecting`, `connected`, `waiting` or `refused`.
    state: &'static str,
    /// Since when.
    since_ms: i64,
    /// Its version, once it was connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Whether that is one this gateway gets on with.
    #[serde(skip_serializing_if = "Option::is_none")]
    version_ok: Option<bool>,
    /// Protocol version that was agreed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<u8>,
    /// Name of its machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    /// How long its last answer took, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
    /// Attempts since it was last connected.
    attempts: u32,
    /// Why it is not connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
    /// What should be known about the way there.
    warnings: Vec<String>,
    /// The last looks at it, oldest first.
    history: Vec<Sample>,
}

impl Gateway {
    /// With so many looks.
    pub(crate) fn of(seen: &Seen, looks: usize) -> Self {
        let (kept, status) = (&*seen.kept, &seen.status);
        let older = status.history.len().saturating_sub(looks);
        Self {
            id: seen.id.to_string(),
            name: kept.name.clone(),
            url: kept.url.clone(),
            has_token: kept.token.is_some(),
            workspace_root: kept.workspace_root.clone(),
            allow_self_signed: kept.allow_self_signed,
            allow_private_network: kept.allow_private_network,
            has_ca_certificate: kept.ca_certificate.is_some(),
            tls_fingerprint: kept.tls_fingerprint.clone(),
            primary: kept.primary,
            created_at_ms: kept.created_at_ms,
            state: status.state.word(),
            since_ms: status.since_ms,
            version: status.version.clone(),
            version_ok: status.version_ok(),
            protocol: status.protocol,
            host: status.host.clone(),
            latency_ms: status.latency_ms,
            attempts: status.attempts,
            problem: status.problem.clone(),
            warnings: crate::fleet::warnings(kept),
            history: status.history.iter().skip(older).copied().collect(),
        }
    }
}
