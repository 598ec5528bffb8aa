//! Stable numbers of agents, kept in the store (SPEC-NOTES 9).

use std::collections::HashMap;

use openclaw_protocol::AgentId;
use openclaw_store::{Change, Error, Outcome, Reader, Store, Transaction};
use serde_json::json;

use crate::{audit::gateway_audit, settings::AgentSettings};

/// The numbers of all agents that ever were, among them these, which get one when they have none.
///
/// # Errors
/// The store's.
pub(crate) async fn ensure(store: &Store, agents: &[AgentSettings]) -> Result<HashMap<AgentId, i64>, Error> {
    let known = store.read(Reader::agents).await?;
    let mut numbers: HashMap<AgentId, i64> = known.into_iter().map(|agent| (agent.agent_id, agent.number)).collect();
    let missing: Vec<Change> = agents
        .iter()
        .filter(|agent| !numbers.contains_key(&agent.id))
        .map(|agent| Change::EnsureAgent { agent_id: agent.id.clone() })
        .collect();
    // A transaction takes only so many changes.
    for some in missing.chunks(openclaw_store::MAX_CHANGES) {
        let audit = gateway_audit("agents.numbered", json!({ "count": some.len() }));
        let committed = store.write(Transaction { changes: some.to_vec(), audit, idempotency: None }).await?;
        numbers.extend(committed.outcomes.into_iter().filter_map(|outcome| match outcome {
            Outcome::Agent(agent) => Some((agent.agent_id, agent.number)),
            _ => None,
        }));
    }
    Ok(numbers)
}
