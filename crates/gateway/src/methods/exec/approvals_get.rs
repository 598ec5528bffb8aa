//! `exec.approvals.get`: which commands may run.

use openclaw_core::approval::{Ask, Policy, Security, Wanted};

use crate::{approvals::Snapshot, methods::prelude::*};

params! {
    /// Nothing is needed.
    {} understood {}
}

/// The policy file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Where it is.
    path: String,
    /// Whether there is one.
    exists: bool,
    /// Names this state of it, for the `baseHash` of `exec.approvals.set`.
    hash: String,
    /// What it says, without the secret of its socket.
    file: Policy,
    /// What holds where it says nothing; in dialect 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_defaults: Option<ResolvedDefaults>,
}

/// What holds where nothing else is said.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ResolvedDefaults {
    security: Security,
    ask: Ask,
    ask_fallback: Security,
    auto_allow_skills: bool,
}

impl Reply {
    pub(super) fn of(call: &Call, snapshot: Snapshot) -> Self {
        let Snapshot { exists, hash, mut policy } = snapshot;
        if let Some(socket) = &mut policy.socket {
            socket.token = None;
        }
        let resolved_defaults = (call.dialect() == Dialect::V4).then(|| {
            let effective = policy.effective(None, Wanted::default());
            ResolvedDefaults {
                security: effective.security,
                ask: effective.ask,
                ask_fallback: effective.ask_fallback,
                auto_allow_skills: effective.auto_allow_skills,
            }
        });
        let path = call.state().approvals.policy.path().display().to_string();
        Self { path, exists, hash, file: policy, resolved_defaults }
    }
}

pub(crate) struct PolicyGet;

impl Method for PolicyGet {
    const NAME: &'static str = "exec.approvals.get";
    const ABOUT: &'static str = "The policy of commands: what may run, and about what people are asked.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let snapshot = call.state().approvals.policy.read().await?;
        Ok(Reply::of(&call, snapshot))
    }
}
