//! `sessions.send` and `sessions.steer`: say something in a session that is there.

use crate::{
    methods::prelude::*,
    runs::Submitted,
    turn::{self, Ask, Attachment},
};

params! {
    /// What to say, and where.
    {
        /// Session key.
        key: SessionKey,
        /// The text, at most 1 MiB.
        message: String,
        /// Thinking level for this turn.
        #[serde(default)]
        thinking: Option<String>,
        /// Images.
        #[serde(default)]
        attachments: Vec<Attachment>,
        /// How long the run may take, milliseconds.
        #[serde(default)]
        timeout_ms: Option<u64>,
        /// Names the run. The same key again does not run twice.
        #[serde(default)]
        idempotency_key: Option<RunId>,
    } understood { agent_id }
}

/// The run that began.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    run_id: RunId,
    /// `started`; of a repeated request `in_flight` or `ok`.
    status: &'static str,
    session_key: SessionKey,
    /// Of `sessions.steer`: whether a run was ended for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    interrupted_active_run: Option<bool>,
}

pub(crate) struct Send;

impl Method for Send {
    const NAME: &'static str = "sessions.send";
    const ABOUT: &'static str = "Says something in a session that is there; the reply streams as chat events.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("run.accepted");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        say::<Self>(&call, params, None).await
    }
}

pub(crate) struct Steer;

impl Method for Steer {
    const NAME: &'static str = "sessions.steer";
    const ABOUT: &'static str = "Says something in a session at once: the run at work there is ended for it.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("run.accepted");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        say::<Self>(&call, params, Some("interrupt")).await
    }
}

async fn say<M: Method>(call: &Call, params: Params, queue_mode: Option<&str>) -> Result<Reply, WireError> {
    let state = call.state();
    let key = call.canonical(&params.key);
    let wanted = key.clone();
    let known = state.store.read(move |reader| reader.get_session(&wanted)).await;
    if known.map_err(|error| fault::store(&error))?.is_none() {
        return Err(super::unknown(&key));
    }
    let run_id = match params.idempotency_key {
        Some(run_id) => run_id,
        None => RunId::new(state.ids.uuid().to_string()).map_err(|error| WireError::params(error.to_string()))?,
    };
    let at_work = state.runs.active_run(&key).is_some_and(|active| active != run_id);
    let ask = Ask {
        method: M::NAME,
        text: params.message,
        attachments: params.attachments,
        session_key: Some(key.clone()),
        queue_mode: queue_mode.map(str::to_owned),
        thinking: params.thinking,
        timeout_ms: params.timeout_ms,
        ..Ask::default()
    };
    let turn = turn::submit(call, ask, run_id).await?;
    let (status, is_new) = match turn.submitted {
        Submitted::Accepted { .. } => ("started", true),
        Submitted::Known(run) => match turn::status_word(&run) {
            "error" => return Err(turn::failed(&run)),
            word => (word, false),
        },
    };
    let interrupted_active_run = queue_mode.map(|_| at_work && is_new);
    Ok(Reply { run_id: turn.run_id, status, session_key: key, interrupted_active_run })
}
