//! `exec.approvals.set`: replaces the policy of commands.

use openclaw_core::approval::{Policy, Security, Wanted};
use openclaw_store::Transaction;

use super::approvals_get::Reply;
use crate::methods::prelude::*;

params! {
    /// The whole policy, and the state that was looked at.
    {
        /// What it shall say.
        file: Policy,
        /// `hash` of `exec.approvals.get`; needed unless there is no file yet.
        #[serde(default)]
        base_hash: Option<String>,
    } understood {}
}

pub(crate) struct PolicySet;

impl Method for PolicySet {
    const NAME: &'static str = "exec.approvals.set";
    const ABOUT: &'static str = "Replaces the policy of commands, if it is still what the caller looked at.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 10;
    const AUDIT: Audit = Audit::Change("exec.policy.changed");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let mut policy = params.file;
        policy.check().map_err(|problem| {
            let path = format!("params.file.{}", problem.at);
            WireError::params(format!("invalid exec.approvals.set params: {problem}")).with("path", path)
        })?;
        for agent in policy.agents.values_mut() {
            for entry in agent.allowlist.iter_mut().filter(|entry| entry.id.is_none()) {
                entry.id = Some(call.state().ids.uuid().to_string());
            }
        }
        let snapshot = call.state().approvals.policy.replace(policy, params.base_hash).await?;
        let effective = snapshot.policy.effective(None, Wanted::default());
        let open = effective.security == Security::Full
            || snapshot.policy.agents.values().any(|agent| agent.security == Some(Security::Full));
        let mut audit = call.audit(
            "exec.policy.changed",
            Self::NAME,
            None,
            json!({
                "hash": snapshot.hash, "security": effective.security, "ask": effective.ask,
                "askFallback": effective.ask_fallback, "agents": snapshot.policy.agents.len(),
            }),
        );
        if open {
            audit.severity = "warn".to_owned();
        }
        // The file is the policy; the record follows it.
        let written = call.state().store.write(Transaction { changes: Vec::new(), audit, idempotency: None }).await;
        written.map_err(|error| fault::store(&error))?;
        Ok(Reply::of(&call, snapshot))
    }
}
