//! The snapshot in which a `provider/model` is resolved.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use openclaw_core::Secret;
use reqwest::Client;

use crate::{
    Api, Error, Provider, Timeouts,
    catalog::{ModelInfo, ModelRef},
    discovery::Discovered,
    failover::Place,
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
    /// The keys, sent in the way of the wire: one at a time, another when one fails.
    pub api_keys: Vec<Secret>,
    /// Further headers. They win over those of the wire and are treated as secrets.
    pub headers: BTreeMap<String, Secret>,
    /// What is known about its models. Others can be asked for, too, with cautious limits.
    pub models: Vec<ModelInfo>,
    /// How long headers, first byte and silence may last, instead of what holds for every provider.
    pub timeout: Option<Duration>,
}

impl ProviderSettings {
    /// A provider without key, headers and models.
    #[must_use]
    pub fn new(id: impl Into<String>, api: Api) -> Self {
        let (headers, models) = (BTreeMap::new(), Vec::new());
        Self { id: id.into(), api, base_url: None, api_keys: Vec::new(), headers, models, timeout: None }
    }

    /// Where it lives.
    pub(crate) fn address(&self) -> &str {
        self.base_url.as_deref().unwrap_or(self.api.default_base_url())
    }

    fn key_need(&self) -> KeyNeed {
        let at_the_vendor = self.address().starts_with(self.api.default_base_url());
        let open = !self.api.wants_key() || !at_the_vendor || !self.headers.is_empty();
        match (self.api_keys.is_empty(), open) {
            (false, _) => KeyNeed::Present,
            (true, true) => KeyNeed::NotNeeded,
            (true, false) => KeyNeed::Missing,
        }
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

/// Whether a provider has the key that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyNeed {
    /// It has one at least.
    Present,
    /// The vendor answers nobody without one, and none is there.
    Missing,
    /// It is asked without one: a server on this machine, or one that is authorised otherwise.
    NotNeeded,
}

/// A provider with one of its keys.
#[derive(Clone)]
pub struct Keyed {
    /// What is remembered about it is remembered under this.
    pub place: Place,
    /// Asks with this key.
    pub provider: Arc<dyn Provider>,
}

/// A provider as the registry holds it.
pub(crate) struct Entry {
    pub(crate) place: Place,
    pub(crate) key: KeyNeed,
    /// One for each key; one alone when there is none.
    pub(crate) keys: Arc<[Keyed]>,
}

impl Entry {
    fn of(settings: &ProviderSettings, http: &Client, timeouts: Timeouts) -> Result<Self, Error> {
        let place = Place::provider(&settings.id, settings.address());
        let keyed = |key: Option<&Secret>| {
            Ok(Keyed { place: place.with_key(key), provider: connect(settings, key, http, timeouts)? })
        };
        let keys = match settings.api_keys.as_slice() {
            [] => Arc::from([keyed(None)?]),
            keys => keys.iter().map(|key| keyed(Some(key))).collect::<Result<_, Error>>()?,
        };
        Ok(Self { key: settings.key_need(), keys, place })
    }
}

struct Snapshot {
    providers: BTreeMap<String, Entry>,
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
                    if settings.api_keys.is_empty() {
                        settings.api_keys = found.api_keys;
                    }
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
            match Entry::of(&settings, http, timeouts) {
                Ok(entry) => {
                    providers.insert(settings.id.clone(), entry);
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

    /// The provider, once for each of its keys, and what is known about the model.
    ///
    /// # Errors
    /// [`UnknownModel`] when there is no such provider. A provider's unknown model is not an error: the provider
    /// itself says so when it is asked.
    pub fn resolve(&self, model: &ModelRef) -> Result<(Arc<[Keyed]>, ModelInfo), UnknownModel> {
        let unknown = |what: String| UnknownModel { model: model.to_string(), what };
        let Some(entry) = self.0.providers.get(&model.provider) else {
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
        Ok((Arc::clone(&entry.keys), info))
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

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.providers.iter().map(|(id, entry)| (id.as_str(), entry))
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
