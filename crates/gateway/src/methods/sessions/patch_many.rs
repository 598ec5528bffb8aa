//! `sessions.patchMany`: the same change of several sessions, each for itself.

use serde_json::Map;

use super::patch;
use crate::methods::prelude::*;

/// Sessions of one call.
const TARGETS: usize = 200;

params! {
    /// What to change, and where.
    {
        /// 1 to 200 sessions.
        targets: Vec<Target>,
        /// As `sessions.patch` takes it, without `key`.
        patch: Map<String, Value>,
    } understood {}
}

/// A session to change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Target {
    key: SessionKey,
    #[serde(default)]
    agent_id: Option<AgentId>,
    /// Refused when the session has another transcript now.
    #[serde(default)]
    expected_session_id: Option<String>,
    /// Refused: revisions are not counted.
    #[serde(default)]
    expected_lifecycle_revision: Option<String>,
}

/// What became of each.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// In the order of the targets.
    outcomes: Vec<Outcome>,
}

/// What became of one.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    ok: bool,
    key: SessionKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<AgentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal>,
}

/// Why one was left as it is.
#[derive(Serialize, JsonSchema)]
struct Refusal {
    code: String,
    message: String,
    retryable: bool,
}

pub(crate) struct PatchMany;

impl Method for PatchMany {
    const NAME: &'static str = "sessions.patchMany";
    const ABOUT: &'static str = "Makes the same change of several sessions, each for itself.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("session.patched");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        if params.targets.is_empty() || params.targets.len() > TARGETS {
            let text = format!("invalid sessions.patchMany params: at /targets: must have 1 to {TARGETS} entries");
            return Err(WireError::params(text).with("path", "params.targets"));
        }
        if let Some(name) =
            ["key", "agentId", "expectedSessionId"].iter().find(|name| params.patch.contains_key(**name))
        {
            let text = format!("invalid sessions.patchMany params: at /patch/{name}: belongs to a target");
            return Err(WireError::params(text).with("path", format!("params.patch.{name}")));
        }
        let mut changes = Vec::with_capacity(params.targets.len());
        // All of them are read before the first is made, so that a patch that is none changes nothing.
        for target in params.targets {
            let mut whole = params.patch.clone();
            whole.insert("key".to_owned(), json!(target.key));
            if let Some(id) = target.expected_session_id {
                whole.insert("expectedSessionId".to_owned(), json!(id));
            }
            for (name, value) in [
                ("expectedLifecycleRevision", target.expected_lifecycle_revision.map(Value::String)),
                ("agentId", target.agent_id.as_ref().map(|agent| json!(agent))),
            ] {
                whole.extend(value.map(|value| (name.to_owned(), value)));
            }
            let raw = serde_json::value::to_raw_value(&whole).map_err(|error| WireError::params(error.to_string()))?;
            let change = openclaw_protocol::params::read::<patch::Params>(Some(&raw)).map_err(|problem| {
                let place = problem.place.trim_start_matches("root").trim_start_matches('/');
                let text = format!("invalid sessions.patchMany params: at /patch/{place}: {}", problem.what);
                WireError::params(text).with("path", problem.path.replacen("params", "params.patch", 1))
            })?;
            changes.push((target.key, target.agent_id, change));
        }
        let mut outcomes = Vec::with_capacity(changes.len());
        for (key, agent_id, change) in changes {
            let error = patch::apply(&call, change).await.err().map(|error| Refusal {
                code: serde_json::to_value(error.code)
                    .ok()
                    .and_then(|code| Some(code.as_str()?.to_owned()))
                    .unwrap_or_default(),
                message: error.message.into_owned(),
                retryable: error.retryable,
            });
            outcomes.push(Outcome { ok: error.is_none(), key, agent_id, error });
        }
        Ok(Reply { outcomes })
    }
}
