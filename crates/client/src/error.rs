//! What can go wrong, where, and what to do next.

use std::{io, time::Duration};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{Fingerprint, GatewayUrl, url::BadUrl};

/// Longest name of a pairing request, bytes.
const LONGEST_REQUEST_ID: usize = 64;

/// A gateway's refusal: the `error` of an answer, as it came.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Refusal {
    /// Coarse kind, for example `INVALID_REQUEST`.
    pub code: String,
    /// What the gateway says to people.
    pub message: String,
    /// Further facts; `code` in them is the machine-readable reason.
    pub details: Value,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// When to try again, milliseconds from then.
    pub retry_after_ms: Option<u64>,
    /// Payload that came beside the error (`agent` has one).
    #[serde(skip)]
    pub payload: Option<Box<RawValue>>,
}

impl Refusal {
    /// Reads an `error` member, however odd it is: a gateway's refusal must never be lost to its shape.
    pub(crate) fn read(error: Option<&RawValue>) -> Self {
        let Some(error) = error else {
            return Self { message: "refused without a reason".to_owned(), ..Self::default() };
        };
        serde_json::from_str(error.get()).unwrap_or_else(|_| {
            let value: Value = serde_json::from_str(error.get()).unwrap_or_default();
            let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let message = value.as_str().map_or_else(|| text("message"), str::to_owned);
            Self { code: text("code"), message, details: value, ..Self::default() }
        })
    }

    /// The machine-readable reason: `details.code`, else `code`.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.details.get("code").and_then(Value::as_str).unwrap_or(&self.code)
    }

    /// Names the pairing request that somebody must approve, when that is what is missing. A name that no gateway gives is none:
    /// people are told to type it into a shell.
    #[must_use]
    pub fn pairing_request(&self) -> Option<&str> {
        if self.code != "NOT_PAIRED" && self.reason() != "PAIRING_REQUIRED" {
            return None;
        }
        let plain = |id: &&str| {
            // One that begins with a dash would be read as an option.
            (1..=LONGEST_REQUEST_ID).contains(&id.len())
                && !id.starts_with('-')
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        self.details.get("requestId").and_then(Value::as_str).filter(plain)
    }

    /// What trying again promises (SPEC-NOTES 4, PROTOCOL §4.6).
    #[must_use]
    pub fn prospect(&self) -> Prospect {
        prospect(self.reason(), &self.message)
    }

    fn next_step(&self) -> Option<String> {
        let step = match self.reason() {
            "AUTH_TOKEN_MISSING" | "AUTH_TOKEN_MISMATCH" | "AUTH_UNAUTHORIZED" | "AUTH_REQUIRED" => {
                "give the gateway's token (it stands in the gateway's configuration as gateway.auth.token)"
            }
            "AUTH_PASSWORD_MISSING" | "AUTH_PASSWORD_MISMATCH" => "give the gateway's password",
            "AUTH_RATE_LIMITED" => "wait, then try once with the right secret",
            "AUTH_DEVICE_TOKEN_MISMATCH" | "AUTH_DEVICE_TOKEN_EXPIRED" => {
                "forget the device token and connect with the gateway's token once"
            }
            "DEVICE_IDENTITY_REQUIRED" | "CONTROL_UI_DEVICE_IDENTITY_REQUIRED" => {
                "connect with a device identity, so that the gateway can pair it"
            }
            "DEVICE_AUTH_SIGNATURE_EXPIRED" => "set this machine's clock",
            "MISSING_SCOPE" => "connect with that scope, or ask an administrator to grant it",
            "CONTROL_UI_ORIGIN_NOT_ALLOWED" | "ORIGIN_NOT_ALLOWED" => {
                "add the page's origin to gateway.controlUi.allowedOrigins"
            }
            _ => {
                return match self.pairing_request() {
                    Some(request) => Some(format!("on the gateway's host, run: openclaw devices approve {request}")),
                    None if self.retryable => Some("try again later".to_owned()),
                    None => None,
                };
            }
        };
        Some(step.to_owned())
    }
}

/// What trying again promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// Nothing: the same attempt will be refused for ever.
    Final,
    /// Little, until somebody changes something; trying often would look like guessing a secret.
    Slow,
    /// It may work any moment.
    Retry,
}

/// The four texts after which nobody tries again, in lower case.
const FINAL_TEXTS: [&str; 4] =
    ["origin not allowed", "device identity required", "device_auth_signature_invalid", "auth rate limit"];

/// The detail codes of the same four refusals, in the words of the gateways that are in use.
const FINAL_CODES: [&str; 8] = [
    "ORIGIN_NOT_ALLOWED",
    "CONTROL_UI_ORIGIN_NOT_ALLOWED",
    "DEVICE_IDENTITY_REQUIRED",
    "CONTROL_UI_DEVICE_IDENTITY_REQUIRED",
    "DEVICE_SIGNATURE_INVALID",
    "DEVICE_AUTH_SIGNATURE_INVALID",
    "AUTH_RATE_LIMITED",
    "CONTROL_UI_BUILD_MISMATCH",
];

fn prospect(code: &str, message: &str) -> Prospect {
    let message = message.to_ascii_lowercase();
    let wait_for_people = |code: &str| {
        code.starts_with("AUTH_")
            || matches!(code, "PAIRING_REQUIRED" | "NOT_PAIRED" | "PROTOCOL_MISMATCH" | "CLIENT_VERSION_MISMATCH")
    };
    if FINAL_CODES.contains(&code) || FINAL_TEXTS.iter().any(|text| message.contains(text)) {
        Prospect::Final
    } else if wait_for_people(code) {
        Prospect::Slow
    } else {
        Prospect::Retry
    }
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The gateway closed it.
    Closed {
        /// WebSocket close code; 1005 when the frame had none.
        code: u16,
        /// The gateway's reason.
        reason: String,
    },
    /// The network broke, or the gateway broke the rules of WebSocket.
    Broken {
        /// What happened.
        what: String,
    },
    /// Nothing came for two tick intervals; closed with 4000.
    Silent {
        /// How long nothing came.
        after: Duration,
    },
    /// We closed it.
    Local,
}

impl End {
    /// What connecting again promises.
    #[must_use]
    pub fn prospect(&self) -> Prospect {
        match self {
            Self::Closed { code: openclaw_protocol::close::FINAL, .. } => Prospect::Final,
            Self::Closed { reason, .. } => prospect("", reason),
            Self::Local => Prospect::Final,
            Self::Broken { .. } | Self::Silent { .. } => Prospect::Retry,
        }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed { code, reason } if reason.is_empty() => write!(f, "the gateway closed it with {code}"),
            Self::Closed { code, reason } => write!(f, "the gateway closed it with {code}: {reason}"),
            Self::Broken { what } => write!(f, "{what}"),
            Self::Silent { after } => write!(f, "nothing came for {} s", after.as_secs()),
            Self::Local => f.write_str("it was closed here"),
        }
    }
}

/// A step on the way to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// TCP.
    Dial,
    /// TLS.
    Tls,
    /// The WebSocket upgrade.
    Upgrade,
    /// The gateway's challenge.
    Challenge,
    /// The answer to `connect`.
    Hello,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Dial => "a TCP connection",
            Self::Tls => "the TLS handshake",
            Self::Upgrade => "the WebSocket upgrade",
            Self::Challenge => "the gateway's challenge",
            Self::Hello => "the gateway's hello",
        })
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address names no gateway.
    #[error(transparent)]
    BadUrl(#[from] BadUrl),
    /// Nobody listens there, or the network does not lead there.
    #[error("no gateway answers at {url}: {source}")]
    Unreachable {
        /// Where.
        url: GatewayUrl,
        /// Why.
        source: io::Error,
    },
    /// TLS failed or the certificate is not trusted.
    #[error("TLS with {url} failed: {what}")]
    Tls {
        /// Where.
        url: GatewayUrl,
        /// What failed.
        what: String,
        /// SHA-256 of the certificate that was shown, for pinning.
        fingerprint: Option<Fingerprint>,
    },
    /// Something listens there, but it does not speak the gateway's protocol.
    #[error("{url} is not a gateway: {what}")]
    NotAGateway {
        /// Where.
        url: GatewayUrl,
        /// What it did instead.
        what: String,
    },
    /// The gateway said no.
    #[error("{url} refused the connection: {}", refusal.message)]
    Refused {
        /// Where.
        url: GatewayUrl,
        /// What it said.
        refusal: Box<Refusal>,
        /// How it then closed the connection, when it did so at once.
        end: Option<End>,
    },
    /// No common protocol version.
    #[error("{url} does not speak protocol {}: {}", offered(*min, *max), refusal.message)]
    ProtocolMismatch {
        /// Where.
        url: GatewayUrl,
        /// Lowest version that was offered.
        min: u8,
        /// Highest version that was offered.
        max: u8,
        /// What it said.
        refusal: Box<Refusal>,
    },
    /// A step took too long.
    #[error("{url} did not finish {stage} within {} s", after.as_secs())]
    Timeout {
        /// Where.
        url: GatewayUrl,
        /// Which step.
        stage: Stage,
        /// How long it was waited for.
        after: Duration,
    },
    /// The connection ended before the hello.
    #[error("{url} ended the connection before {stage}: {end}")]
    Ended {
        /// Where.
        url: GatewayUrl,
        /// Which step was waited for.
        stage: Stage,
        /// How it ended.
        end: End,
    },
    /// The program is stopping.
    #[error("stopped before a connection was made")]
    Stopped,
}

fn offered(min: u8, max: u8) -> String {
    if min == max { min.to_string() } else { format!("{min} to {max}") }
}

impl ConnectError {
    /// What trying again promises.
    #[must_use]
    pub fn prospect(&self) -> Prospect {
        match self {
            Self::BadUrl(_) | Self::Stopped => Prospect::Final,
            Self::Refused { refusal, end, .. } => match end {
                Some(end) if end.prospect() == Prospect::Final => Prospect::Final,
                _ => refusal.prospect(),
            },
            Self::Ended { end, .. } => end.prospect(),
            Self::Tls { .. } | Self::ProtocolMismatch { .. } => Prospect::Slow,
            Self::Unreachable { .. } | Self::NotAGateway { .. } | Self::Timeout { .. } => Prospect::Retry,
        }
    }

    /// What a person can do about it, as the end of "to mend it, …".
    #[must_use]
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::Unreachable { url, .. } if url.is_loopback() => Some("start it with: openclaw gateway".to_owned()),
            Self::Unreachable { .. } => Some("check the address, the network and that the gateway runs".to_owned()),
            Self::Tls { fingerprint: Some(seen), .. } => Some(format!(
                "if the gateway's owner confirms that its certificate has the fingerprint {seen}, pin that"
            )),
            Self::Tls { .. } => Some("check that the gateway speaks TLS on this port".to_owned()),
            Self::NotAGateway { .. } => Some("check the port and the path".to_owned()),
            Self::Refused { refusal, .. } => refusal.next_step(),
            Self::ProtocolMismatch { .. } => Some("bring client and gateway to the same generation".to_owned()),
            Self::Timeout { .. } => Some("check that the gateway is not overloaded, then try again".to_owned()),
            Self::Ended { end: End::Closed { code: 1012 | 1013, .. }, .. } => Some("try again shortly".to_owned()),
            Self::Ended { .. } => Some("look into the gateway's log".to_owned()),
            Self::BadUrl(_) | Self::Stopped => None,
        }
    }

    /// What the gateway said, when it refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } | Self::ProtocolMismatch { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}

/// Why a request has no good answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The gateway said no.
    #[error("{method}: {}", refusal.message)]
    Refused {
        /// Which method.
        method: String,
        /// What it said.
        refusal: Box<Refusal>,
    },
    /// The answer did not come in time. The gateway may still do what it was asked to.
    #[error("{method} did not answer within {} s", after.as_secs_f64())]
    Timeout {
        /// Which method.
        method: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// The connection ended first. The gateway may still do what it was asked to.
    #[error("the connection ended before {method} answered: {end}")]
    Ended {
        /// Which method.
        method: String,
        /// How it ended.
        end: End,
    },
    /// The parameters cannot be sent.
    #[error("the parameters of {method} cannot be sent: {what}")]
    Params {
        /// Which method.
        method: String,
        /// Why not.
        what: String,
    },
    /// The answer has another shape than was asked for.
    #[error("{method} answered in an unexpected shape: {what}")]
    Answer {
        /// Which method.
        method: String,
        /// What is wrong with it.
        what: String,
    },
    /// [`crate::MAX_PENDING`] requests wait already.
    #[error("{method} was not sent: too many requests wait for their answers")]
    TooManyPending {
        /// Which method.
        method: String,
    },
}

impl RequestError {
    /// What a person can do about it.
    #[must_use]
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::Refused { refusal, .. } => refusal.next_step(),
            Self::Timeout { .. } => Some("allow more time, or look into the gateway's log".to_owned()),
            Self::Ended { .. } => Some("connect again".to_owned()),
            Self::TooManyPending { .. } => Some("wait for some of the answers first".to_owned()),
            Self::Params { .. } | Self::Answer { .. } => None,
        }
    }

    /// What the gateway said, when it refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pairing_request_is_named_only_as_it_can_be_typed() {
        let refusal = |id: &str| Refusal {
            code: "NOT_PAIRED".to_owned(),
            details: serde_json::json!({ "requestId": id }),
            ..Refusal::default()
        };
        for good in ["r-1", "6f1c0d5e-8d34-4f0e-9a53-0f2b7c6d1e11", &"a".repeat(64)] {
            assert_eq!(refusal(good).pairing_request(), Some(good));
        }
        for bad in ["", "x; rm -rf ~", "$(id)", "a b", "--all", "a\nb", "ä", &"a".repeat(65)] {
            let refusal = refusal(bad);
            assert_eq!(refusal.pairing_request(), None, "{bad:?}");
            assert!(refusal.next_step().is_none(), "{bad:?}");
        }
    }
}
