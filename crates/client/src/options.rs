//! What a connection needs to know.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use http::HeaderMap;
use openclaw_core::{Clock, Ids, Secret, Tasks};
use openclaw_protocol::{Role, Scope};
use serde::Serialize;

use crate::{Backoff, DeviceIdentity, Dial, GatewayUrl, Tls};

/// Clock, randomness and tasks of the program.
#[derive(Clone, Debug)]
pub struct Handles {
    /// Tells the time for signatures when the gateway's challenge does not.
    pub clock: Clock,
    /// Request ids, keys, jitter.
    pub ids: Ids,
    /// Runs the connection's task, and ends it when the program stops.
    pub tasks: Tasks,
}

impl Handles {
    /// The machine's clock and randomness, and tasks of their own.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Clock::system(), ids: Ids::system(), tasks: Tasks::new() }
    }
}

/// Everything about a connection but the requests made on it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the gateway listens.
    pub url: GatewayUrl,
    /// Secrets to show.
    pub credentials: Credentials,
    /// Key to sign the challenge with; without one the gateway decides what is left.
    pub identity: Option<Arc<DeviceIdentity>>,
    /// The program that connects.
    pub client: ClientInfo,
    /// The part it plays.
    pub role: Role,
    /// Scopes it asks for, as words, so that a test can ask for one that does not exist.
    pub scopes: Vec<String>,
    /// Features it understands, for example `tool-events`.
    pub caps: Vec<String>,
    /// Commands a node offers.
    pub commands: Vec<String>,
    /// Permissions a node reports.
    pub permissions: BTreeMap<String, bool>,
    /// Protocol versions it offers.
    pub protocol: Protocol,
    /// Whose certificates it trusts.
    pub tls: Tls,
    /// How long it waits.
    pub deadlines: Deadlines,
    /// How long [`crate::supervise`] waits between attempts.
    pub backoff: Backoff,
    /// How it opens a byte stream.
    pub dial: Dial,
    /// Further headers of the upgrade request, for example `Origin`.
    pub headers: HeaderMap,
    /// Events that are kept for a reader that is behind; the oldest go first. At least 1.
    pub event_buffer: usize,
    /// Clock, randomness and tasks.
    pub handles: Handles,
}

impl Options {
    /// An operator who may read, with every default and no credentials.
    #[must_use]
    pub fn new(url: GatewayUrl, client: ClientInfo, handles: Handles) -> Self {
        Self {
            url,
            credentials: Credentials::default(),
            identity: None,
            client,
            role: Role::Operator,
            scopes: vec![Scope::Read.as_str().to_owned()],
            caps: Vec::new(),
            commands: Vec::new(),
            permissions: BTreeMap::new(),
            protocol: Protocol::default(),
            tls: Tls::default(),
            deadlines: Deadlines::default(),
            backoff: Backoff::default(),
            dial: Dial::tcp(),
            headers: HeaderMap::new(),
            event_buffer: 256,
            handles,
        }
    }
}

/// Secrets a client may show. The token goes first, the device token is kept for when it is refused or absent. A setup code is shown
/// only where there is nothing else: once it was used, the device has a token.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// The gateway's token.
    pub token: Option<Secret>,
    /// The gateway's password.
    pub password: Option<Secret>,
    /// A token that the gateway gave this device.
    pub device_token: Option<Secret>,
    /// A code by which a new device comes in, once.
    pub setup_code: Option<Secret>,
}

/// The program that connects, as it tells the gateway.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientInfo {
    /// One of `openclaw_protocol::connect::CLIENT_IDS`.
    pub id: String,
    /// One of `openclaw_protocol::connect::CLIENT_MODES`.
    pub mode: String,
    /// Its version.
    pub version: String,
    /// For example `linux`.
    pub platform: String,
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// For example `iPhone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_family: Option<String>,
    /// Tells two instances of one program apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
}

impl ClientInfo {
    /// A program of this version on this platform.
    #[must_use]
    pub fn new(id: &str, mode: &str) -> Self {
        Self {
            id: id.to_owned(),
            mode: mode.to_owned(),
            version: openclaw_protocol::VERSION.to_owned(),
            platform: std::env::consts::OS.to_owned(),
            display_name: None,
            device_family: None,
            instance_id: None,
        }
    }
}

/// Protocol versions a client offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Lowest.
    pub min: u8,
    /// Highest.
    pub max: u8,
    /// Version to try once more with when the gateway knows none of these; today's gateways of 2026.2 need 3.
    pub fallback: Option<u8>,
}

impl Default for Protocol {
    /// Version 4 alone.
    fn default() -> Self {
        Self { min: 4, max: 4, fallback: None }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// For TCP, TLS and the upgrade together.
    pub connect: Duration,
    /// For the gateway's challenge.
    pub challenge: Duration,
    /// For the hello, and for an answer unless the request says otherwise.
    pub request: Duration,
}

impl Default for Deadlines {
    /// 10 s, 15 s and 30 s.
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), challenge: Duration::from_secs(15), request: Duration::from_secs(30) }
    }
}
