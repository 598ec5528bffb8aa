//! `models.list`: the models that agents can use.

use openclaw_agents::{
    KeyNeed, ModelRef,
    catalog::Input,
    failover::{ProviderStanding, Reason},
};

use crate::methods::prelude::*;

params! {
    /// What to list.
    {} understood { agent_id view refresh prepared_only include_provider_capabilities include_details }
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
    type Reply = Value;

    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        let active = call.state().active();
        let standing = call.state().failover.standing(&active.registry);
        let outcomes: Vec<ProviderOutcome<'_>> = standing.iter().map(ProviderOutcome::of).collect();
        Ok(json!({ "models": rows(&call), "providerOutcomes": outcomes }))
    }
}

/// How a provider is, in the words of the official schema.
#[derive(Serialize)]
struct ProviderOutcome<'a> {
    provider: &'a str,
    status: &'static str,
}

impl<'a> ProviderOutcome<'a> {
    fn of(standing: &'a ProviderStanding) -> Self {
        let blocked = standing.unusable();
        let status = match (standing.key, blocked.map(|blocked| blocked.reason)) {
            (KeyNeed::Missing, _) | (_, Some(Reason::Auth)) => "auth-rejected",
            (_, Some(_)) => "unavailable",
            (_, None) => "ready",
        };
        Self { provider: &standing.provider, status }
    }
}

/// One row per model. Whether it can be asked now is told where it cannot.
pub(in crate::methods) fn rows(call: &Call) -> Vec<Value> {
    let state = call.state();
    let active = state.active();
    let missing: Vec<String> = state
        .failover
        .standing(&active.registry)
        .into_iter()
        .filter(|standing| standing.key == KeyNeed::Missing)
        .map(|standing| standing.provider)
        .collect();
    let models = active.registry.models().iter();
    models
        .map(|model| {
            let input: Vec<&str> = model
                .input
                .iter()
                .map(|input| match input {
                    Input::Text => "text",
                    Input::Image => "image",
                })
                .collect();
            let mut row = json!({
                "id": model.id, "name": model.name, "provider": model.provider, "contextWindow": model.context_window,
                "reasoning": model.reasoning, "input": input, "available": true,
            });
            let asked = ModelRef::new(&model.provider, &model.id);
            if missing.contains(&model.provider) {
                row["available"] = json!(false);
                row["unavailableReason"] = json!("missing-auth");
            } else if let Some(blocked) = state.failover.blocked(&active.registry, &asked) {
                let auth = matches!(blocked.reason, Reason::Auth | Reason::Forbidden);
                row["available"] = json!(false);
                row["unavailableReason"] = json!(if auth { "auth-failed" } else { "cooldown" });
                row["unavailableUntil"] = json!(blocked.until);
            }
            row
        })
        .collect()
}
