//! What wins over the file: flags, then environment variables.

use std::{collections::BTreeMap, fmt};

use openclaw_core::{Environment, Secret};
use serde_json::Value;

use crate::{AuthMode, Bind, Config, Issue, Level, TailscaleMode, mapping, value};

/// What the command line says. Flags win over the environment, which wins over the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `gateway.port`.
    pub port: Option<u16>,
    /// `gateway.bind`: one of its words, or an address.
    pub bind: Option<String>,
    /// `gateway.auth.mode`.
    pub auth_mode: Option<AuthMode>,
    /// `gateway.auth.token`.
    pub token: Option<Secret>,
    /// `gateway.auth.password`.
    pub password: Option<Secret>,
    /// `gateway.tailscale.mode`.
    pub tailscale: Option<TailscaleMode>,
    /// `gateway.remote.url`, for commands that are clients.
    pub url: Option<String>,
    /// `logging.level`.
    pub log_level: Option<Level>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// The environment variable of this name.
    Env(&'static str),
    /// The file.
    File,
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("the command line"),
            Self::Env(name) => f.write_str(name),
            Self::File => f.write_str("the file"),
            Self::Default => f.write_str("the default"),
        }
    }
}

/// Where the values of one configuration came from.
#[derive(Clone)]
pub(crate) struct Origins {
    won: BTreeMap<&'static str, Origin>,
    /// The canonical document, for what only the file says. Holds secrets.
    document: Value,
}

impl Origins {
    pub(crate) const fn new(document: Value) -> Self {
        Self { won: BTreeMap::new(), document }
    }

    pub(crate) fn of(&self, path: &str) -> Origin {
        let written = || value::find(&self.document, path).first().is_some_and(|(_, value)| !value.is_null());
        self.won.get(path).cloned().unwrap_or_else(|| if written() { Origin::File } else { Origin::Default })
    }
}

/// The environment variables that stand for keys.
const VARIABLES: &[(&str, &str)] = &[
    ("OPENCLAW_GATEWAY_PORT", "gateway.port"),
    ("OPENCLAW_GATEWAY_TOKEN", "gateway.auth.token"),
    ("OPENCLAW_GATEWAY_PASSWORD", "gateway.auth.password"),
    ("OPENCLAW_HANDSHAKE_TIMEOUT_MS", "gateway.handshakeTimeoutMs"),
    ("OPENCLAW_GATEWAY_URL", "gateway.remote.url"),
    ("LOG_LEVEL", "logging.level"),
];

/// Puts the environment's and the command line's values over the file's.
pub(crate) fn apply(
    config: &mut Config,
    environment: &Environment,
    overrides: &Overrides,
    origins: &mut Origins,
    issues: &mut Vec<Issue>,
) {
    for (name, path) in VARIABLES {
        let Some(text) = environment.get(name) else { continue };
        let text = text.trim();
        let problem = match *path {
            "gateway.port" => match text.parse() {
                Err(_) => Some("expected a port from 0 to 65535"),
                Ok(port) => {
                    config.gateway.port = port;
                    None
                }
            },
            "gateway.handshakeTimeoutMs" => match text.parse() {
                Ok(ms @ 100..=600_000) => {
                    config.gateway.handshake_timeout_ms = ms;
                    None
                }
                _ => Some("expected milliseconds from 100 to 600000"),
            },
            "logging.level" => match level(text) {
                Some(level) => {
                    config.logging.level = level;
                    None
                }
                None => Some("expected a level"),
            },
            "gateway.auth.token" => {
                config.gateway.auth.token = Some(Secret::new(text));
                None
            }
            "gateway.auth.password" => {
                config.gateway.auth.password = Some(Secret::new(text));
                None
            }
            _ => {
                config.gateway.remote.url = Some(text.to_owned());
                None
            }
        };
        origins.won.insert(path, Origin::Env(name));
        if let Some(problem) = problem {
            let issue = Issue::new(*path, format!("{problem} in the environment variable {name}"));
            issues.push(if *path == "logging.level" { issue.allowing(Level::WORDS.iter().copied()) } else { issue });
        }
    }
    apply_flags(config, overrides, origins, issues);
}

fn apply_flags(config: &mut Config, overrides: &Overrides, origins: &mut Origins, issues: &mut Vec<Issue>) {
    let mut won = |path| origins.won.insert(path, Origin::Flag);
    let gateway = &mut config.gateway;
    if let Some(port) = overrides.port {
        gateway.port = port;
        won("gateway.port");
    }
    if let Some(word) = &overrides.bind {
        won("gateway.bind");
        match mapping::bind(word) {
            Some((bind, address)) => {
                gateway.bind = bind;
                if let Some(address) = address {
                    gateway.custom_bind_host = Some(address.to_string());
                    won("gateway.customBindHost");
                }
            }
            None => issues.push(
                Issue::new("gateway.bind", "the command line names neither a bind word nor an address")
                    .allowing(Bind::WORDS.iter().copied()),
            ),
        }
    }
    if let Some(mode) = overrides.auth_mode {
        gateway.auth.mode = Some(mode);
        won("gateway.auth.mode");
    }
    if let Some(token) = &overrides.token {
        gateway.auth.token = Some(token.clone());
        won("gateway.auth.token");
    }
    if let Some(password) = &overrides.password {
        gateway.auth.password = Some(password.clone());
        won("gateway.auth.password");
    }
    if let Some(mode) = overrides.tailscale {
        gateway.tailscale.mode = mode;
        won("gateway.tailscale.mode");
    }
    if let Some(url) = &overrides.url {
        gateway.remote.url = Some(url.clone());
        won("gateway.remote.url");
    }
    if let Some(level) = overrides.log_level {
        config.logging.level = level;
        won("logging.level");
    }
}

/// The level that `text` names, in any case and with the words of other loggers.
fn level(text: &str) -> Option<Level> {
    match text.to_ascii_lowercase().as_str() {
        "warning" => Some(Level::Warn),
        "fatal" => Some(Level::Error),
        "off" => Some(Level::Silent),
        word => Level::from_word(word),
    }
}
