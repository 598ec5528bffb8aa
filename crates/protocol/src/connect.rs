//! The `connect` request: what a client declares about itself. Nothing here is trusted before `auth` has verified it.
//!
//! Unknown members are ignored (SPEC-NOTES 8). What must be there depends on the dialect, which the version range decides.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Dialect, VersionMismatch, WireError, detail};

/// Parameters of `connect` in all dialects.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectParams {
    /// Lowest protocol version the client speaks.
    pub min_protocol: u64,
    /// Highest protocol version the client speaks.
    pub max_protocol: u64,
    /// The program that connects.
    pub client: Client,
    /// `operator` when absent, or `node`.
    #[serde(default)]
    pub role: Option<String>,
    /// Scopes asked for, in the order the signature has them; absent grants nothing (dialect 1: SPEC-NOTES 3).
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// Proof of a device's key.
    #[serde(default)]
    pub device: Option<Device>,
    /// Secrets.
    #[serde(default)]
    pub auth: Option<Auth>,
    /// Spec 001 puts the device token here.
    #[serde(default)]
    pub device_token: Option<String>,
    /// Features the client understands, for example `tool-events`.
    #[serde(default)]
    pub caps: Vec<String>,
    /// Commands a node offers.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Permissions a node reports.
    #[serde(default)]
    pub permissions: Option<BTreeMap<String, bool>>,
    /// Search path of a node.
    #[serde(default)]
    pub path_env: Option<String>,
    /// Language of the person, BCP 47.
    #[serde(default)]
    pub locale: Option<String>,
    /// For people who read logs.
    #[serde(default)]
    pub user_agent: Option<String>,
    /// Asks for positions, and to go on from one. Only this project's clients send it.
    #[serde(default)]
    pub resume: Option<crate::resume::Ask>,
}

// By hand, because the device token is a secret.
impl std::fmt::Debug for ConnectParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectParams")
            .field("client", &self.client)
            .field("role", &self.role)
            .field("scopes", &self.scopes)
            .field("device", &self.device)
            .field("device_token", &self.device_token.as_ref().map(|_| "[redacted]"))
            .finish_non_exhaustive()
    }
}

/// The program that connects.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    /// One of [`CLIENT_IDS`] in dialects 3 and 4, free in dialect 1.
    pub id: String,
    /// Name for people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Its version.
    #[serde(default)]
    pub version: Option<String>,
    /// For example `linux` or `web`.
    #[serde(default)]
    pub platform: Option<String>,
    /// For example `iPhone`.
    #[serde(default)]
    pub device_family: Option<String>,
    /// For example `MacBookPro18,3`.
    #[serde(default)]
    pub model_identifier: Option<String>,
    /// IANA name.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// One of [`CLIENT_MODES`] in dialects 3 and 4, free in dialect 1.
    #[serde(default)]
    pub mode: Option<String>,
    /// Tells two windows of one program apart.
    #[serde(default)]
    pub instance_id: Option<String>,
}

/// A device's public key and its signature over the connect parameters (PROTOCOL §3.5).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Identifier of the device.
    pub id: String,
    /// Ed25519 key: base64url or base64 of 32 bytes, or PEM.
    pub public_key: String,
    /// Ed25519 signature, base64url or base64 of 64 bytes; absent where the shared secret may replace it (SPEC-NOTES 2).
    #[serde(default)]
    pub signature: String,
    /// When it was signed, milliseconds since the epoch.
    #[serde(default)]
    pub signed_at: i64,
    /// The challenge's nonce; dialect 1 carries it elsewhere.
    #[serde(default)]
    pub nonce: Option<String>,
}

/// Secrets a client shows.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Auth {
    /// The gateway's token, or a device token.
    pub token: Option<String>,
    /// The gateway's password.
    pub password: Option<String>,
    /// A device token.
    pub device_token: Option<String>,
    /// A setup code.
    pub bootstrap_token: Option<String>,
    /// A passkey that was shown. Only this project's page sends it.
    pub passkey: Option<Passkey>,
}

/// What `navigator.credentials.get` gave; bytes are base64url. Browsers tell more, which is not needed.
#[derive(Clone, Deserialize)]
pub struct Passkey {
    /// The authenticator's name for the passkey.
    pub id: String,
    /// What it answered.
    pub response: PasskeyResponse,
}

/// The answer of an authenticator.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyResponse {
    /// What the browser says it was asked for.
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    /// What the authenticator says.
    pub authenticator_data: String,
    /// Its signature over both.
    pub signature: String,
    /// Whose the passkey is.
    #[serde(default)]
    pub user_handle: Option<String>,
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Auth([redacted])")
    }
}

/// `client.id` in dialects 3 and 4.
pub const CLIENT_IDS: &[&str] = &[
    "webchat-ui",
    "openclaw-control-ui",
    "webchat",
    "cli",
    "gateway-client",
    "openclaw-macos",
    "openclaw-ios",
    "openclaw-android",
    "node-host",
    "test",
    "fingerprint",
    "openclaw-probe",
    "openclaw-browser-copilot",
    "openclaw-tui",
    "openclaw-linux",
    "openclaw-watchos",
];

/// `client.mode` in dialects 3 and 4.
pub const CLIENT_MODES: &[&str] = &["webchat", "cli", "ui", "backend", "node", "probe", "test"];

/// Why a connect request cannot be worked on.
#[derive(Debug)]
pub enum BadConnect {
    /// The parameters do not fit: close 1008.
    Invalid(Box<WireError>),
    /// No common version: close 1002.
    Mismatch(Box<WireError>),
}

impl ConnectParams {
    /// Reads the parameters and picks the dialect.
    ///
    /// # Errors
    /// [`BadConnect`] with the answer to send.
    pub fn parse(params: Option<&RawValue>) -> Result<(Self, Dialect), BadConnect> {
        // The range is read first, so that a client of another generation learns that before anything else.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Range {
            min_protocol: Option<u64>,
            max_protocol: Option<u64>,
        }
        if let Ok(Range { min_protocol: Some(min), max_protocol: Some(max) }) = crate::params::read(params) {
            Dialect::negotiate(min, max)
                .map_err(|mismatch| BadConnect::Mismatch(Box::new(mismatch_error(mismatch))))?;
        }
        let params: Self = crate::params::read(params).map_err(|problem| invalid(problem.to_string()))?;
        let dialect = Dialect::negotiate(params.min_protocol, params.max_protocol)
            .map_err(|mismatch| BadConnect::Mismatch(Box::new(mismatch_error(mismatch))))?;
        params.check(dialect)?;
        Ok((params, dialect))
    }

    fn check(&self, dialect: Dialect) -> Result<(), BadConnect> {
        if dialect == Dialect::V1 {
            return Ok(());
        }
        if !CLIENT_IDS.contains(&self.client.id.as_str()) {
            return Err(invalid("at /client/id: must be equal to one of the allowed values".to_owned()));
        }
        let Some(mode) = self.client.mode.as_deref() else {
            return Err(invalid("at /client: must have required property 'mode'".to_owned()));
        };
        if !CLIENT_MODES.contains(&mode) {
            return Err(invalid("at /client/mode: must be equal to one of the allowed values".to_owned()));
        }
        for (name, value) in [("version", &self.client.version), ("platform", &self.client.platform)] {
            if value.as_deref().is_none_or(str::is_empty) {
                return Err(invalid(format!("at /client: must have required property '{name}'")));
            }
        }
        if dialect == Dialect::V4 && self.device.as_ref().is_some_and(|device| device.nonce.is_none()) {
            return Err(invalid("at /device: must have required property 'nonce'".to_owned()));
        }
        Ok(())
    }

    /// `client.mode`, empty when absent.
    #[must_use]
    pub fn mode(&self) -> &str {
        self.client.mode.as_deref().unwrap_or_default()
    }

    /// Whether this is the client that spec 001 describes: its responses carry `result` as well.
    #[must_use]
    pub fn is_spec_001(&self, dialect: Dialect) -> bool {
        dialect == Dialect::V3 && self.client.id == "gateway-client" && self.mode() == "ui"
    }
}

fn invalid(what: impl std::fmt::Display) -> BadConnect {
    BadConnect::Invalid(Box::new(WireError::invalid(detail::INVALID_PARAMS, format!("invalid connect params: {what}"))))
}

/// The answer to a range without a known version.
#[must_use]
pub fn mismatch_error(range: VersionMismatch) -> WireError {
    WireError::invalid(detail::PROTOCOL_MISMATCH, "protocol mismatch")
        .with("clientMinProtocol", range.min)
        .with("clientMaxProtocol", range.max)
        .with("expectedProtocol", Dialect::V4.number())
        .with("supportedProtocols", vec![1, 3, 4])
        .with("minimumProbeProtocol", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(ConnectParams, Dialect), String> {
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        ConnectParams::parse(Some(&raw)).map_err(|bad| match bad {
            BadConnect::Invalid(error) | BadConnect::Mismatch(error) => error.message.into_owned(),
        })
    }

    #[test]
    fn the_connect_that_spec_003_prints_is_dialect_1() {
        let (params, dialect) = parse(
            r#"{"minProtocol":1,"maxProtocol":1,"client":{"id":"control-ui","displayName":"Control UI","version":"1.0.0","platform":"web","mode":"frontend"},"auth":{"token":"t"}}"#,
        )
        .unwrap();
        assert_eq!((dialect, params.mode()), (Dialect::V1, "frontend"));
        assert_eq!(parse(r#"{"minProtocol":1,"maxProtocol":1,"client":{"id":"cli"}}"#).unwrap().1, Dialect::V1);
    }

    #[test]
    fn closed_words_are_checked_in_dialects_3_and_4() {
        let client = |id: &str, mode: &str| {
            parse(&format!(
                r#"{{"minProtocol":3,"maxProtocol":4,"client":{{"id":"{id}","version":"1","platform":"l","mode":"{mode}"}}}}"#
            ))
        };
        assert_eq!(client("cli", "cli").unwrap().1, Dialect::V4);
        assert_eq!(
            client("x", "cli").unwrap_err(),
            "invalid connect params: at /client/id: must be equal to one of the allowed values"
        );
        assert_eq!(
            client("cli", "operator").unwrap_err(),
            "invalid connect params: at /client/mode: must be equal to one of the allowed values"
        );
    }

    #[test]
    fn errors_name_the_path() {
        assert_eq!(parse("{}").unwrap_err(), "invalid connect params: at root: missing field `minProtocol`");
        let text = parse(r#"{"minProtocol":4,"maxProtocol":4,"client":{"id":5}}"#).unwrap_err();
        assert!(text.starts_with("invalid connect params: at /client/id: invalid type"), "{text}");
        assert_eq!(parse(r#"{"minProtocol":9,"maxProtocol":12}"#).unwrap_err(), "protocol mismatch");
    }

    #[test]
    fn unknown_members_are_ignored_and_a_top_level_device_token_is_read() {
        let (params, _) = parse(
            r#"{"minProtocol":3,"maxProtocol":3,"client":{"id":"cli","version":"1","platform":"l","mode":"cli","x":1},"deviceToken":"d","modelCatalog":{}}"#,
        )
        .unwrap();
        assert_eq!(params.device_token.as_deref(), Some("d"));
        assert!(format!("{params:?}").contains(r#"device_token: Some("[redacted]")"#), "{params:?}");
    }
}
