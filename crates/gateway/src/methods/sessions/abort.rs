//! `sessions.abort`: stops the run at work in a session, or the run that is named.

use crate::{methods::prelude::*, runs::Runs};

params! {
    /// Which session, or which run.
    {
        /// Session key.
        #[serde(default)]
        key: Option<SessionKey>,
        /// Only this run.
        #[serde(default)]
        run_id: Option<RunId>,
        /// Whether turns that wait go, too; true when absent.
        #[serde(default)]
        clear_queued: Option<bool>,
    } understood { agent_id }
}

/// What was stopped.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    /// The run that was at work.
    aborted_run_id: Option<RunId>,
    /// `aborted` or `no-active-run`.
    status: &'static str,
}

pub(crate) struct Abort;

impl Method for Abort {
    const NAME: &'static str = "sessions.abort";
    const ABOUT: &'static str =
        "Stops the run at work in a session, or the run that is named. Nothing to stop is no error.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::Change("run.aborted");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let known = match params.run_id.clone() {
            Some(run_id) => {
                let read = state.store.read(move |reader| reader.get_run(&run_id)).await;
                read.map_err(|error| fault::store(&error))?
            }
            None => None,
        };
        let key = match (params.key.map(|key| call.canonical(&key)), &known) {
            (Some(key), Some(run)) if run.session_key != key => {
                return Err(WireError::params("runId does not match key").with("path", "params.runId"));
            }
            (Some(key), _) => key,
            (None, Some(run)) => run.session_key.clone(),
            (None, None) if params.run_id.is_some() => {
                return Ok(Reply { ok: true, aborted_run_id: None, status: "no-active-run" });
            }
            (None, None) => {
                let text = "invalid sessions.abort params: at root: one of key and runId is needed";
                return Err(WireError::params(text).with("path", "params"));
            }
        };
        let only = match (params.run_id, params.clear_queued) {
            (Some(run_id), _) => Some(run_id),
            (None, Some(false)) => match state.runs.active_run(&key) {
                Some(run_id) => Some(run_id),
                None => return Ok(Reply { ok: true, aborted_run_id: None, status: "no-active-run" }),
            },
            (None, _) => None,
        };
        let aborted_run_id = Runs::abort(state, &key, only, "rpc").await?.into_iter().next();
        let status = if aborted_run_id.is_some() { "aborted" } else { "no-active-run" };
        Ok(Reply { ok: true, aborted_run_id, status })
    }
}
