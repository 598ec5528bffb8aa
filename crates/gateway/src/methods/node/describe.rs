//! `node.describe`: everything about one node.

use openclaw_protocol::NodeId;

use crate::{
    methods::prelude::*,
    nodes::shown::{self, NodeRow},
};

params! {
    /// Which node.
    { node_id: NodeId, } understood {}
}

/// A node, with what it publishes beside its commands.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Now, milliseconds since the epoch.
    ts: i64,
    /// The node as `node.list` shows it.
    #[serde(flatten)]
    node: NodeRow,
    /// Skills that it publishes, by name and description.
    #[serde(skip_serializing_if = "Option::is_none")]
    node_skills: Option<Vec<Value>>,
    /// Runners of work that it publishes.
    #[serde(skip_serializing_if = "Option::is_none")]
    runner_inventory: Option<Value>,
}

pub(crate) struct Describe;

impl Method for Describe {
    const NAME: &'static str = "node.describe";
    const ABOUT: &'static str = "Everything about one node.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let node = shown::row(state, &params.node_id).ok_or_else(|| WireError::not_found("unknown nodeId"))?;
        let table = state.nodes.table();
        let told = table.session(&params.node_id).map(|session| &session.told);
        let skills = told.map(|told| {
            let short = |skill: &Value| json!({ "name": skill["name"], "description": skill["description"] });
            told.skills.iter().map(short).collect::<Vec<_>>()
        });
        let runner_inventory = told.and_then(|told| told.runners.clone());
        let node_skills = skills.filter(|skills| !skills.is_empty());
        Ok(Reply { ts: call.now_ms(), node, node_skills, runner_inventory })
    }
}
