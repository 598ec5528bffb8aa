//! `node.pair.request`: announces a node that has not connected yet, for tools of dialects 1 and 3.

use std::collections::BTreeMap;

use openclaw_core::record::NodeAbout;
use openclaw_protocol::{NodeId, event::node::NodePairRequest};
use openclaw_store::{Change, NodeChange, NodeSaid, Transaction};

use crate::{
    methods::prelude::*,
    nodes::{self, shown},
};

params! {
    /// What is known of the node.
    {
        node_id: NodeId,
        /// Name for people.
        #[serde(default)]
        display_name: Option<String>,
        /// For example `linux`.
        #[serde(default)]
        platform: Option<String>,
        /// Its version.
        #[serde(default)]
        version: Option<String>,
        /// Version of its core.
        #[serde(default)]
        core_version: Option<String>,
        /// Version of its interface.
        #[serde(default)]
        ui_version: Option<String>,
        /// For example `iPhone`.
        #[serde(default)]
        device_family: Option<String>,
        /// For example `MacBookPro18,3`.
        #[serde(default)]
        model_identifier: Option<String>,
        /// Features that it wants to offer.
        #[serde(default)]
        caps: Vec<String>,
        /// Commands that it wants to offer.
        #[serde(default)]
        commands: Vec<String>,
        /// What its operating system allows it.
        #[serde(default)]
        permissions: Option<BTreeMap<String, bool>>,
        /// Where it connects from.
        #[serde(default)]
        remote_ip: Option<String>,
        /// Whether nobody needs to be disturbed for it.
        #[serde(default)]
        silent: bool,
    } understood {}
}

/// The request that waits for an owner.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Always `pending`.
    status: &'static str,
    request: NodePairRequest,
    /// Whether it is new.
    created: bool,
}

pub(crate) struct PairRequest;

impl Method for PairRequest {
    const NAME: &'static str = "node.pair.request";
    const ABOUT: &'static str = "Announces a node, so that an owner can approve it before it connects. Its approval gives out a token \
                                 for node.pair.verify.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("node.announced");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let surface = nodes::surface(&params.caps, &params.commands, params.permissions.as_ref())?;
        let about = NodeAbout {
            display_name: params.display_name,
            platform: params.platform,
            version: params.version,
            core_version: params.core_version,
            ui_version: params.ui_version,
            device_family: params.device_family,
            model_identifier: params.model_identifier,
            client_id: None,
            client_mode: None,
            remote_ip: params.remote_ip,
        };
        let audit = call.audit("node.announced", Self::NAME, Some(params.node_id.to_string()), Value::Null);
        let said = NodeSaid { node_id: params.node_id, about, surface, at: call.now_ms() };
        let change = NodeChange::Announce { said, request_id: state.ids.uuid(), silent: params.silent };
        let changes = vec![Change::Node(change)];
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        let changed = state.nodes.keep(written.map_err(|error| fault::store(&error))?)?;
        let lost = || WireError::unavailable(detail::INTERNAL, "the store did not return the request");
        let request = changed.state.request.ok_or_else(lost)?;
        if let Some(settled) = &changed.settled {
            nodes::told_resolved(state, Some(settled.request_id), &settled.node_id, "rejected");
        }
        if changed.fresh {
            nodes::told_requested(state, &request);
        }
        Ok(Reply { status: "pending", request: shown::request(&request), created: changed.fresh })
    }
}
