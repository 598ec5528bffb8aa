//! `models.list`: the models that agents can use.

use openclaw_agents::catalog::Input;

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
        Ok(json!({ "models": rows(&call) }))
    }
}

/// One row per model.
pub(in crate::methods) fn rows(call: &Call) -> Vec<Value> {
    let active = call.state().active();
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
            json!({
                "id": model.id, "name": model.name, "provider": model.provider, "contextWindow": model.context_window,
                "reasoning": model.reasoning, "input": input,
            })
        })
        .collect()
}
