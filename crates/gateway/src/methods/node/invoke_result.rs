//! `node.invoke.result`: a node answers.

use openclaw_protocol::NodeId;
use tracing::warn;
use uuid::Uuid;

use super::own;
use crate::{
    methods::prelude::*,
    nodes::{Answer, Taken},
};

params! {
    /// The answer.
    {
        /// The `id` of `node.invoke.request`; dialect 1 calls it `requestId`.
        id: String,
        /// The node; its own when absent.
        #[serde(default)]
        node_id: Option<NodeId>,
        /// Whether it did what was asked.
        ok: bool,
        /// What came of it.
        #[serde(default)]
        payload: Option<Value>,
        /// The same as JSON text; it wins.
        #[serde(default, rename = "payloadJSON")]
        payload_json: Option<String>,
        /// What went wrong.
        #[serde(default)]
        error: Option<NodeError>,
    } understood {}
}

/// What went wrong on the node.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeError {
    /// A word.
    #[serde(default)]
    code: Option<String>,
    /// A text.
    #[serde(default)]
    message: Option<String>,
}

/// Whether anybody waited for it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Always true.
    ok: bool,
    /// Set when nobody waits for it any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<bool>,
}

impl Reply {
    /// The reply to something that was, or was not, waited for.
    pub(super) fn of(call: &Call, taken: Taken, what: &'static str) -> Self {
        if taken == Taken::Foreign {
            let node = call.principal().audit_name();
            warn!(node, what, "A node answered for another one");
            let audit = call.audit("node.result.foreign", what, None, Value::Null);
            call.state().audit_detached(openclaw_core::record::AuditEvent {
                severity: "warn".to_owned(),
                outcome: "denied".to_owned(),
                reason: Some("the invocation belongs to another node".to_owned()),
                ..audit
            });
        }
        Self { ok: true, ignored: (taken != Taken::Yes).then_some(true) }
    }
}

pub(crate) struct InvokeResult;

impl Method for InvokeResult {
    const NAME: &'static str = "node.invoke.result";
    const ABOUT: &'static str = "A node answers a command. What comes late, or twice, is ignored.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let node_id = own(&call, params.node_id.as_ref())?;
        let answer = Answer {
            ok: params.ok,
            payload: params.payload,
            payload_json: params.payload_json,
            error: params.error.map(|error| (error.code, error.message)),
        };
        // An id that is none of ours is one that nobody waits for.
        let taken = match params.id.parse::<Uuid>() {
            Ok(id) => call.state().nodes.table().answered(&node_id, id, answer),
            Err(_) => Taken::Late,
        };
        Ok(Reply::of(&call, taken, Self::NAME))
    }
}
