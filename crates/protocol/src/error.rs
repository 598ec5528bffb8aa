//! Errors as clients see them: a code, a text, `details.code` always, and whether to try again.

use std::{borrow::Cow, fmt};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// `error.code` on the wire (PROTOCOL §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// The request cannot be served as it is.
    InvalidRequest,
    /// The caller lacks a scope; dialects before 4 say `INVALID_REQUEST`.
    Forbidden,
    /// The device is not admitted yet.
    NotPaired,
    /// Not now, or not in this gateway; `retryable` tells which.
    Unavailable,
    /// The approval is unknown or over.
    ApprovalNotFound,
}

/// Words of `error.details.code`.
pub mod detail {
    #![expect(missing_docs, reason = "each constant is its own word; docs/methods.md explains them")]
    pub const INVALID_FRAME: &str = "INVALID_FRAME";
    pub const INVALID_PARAMS: &str = "INVALID_PARAMS";
    pub const UNKNOWN_METHOD: &str = "UNKNOWN_METHOD";
    pub const UNAUTHORIZED_ROLE: &str = "UNAUTHORIZED_ROLE";
    pub const MISSING_SCOPE: &str = "MISSING_SCOPE";
    pub const ACCESS_DENIED: &str = "ACCESS_DENIED";
    pub const DUPLICATE_REQUEST_ID: &str = "DUPLICATE_REQUEST_ID";
    pub const ALREADY_CONNECTED: &str = "ALREADY_CONNECTED";
    pub const HANDSHAKE_REQUIRED: &str = "HANDSHAKE_REQUIRED";
    pub const PROTOCOL_MISMATCH: &str = "PROTOCOL_MISMATCH";
    pub const TOO_MANY_IN_FLIGHT: &str = "TOO_MANY_IN_FLIGHT";
    pub const NOT_FOUND: &str = "NOT_FOUND";
    pub const CONFLICT: &str = "CONFLICT";
    pub const SECRET_OVERRIDDEN: &str = "SECRET_OVERRIDDEN";
    pub const INVALID_CONFIG: &str = "INVALID_CONFIG";
    pub const BASE_HASH_REQUIRED: &str = "BASE_HASH_REQUIRED";
    pub const CONFIG_UNAVAILABLE: &str = "CONFIG_UNAVAILABLE";
    pub const UNKNOWN_AGENT_ID: &str = "UNKNOWN_AGENT_ID";
    pub const STORE_UNAVAILABLE: &str = "STORE_UNAVAILABLE";
    pub const AUDIT_UNAVAILABLE: &str = "AUDIT_UNAVAILABLE";
    pub const NOT_IMPLEMENTED: &str = "NOT_IMPLEMENTED";
    pub const MODEL_UNAVAILABLE: &str = "MODEL_UNAVAILABLE";
    pub const USER_PREFS_LIMIT_EXCEEDED: &str = "USER_PREFS_LIMIT_EXCEEDED";
    pub const UNSUPPORTED_CHANNEL: &str = "UNSUPPORTED_CHANNEL";
    pub const LOCKED_DOWN: &str = "LOCKED_DOWN";
    pub const SPAWN_NOT_ALLOWED: &str = "SPAWN_NOT_ALLOWED";
    pub const SPAWN_FAILED: &str = "SPAWN_FAILED";
    pub const TIMEOUT: &str = "TIMEOUT";
    pub const SHUTTING_DOWN: &str = "SHUTTING_DOWN";
    pub const APPROVAL_NOT_FOUND: &str = "APPROVAL_NOT_FOUND";
    pub const APPROVAL_ALREADY_RESOLVED: &str = "APPROVAL_ALREADY_RESOLVED";
    pub const APPROVAL_DECISION_UNAVAILABLE: &str = "APPROVAL_DECISION_UNAVAILABLE";
    pub const APPROVAL_ALLOW_ALWAYS_UNAVAILABLE: &str = "APPROVAL_ALLOW_ALWAYS_UNAVAILABLE";
    pub const SELF_APPROVAL: &str = "SELF_APPROVAL";
    pub const EXEC_POLICY_UNUSABLE: &str = "EXEC_POLICY_UNUSABLE";
    pub const RATE_LIMITED: &str = "RATE_LIMITED";
    pub const TOO_MANY_CONNECTIONS: &str = "TOO_MANY_CONNECTIONS";
    pub const QUEUE_FULL: &str = "QUEUE_FULL";
    pub const FILE_REFUSED: &str = "FILE_REFUSED";
    pub const WIZARD_NOT_FOUND: &str = "WIZARD_NOT_FOUND";
    pub const WORKSPACE_UNAVAILABLE: &str = "WORKSPACE_UNAVAILABLE";
    pub const INTERNAL: &str = "INTERNAL";
}

/// `error.details`: a code and whatever belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// Word of [`detail`] or of the tables of PROTOCOL §4–§5.
    pub code: Cow<'static, str>,
    /// Further members, in order.
    pub members: Vec<(&'static str, Value)>,
}

impl Serialize for Details {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len() + 1))?;
        map.serialize_entry("code", &self.code)?;
        for (name, value) in &self.members {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// An error answer. It serialises as the `error` member of a response.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WireError {
    /// Coarse kind.
    pub code: ErrorCode,
    /// What is wrong, where, and what to do; clients match some of these texts.
    pub message: Cow<'static, str>,
    /// Machine-readable reason.
    pub details: Details,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// When to try again, milliseconds from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl WireError {
    /// An error that trying again does not mend.
    #[must_use]
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Details { code: detail.into(), members: Vec::new() },
            retryable: false,
            retry_after_ms: None,
        }
    }

    /// `INVALID_REQUEST` with `details.code`.
    #[must_use]
    pub fn invalid(detail: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, detail, message)
    }

    /// `INVALID_REQUEST` about the parameters of a method.
    #[must_use]
    pub fn params(message: impl Into<Cow<'static, str>>) -> Self {
        Self::invalid(detail::INVALID_PARAMS, message)
    }

    /// `INVALID_REQUEST`: the thing that was named does not exist.
    #[must_use]
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::invalid(detail::NOT_FOUND, message)
    }

    /// `UNAVAILABLE` for good in this state of the gateway.
    #[must_use]
    pub fn unavailable(detail: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Unavailable, detail, message)
    }

    /// The caller's scopes do not grant `scope`.
    #[must_use]
    pub fn missing_scope(scope: crate::Scope) -> Self {
        Self::new(ErrorCode::Forbidden, detail::MISSING_SCOPE, format!("missing scope: {scope}"))
            .with("missingScope", scope.as_str())
            .with("requiredScopes", vec![scope.as_str()])
    }

    /// Adds a member to the details.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.members.push((name, value.into()));
        self
    }

    /// Says that trying again may help, after `retry_after_ms` when known.
    #[must_use]
    pub fn retryable(mut self, retry_after_ms: Option<u64>) -> Self {
        self.retryable = true;
        self.retry_after_ms = retry_after_ms;
        self
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for WireError {}
