//! Names of things on the wire.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A name that cannot be used, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(pub Cow<'static, str>);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Most bytes of such a name.
            pub const MAX_BYTES: usize = $max;

            /// Checks and wraps the text.
            ///
            /// # Errors
            /// [`InvalidId`] when it is empty, too long or holds control characters.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                if text.is_empty() {
                    return Err(InvalidId(concat!($what, " must not be empty").into()));
                }
                if text.len() > $max {
                    return Err(InvalidId(concat!($what, " must not be longer than ", $max, " bytes").into()));
                }
                if text.chars().any(char::is_control) {
                    return Err(InvalidId(concat!($what, " must not contain control characters").into()));
                }
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// Names a conversation: `agent:<agent id>:<rest>` in canonical form; `main` and a bare rest are short for the default agent's.
    SessionKey, "a session key", 512
}
id! {
    /// Names an agent.
    AgentId, "an agent id", 128
}
id! {
    /// Names a run; it is the idempotency key of the request that started it.
    RunId, "a run id", 256
}
id! {
    /// Names a device: hex SHA-256 of its public key, or a free word that was pinned to its key at approval.
    DeviceId, "a device id", 128
}

id! {
    /// Names a node: its device's id, or, for a node without a device, its `client.id` (SPEC-NOTES 14).
    NodeId, "a node id", 128
}

impl SessionKey {
    /// The canonical form: `main` → `agent:<default>:main`, a bare word → `agent:<default>:<word>`; `global` and `unknown` stay as they are.
    #[must_use]
    pub fn canonical(&self, default_agent: &AgentId) -> Self {
        match self.0.as_str() {
            "global" | "unknown" => self.clone(),
            key if key.starts_with("agent:") && key.splitn(3, ':').filter(|part| !part.is_empty()).count() == 3 => {
                self.clone()
            }
            rest => Self(format!("agent:{default_agent}:{rest}")),
        }
    }

    /// The agent that a canonical key names.
    #[must_use]
    pub fn agent(&self) -> Option<AgentId> {
        let mut parts = self.0.splitn(3, ':');
        (parts.next() == Some("agent")).then(|| parts.next()).flatten().and_then(|agent| AgentId::new(agent).ok())
    }

    /// The part after `agent:<id>:`, or the whole key.
    #[must_use]
    pub fn rest(&self) -> &str {
        if self.0.starts_with("agent:") { self.0.splitn(3, ':').nth(2).unwrap_or(&self.0) } else { &self.0 }
    }

    /// Whether this is an agent's main session.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.0.starts_with("agent:") && self.rest() == "main"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> SessionKey {
        SessionKey::new(text).unwrap()
    }

    #[test]
    fn short_keys_become_canonical() {
        let main = AgentId::new("main").unwrap();
        assert_eq!(key("main").canonical(&main).as_str(), "agent:main:main");
        assert_eq!(key("abc-123").canonical(&main).as_str(), "agent:main:abc-123");
        assert_eq!(key("agent:x:y:z").canonical(&main).as_str(), "agent:x:y:z");
        assert_eq!(key("agent:x").canonical(&main).as_str(), "agent:main:agent:x");
        assert_eq!(key("global").canonical(&main).as_str(), "global");
        assert_eq!(key("agent:x:y:z").rest(), "y:z");
        assert_eq!(key("agent:x:y").agent().unwrap().as_str(), "x");
    }

    #[test]
    fn bad_names_are_refused_with_the_reason() {
        assert_eq!(SessionKey::new("").unwrap_err().to_string(), "a session key must not be empty");
        assert_eq!(
            SessionKey::new("a\nb").unwrap_err().to_string(),
            "a session key must not contain control characters"
        );
        assert!(SessionKey::new("x".repeat(513)).unwrap_err().to_string().contains("512 bytes"));
    }
}
