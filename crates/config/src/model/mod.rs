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
mod cron;
pub(crate) mod effect;
mod gateway;
mod hooks;
mod logging;
pub(crate) mod scalar;
mod security;
mod skills;

pub use agents::*;
pub use channels::*;
pub use cron::*;
pub use effect::Effect;
pub use gateway::*;
pub use hooks::*;
pub use logging::*;
pub use scalar::{ByteSize, Decimal, FileMode, ModelChoice, Period};
pub use security::*;
pub use skills::*;

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
        /// Work at a time of the user's choosing.
        cron: Cron = Cron::default(),
        /// Which programs clients may start.
        spawn: Spawn = Spawn::default(),
        /// What agents have learned to do.
        skills: Skills = Skills::default(),
        /// Inbound web hooks.
        hooks: Hooks = Hooks::default(),
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
        /// Empty (the default) refuses every command. An interpreter in this list runs whatever its arguments say.
        allow: Vec<String> = Vec::new(),
        /// Folders below which programs start, absolute paths; symbolic links are resolved first. The first is where a program
        /// starts that names none. Empty (the default) is anywhere, and `/` for those that name none.
        roots: Vec<String> = Vec::new(),
        /// Variables of the gateway's own environment that programs get, by name, beside `PATH`, `HOME`, `USER`, `LOGNAME`, `LANG`,
        /// `LANGUAGE`, `LC_*`, `TZ` and `TMPDIR`. Names that make programs load something else, such as `LD_PRELOAD`, are never passed.
        pass_env: Vec<String> = Vec::new(),
        /// Programs that may run at the same time. Default 128.
        #[schemars(range(min = 1, max = 10_000))]
        max_running: u32 = 128,
        /// What each program, with whatever it starts, may use.
        limits: SpawnLimits = SpawnLimits::default(),
    }

    /// What a program that a client starts may use. They hold for programs that start later.
    SpawnLimits {
        /// Bytes of output a second; a program that writes faster waits. 0 is no bound. Default 1048576 (1 MiB).
        #[schemars(range(min = 0, max = 1_073_741_824))]
        output_bytes_per_second: u64 = 1 << 20,
        /// Bytes of output in all; what comes later is read and thrown away. 0 (the default) is no bound.
        output_bytes: u64 = 0,
        /// How long a program may run, in milliseconds. 0 (the default) is no bound.
        #[schemars(range(min = 0, max = 31_536_000_000_u64))]
        timeout_ms: u64 = 0,
        /// Bytes of memory, all its processes together; one that takes more is ended. Linux only. 0 is no bound. Default 4294967296 (4 GiB).
        memory_bytes: u64 = 4 << 30,
        /// Processes at the same time; a program that starts more is ended. Linux only. 0 is no bound. Default 512.
        processes: u32 = 512,
        /// Time between asking a program to end and ending it, in milliseconds. Default 5000.
        #[schemars(range(min = 0, max = 600_000))]
        grace_ms: u64 = 5000,
    }
}

impl Config {
    /// The API keys of a provider: its own, else the one in `security.apiKeys`.
    #[must_use]
    pub fn provider_keys(&self, provider: &str) -> Vec<&openclaw_core::Secret> {
        let shared = &self.security.api_keys;
        let shared = match provider {
            "anthropic" => &shared.anthropic,
            "openai" => &shared.openai,
            "google" => &shared.google,
            _ => &None,
        };
        let own = self.models.providers.get(provider);
        let own: Vec<_> = own.iter().flat_map(|own| own.api_key.iter().chain(&own.api_keys)).collect();
        if own.is_empty() { shared.iter().collect() } else { own }
    }

    /// The id of the agent that answers when none is named: the one that says so, else the first, else `main`.
    #[must_use]
    pub fn default_agent(&self) -> &str {
        let list = &self.agents.list;
        list.iter().find(|agent| agent.default).or_else(|| list.first()).map_or("main", |agent| agent.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use openclaw_core::Environment;

    use crate::{AuthMode, Config, Format, parse_str};

    fn config(text: &str) -> Config {
        parse_str(text, Format::Json5, &Environment::default()).unwrap().config
    }

    #[test]
    fn a_provider_key_may_stand_in_two_places() {
        let both = config(
            "{ models: { providers: { openai: { apiKey: 'own', apiKeys: ['second'] }, x: {} } }, security: { apiKeys: { openai: 'shared', google: 'g' } } }",
        );
        let keys = |id: &str| both.provider_keys(id).into_iter().map(|key| key.expose().to_owned()).collect::<Vec<_>>();
        assert_eq!(keys("openai"), ["own", "second"]);
        assert_eq!(keys("google"), ["g"]);
        assert!(keys("anthropic").is_empty() && keys("x").is_empty());
    }

    #[test]
    fn the_default_agent_is_found_without_being_named() {
        assert_eq!(config("{}").default_agent(), "main");
        assert_eq!(config("{ agents: { list: [{ id: 'a' }, { id: 'b' }] } }").default_agent(), "a");
        assert_eq!(config("{ agents: { list: [{ id: 'a' }, { id: 'b', default: true }] } }").default_agent(), "b");
    }

    #[test]
    fn what_is_not_written_follows_from_what_is() {
        assert_eq!(config("{}").gateway.auth.effective_mode(), AuthMode::Token);
        let password = config("{ gateway: { auth: { password: 'correct horse battery staple' } } }");
        assert_eq!(password.gateway.auth.effective_mode(), AuthMode::Password);
        assert!(!config("{}").gateway.allows_tailscale());
        assert!(config("{ gateway: { tailscale: { mode: 'serve' } } }").gateway.allows_tailscale());
        assert!(
            !config("{ gateway: { tailscale: { mode: 'serve' }, auth: { allowTailscale: false } } }")
                .gateway
                .allows_tailscale()
        );
        let model = config("{ agents: { defaults: { model: { primary: 'p/m', fallbacks: ['q/n'] } } } }")
            .agents
            .defaults
            .model
            .unwrap();
        assert_eq!((model.primary.as_str(), model.fallbacks.as_slice()), ("p/m", ["q/n".to_owned()].as_slice()));
    }
}
