//! `question.list`: questions that wait for people.

use openclaw_core::approval::Kind;
use openclaw_protocol::event::QuestionRecord;

use crate::{approvals, methods::prelude::*};

params! {
    /// Nothing is needed.
    {} understood {}
}

/// Oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    questions: Vec<QuestionRecord>,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "question.list";
    const ABOUT: &'static str = "Questions of agents that wait for people, oldest first.";
    const ACCESS: Access = Access::Scope(Scope::Questions);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let pending = call.state().approvals.pending();
        let of = pending.iter().filter(|one| one.approval.kind() == Kind::Question);
        Ok(Reply { questions: of.map(|one| approvals::question_record(&one.approval)).collect() })
    }
}
