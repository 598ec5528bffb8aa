//! The gateway of this machine: where its state is, and whether it runs.

use std::path::PathBuf;

use openclaw_config::{ConfigError, ConfigFile, LoadRequest, Loaded, Overrides, Paths};
use openclaw_core::Environment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;

/// What a running gateway writes about itself into its state directory, `gateway.json`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Running {
    /// Where it listens, for clients on this machine.
    pub(crate) url: String,
    /// SHA-256 of the certificate that it shows, hex, when it speaks TLS.
    #[serde(default)]
    pub(crate) tls_fingerprint: Option<String>,
    /// Its process.
    pub(crate) pid: u32,
    /// When it started, milliseconds since the epoch.
    #[serde(default)]
    pub(crate) started_at: Option<i64>,
    /// Names this start of it.
    #[serde(default)]
    pub(crate) boot_id: Option<String>,
}

/// The environment of this process, as far as commands need it.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) environment: Environment,
    pub(crate) home: Option<PathBuf>,
}

impl Local {
    pub(crate) fn paths(&self) -> Result<Paths, ConfigError> {
        openclaw_config::paths(&self.environment, self.home.as_deref())
    }

    /// The configuration, complete and checked.
    pub(crate) fn config(&self, path: Option<PathBuf>) -> Result<Loaded, ConfigError> {
        openclaw_config::load(&self.request(path))
    }

    /// The configuration's file with its history, to be changed.
    pub(crate) fn config_file(&self, path: Option<PathBuf>) -> Result<ConfigFile, ConfigError> {
        Ok(ConfigFile::new(self.request(path), &self.paths()?.state_dir))
    }

    pub(crate) fn request(&self, path: Option<PathBuf>) -> LoadRequest {
        LoadRequest {
            config_path: path,
            overrides: Overrides::default(),
            environment: self.environment.clone(),
            home: self.home.clone(),
        }
    }

    /// What a variable holds that a flag names, so that the value stands on no command line.
    pub(crate) fn variable(&self, name: &str) -> Result<String, Failure> {
        let value = self.environment.get(name).map(str::trim).filter(|value| !value.is_empty());
        value
            .map(str::to_owned)
            .ok_or_else(|| Failure::usage(format!("the variable {name} is not set")).helped(format!("export {name}=…")))
    }

    /// What the gateway of this state directory last wrote about itself. It may be gone since.
    pub(crate) fn running(&self) -> Option<Running> {
        let file = self.paths().ok()?.state_dir.join("gateway.json");
        serde_json::from_slice(&std::fs::read(file).ok()?).ok()
    }

    /// The few settings that a client needs. A configuration with mistakes elsewhere does not keep a client from a
    /// gateway that runs.
    pub(crate) fn client_settings(&self) -> ClientSettings {
        match self.config(None) {
            Ok(loaded) => ClientSettings::of(&loaded),
            Err(ConfigError::Invalid(invalid)) => ClientSettings::from_document(&invalid.parsed),
            Err(_) => ClientSettings::default(),
        }
    }
}

/// What the configuration says to clients.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientSettings {
    pub(crate) port: Option<u16>,
    pub(crate) secure: bool,
    pub(crate) token: Option<String>,
    pub(crate) password: Option<String>,
    /// `gateway.remote`, when `gateway.mode` is `remote`.
    pub(crate) remote: Option<Remote>,
}

/// Another machine's gateway.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remote {
    pub(crate) url: String,
    pub(crate) token: Option<String>,
    pub(crate) password: Option<String>,
}

impl ClientSettings {
    fn of(loaded: &Loaded) -> Self {
        let secure = loaded.config.gateway.tls.enabled;
        Self { port: Some(loaded.config.gateway.listening_port()), secure, ..Self::from_document(&loaded.resolved) }
    }

    fn from_document(document: &Value) -> Self {
        let gateway = document.get("gateway").unwrap_or(&Value::Null);
        let text = |path: &str| gateway.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let remote = (text("/mode").as_deref() == Some("remote")).then(|| text("/remote/url")).flatten();
        Self {
            port: gateway.get("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok()),
            secure: false,
            // What is sealed opens only in a configuration that is whole.
            token: text("/auth/token").filter(|token| !openclaw_seal::is_sealed(token)),
            // What only its hash is known of can be sent by nobody but its owner.
            password: text("/auth/password")
                .filter(|password| !openclaw_auth::is_hash(password) && !openclaw_seal::is_sealed(password)),
            remote: remote.map(|url| Remote { url, token: text("/remote/token"), password: text("/remote/password") }),
        }
    }
}
