//! The snapshot in which a `provider/model` is resolved.

use std::{collections::BTreeMap, sync::Arc};

use openclaw_core::Secret;
use reqwest::Client;

use crate::{
    Api, Error, Provider, Timeouts,
    catalog::{ModelInfo, ModelRef},
    discovery::Discovered,
    providers::{DEMO_MODEL, DEMO_PROVIDER, connect},
};

/// One provider as the operator, or the discovery, describes it.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Its id, the part before the slash in `provider/model`.
    pub id: String,
    /// The wire it speaks.
    pub api: Api,
    /// Where it lives; the vendor's own address when absent.
    pub base_url: Option<String>,
    /// The key, sent in the way of the wire.
    pub api_key: Option<Secret>,
    /// Further headers. They win over those of the wire and are treated as secrets.
    pub headers: BTreeMap<String, Secret>,
    /// What is known about its models. Others can be asked for, too, with cautious limits.
    pub models: Vec<ModelInfo>,
}

impl ProviderSettings {
    /// A provider without key, headers and models.
    #[must_use]
    pub fn new(id: impl Into<String>, api: Api) -> Self {
        Self { id: id.into(), api, base_url: None, api_key: None, headers: BTreeMap::new(), models: Vec::new() }
    }
}

/// Nobody answers to this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown model {model}: {what}")]
pub struct UnknownModel {
    /// What was asked for.
    pub model: String,
    /// What is known, and what to do.
    pub what: String,
}

/// All providers and models of one moment. Cheap to clone; a change makes a new one.
#[derive(Clone)]
pub struct Registry(Arc<Snapshot>);

struct Snapshot {
    providers: BTreeMap<String, Arc<dyn Provider>>,
    models: Vec<ModelInfo>,
    default_model: ModelRef,
    problems: Vec<Error>,
}

impl Registry {
    /// Joins what is configured with what was discovered. A configured provider wins over a discovered one of the same
    /// id and takes its key, address and models where it has none itself. A provider that cannot work is left out and
    /// listed in [`Registry::problems`]; the demo is always there.
    #[must_use]
    pub fn build(http: &Client, configured: Vec<ProviderSettings>, discovered: Discovered, timeouts: Timeouts) -> Self {
        let mut all: BTreeMap<String, ProviderSettings> =
            discovered.providers.into_iter().map(|settings| (settings.id.clone(), settings)).collect();
        for mut settings in configured {
            // A key goes only where it was found for: never to an address that somebody else chose.
            if let Some(found) = all.remove(&settings.id).filter(|found| found.api == settings.api) {
                if settings.base_url.is_none() || settings.base_url == found.base_url {
                    settings.api_key = settings.api_key.or(found.api_key);
                    settings.base_url = found.base_url;
                }
                if settings.models.is_empty() {
                    settings.models = found.models;
                }
            }
            all.insert(settings.id.clone(), settings);
        }
        all.entry(DEMO_PROVIDER.into()).or_insert_with(|| ProviderSettings::new(DEMO_PROVIDER, Api::Demo));
        let (mut providers, mut models, mut problems) = (BTreeMap::new(), Vec::new(), Vec::new());
        for settings in all.into_values() {
            match connect(&settings, http, timeouts) {
                Ok(provider) => {
                    providers.insert(settings.id.clone(), provider);
                    models.extend(known_models(settings));
                }
                Err(problem) => {
                    tracing::warn!(provider = settings.id, %problem, "provider left out");
                    problems.push(problem);
                }
            }
        }
        Self(Arc::new(Snapshot { providers, models, default_model: discovered.default_model, problems }))
    }

    /// The provider and what is known about the model.
    ///
    /// # Errors
    /// [`UnknownModel`] when there is no such provider. A provider's unknown model is not an error: the provider
    /// itself says so when it is asked.
    pub fn resolve(&self, model: &ModelRef) -> Result<(Arc<dyn Provider>, ModelInfo), UnknownModel> {
        let unknown = |what: String| UnknownModel { model: model.to_string(), what };
        let Some(provider) = self.0.providers.get(&model.provider) else {
            let key = format!("models.providers.{}", model.provider);
            let is_broken = |problem: &&Error| matches!(problem, Error::Settings { key: of, .. } if *of == key);
            let broken = self.0.problems.iter().find(is_broken);
            let known: Vec<&str> = self.0.providers.keys().map(String::as_str).collect();
            return Err(unknown(match broken {
                Some(problem) => format!("its provider was left out: {problem}"),
                None => format!(
                    "there is no provider {:?}, only {}; add it under models.providers, or choose another model",
                    model.provider,
                    known.join(", ")
                ),
            }));
        };
        let known = self.0.models.iter().find(|info| info.provider == model.provider && info.id == model.model);
        if known.is_none() && model.provider == DEMO_PROVIDER {
            return Err(unknown(format!("the demo has one model, {DEMO_PROVIDER}/{DEMO_MODEL}")));
        }
        let info = known.cloned().unwrap_or_else(|| ModelInfo::lookup(&model.provider, &model.model));
        Ok((Arc::clone(provider), info))
    }

    /// Every known model, by provider.
    #[must_use]
    pub fn models(&self) -> &[ModelInfo] {
        &self.0.models
    }

    /// The ids of all providers.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.0.providers.keys().map(String::as_str)
    }

    /// The model for those who chose none.
    #[must_use]
    pub fn default_model(&self) -> &ModelRef {
        &self.0.default_model
    }

    /// Why providers were left out.
    #[must_use]
    pub fn problems(&self) -> &[Error] {
        &self.0.problems
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("providers", &self.0.providers.keys())
            .field("default_model", &self.0.default_model)
            .finish_non_exhaustive()
    }
}

fn known_models(settings: ProviderSettings) -> Vec<ModelInfo> {
    if settings.api == Api::Demo {
        return vec![ModelInfo::demo(&settings.id)];
    }
    let mut models = settings.models;
    if models.is_empty() {
        models = ModelInfo::of_provider(&settings.id);
    }
    for model in &mut models {
        model.provider.clone_from(&settings.id);
    }
    models
}

#[cfg(test)]
mod tests;
