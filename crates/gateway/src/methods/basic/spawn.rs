//! `spawn`: starts a program on the gateway's host (spec 001).

use crate::{
    methods::prelude::*,
    spawns::{self, Approved, Asked},
};

params! {
    /// The program to start.
    {
        /// Program name or absolute path, exactly as listed in `spawn.allow`.
        command: String,
        /// Its arguments. Never passed to a shell.
        #[serde(default)]
        args: Vec<String>,
        /// Variables set for it. `AGENT_NAME` names it in events and in the log.
        #[serde(default)]
        env: std::collections::BTreeMap<String, String>,
        /// Folder it starts in: absolute, and below `spawn.roots` if there are any.
        #[serde(default)]
        cwd: Option<String>,
        /// Whether its output waits for `spawn.output` to ask for it, as long as somebody goes on asking. Otherwise the oldest goes.
        #[serde(default)]
        follow: bool,
        /// An approval of exactly this program, which is used up: `exec.approval.request` with `host: "gateway"` or none. It is needed
        /// besides `spawn.allow`, not instead.
        #[serde(default)]
        approval_id: Option<String>,
        /// For which agent the approval is.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// For which session the approval is.
        #[serde(default)]
        session_key: Option<SessionKey>,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// The request's id, as `spawn_result` shows it.
    id: String,
    /// Names the program for good.
    spawn_id: String,
    /// Its process.
    pid: Option<u32>,
    /// `running`.
    status: &'static str,
}

pub(crate) struct Spawn;

impl Method for Spawn {
    const NAME: &'static str = "spawn";
    const ABOUT: &'static str =
        "Starts a program that spawn.allow lists. How it ends is told by spawn_result, what it writes by log events.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 10;
    const AUDIT: Audit = Audit::Change("spawn.started");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        call.state().metrics.spawn_requests.inc();
        let Params { command, args, env, cwd, follow, approval_id, agent_id, session_key } = params;
        if approval_id.is_none() && (agent_id.is_some() || session_key.is_some()) {
            let text = "agentId and sessionKey say what an approval is for; approvalId is missing";
            return Err(WireError::params(text).with("path", "params.approvalId"));
        }
        let session_key = session_key.map(|key| call.canonical(&key));
        let agent_id = agent_id.or_else(|| session_key.as_ref().map(|key| call.agent_of(key)));
        let approval = approval_id.map(|id| Approved { id, agent_id, session_key });
        let live = spawns::start(&call, Asked { command, args, env, cwd, follow, approval }).await?;
        let spawned = &live.spawned;
        Ok(Reply {
            id: spawned.request_id.clone(),
            spawn_id: spawned.spawn_id.to_string(),
            pid: spawned.pid,
            status: spawned.state.as_str(),
        })
    }
}
