//! `node.runnerInventory.update`: a node says whether it could host sessions.

use openclaw_protocol::NodeId;

use super::{own, tell};
use crate::methods::prelude::*;

/// Bytes of a declaration, as JSON.
const BYTES: usize = 16 * 1024;

params! {
    /// What it could do.
    {
        /// Words for how it would host sessions; empty when it does not.
        protocol_features: Vec<String>,
        /// How much it could host.
        #[serde(default)]
        worker_host: Option<Value>,
        /// As older nodes say it.
        #[serde(default)]
        worker_runs: Option<Value>,
    } understood {}
}

/// It is kept.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    node_id: NodeId,
    /// Whether sessions are hosted there: this gateway hosts them itself.
    session_host: bool,
}

pub(crate) struct RunnerInventoryUpdate;

impl Method for RunnerInventoryUpdate {
    const NAME: &'static str = "node.runnerInventory.update";
    const ABOUT: &'static str = "A node says whether it could host sessions. This gateway hosts them itself; node.describe shows what the node said.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let node_id = own(&call, None)?;
        let mut said = json!({ "protocolFeatures": params.protocol_features });
        for (name, value) in [("workerHost", params.worker_host), ("workerRuns", params.worker_runs)] {
            if let Some(value) = value {
                said[name] = value;
            }
        }
        if said.to_string().len() > BYTES {
            return Err(WireError::params(format!("the inventory is longer than {BYTES} bytes")).with("path", "params"));
        }
        tell(&call, |session| session.told.runners = Some(said))?;
        Ok(Reply { ok: true, node_id, session_host: false })
    }
}
