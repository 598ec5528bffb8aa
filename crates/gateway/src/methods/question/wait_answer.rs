//! `question.waitAnswer`: waits for what people say.

use std::time::Duration;

use openclaw_protocol::event::AnswersShown;

use super::{KINDS, unknown};
use crate::{
    approvals::{self, answers, question_status},
    methods::{exec::asked, prelude::*},
};

params! {
    /// For which questions, and how long.
    {
        /// Their name.
        id: String,
        /// Milliseconds; until they are over when absent.
        #[serde(default)]
        timeout_ms: Option<u64>,
    } understood {}
}

/// How far they are.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// `pending`, `answered`, `cancelled` or `expired`.
    status: &'static str,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<AnswersShown>,
}

pub(crate) struct WaitAnswer;

impl Method for WaitAnswer {
    const NAME: &'static str = "question.waitAnswer";
    const ABOUT: &'static str = "Waits for what people answer; status pending when they have not by then.";
    const ACCESS: Access = Access::Scope(Scope::Questions);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let approval = match call.state().approvals.waiting(&params.id, KINDS) {
            Some(waiting) => {
                let asked = std::sync::Arc::clone(&waiting.approval);
                let longest = Duration::from_millis(params.timeout_ms.unwrap_or(u64::MAX).min(approvals::LONGEST_MS));
                match tokio::time::timeout(longest, asked::ended(&call, waiting)).await {
                    Ok(ended) => ended?,
                    Err(_) => asked,
                }
            }
            None => approvals::find(call.state(), &params.id, KINDS).await?.ok_or_else(unknown)?,
        };
        Ok(Reply { status: question_status(&approval), answers: answers(&approval) })
    }
}
