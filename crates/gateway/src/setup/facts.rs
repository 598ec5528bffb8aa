//! What a guided setup begins with.

use std::path::{Path, PathBuf};

use openclaw_agents::{ModelInfo, discovery};
use openclaw_config::{AuthMode, Bind, Config, Loaded, Origin, expand_home};
use openclaw_core::{Environment, Secret};

use crate::workspace::Grounds;

const TOKEN: &str = "gateway.auth.token";
const PASSWORD: &str = "gateway.auth.password";

/// What is there before anything is asked.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Hash of the configuration that it begins with.
    pub(super) hash: String,
    pub(super) bind: Bind,
    pub(super) auth: AuthMode,
    /// Whether the credential that the mode asks for is set.
    pub(super) has_secret: bool,
    /// What replaces the credential of the configuration, so that another one there would change nothing.
    pub(super) overridden: Option<&'static str>,
    /// A token that is used when a new one is wanted and none is given.
    pub(super) fresh: Secret,
    /// Providers, and whether a key of theirs is known.
    pub(super) providers: Vec<(String, bool)>,
    /// Models that are known, as `provider/model`.
    pub(super) models: Vec<(String, String)>,
    /// The model that is used now; `None` when there is only the demo.
    pub(super) model: Option<String>,
    pub(super) agent: String,
    pub(super) agent_name: Option<String>,
    pub(super) workspace: String,
    pub(super) grounds: Grounds,
    /// Whether a provider can be asked.
    pub(super) can_probe: bool,
}

/// What a setup needs beside the configuration.
#[derive(Clone, Debug)]
pub struct Around<'a> {
    /// The state directory.
    pub state_dir: &'a Path,
    /// The user's home.
    pub home: Option<&'a Path>,
    /// A token that nobody has used.
    pub fresh: Secret,
    /// Providers for which a key was found elsewhere, as in the environment.
    pub found: Vec<String>,
    /// The model that answers when none is chosen, where there is one.
    pub default_model: Option<String>,
    /// Whether a provider can be asked for a word.
    pub can_probe: bool,
}

/// The providers for which the environment has a key.
#[must_use]
pub fn keyed(environment: &Environment) -> Vec<String> {
    discovery::keyed(environment).map(str::to_owned).collect()
}

impl Facts {
    /// Looks at a configuration.
    #[must_use]
    pub fn of(loaded: &Loaded, around: Around<'_>) -> Self {
        let config = &loaded.config;
        let (auth, id) = (&config.gateway.auth, config.default_agent());
        let mode = auth.effective_mode();
        let agent = config.agents.list.iter().find(|agent| agent.id == id);
        let defaults = &config.agents.defaults;
        let expanded = |text: &str| expand_home(text, around.home).unwrap_or_else(|_| PathBuf::from(text));
        let shared = defaults.workspace.as_deref().map_or_else(|| around.state_dir.join("workspace"), expanded);
        let own = agent.and_then(|agent| agent.workspace.clone());
        let model = agent.and_then(|agent| agent.model.as_ref()).or(defaults.model.as_ref());
        Self {
            hash: loaded.hash.clone(),
            bind: config.gateway.bind,
            auth: mode,
            has_secret: match mode {
                AuthMode::Token => auth.token.is_some(),
                AuthMode::Password => auth.password.is_some(),
                AuthMode::None | AuthMode::TrustedProxy => true,
            },
            overridden: match loaded.origin_of(if mode == AuthMode::Password { PASSWORD } else { TOKEN }) {
                Origin::Flag => Some("a flag of the gateway"),
                Origin::Env(_) => Some("a variable of the gateway's environment"),
                Origin::File | Origin::Default => None,
            },
            fresh: around.fresh,
            providers: providers(config, &around.found),
            models: models(config),
            model: model.map(|choice| choice.primary.clone()).or(around.default_model),
            agent: id.to_owned(),
            agent_name: agent.and_then(|agent| agent.identity.name.clone().or_else(|| agent.name.clone())),
            workspace: own.unwrap_or_else(|| shared.display().to_string()),
            grounds: Grounds {
                state_dir: around.state_dir.to_path_buf(),
                config: loaded.path.clone(),
                home: around.home.map(Path::to_path_buf),
                shared,
            },
            can_probe: around.can_probe,
        }
    }
}

fn providers(config: &Config, found: &[String]) -> Vec<(String, bool)> {
    let mut ids: Vec<String> = config.models.providers.keys().cloned().collect();
    ids.extend(found.iter().cloned());
    ids.extend(discovery::vendors().map(str::to_owned));
    let mut all: Vec<(String, bool)> = Vec::new();
    for id in ids {
        if !all.iter().any(|(known, _)| *known == id) {
            let keyed = found.contains(&id) || !config.provider_keys(&id).is_empty();
            all.push((id, keyed));
        }
    }
    all
}

fn models(config: &Config) -> Vec<(String, String)> {
    let own = config.models.providers.iter().flat_map(|(id, provider)| {
        let name = |model: &openclaw_config::Model| model.name.clone().unwrap_or_else(|| model.id.clone());
        provider.models.iter().map(move |model| (format!("{id}/{}", model.id), name(model)))
    });
    let mut all: Vec<(String, String)> = own.collect();
    for vendor in discovery::vendors() {
        for info in ModelInfo::of_provider(vendor) {
            let model = format!("{vendor}/{}", info.id);
            if !all.iter().any(|(known, _)| *known == model) {
                all.push((model, info.name));
            }
        }
    }
    all
}
