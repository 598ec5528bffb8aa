//! What can go wrong between the gateway and a provider.

use std::time::Duration;

/// Which deadline passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Opening the connection.
    Connect,
    /// Waiting for the answer's headers.
    Headers,
    /// Waiting for the first byte of the body.
    FirstByte,
    /// Waiting for the next byte.
    Idle,
    /// Bytes came, but no increment in them: the provider only kept the connection alive.
    Progress,
}

/// Why there is no answer, or no more of it. Messages of providers are cut to [`MAX_MESSAGE`] characters and hold no
/// key and no address with a key.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A deadline of [`crate::Timeouts`] passed.
    #[error(
        "the provider did not answer in time ({phase:?} deadline); try again, or raise the provider's timeoutSeconds"
    )]
    Timeout {
        /// Which deadline.
        phase: Phase,
    },
    /// No connection.
    #[error("cannot connect to {host}: {cause}; check the provider's base URL, the network and the proxy")]
    Connect {
        /// Host and port.
        host: String,
        /// What the network said.
        cause: String,
    },
    /// 401: the key is missing or wrong.
    #[error("the provider refused the API key ({status}): {message}; check the provider's key")]
    Auth {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// 403: the key may not do this.
    #[error("the provider forbids this: {message}; check what the key and the account may use")]
    Forbidden {
        /// The provider's words.
        message: String,
    },
    /// The account has no credit: 402, or another status with words that say so.
    #[error("the provider wants to be paid ({status}): {message}; check the account's credit and its limits")]
    Billing {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// 404: usually the model's name.
    #[error("the provider does not know this model or address: {message}; check the model's name and the base URL")]
    NotFound {
        /// The provider's words.
        message: String,
    },
    /// 429: too many requests.
    #[error("the provider limits our requests: {message}")]
    RateLimited {
        /// How long the provider asks us to wait.
        retry_after: Option<Duration>,
        /// The provider's words.
        message: String,
    },
    /// 5xx: the provider is in trouble.
    #[error("the provider failed ({status}): {message}")]
    Upstream {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
        /// How long the provider asks us to wait.
        retry_after: Option<Duration>,
    },
    /// Any other status: the request is not to the provider's taste, so that sending it again does not help.
    #[error("the provider refused the request ({status}): {message}")]
    BadRequest {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// The answer began well and then held an error.
    #[error("the provider reported an error in its answer: {kind}: {message}")]
    InBand {
        /// The provider's word for the kind of error.
        kind: String,
        /// The provider's words.
        message: String,
    },
    /// The answer is not what the wire promises, or is over one of our bounds.
    #[error("the provider sent something that is not a valid answer: {what}")]
    Protocol {
        /// What is wrong.
        what: String,
    },
    /// The answer ended before its end was said.
    #[error("the provider's answer was cut off before its end{}", cause.as_deref().map(|c| format!(": {c}")).unwrap_or_default())]
    Cut {
        /// What the network said, nothing when the connection ended in good order.
        cause: Option<String>,
    },
    /// The operator's settings cannot work.
    #[error("{key}: {what}")]
    Settings {
        /// Which setting: `models.providers.<id>`, or a proxy.
        key: String,
        /// What is wrong and how it should be.
        what: String,
    },
}

/// The most characters of a provider's own words that an error keeps.
pub const MAX_MESSAGE: usize = 500;

impl Error {
    /// The HTTP status that says so, where one does.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Auth { status, .. }
            | Self::Billing { status, .. }
            | Self::Upstream { status, .. }
            | Self::BadRequest { status, .. } => Some(*status),
            Self::Forbidden { .. } => Some(403),
            Self::NotFound { .. } => Some(404),
            Self::RateLimited { .. } => Some(429),
            _ => None,
        }
    }

    /// How long the provider asks us to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Upstream { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The same error with every text passed through `change`.
    pub(crate) fn map_text(mut self, change: impl Fn(&str) -> String) -> Self {
        match &mut self {
            Self::Connect { cause: text, .. }
            | Self::Auth { message: text, .. }
            | Self::Forbidden { message: text }
            | Self::Billing { message: text, .. }
            | Self::NotFound { message: text }
            | Self::RateLimited { message: text, .. }
            | Self::Upstream { message: text, .. }
            | Self::BadRequest { message: text, .. }
            | Self::Protocol { what: text }
            | Self::Settings { what: text, .. }
            | Self::Cut { cause: Some(text) } => *text = change(text),
            Self::InBand { kind, message } => {
                *kind = change(kind);
                *message = change(message);
            }
            Self::Timeout { .. } | Self::Cut { cause: None } => {}
        }
        self
    }
}
