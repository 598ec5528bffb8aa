//! `question.resolve`: somebody answers, or takes the questions back.

use openclaw_core::approval::{Answers, Input, Subject, check_answers};
use openclaw_protocol::event::AnswersShown;

use super::{KINDS, bad, over, unknown};
use crate::{
    approvals::{self, Resolved, answers, question_status},
    methods::prelude::*,
};

params! {
    /// What is answered.
    {
        /// Name of the questions.
        id: String,
        /// What is answered, by question.
        #[serde(default)]
        answers: Option<Given>,
        /// `true` takes the questions back.
        #[serde(default)]
        cancel: Option<bool>,
    } understood { resolved_by secret_store_allowed_hosts }
}

/// What is answered.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Given {
    /// By question.
    answers: Answers,
}

/// What stands now.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// `answered` or `cancelled`.
    status: &'static str,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<AnswersShown>,
}

pub(crate) struct Resolve;

impl Method for Resolve {
    const NAME: &'static str = "question.resolve";
    const ABOUT: &'static str = "Answers an agent's questions, or takes them back. The first answer counts.";
    const ACCESS: Access = Access::Scope(Scope::Questions);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("question.resolved");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let known = approvals::find(state, &params.id, KINDS).await?.ok_or_else(unknown)?;
        let person = approvals::person(&call);
        let input = match (params.answers, params.cancel) {
            (Some(given), None) => {
                if let Subject::Question(asked) = &known.subject {
                    check_answers(&asked.questions, &given.answers).map_err(|problem| bad(&problem))?;
                }
                Input::Answer(given.answers, person)
            }
            (None, Some(true)) => Input::Withdraw(person),
            _ => {
                let text = "either answers or cancel: true is needed";
                return Err(WireError::params(text).with("path", "params.answers"));
            }
        };
        // What people answer is theirs; the audit keeps that they did.
        let audit = call.audit("question.resolved", Self::NAME, Some(params.id.clone()), Value::Null);
        match state.approvals.input(params.id, input, None, audit).await? {
            Resolved::Applied(approval) | Resolved::Repeated(approval) => {
                Ok(Reply { status: question_status(&approval), answers: answers(&approval) })
            }
            Resolved::Over(approval) => Err(over(question_status(&approval))),
            Resolved::Unknown | Resolved::NotOffered(_) | Resolved::OtherKind => Err(unknown()),
        }
    }
}
