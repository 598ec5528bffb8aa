//! `node.invoke`: asks a node for one of its commands and waits for the answer.

use openclaw_protocol::NodeId;

use crate::{
    methods::prelude::*,
    nodes::{self, Order},
};

/// Bytes of a command's name.
const COMMAND_BYTES: usize = 128;
/// Members of `system.run` that say that somebody approved it. Only an approval of the gateway may say so.
const APPROVAL: [&str; 3] = ["approved", "approvalDecision", "approval"];

params! {
    /// What to do, and where.
    {
        node_id: NodeId,
        /// One of the node's commands.
        command: String,
        /// Its parameters.
        #[serde(default)]
        params: Option<Value>,
        /// How long to wait, milliseconds; 30,000 when absent, at most `gateway.nodes.invokeTimeoutMs`.
        #[serde(default)]
        timeout_ms: Option<u64>,
        /// Tell how the command goes on with `node.invoke.progress` events.
        #[serde(default)]
        progress: bool,
        /// Names the work: the same key again does not do it again.
        idempotency_key: String,
    } understood { session_key turn_source_channel turn_source_to turn_source_account_id turn_source_thread_id }
}

/// What the node answered.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Always true; a node that says no is an error.
    ok: bool,
    node_id: NodeId,
    command: String,
    /// The answer.
    payload: Option<Value>,
    /// The answer as the node wrote it, when it wrote JSON text.
    #[serde(rename = "payloadJSON")]
    payload_json: Option<String>,
}

pub(crate) struct Invoke;

impl Method for Invoke {
    const NAME: &'static str = "node.invoke";
    const ABOUT: &'static str = "Asks a node for one of its commands and waits for the answer. Commands that reach the machine itself take an administrator.";
    const ACCESS: Access = Access::Resolved(Scope::Write, nodes::needed);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("node.invoked");
    const REPEAT: Repeat = Repeat::Keyed;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let Params { node_id, command, params, timeout_ms, progress, idempotency_key: key, .. } = params;
        refuse(&command, params.as_ref())?;
        let invalid = |name: &'static str, text: String| {
            Err(WireError::params(format!("invalid node.invoke params: at /{name}: {text}"))
                .with("path", format!("params.{name}")))
        };
        if command.is_empty() || command.len() > COMMAND_BYTES || command.chars().any(char::is_control) {
            return invalid("command", format!("must be a word of at most {COMMAND_BYTES} bytes"));
        }
        if key.is_empty() || key.len() > RunId::MAX_BYTES {
            let most = RunId::MAX_BYTES;
            return invalid("idempotencyKey", format!("must have between 1 and {most} bytes"));
        }
        let order = Order { node_id: node_id.clone(), command: command.clone(), params, timeout_ms, key, progress };
        let done = nodes::invoke(&call, Self::NAME, order).await?;
        Ok(Reply { ok: true, node_id, command, payload: done.payload, payload_json: done.payload_json })
    }
}

/// What is not asked for in this way.
fn refuse(command: &str, params: Option<&Value>) -> Result<(), WireError> {
    if command.starts_with("system.execApprovals.") {
        let text = "node.invoke does not allow system.execApprovals.*; use exec.approvals.node.*";
        return Err(WireError::params(text).with("command", command));
    }
    if command.starts_with("system.run")
        && let Some(Value::Object(members)) = params
        && let Some(member) = APPROVAL.iter().find(|member| members.contains_key(**member))
    {
        let text = format!(
            "node.invoke does not take \"{member}\": whether a command is approved is for the node and its owner to say; approvalId names an approval of this gateway"
        );
        return Err(WireError::params(text).with("path", format!("params.params.{member}")));
    }
    Ok(())
}
