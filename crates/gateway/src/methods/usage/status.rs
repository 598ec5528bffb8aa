//! `usage.status`: what providers say about what is left of a plan.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { refresh agent_id }
}

/// What providers say.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Now, milliseconds since the epoch.
    updated_at: i64,
    /// By id.
    providers: Vec<Provider>,
    /// Whether newer figures are being fetched; they never are.
    refreshing: bool,
}

/// What a provider says.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Provider {
    /// Its id.
    provider: String,
    /// Its name for people.
    display_name: String,
    /// Windows of a plan: providers that are paid by the token have none, and no other is known.
    windows: [Value; 0],
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "usage.status";
    const ABOUT: &'static str = "What model providers say about what is left of a plan: none of them has one.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let active = call.state().active();
        let provider = |id: &str| Provider { provider: id.to_owned(), display_name: id.to_owned(), windows: [] };
        let providers = active.registry.providers().filter(|id| *id != "demo").map(provider).collect();
        Ok(Reply { updated_at: call.now_ms(), providers, refreshing: false })
    }
}
