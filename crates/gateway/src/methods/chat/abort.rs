//! `chat.abort`: stops the run at work in a conversation.

use crate::{methods::prelude::*, runs::Runs};

params! {
    /// What to stop.
    {
        /// Session key.
        session_key: SessionKey,
        /// Only this run; otherwise the one at work and all that wait.
        #[serde(default)]
        run_id: Option<RunId>,
    } understood { agent_id preserve_side_runs }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    /// Whether there was anything to stop.
    aborted: bool,
    /// What was stopped.
    run_ids: Vec<RunId>,
}

pub(crate) struct Abort;

impl Method for Abort {
    const NAME: &'static str = "chat.abort";
    const ABOUT: &'static str = "Stops the run at work in a conversation. Nothing to stop is no error.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::Change("run.aborted");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let key = call.canonical(&params.session_key);
        if let Some(run_id) = params.run_id.clone() {
            let wanted = run_id.clone();
            let run =
                state.store.read(move |reader| reader.get_run(&wanted)).await.map_err(|error| fault::store(&error))?;
            if run.is_some_and(|run| run.session_key != key) {
                return Err(WireError::params("runId does not match sessionKey").with("path", "params.runId"));
            }
        }
        let run_ids = Runs::abort(state, &key, params.run_id, "rpc").await?;
        Ok(Reply { ok: true, aborted: !run_ids.is_empty(), run_ids })
    }
}
