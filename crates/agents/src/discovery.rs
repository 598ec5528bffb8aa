//! What the environment and this machine offer, for people who have configured nothing.
//!
//! The default model is the first of this order: Anthropic, OpenAI, Google, OpenRouter, Ollama, LM Studio, the demo.

use std::time::Duration;

use openclaw_core::{Environment, Secret};
use reqwest::{Client, Url};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    Api,
    catalog::{ModelInfo, ModelRef},
    providers::{DEMO_MODEL, DEMO_PROVIDER},
    registry::ProviderSettings,
};

/// Where and how long local model servers are looked for.
#[derive(Debug, Clone)]
pub struct DiscoverySettings {
    /// The address of Ollama when `OLLAMA_HOST` says nothing.
    pub ollama: String,
    /// The address of LM Studio.
    pub lm_studio: String,
    /// How long both together may take.
    pub wait: Duration,
}

impl Default for DiscoverySettings {
    fn default() -> Self {
        Self {
            ollama: "http://127.0.0.1:11434".into(),
            lm_studio: "http://127.0.0.1:1234".into(),
            wait: Duration::from_millis(300),
        }
    }
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// The providers, in the order of preference.
    pub providers: Vec<ProviderSettings>,
    /// The model for those who chose none.
    pub default_model: ModelRef,
    /// What was passed over, and why, in words for the operator.
    pub notes: Vec<String>,
}

impl Default for Discovered {
    /// Nothing but the demo.
    fn default() -> Self {
        Self { providers: vec![], default_model: ModelRef::new(DEMO_PROVIDER, DEMO_MODEL), notes: vec![] }
    }
}

/// The most models that are taken from a local server's list.
const MAX_LOCAL_MODELS: usize = 200;
/// The most bytes of a local server's list.
const MAX_LIST: usize = 1024 * 1024;

/// A vendor whose key is looked for: provider id, wire, address, variables, default model.
type Vendor = (&'static str, Api, &'static str, &'static [&'static str], &'static str);

/// The models named here are vendors' recommendations for most work.
const VENDORS: [Vendor; 4] = [
    ("anthropic", Api::AnthropicMessages, "https://api.anthropic.com", &["ANTHROPIC_API_KEY"], "claude-sonnet-5"),
    ("openai", Api::OpenAiResponses, "https://api.openai.com/v1", &["OPENAI_API_KEY"], "gpt-5.4"),
    (
        "google",
        Api::GoogleGenerativeAi,
        "https://generativelanguage.googleapis.com/v1beta",
        &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        "gemini-3.5-flash",
    ),
    ("openrouter", Api::OpenAiCompletions, "https://openrouter.ai/api/v1", &["OPENROUTER_API_KEY"], "openrouter/auto"),
];

/// The ids of the vendors whose keys are looked for.
pub fn vendors() -> impl Iterator<Item = &'static str> {
    VENDORS.iter().map(|(id, ..)| *id)
}

/// The ids of the vendors for which the environment has a key.
pub fn keyed(environment: &Environment) -> impl Iterator<Item = &'static str> {
    let has = |names: &[&str]| names.iter().any(|name| environment.get(name).is_some());
    VENDORS.iter().filter(move |vendor| has(vendor.3)).map(|(id, ..)| *id)
}

/// Looks for keys in the environment and for model servers on this machine. Asks only loopback addresses, and ends
/// within [`DiscoverySettings::wait`]. Whatever does not answer in time is not there.
pub async fn discover(environment: &Environment, settings: &DiscoverySettings, http: &Client) -> Discovered {
    let mut found = Discovered::default();
    let mut default = None;
    for (id, api, base_url, variables, model) in VENDORS {
        let Some(key) = variables.iter().find_map(|name| environment.get(name)) else { continue };
        default = default.or(Some(ModelRef::new(id, model)));
        let models = ModelInfo::of_provider(id);
        let (base_url, api_keys) = (Some(base_url.to_owned()), vec![Secret::new(key.trim())]);
        found.providers.push(ProviderSettings { base_url, api_keys, models, ..ProviderSettings::new(id, api) });
    }
    let ollama = environment.get("OLLAMA_HOST").map_or_else(|| settings.ollama.clone(), ollama_address);
    let (ollama, lm_studio) = tokio::join!(
        local("ollama", &ollama, "api/tags", settings.wait, http),
        local("lmstudio", &settings.lm_studio, "v1/models", settings.wait, http),
    );
    for (local, api, path) in [(ollama, Api::Ollama, ""), (lm_studio, Api::OpenAiCompletions, "v1")] {
        match local {
            Local::Absent => {}
            Local::Remote(note) => found.notes.push(note),
            Local::Serves { id, base, models } => {
                // Embedding models answer nothing.
                if let Some(model) = models.iter().find(|model| !model.contains("embed")) {
                    default = default.or_else(|| Some(ModelRef::new(id, model)));
                }
                found.providers.push(ProviderSettings {
                    base_url: Some(format!("{base}{path}")),
                    models: models.iter().map(|model| ModelInfo::unknown(id, model)).collect(),
                    ..ProviderSettings::new(id, api)
                });
            }
        }
    }
    if let Some(model) = default {
        found.default_model = model;
    }
    found
}

/// The variable may be an address, a host, or host and port, and names what the server listens on.
fn ollama_address(text: &str) -> String {
    let text = text.trim().trim_end_matches('/');
    let address = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let Ok(mut url) = Url::parse(&address) else { return address };
    if matches!(url.host_str(), Some("0.0.0.0" | "[::]")) {
        // Listening everywhere includes this machine.
        let _ = url.set_host(Some("127.0.0.1"));
    }
    if url.port().is_none() && !text.contains("://") {
        let _ = url.set_port(Some(11_434));
    }
    url.to_string()
}

enum Local {
    Absent,
    Remote(String),
    Serves { id: &'static str, base: Url, models: Vec<String> },
}

async fn local(id: &'static str, address: &str, path: &str, wait: Duration, http: &Client) -> Local {
    let Ok(base) = Url::parse(address) else { return Local::Absent };
    let host = base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !loopback {
        let note = format!("{id} at {host} is not on this machine; add it under models.providers.{id} to use it");
        return Local::Remote(note);
    }
    let Ok(url) = base.join(path) else { return Local::Absent };
    let list = timeout(wait, async {
        let mut response = http.get(url).send().await.ok()?.error_for_status().ok()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.ok()? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_LIST {
                return None;
            }
        }
        serde_json::from_slice::<Value>(&body).ok()
    });
    let Ok(Some(list)) = list.await else { return Local::Absent };
    let (items, name) = if list["models"].is_array() { (&list["models"], "name") } else { (&list["data"], "id") };
    let items = items.as_array().into_iter().flatten();
    let models: Vec<String> =
        items.filter_map(|item| item[name].as_str()).take(MAX_LOCAL_MODELS).map(str::to_owned).collect();
    if models.is_empty() { Local::Absent } else { Local::Serves { id, base, models } }
}

#[cfg(test)]
mod tests;
