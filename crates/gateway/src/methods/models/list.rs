//! `models.list`: the models that agents can use.

use std::collections::BTreeSet;

use openclaw_agents::{
    KeyNeed, ModelInfo, ModelRef,
    catalog::Input,
    failover::{ProviderStanding, Reason},
};

use crate::{methods::prelude::*, settings, state::State};

params! {
    /// What to list.
    {
        /// Whose default model is marked; the default agent's when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// `default` and `all`: every model that can be asked. `configured`: those of `models.providers` and those that agents are
        /// set to. `provider-config`: those of `models.providers` alone.
        #[serde(default)]
        view: View,
    } understood { session_key refresh prepared_only include_provider_capabilities include_details }
}

/// Which models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::methods) enum View {
    /// Every model that can be asked.
    #[default]
    Default,
    /// Of `models.providers`, and what agents are set to.
    Configured,
    /// Of `models.providers` alone.
    ProviderConfig,
    /// Every model that can be asked.
    All,
}

/// The models.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// By provider.
    models: Vec<Row>,
    /// How the providers are.
    provider_outcomes: Vec<ProviderOutcome>,
}

/// A model. Whether it can be asked now is told where it cannot.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::methods) struct Row {
    /// Its id, without the provider.
    id: String,
    name: String,
    provider: String,
    /// Tokens that fit in.
    #[serde(skip_serializing_if = "Option::is_none")]
    context_window: Option<u32>,
    /// Whether it can think before it answers.
    reasoning: bool,
    input: Vec<&'static str>,
    /// `default` for the model that an agent uses when nobody chooses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'static str>,
    thinking_levels: Vec<Level>,
    thinking_default: &'static str,
    available: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    unavailable_reason: Option<&'static str>,
    /// Milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    unavailable_until: Option<i64>,
}

/// How much a model may think.
#[derive(Serialize, JsonSchema)]
struct Level {
    id: &'static str,
    label: &'static str,
}

const LEVELS: [&str; 5] = ["off", "minimal", "low", "medium", "high"];

/// How a provider is, in the words of the official schema.
#[derive(Serialize, JsonSchema)]
struct ProviderOutcome {
    provider: String,
    status: &'static str,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "models.list";
    const ABOUT: &'static str = "The models that agents can use, by provider.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let standing = state.failover.standing(&state.active().registry);
        let models = rows(&call, params.agent_id.as_ref(), params.view)?;
        Ok(Reply { models, provider_outcomes: standing.into_iter().map(ProviderOutcome::of).collect() })
    }
}

impl ProviderOutcome {
    fn of(standing: ProviderStanding) -> Self {
        let status = match (standing.key, standing.unusable().map(|blocked| blocked.reason)) {
            (KeyNeed::Missing, _) | (_, Some(Reason::Auth)) => "auth-rejected",
            (_, Some(_)) => "unavailable",
            (_, None) => "ready",
        };
        Self { provider: standing.provider, status }
    }
}

/// One row per model.
pub(in crate::methods) fn rows(call: &Call, agent_id: Option<&AgentId>, view: View) -> Result<Vec<Row>, WireError> {
    let state = call.state();
    let agent = state.agent(agent_id.unwrap_or(&state.default_agent()))?;
    let default = state.agent_model(&agent);
    let active = state.active();
    let missing: BTreeSet<String> = state
        .failover
        .standing(&active.registry)
        .into_iter()
        .filter(|standing| standing.key == KeyNeed::Missing)
        .map(|standing| standing.provider)
        .collect();
    let mut models: Vec<ModelInfo> = active.registry.models().to_vec();
    if matches!(view, View::Configured | View::ProviderConfig) {
        let config = &active.loaded.config;
        let set = if view == View::Configured { chosen(state) } else { Vec::new() };
        models.retain(|model| {
            config.models.providers.contains_key(&model.provider)
                || set.iter().any(|chosen| chosen.provider == model.provider && chosen.model == model.id)
        });
        for model in set {
            if !models.iter().any(|known| known.provider == model.provider && known.id == model.model)
                && let Ok((_, info)) = active.registry.resolve(&model)
            {
                models.push(info);
            }
        }
    }
    let row = |model: ModelInfo| {
        let asked = ModelRef::new(&model.provider, &model.id);
        let blocked = state.failover.blocked(&active.registry, &asked);
        let unavailable_reason = if missing.contains(&model.provider) {
            Some("missing-auth")
        } else {
            blocked.map(|blocked| match blocked.reason {
                Reason::Auth | Reason::Forbidden => "auth-failed",
                _ => "cooldown",
            })
        };
        let levels = if model.reasoning { LEVELS.as_slice() } else { &LEVELS[..1] };
        Row {
            tags: if asked == default { vec!["default"] } else { Vec::new() },
            thinking_levels: levels.iter().copied().map(|level| Level { id: level, label: level }).collect(),
            thinking_default: agent.thinking.filter(|level| levels.contains(level)).unwrap_or("off"),
            available: unavailable_reason.is_none(),
            unavailable_until: blocked
                .filter(|_| unavailable_reason != Some("missing-auth"))
                .map(|blocked| blocked.until),
            unavailable_reason,
            context_window: Some(model.context_window).filter(|tokens| *tokens > 0),
            reasoning: model.reasoning,
            input: model
                .input
                .iter()
                .map(|input| match input {
                    Input::Text => "text",
                    Input::Image => "image",
                })
                .collect(),
            id: model.id,
            name: model.name,
            provider: model.provider,
        }
    };
    Ok(models.into_iter().map(row).collect())
}

/// The models that agents are set to, and what stands in for them.
fn chosen(state: &State) -> Vec<ModelRef> {
    let mut chosen = Vec::new();
    for agent in state.agents() {
        let fallbacks = agent.fallbacks.iter().filter_map(|text| settings::model_ref(text));
        for model in std::iter::once(state.agent_model(&agent)).chain(fallbacks) {
            if !chosen.contains(&model) {
                chosen.push(model);
            }
        }
    }
    chosen
}
