//! `question.get`: questions, waiting or over.

use openclaw_protocol::event::QuestionRecord;

use super::{KINDS, unknown};
use crate::{approvals, methods::prelude::*};

params! {
    /// Which questions.
    { id: String, } understood {}
}

/// Questions.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    question: QuestionRecord,
}

pub(crate) struct Get;

impl Method for Get {
    const NAME: &'static str = "question.get";
    const ABOUT: &'static str = "An agent's questions, waiting or over.";
    const ACCESS: Access = Access::Scope(Scope::Questions);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let approval = approvals::find(call.state(), &params.id, KINDS).await?.ok_or_else(unknown)?;
        Ok(Reply { question: approvals::question_record(&approval) })
    }
}
