//! What the gateway says about itself when it lets a client in.

use openclaw_core::Secret;
use openclaw_protocol::{Dialect, Role};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The hello of a gateway of any generation; what an older one does not say is empty.
#[derive(Debug)]
pub struct Hello {
    /// Dialect that was agreed on.
    pub dialect: Dialect,
    /// Program and connection.
    pub server: Server,
    /// Methods this connection may call.
    pub methods: Vec<String>,
    /// Events it may get.
    pub events: Vec<String>,
    /// Role it has.
    pub role: Role,
    /// Scopes it has.
    pub scopes: Vec<String>,
    /// Token to come back with, when the gateway gave one to this device.
    pub device_token: Option<Secret>,
    /// Largest frame the gateway takes, bytes.
    pub max_payload: usize,
    /// Time between the gateway's ticks, milliseconds, between 1 s and 1 h.
    pub tick_interval_ms: u64,
    /// What becomes of the place in the events that was shown; absent unless it was asked for and the gateway offers it.
    pub resume: Option<openclaw_protocol::resume::Answer>,
    /// The whole payload. It may hold the device token.
    pub payload: Payload,
}

/// The payload as it came. It does not show itself, since it may hold a token.
pub struct Payload(pub Box<RawValue>);

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.get().len())
    }
}

/// The gateway's program.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Server {
    /// CalVer.
    pub version: String,
    /// Names this connection.
    pub conn_id: String,
    /// Names this start of the gateway.
    pub boot_id: Option<String>,
    /// Host name.
    pub host: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    protocol: u64,
    #[serde(default)]
    server: Server,
    #[serde(default)]
    features: serde_json::Value,
    #[serde(default)]
    auth: Auth,
    #[serde(default)]
    policy: Policy,
    #[serde(default)]
    device_token: Option<Secret>,
    #[serde(default)]
    resume: Option<openclaw_protocol::resume::Answer>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Auth {
    role: Option<Role>,
    scopes: Vec<String>,
    device_token: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Policy {
    max_payload: usize,
    tick_interval_ms: u64,
}

impl Default for Policy {
    fn default() -> Self {
        use openclaw_protocol::limits::{MAX_PAYLOAD_BYTES, TICK_INTERVAL_MS};
        Self { max_payload: MAX_PAYLOAD_BYTES, tick_interval_ms: TICK_INTERVAL_MS }
    }
}

impl Hello {
    /// Reads the payload of the answer to `connect`.
    pub(crate) fn read(payload: Box<RawValue>, asked: Role) -> Result<Self, String> {
        // The error must not quote the payload, which may hold a token.
        let shape: Shape = serde_json::from_str(payload.get())
            .map_err(|error| format!("its hello cannot be read at column {}", error.column()))?;
        let dialect = Dialect::ALL
            .into_iter()
            .find(|dialect| u64::from(dialect.number()) == shape.protocol)
            .ok_or_else(|| format!("it speaks protocol {}, which nobody asked for", shape.protocol))?;
        let words = |name: &str| {
            let list = shape.features.get(name).unwrap_or(&serde_json::Value::Null).as_array();
            list.into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        Ok(Self {
            dialect,
            methods: words("methods"),
            events: words("events"),
            role: shape.auth.role.unwrap_or(asked),
            scopes: shape.auth.scopes,
            device_token: shape.auth.device_token.or(shape.device_token),
            max_payload: shape.policy.max_payload,
            tick_interval_ms: shape.policy.tick_interval_ms.clamp(1_000, 3_600_000),
            server: shape.server,
            resume: shape.resume,
            payload: Payload(payload),
        })
    }
}
