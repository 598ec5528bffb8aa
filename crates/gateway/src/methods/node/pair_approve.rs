//! `node.pair.approve`: lets a node do what it declared.

use openclaw_auth::tokens::hash_token;
use openclaw_core::record::NodeAsk;
use openclaw_store::{Change, NodeChange, Transaction};

use super::{unknown_request, waiting};
use crate::{
    methods::prelude::*,
    nodes::{
        self,
        shown::{self, PairedNode},
    },
};

params! {
    /// Which request.
    { request_id: String, } understood {}
}

/// The node as it is approved.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    request_id: String,
    node: PairedNode,
}

pub(crate) struct PairApprove;

impl Method for PairApprove {
    const NAME: &'static str = "node.pair.approve";
    const ABOUT: &'static str = "Lets a node do what it declared, at once and on the connection that it has. Commands need the scopes \
                                 that the request names in requiredApproveScopes.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("node.approved");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let request = waiting(&call, &params.request_id)?;
        let needed = nodes::scopes_to_approve(&request.surface.commands);
        if let Some(missing) = needed.iter().find(|scope| !call.principal().may(**scope)) {
            let words: Vec<&str> = needed.iter().map(|scope| scope.as_str()).collect();
            let mut error = WireError::missing_scope(*missing);
            error.details.members.retain(|(name, _)| *name != "requiredScopes");
            return Err(error.with("requiredScopes", words));
        }
        let token = state.ids.token();
        let detail = json!({ "caps": request.surface.caps, "commands": request.surface.commands });
        let audit = call.audit("node.approved", Self::NAME, Some(request.node_id.to_string()), detail);
        let change = NodeChange::Approve {
            request_id: request.request_id,
            at: call.now_ms(),
            token_hash: hash_token(token.expose()),
        };
        let changes = vec![Change::Node(change)];
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        let committed = written.map_err(|error| match error {
            openclaw_store::Error::NotFound { .. } => unknown_request(),
            error => fault::store(&error),
        })?;
        let changed = state.nodes.keep(committed)?;
        let node = changed.state.node.as_ref().and_then(shown::paired);
        let mut node =
            node.ok_or_else(|| WireError::unavailable(detail::INTERNAL, "the store did not return the node"))?;
        // Whoever announced a node hands it its token; today's protocol knows no such tokens.
        if request.ask == NodeAsk::Announced && call.dialect() != Dialect::V4 {
            node.token = Some(token.expose().to_owned());
        }
        nodes::told_resolved(state, Some(request.request_id), &request.node_id, "approved");
        Ok(Reply { request_id: request.request_id.to_string(), node })
    }
}
