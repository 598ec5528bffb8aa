//! Text that must not be shown.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Texts that stand in published examples, or mean that a script went wrong.
const PLACEHOLDERS: &[&str] = &[
    "undefined",
    "null",
    "none",
    "nil",
    "true",
    "false",
    "secret",
    "token",
    "password",
    "changeme",
    "change-me",
    "example",
    "placeholder",
    "your-token",
    "your-token-here",
    "your-password",
    "your-password-here",
    "your-secret-token",
    "your-generated-token",
    "your-secure-token-here",
    "your-gateway-token",
    "replace-me",
    "replace-with-a-long-random-token",
    "replace-with-a-strong-password",
    "paste-token-here",
];

/// A token, password or key. It neither displays nor serialises; its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps the text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that must send or compare it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Characters below which a secret that protects a gateway can be guessed.
    pub const LEAST: usize = 24;

    /// Whether it is blank, or a text that stands in published examples.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        let text = self.0.trim().to_ascii_lowercase();
        text.is_empty() || PLACEHOLDERS.contains(&text.as_str())
    }

    /// Compares in time that depends only on the lengths.
    #[must_use]
    pub fn matches(&self, candidate: &str) -> bool {
        self.0.as_bytes().ct_eq(candidate.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl schemars::JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "writeOnly": true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_itself_and_shows_nothing() {
        let secret = Secret::new("s3cret-word");
        assert_eq!(secret.expose(), "s3cret-word");
        assert!(secret.matches("s3cret-word"));
        for other in ["", "s3cret-wor", "s3cret-word ", "S3cret-word"] {
            assert!(!secret.matches(other), "{other}");
        }
        assert_eq!(format!("{secret:?}"), "[redacted]");
        let schema = serde_json::to_value(schemars::schema_for!(Secret)).unwrap();
        assert_eq!((&schema["type"], &schema["writeOnly"]), (&"string".into(), &true.into()));
    }

    #[test]
    fn what_stands_in_examples_is_a_placeholder() {
        for text in ["", "  ", "undefined", " Your-Token-Here ", "replace-with-a-long-random-token"] {
            assert!(Secret::new(text).is_placeholder(), "{text}");
        }
        for text in ["undefined1", "kT9-your-token", "x"] {
            assert!(!Secret::new(text).is_placeholder(), "{text}");
        }
    }
}
