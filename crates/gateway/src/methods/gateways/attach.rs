//! `gateways.attach`: hears what happens on another gateway.

use crate::{fleet::Attached, methods::prelude::*};

/// Names of events that a caller may pick, and letters of each.
const MOST_NAMES: usize = 64;
const LONGEST_NAME: usize = 64;

params! {
    /// Which, and what of it.
    {
        /// Its id, as `gateways.list` says.
        id: String,
        /// The events that are told; all that the caller may hear unless said. Whoever follows many gateways for one thing hears
        /// nothing else of them.
        #[serde(default)]
        #[schemars(length(max = 64), inner(length(max = 64)))]
        events: Option<Vec<String>>,
    } understood {}
}

/// What that gateway says of itself to this caller.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Which.
    id: String,
    /// Its name for people.
    name: String,
    /// Its hello: `protocol`, `server`, `features`, `snapshot`, `policy` and `auth` with role and scopes; no token.
    hello: Value,
}

pub(crate) struct Attach;

impl Method for Attach {
    const NAME: &'static str = "gateways.attach";
    const ABOUT: &'static str = "Connects the caller to another gateway with the caller's own scopes: its events come as gateways.event, and gateways.line tells of gaps and of the end. It ends with gateways.detach or the caller's connection.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        if !state.hub.has(call.conn().number) {
            return Err(WireError::invalid(
                detail::INVALID_PARAMS,
                "gateways.attach needs a connection that stays; over HTTP, use gateways.call",
            ));
        }
        if let Some(names) = &params.events
            && (names.len() > MOST_NAMES || names.iter().any(|name| name.chars().count() > LONGEST_NAME))
        {
            let text = format!(
                "invalid gateways.attach params: events names at most {MOST_NAMES} events, each of at most {LONGEST_NAME} letters; \
                 leave it out to hear all"
            );
            return Err(WireError::params(text).with("path", "params.events"));
        }
        let Attached { id, name, hello } = state.fleet.attach(&call, &params.id, params.events).await?;
        Ok(Reply { id: id.to_string(), name, hello })
    }
}
