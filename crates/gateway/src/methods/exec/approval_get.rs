//! `exec.approval.get`: one command that waits for people.

use openclaw_core::approval::{Kind, Subject, shown};

use super::asked;
use crate::{approvals, methods::prelude::*};

params! {
    /// Which approval.
    { id: String, } understood {}
}

/// A command that waits.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Name of the approval.
    id: String,
    /// The command line, with everything hidden shown.
    command_text: String,
    /// Its beginning, when it is long.
    command_preview: Option<String>,
    /// What may be answered.
    allowed_decisions: Vec<&'static str>,
    /// Where it would run.
    host: Option<String>,
    /// On which node.
    node_id: Option<String>,
    /// For which agent.
    agent_id: Option<String>,
    /// From when on nobody can answer.
    expires_at_ms: i64,
}

pub(crate) struct Get;

impl Method for Get {
    const NAME: &'static str = "exec.approval.get";
    const ABOUT: &'static str = "One command that waits for people.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let waiting = call.state().approvals.waiting(&params.id, &[Kind::Exec]);
        let waiting = waiting
            .filter(|waiting| approvals::may_see(&call, &waiting.approval))
            .ok_or_else(|| asked::unknown(&call))?;
        let Subject::Exec(request) = &waiting.approval.subject else { return Err(asked::unknown(&call)) };
        let command_text = shown(&request.command);
        Ok(Reply {
            id: params.id,
            command_preview: (command_text.chars().count() > 240).then(|| command_text.chars().take(240).collect()),
            command_text,
            allowed_decisions: request.allowed.iter().map(|decision| decision.as_str()).collect(),
            host: request.host.clone(),
            node_id: request.node_id.clone(),
            agent_id: waiting.approval.agent_id.clone(),
            expires_at_ms: waiting.approval.expires_at,
        })
    }
}
