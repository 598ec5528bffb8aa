//! `node.pair.verify`: whether a token is the one that a node's approval gave out.

use openclaw_auth::tokens::hash_token;
use openclaw_protocol::NodeId;

use crate::{
    methods::prelude::*,
    nodes::shown::{self, PairedNode},
};

params! {
    /// Which node, and its token.
    {
        node_id: NodeId,
        token: String,
    } understood {}
}

/// Whether it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    ok: bool,
    /// The node, when the token is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<PairedNode>,
}

pub(crate) struct PairVerify;

impl Method for PairVerify {
    const NAME: &'static str = "node.pair.verify";
    const ABOUT: &'static str = "Whether a token is the one that the approval of an announced node gave out.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let hash = hash_token(&params.token);
        let table = call.state().nodes.table();
        let node = table.node(&params.node_id);
        // Comparing hashes of random tokens tells nothing about either.
        let right = node.is_some_and(|node| node.token_hash.as_ref() == Some(&hash));
        Ok(Reply { ok: right, node: node.filter(|_| right).and_then(shown::paired) })
    }
}
