//! What the operator can say, as types. Field docs give meaning, unit and default; the same docs appear in the
//! schema and in the configuration reference.

/// Declares one section of the configuration: every field has a default, unknown keys are refused, keys are camelCase.
macro_rules! section {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty = $default:expr,)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default, rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $kind,)* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    )*};
}

/// Declares words that a key accepts, written in kebab-case.
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
        pub enum $name { $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every word this key accepts.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The word as it is written.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The value that `word` names.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}

mod agents;
mod channels;
mod gateway;
mod logging;
pub(crate) mod scalar;
mod security;

pub use agents::*;
pub use channels::*;
pub use gateway::*;
pub use logging::*;
pub use scalar::{ByteSize, Decimal, FileMode, ModelChoice, Period};
pub use security::*;

section! {
    /// The whole configuration. An empty file is a valid one.
    Config {
        /// Notes that tools leave in the file. Never used for a decision.
        meta: Meta = Meta::default(),
        /// How clients reach the gateway and prove who they are.
        gateway: Gateway = Gateway::default(),
        /// The Prometheus listener.
        metrics: Metrics = Metrics::default(),
        /// What is written down, where and how.
        logging: Logging = Logging::default(),
        /// The agents and what they share.
        agents: Agents = Agents::default(),
        /// Where models come from.
        models: Models = Models::default(),
        /// How conversations become sessions.
        session: Session = Session::default(),
        /// Which programs clients may start.
        spawn: Spawn = Spawn::default(),
        /// API keys, authorisation, isolation and monitoring.
        security: Security = Security::default(),
        /// What agents may do.
        tools: Tools = Tools::default(),
        /// Chat channels by their id; `defaults` holds what all of them share.
        channels: std::collections::BTreeMap<String, Channel> = std::collections::BTreeMap::new(),
    }

    /// Notes that tools leave in the file.
    Meta {
        /// Version of the program that last wrote the file.
        last_touched_version: Option<String> = None,
        /// When the file was last written by a program, ISO 8601.
        last_touched_at: Option<String> = None,
    }

    /// Which programs clients may start with the `spawn` method.
    Spawn {
        /// Commands a client with the admin scope may start: a program name or an absolute path, exactly as sent.
        /// Empty (the default) refuses every command.
        allow: Vec<String> = Vec::new(),
    }
}
