//! `models.authStatus`: how model providers and their keys are.

use openclaw_agents::{
    KeyNeed,
    failover::{Blocked, ProviderStanding},
};

use crate::methods::prelude::*;

params! {
    /// For whom.
    {
        /// An agent; every agent uses the same providers.
        #[serde(default)]
        agent_id: Option<AgentId>,
    } understood { refresh }
}

/// How every provider is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Now, milliseconds since the epoch.
    ts: i64,
    /// By id.
    providers: Vec<Provider>,
    /// Providers that were left out because their settings cannot work, each with what to do.
    problems: Vec<String>,
}

/// How a provider is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Provider {
    /// Its id.
    provider: String,
    /// Whose keys it uses: its own.
    auth_provider: String,
    /// Its name for people.
    display_name: String,
    status: Status,
    /// Set while it cannot be asked.
    #[serde(flatten)]
    cooldown: Option<Cooldown>,
    api_key: ApiKey,
    /// Its keys in the order of the configuration.
    profiles: Vec<Profile>,
    /// Models that are left alone whatever the key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<Model>,
}

/// How a provider or key is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// It can be asked.
    Ok,
    /// It needs a key and has none.
    Missing,
    /// It is left alone for a while.
    Cooldown,
}

/// Why and until when something is left alone.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Cooldown {
    /// `auth`, `billing`, `rate_limit`, `overloaded`, `timeout`, …
    reason: &'static str,
    /// Milliseconds since the epoch.
    cooldown_until: i64,
}

/// Whether keys are there.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApiKey {
    /// Whether it has a key, or needs none.
    configured: bool,
    /// Whether it can be asked without a key.
    required: bool,
}

/// How a key is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Profile {
    /// `key-1`, `key-2`, …
    profile_id: String,
    /// `api_key`, or `none` for a provider that is asked without one.
    #[serde(rename = "type")]
    kind: &'static str,
    status: Status,
    #[serde(flatten)]
    cooldown: Option<Cooldown>,
    /// Models for which it is left alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<Model>,
}

/// A model that is left alone.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Model {
    /// Its id, without the provider.
    model: String,
    #[serde(flatten)]
    cooldown: Cooldown,
}

pub(crate) struct AuthStatus;

impl Method for AuthStatus {
    const NAME: &'static str = "models.authStatus";
    const ABOUT: &'static str =
        "How model providers and their keys are: ready, without a key, or left alone until when.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        if let Some(id) = &params.agent_id {
            state.agent(id)?;
        }
        let active = state.active();
        let standing = state.failover.standing(&active.registry);
        Ok(Reply {
            ts: call.now_ms(),
            providers: standing.into_iter().map(Provider::of).collect(),
            problems: active.registry.problems().iter().map(ToString::to_string).collect(),
        })
    }
}

impl From<Blocked> for Cooldown {
    fn from(blocked: Blocked) -> Self {
        Self { reason: blocked.reason.word(), cooldown_until: blocked.until }
    }
}

fn models(blocked: Vec<(String, Blocked)>) -> Vec<Model> {
    blocked.into_iter().map(|(model, blocked)| Model { model, cooldown: blocked.into() }).collect()
}

fn status(key: KeyNeed, blocked: Option<Blocked>) -> Status {
    match (key, blocked) {
        (KeyNeed::Missing, _) => Status::Missing,
        (_, Some(_)) => Status::Cooldown,
        (_, None) => Status::Ok,
    }
}

impl Provider {
    fn of(standing: ProviderStanding) -> Self {
        let unusable = standing.unusable();
        let key = standing.key;
        let profile = |(at, standing): (usize, openclaw_agents::failover::KeyStanding)| Profile {
            profile_id: format!("key-{}", at + 1),
            kind: if key == KeyNeed::Present { "api_key" } else { "none" },
            status: status(key, standing.blocked),
            cooldown: standing.blocked.map(Cooldown::from),
            models: models(standing.models),
        };
        Self {
            auth_provider: standing.provider.clone(),
            display_name: standing.provider.clone(),
            provider: standing.provider,
            status: status(key, unusable),
            cooldown: unusable.map(Cooldown::from),
            api_key: ApiKey { configured: key == KeyNeed::Present, required: key != KeyNeed::NotNeeded },
            profiles: standing.keys.into_iter().enumerate().map(profile).collect(),
            models: models(standing.models),
        }
    }
}
