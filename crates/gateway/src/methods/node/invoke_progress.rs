//! `node.invoke.progress`: a node tells how a command goes on.

use openclaw_protocol::NodeId;
use uuid::Uuid;

use super::{invoke_result::Reply, own};
use crate::{methods::prelude::*, nodes::Taken};

/// Characters of one part.
const CHUNK: usize = 16_384;

params! {
    /// A part of what the command says.
    {
        /// The `id` of `node.invoke.request`.
        invoke_id: String,
        node_id: NodeId,
        /// Position of the part, from 0. A part that comes after a later one is ignored.
        seq: u64,
        /// The part, at most 16,384 characters.
        chunk: String,
    } understood {}
}

pub(crate) struct InvokeProgress;

impl Method for InvokeProgress {
    const NAME: &'static str = "node.invoke.progress";
    const ABOUT: &'static str =
        "A node tells how a command goes on; at most 1 MiB for each command reaches its caller.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let node_id = own(&call, Some(&params.node_id))?;
        if params.chunk.chars().count() > CHUNK {
            let text = format!("progress chunk too large: at most {CHUNK} characters");
            return Err(WireError::params(text).with("path", "params.chunk"));
        }
        let taken = match params.invoke_id.parse::<Uuid>() {
            Ok(id) => call.state().nodes.table().progressed(&node_id, id, params.seq, &params.chunk),
            Err(_) => Taken::Late,
        };
        Ok(Reply::of(&call, taken, Self::NAME))
    }
}
