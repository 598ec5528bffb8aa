//! One attempt to connect: what the transport established, and what the client merely says about itself.

use std::{fmt, net::IpAddr};

use openclaw_protocol::Dialect;

use crate::{passkey::PasskeyWord, vouch::Voucher};

/// Whether the other end sits on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locality {
    /// TCP peer is loopback, there is no `Forwarded`, `X-Forwarded-*` or `X-Real-IP` header, and `Host` names this machine.
    DirectLoopback,
    /// Everything else.
    Remote,
}

/// Which door was knocked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The gateway protocol.
    WebSocket,
    /// An HTTP route; the bearer is in [`Credentials::token`].
    Http,
}

/// How the bytes travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS up to this gateway or a trusted proxy.
    Tls,
    /// In the clear.
    Plain,
}

/// Facts that the listener established itself.
#[derive(Clone, Copy, Debug)]
pub struct Transport<'a> {
    /// Attributed address of the client.
    pub peer_ip: IpAddr,
    /// Where it sits.
    pub locality: Locality,
    /// Which door.
    pub surface: Surface,
    /// Whether it came over TLS.
    pub security: Security,
    /// `Origin` header.
    pub origin: Option<&'a str>,
    /// `Host` header.
    pub host: Option<&'a str>,
    /// Who else speaks for the user.
    pub voucher: Voucher<'a>,
}

/// What `connect` says about the client. Nothing of it is trusted.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// `client.id`, empty when dialect 1 leaves it out.
    pub id: &'a str,
    /// `client.mode`, empty when dialect 1 leaves it out.
    pub mode: &'a str,
    /// `client.version`.
    pub version: Option<&'a str>,
    /// `client.displayName`.
    pub display_name: Option<&'a str>,
    /// `client.platform`.
    pub platform: Option<&'a str>,
    /// `client.deviceFamily`.
    pub device_family: Option<&'a str>,
}

/// `connect.device`.
#[derive(Clone, Copy)]
pub struct DeviceProof<'a> {
    /// Hex SHA-256 of the key, or a free `device-…` word of spec 001.
    pub id: &'a str,
    /// Ed25519 key: base64url, base64 or PEM SPKI.
    pub public_key: &'a str,
    /// Signature over one of the texts of [`openclaw_protocol::device_payload`]: base64url or base64.
    pub signature: &'a str,
    /// Milliseconds since the epoch by the client's clock.
    pub signed_at: i64,
    /// Nonce of the challenge.
    pub nonce: Option<&'a str>,
}

/// The credentials of `connect`, as sent. Debug shows only which are there.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// `auth.token`: the shared secret, or a device token.
    pub token: Option<&'a str>,
    /// `auth.password`.
    pub password: Option<&'a str>,
    /// `auth.deviceToken`.
    pub device_token: Option<&'a str>,
    /// `auth.bootstrapToken`.
    pub bootstrap_token: Option<&'a str>,
    /// Top-level `deviceToken` of spec 001: a hint that may be stale.
    pub cached_device_token: Option<&'a str>,
    /// What became of a secret that is kept as a hash: computing that takes long, so that it was done before.
    pub hashed: Hashed,
    /// What became of `auth.passkey`: its challenge had to be looked up and used up before.
    pub passkey: PasskeyWord<'a>,
}

/// Whether the sent secret fits the hash in the policy. Read only where the policy holds a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hashed {
    /// It does not, or was not computed.
    #[default]
    Unproven,
    /// It does.
    Fits,
}

/// Everything that the decision looks at.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// What the listener established.
    pub transport: Transport<'a>,
    /// Negotiated dialect.
    pub dialect: Dialect,
    /// Who the client says it is.
    pub client: Client<'a>,
    /// `role`, operator when absent.
    pub role: Option<&'a str>,
    /// `scopes` in the order sent.
    pub scopes: Option<&'a [String]>,
    /// `device`.
    pub device: Option<DeviceProof<'a>>,
    /// Credentials.
    pub credentials: Credentials<'a>,
    /// Nonce of this connection's challenge; empty on HTTP.
    pub nonce: &'a str,
}

/// Kinds of credentials that are counted apart when they are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CredentialClass {
    /// The gateway's token or password.
    SharedSecret,
    /// A device's token.
    DeviceToken,
    /// A device's signature.
    DeviceSignature,
    /// A setup code.
    Bootstrap,
    /// What an authenticator signed.
    Passkey,
}

impl Attempt<'_> {
    /// Words that name the role in signature texts: what was sent, or operator.
    #[must_use]
    pub fn role_word(&self) -> &str {
        self.role.unwrap_or("operator")
    }

    /// Which credentials it carries, without looking whether they are right.
    pub fn classes(&self) -> impl Iterator<Item = CredentialClass> {
        let sent = &self.credentials;
        [
            (sent.token.is_some() || sent.password.is_some(), CredentialClass::SharedSecret),
            (sent.device_token.is_some() || sent.cached_device_token.is_some(), CredentialClass::DeviceToken),
            (self.device.is_some(), CredentialClass::DeviceSignature),
            (sent.bootstrap_token.is_some(), CredentialClass::Bootstrap),
            (sent.passkey != PasskeyWord::None, CredentialClass::Passkey),
        ]
        .into_iter()
        .filter_map(|(carried, class)| carried.then_some(class))
    }

    /// Whether the peer is on this machine with nothing in between.
    pub(crate) fn is_direct(&self) -> bool {
        self.transport.locality == Locality::DirectLoopback
    }

    /// Spec 001's Mission Control, which stops reconnecting only on close code 4001.
    pub(crate) fn is_spec_001(&self) -> bool {
        self.dialect == Dialect::V3 && self.client.id == "gateway-client" && self.client.mode == "ui"
    }

    /// The official Control UI, which always signs.
    pub(crate) fn is_control_ui(&self) -> bool {
        self.client.id == "openclaw-control-ui"
    }

    /// Any client that draws a user interface.
    pub(crate) fn is_any_ui(&self) -> bool {
        let frontend =
            self.dialect == Dialect::V1 && (self.client.id == "control-ui" || self.client.mode == "frontend");
        frontend || self.lives_in_browser() || self.client.mode == "ui"
    }

    /// Whether a browser speaks: it says for which page, or is a client that only exists there.
    pub(crate) fn is_in_browser(&self) -> bool {
        self.transport.origin.is_some() || self.lives_in_browser()
    }

    /// Clients that only exist in browsers and therefore always have an origin.
    pub(crate) fn lives_in_browser(&self) -> bool {
        matches!(self.client.id, "openclaw-control-ui" | "webchat-ui" | "webchat") || self.client.mode == "webchat"
    }
}

impl fmt::Debug for DeviceProof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceProof").field("id", &self.id).field("signed_at", &self.signed_at).finish_non_exhaustive()
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |sent: Option<&str>| sent.map(|_| "[redacted]");
        f.debug_struct("Credentials")
            .field("token", &shown(self.token))
            .field("password", &shown(self.password))
            .field("device_token", &shown(self.device_token))
            .field("bootstrap_token", &shown(self.bootstrap_token))
            .field("cached_device_token", &shown(self.cached_device_token))
            .field("passkey", &self.passkey)
            .finish()
    }
}

#[cfg(test)]
mod tests;
