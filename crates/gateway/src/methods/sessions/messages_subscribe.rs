//! `sessions.messages.subscribe`: follows one session's messages.

use openclaw_protocol::event::ApprovalSnapshot;

use crate::{approvals, hub::FOLLOWED_SESSIONS, methods::prelude::*};

params! {
    /// Which session.
    {
        /// Session key.
        key: SessionKey,
        /// Adds the approvals of the session, those that wait and those to come; needs operator.approvals.
        #[serde(default)]
        include_approvals: bool,
    } understood { agent_id }
}

/// The session is followed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// `true`.
    subscribed: bool,
    /// Canonical key.
    key: SessionKey,
    /// Approvals of the session that wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    approval_replay: Option<ApprovalReplay>,
}

/// Approvals of a session that wait (official `SessionApprovalReplay`).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ApprovalReplay {
    /// Canonical key.
    session_key: SessionKey,
    /// Now.
    updated_at_ms: i64,
    /// Oldest first; all of them.
    approvals: Vec<ApprovalSnapshot>,
    /// `false`.
    truncated: bool,
}

pub(crate) struct MessagesSubscribe;

impl Method for MessagesSubscribe {
    const NAME: &'static str = "sessions.messages.subscribe";
    const ABOUT: &'static str =
        "Follows one session: session.message events come to this connection, and session.approval when asked for.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;
    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let key = call.canonical(&params.key);
        if !call.state().hub.follow_messages(call.conn().number, key.clone()) {
            let text =
                format!("a connection follows at most {FOLLOWED_SESSIONS} sessions; unsubscribe from some first");
            return Err(WireError::unavailable(detail::QUEUE_FULL, text));
        }
        let state = call.state();
        // Whoever may not see approvals follows the messages alone.
        let approvals = params.include_approvals && call.principal().may(Scope::Approvals);
        state.hub.follow_approvals(call.conn().number, &key, approvals);
        let approval_replay = approvals.then(|| {
            let waiting = state.approvals.of_session(&key);
            ApprovalReplay {
                session_key: key.clone(),
                updated_at_ms: call.now_ms(),
                approvals: waiting
                    .iter()
                    .filter(|one| !one.quiet && approvals::may_see(&call, one))
                    .filter_map(|approval| approvals::snapshot(approval))
                    .collect(),
                truncated: false,
            }
        });
        Ok(Reply { subscribed: true, key, approval_replay })
    }
}
