//! The answer to `connect`, in each dialect (PROTOCOL §3.4, DESIGN §4).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

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
    /// Names of the methods that this connection may call, as a list.
    pub methods: &'a RawValue,
    /// Events it may get.
    pub events: &'a [&'static str],
    /// Who is connected: a list of [`PresenceEntry`].
    pub presence: &'a RawValue,
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
    /// Tokens for other roles that the device got by a setup code.
    pub device_tokens: &'a [HandedOver<'a>],
    /// Largest frame, bytes.
    pub max_payload: usize,
    /// Most bytes that wait for this connection.
    pub max_buffered: usize,
    /// Milliseconds between ticks.
    pub tick_interval_ms: u64,
    /// For clients that asked for it; the official hello is closed.
    pub resume: Option<&'a crate::resume::Answer>,
}

/// A token for another role than the connection's own.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandedOver<'a> {
    /// The token.
    pub device_token: &'a str,
    /// What it is good for.
    pub role: Role,
    /// What it carries.
    pub scopes: Scopes,
    /// When it was issued.
    pub issued_at_ms: i64,
}

/// Words of `features.capabilities`: `models.list` answers from the catalogue that is in force, without asking anybody.
const CAPABILITIES: [&str; 1] = ["published-model-catalog"];

/// What spec 001 shows as `features`: a flat list of what the gateway can do.
const SPEC_001_FEATURES: [&str; 8] = ["spawn", "cron", "logs", "chat", "sessions", "agents", "approvals", "nodes"];

/// Room in a frame for what stands around an attachment, bytes.
const AROUND_ATTACHMENT: usize = 64 * 1024;

/// Largest picture of one message, bytes.
const MAX_IMAGE_BYTES: usize = 6 * 1024 * 1024;

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
    /// Writes the payload for a client of this dialect; `spec_001` for the client that spec 001 describes.
    pub fn write(&self, out: &mut Vec<u8>, dialect: Dialect, spec_001: bool) {
        let (v1, v4) = (dialect == Dialect::V1, dialect == Dialect::V4);
        let main = format!("agent:{}:main", self.default_agent);
        let token = self.device_token.map(|(token, _)| token);
        let payload = Payload {
            kind: "hello-ok",
            event: v1.then_some("hello-ok"),
            protocol: dialect,
            protocol_version: v1.then_some(dialect),
            server_version: v1.then_some(crate::VERSION),
            capabilities: v1.then_some(self.methods),
            session_id: spec_001.then_some(self.conn_id),
            device_token: token.filter(|_| spec_001),
            server: Server {
                version: crate::VERSION,
                boot_id: v4.then_some(self.boot_id),
                host: (!v4).then_some(self.host),
                conn_id: self.conn_id,
            },
            features: if spec_001 {
                Features::Words(SPEC_001_FEATURES)
            } else {
                Features::Names { methods: self.methods, events: self.events, capabilities: v4.then_some(CAPABILITIES) }
            },
            snapshot: Snapshot {
                presence: self.presence,
                health: self.health,
                state_version: self.state_version,
                uptime_ms: self.uptime_ms,
                session_defaults: SessionDefaults {
                    default_agent_id: self.default_agent,
                    main_key: "main",
                    main_session_key: &main,
                    scope: "per-sender",
                    model_configured: v4.then_some(self.model_configured),
                    ownership: v4.then_some("sole"),
                    selection_required: v4.then_some(false),
                },
                suspension: v4.then_some(Suspension { phase: "accepting" }),
                applied_config_hash: v4.then_some(self.config_hash),
                config_path: self.paths.map(|paths| paths.config),
                state_dir: self.paths.map(|paths| paths.state_dir),
                auth_mode: self.paths.filter(|_| v4).map(|paths| paths.auth_mode),
            },
            auth: Auth {
                role: self.role,
                scopes: self.scopes,
                device_token: token,
                issued_at_ms: self.device_token.map(|(_, issued_at)| issued_at),
                device_tokens: self.device_tokens,
            },
            policy: Policy {
                max_payload: self.max_payload,
                max_buffered_bytes: self.max_buffered,
                tick_interval_ms: self.tick_interval_ms,
                // Base64 grows by a third, and the frame holds more than the attachment.
                attachments: v4.then_some(Attachments {
                    max_bytes: (self.max_payload / 4 * 3).saturating_sub(AROUND_ATTACHMENT),
                    max_image_bytes: MAX_IMAGE_BYTES,
                }),
            },
            resume: self.resume,
        };
        crate::frame::write_json(out, &payload);
    }
}

/// The payload as one client reads it. A key that its dialect does not have is absent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    protocol: Dialect,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol_version: Option<Dialect>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_token: Option<&'a str>,
    server: Server<'a>,
    features: Features<'a>,
    snapshot: Snapshot<'a>,
    auth: Auth<'a>,
    policy: Policy,
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<&'a crate::resume::Answer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Server<'a> {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    boot_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    conn_id: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Features<'a> {
    Words([&'static str; 8]),
    Names {
        methods: &'a RawValue,
        events: &'a [&'static str],
        #[serde(skip_serializing_if = "Option::is_none")]
        capabilities: Option<[&'static str; 1]>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot<'a> {
    presence: &'a RawValue,
    health: &'a RawValue,
    state_version: StateVersion,
    uptime_ms: u64,
    session_defaults: SessionDefaults<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspension: Option<Suspension>,
    #[serde(skip_serializing_if = "Option::is_none")]
    applied_config_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config_path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_dir: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_mode: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionDefaults<'a> {
    default_agent_id: &'a str,
    main_key: &'static str,
    main_session_key: &'a str,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_configured: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ownership: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selection_required: Option<bool>,
}

#[derive(Serialize)]
struct Suspension {
    phase: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Auth<'a> {
    role: Role,
    scopes: Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "<[HandedOver<'_>]>::is_empty")]
    device_tokens: &'a [HandedOver<'a>],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    max_payload: usize,
    max_buffered_bytes: usize,
    tick_interval_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<Attachments>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachments {
    max_bytes: usize,
    max_image_bytes: usize,
}
