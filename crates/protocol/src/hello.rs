//! The answer to `connect`, in each dialect (PROTOCOL §3.4, DESIGN §4).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use crate::{Dialect, Role, Scopes, frame::StateVersion};

/// One line of the presence list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PresenceEntry {
    /// Host name, or the client's display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Address it connects from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// Version of the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// For example `linux`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// For example `iPhone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_family: Option<String>,
    /// For example `MacBookPro18,3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_identifier: Option<String>,
    /// `gateway`, or the client's mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Seconds since the person's last input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_input_seconds: Option<u64>,
    /// Why the entry is here: `self`, `connect`, `disconnect`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// One line for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it was last touched.
    pub ts: i64,
    /// Verified device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// Roles it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
    /// Scopes it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Scopes>,
    /// Tells two windows of one program apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
}

/// Everything a hello can say.
#[derive(Debug)]
pub struct Hello<'a> {
    /// Names this connection.
    pub conn_id: &'a str,
    /// Names this start of the gateway.
    pub boot_id: &'a str,
    /// Host name.
    pub host: &'a str,
    /// Methods this connection may call.
    pub methods: &'a [&'static str],
    /// Events it may get.
    pub events: &'a [&'static str],
    /// Who is connected.
    pub presence: &'a [PresenceEntry],
    /// The cached `health` reply.
    pub health: &'a RawValue,
    /// Counters of the two above.
    pub state_version: StateVersion,
    /// Milliseconds since the start.
    pub uptime_ms: u64,
    /// Agent of short session keys.
    pub default_agent: &'a str,
    /// Whether a real model is configured, rather than the demo.
    pub model_configured: bool,
    /// Hash of the configuration in force.
    pub config_hash: &'a str,
    /// For administrators only.
    pub paths: Option<Paths<'a>>,
    /// Role of the connection.
    pub role: Role,
    /// Scopes of the connection.
    pub scopes: Scopes,
    /// A device token to reconnect with, and when it was issued.
    pub device_token: Option<(&'a str, i64)>,
    /// Largest frame, bytes.
    pub max_payload: usize,
    /// Most bytes that wait for this connection.
    pub max_buffered: usize,
    /// Milliseconds between ticks.
    pub tick_interval_ms: u64,
}

/// Words of `features.capabilities`: `models.list` answers from the catalogue that is in force, without asking anybody.
const CAPABILITIES: [&str; 1] = ["published-model-catalog"];

/// Places on the gateway's host.
#[derive(Clone, Copy, Debug)]
pub struct Paths<'a> {
    /// Configuration file.
    pub config: &'a str,
    /// State directory.
    pub state_dir: &'a str,
    /// `token`, `password` or `none`.
    pub auth_mode: &'a str,
}

impl Hello<'_> {
    /// The payload for a client of this dialect; `spec_001` for the client that spec 001 describes.
    #[must_use]
    pub fn payload(&self, dialect: Dialect, spec_001: bool) -> Value {
        let mut hello = json!({
            "type": "hello-ok",
            "protocol": dialect,
            "server": self.server(dialect),
            "features": { "methods": self.methods, "events": self.events },
            "snapshot": self.snapshot(dialect),
            "auth": self.auth(),
            "policy": self.policy(dialect),
        });
        match dialect {
            Dialect::V4 => hello["features"]["capabilities"] = json!(CAPABILITIES),
            Dialect::V3 if spec_001 => {
                // Spec 001 shows a flat list of what the gateway can do.
                hello["sessionId"] = json!(self.conn_id);
                hello["features"] =
                    json!(["spawn", "cron", "logs", "chat", "sessions", "agents", "approvals", "nodes"]);
                if let Some((token, _)) = self.device_token {
                    hello["deviceToken"] = json!(token);
                }
            }
            Dialect::V3 => {}
            Dialect::V1 => {
                hello["event"] = json!("hello-ok");
                hello["protocolVersion"] = json!(dialect);
                hello["serverVersion"] = json!(crate::VERSION);
                hello["capabilities"] = json!(self.methods);
            }
        }
        hello
    }

    fn server(&self, dialect: Dialect) -> Value {
        match dialect {
            Dialect::V4 => json!({ "version": crate::VERSION, "bootId": self.boot_id, "connId": self.conn_id }),
            _ => json!({ "version": crate::VERSION, "host": self.host, "connId": self.conn_id }),
        }
    }

    fn snapshot(&self, dialect: Dialect) -> Value {
        let main = format!("agent:{}:main", self.default_agent);
        let mut defaults = json!({
            "defaultAgentId": self.default_agent, "mainKey": "main", "mainSessionKey": main, "scope": "per-sender",
        });
        if dialect == Dialect::V4 {
            defaults["modelConfigured"] = json!(self.model_configured);
            defaults["ownership"] = json!("sole");
            defaults["selectionRequired"] = json!(false);
        }
        let mut snapshot = json!({
            "presence": self.presence,
            "health": self.health,
            "stateVersion": self.state_version,
            "uptimeMs": self.uptime_ms,
            "sessionDefaults": defaults,
        });
        if dialect == Dialect::V4 {
            snapshot["suspension"] = json!({ "phase": "accepting" });
            snapshot["appliedConfigHash"] = json!(self.config_hash);
        }
        if let Some(paths) = self.paths {
            snapshot["configPath"] = json!(paths.config);
            snapshot["stateDir"] = json!(paths.state_dir);
            if dialect == Dialect::V4 {
                snapshot["authMode"] = json!(paths.auth_mode);
            }
        }
        snapshot
    }

    fn auth(&self) -> Value {
        let mut auth = json!({ "role": self.role, "scopes": self.scopes });
        if let Some((token, issued_at)) = self.device_token {
            auth["deviceToken"] = json!(token);
            auth["issuedAtMs"] = json!(issued_at);
        }
        auth
    }

    fn policy(&self, dialect: Dialect) -> Value {
        let mut policy = json!({
            "maxPayload": self.max_payload,
            "maxBufferedBytes": self.max_buffered,
            "tickIntervalMs": self.tick_interval_ms,
        });
        if dialect == Dialect::V4 {
            // Base64 grows by a third, and the frame holds more than the attachment.
            policy["attachments"] = json!({ "maxBytes": (self.max_payload / 4 * 3).saturating_sub(64 * 1024), "maxImageBytes": 6 * 1024 * 1024 });
        }
        policy
    }
}
