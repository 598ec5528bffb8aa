//! `question.request`: an agent asks people.

use openclaw_core::approval::{Approval, Question, Questions, Subject, check_questions};

use super::bad;
use crate::{
    approvals,
    methods::{exec::asked, prelude::*},
};

/// Milliseconds that people have.
const USUAL_MS: u64 = 900_000;

params! {
    /// What is asked.
    {
        /// Name of the questions; made when absent.
        #[serde(default)]
        id: Option<String>,
        /// One to three.
        questions: Vec<Question>,
        /// For which agent; the session's when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// In which session.
        #[serde(default)]
        session_key: Option<SessionKey>,
        /// In which run.
        #[serde(default)]
        run_id: Option<RunId>,
        /// Milliseconds that people have; 900,000 when absent, a day at most.
        #[serde(default)]
        timeout_ms: Option<u64>,
    } understood {}
}

/// People are asked.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Name of the questions.
    id: String,
    /// From when on nobody can answer.
    expires_at_ms: i64,
}

pub(crate) struct Request;

impl Method for Request {
    const NAME: &'static str = "question.request";
    const ABOUT: &'static str = "Asks people one to three questions; question.waitAnswer waits for what they say.";
    const ACCESS: Access = Access::Scope(Scope::Questions);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("question.requested");
    const REPEAT: Repeat = Repeat::Fresh;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        check_questions(&params.questions).map_err(|problem| bad(&problem))?;
        if let Some(at) = params.questions.iter().position(|question| question.is_secret) {
            // What people answer is kept and told; a secret may be neither.
            let error = fault::not_yet("asking for secrets (isSecret)");
            return Err(error.with("path", format!("params.questions[{at}].isSecret")));
        }
        let texts = params.questions.iter().flat_map(|question| {
            let options = question
                .options
                .iter()
                .flat_map(|option| [Some(option.label.as_str()), option.description.as_deref()].into_iter().flatten());
            options.chain([question.question.as_str()])
        });
        asked::bounded(texts)?;
        let timeout = match params.timeout_ms {
            Some(_) => asked::timeout(&call, params.timeout_ms, USUAL_MS)?,
            None => i64::try_from(USUAL_MS).unwrap_or(i64::MAX),
        };
        let session = params.session_key.map(|key| call.canonical(&key));
        let agent = params.agent_id.or_else(|| session.as_ref().map(|key| call.agent_of(key)));
        let now = call.now_ms();
        let approval = Approval {
            id: asked::id(&call, params.id)?,
            subject: Subject::Question(Questions { questions: params.questions }),
            asked_by: approvals::person(&call),
            agent_id: agent.map(|agent| agent.to_string()),
            session_key: session.map(|key| key.to_string()),
            run_id: params.run_id.map(|run| run.to_string()),
            created_at: now,
            expires_at: now.saturating_add(timeout),
            ending: None,
            reviewers: Vec::new(),
            quiet: false,
            redeemed_at: None,
        };
        let (id, expires_at_ms) = (approval.id.clone(), approval.expires_at);
        let detail = json!({ "agentId": approval.agent_id, "sessionKey": approval.session_key });
        let audit = call.audit("question.requested", Self::NAME, Some(id.clone()), detail);
        call.state().approvals.ask(approval, Some(call.conn().number.number()), audit).await?;
        Ok(Reply { id, expires_at_ms })
    }
}
