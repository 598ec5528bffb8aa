//! What `agent`, `chat.send` and `sessions.create` share: from checked parameters to a submitted turn.

use openclaw_core::record::{Run, RunState, SessionSettings};
use openclaw_protocol::{AgentId, RunId, SessionKey, WireError, detail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    call::Call,
    cron::{SystemEvents, forgotten, lines},
    runs::{self, FailedAttempt, NamedModel, QueueMode, RunOutcome, Runs, Submission, Submitted, Tokens},
    settings,
    state::State,
};

/// Images that one message may carry.
const IMAGES: usize = 16;
/// Bytes of one message's text.
const TEXT_BYTES: usize = 1024 * 1024;

/// Something beside the text of a message.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attachment {
    /// `image` or `file`.
    #[serde(default, rename = "type")]
    #[expect(dead_code, reason = "the media type decides")]
    pub(crate) kind: Option<String>,
    /// For example `image/png`.
    #[serde(default)]
    pub(crate) mime_type: Option<String>,
    /// Name for people.
    #[serde(default)]
    #[expect(dead_code, reason = "models get no names of files")]
    pub(crate) file_name: Option<String>,
    /// Base64, with or without a `data:` prefix.
    #[serde(default)]
    pub(crate) content: Option<String>,
}

impl Attachment {
    /// A picture as a `data:` address. Nothing is fetched, so that no address is asked that only the gateway reaches.
    ///
    /// # Errors
    /// It is another kind of address.
    pub(crate) fn image(url: String) -> Result<Self, &'static str> {
        if !url.starts_with("data:") {
            return Err("images can only be sent as data: addresses; the gateway fetches nothing");
        }
        Ok(Self { kind: Some("image".to_owned()), mime_type: None, file_name: None, content: Some(url) })
    }
}

/// A turn as a caller asks for it.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) session_key: Option<SessionKey>,
    pub(crate) agent_id: Option<AgentId>,
    pub(crate) queue_mode: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) thinking: Option<String>,
    pub(crate) limits: runs::Limits,
    pub(crate) extra_system_prompt: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) timeout_ms: Option<u64>,
}

/// A turn that was submitted.
pub(crate) struct Turn {
    pub(crate) run_id: RunId,
    pub(crate) session_key: SessionKey,
    pub(crate) agent_id: AgentId,
    pub(crate) submitted: Submitted,
}

/// Checks and submits a turn. It is on stable storage when this returns.
pub(crate) async fn submit(call: &Call, ask: Ask, run_id: RunId) -> Result<Turn, WireError> {
    let state = call.state();
    if ask.text.len() > TEXT_BYTES {
        let text = format!("invalid {} params: at /message: longer than {TEXT_BYTES} bytes", ask.method);
        return Err(WireError::params(text).with("path", "params.message"));
    }
    let images = images(ask.method, &ask.attachments)?;
    if ask.text.trim().is_empty() && images.is_empty() {
        return Err(WireError::params("message or attachment required").with("path", "params.message"));
    }
    let named_agent = ask.agent_id.clone();
    let session_key = match (ask.session_key, &named_agent) {
        (Some(key), Some(agent)) => key.canonical(agent),
        (Some(key), None) => call.canonical(&key),
        (None, agent) => {
            let agent = agent.clone().unwrap_or_else(|| state.default_agent());
            SessionKey::new(format!("agent:{agent}:main")).map_err(|error| WireError::params(error.to_string()))?
        }
    };
    let agent = state.agent(&call.agent_of(&session_key))?;
    if let Some(named) = named_agent.filter(|named| *named != agent.id) {
        let text = format!("agent \"{named}\" does not own session {session_key}");
        return Err(WireError::params(text).with("path", "params.agentId"));
    }
    if let Some(model) = ask.model.as_ref().filter(|model| settings::model_ref(model).is_none()) {
        let text = format!("invalid {} params: at /model: must be provider/model, found \"{model}\"", ask.method);
        return Err(WireError::params(text).with("path", "params.model"));
    }
    let usual = settings_of(state, &session_key).await?;
    // A repeat is answered as the first was, whatever the session allows by now: it does nothing new.
    if usual.as_ref().and_then(|settings| settings.send_policy.as_deref()) == Some("deny")
        && !is_known(state, &run_id).await?
    {
        let text =
            "send blocked by session policy: sessions.patch with sendPolicy \"allow\" or null opens the session again";
        return Err(WireError::invalid("SEND_BLOCKED", text).with("sessionKey", session_key.as_str()));
    }
    let queue_mode = match ask.queue_mode.as_deref() {
        None => usual
            .as_ref()
            .and_then(|settings| settings.queue_mode.as_deref())
            .and_then(QueueMode::parse)
            .unwrap_or_default(),
        Some(word) => QueueMode::parse(word).ok_or_else(|| {
            let text =
                format!("invalid {} params: at /queueMode: must be steer, followup, collect or interrupt", ask.method);
            WireError::params(text).with("path", "params.queueMode")
        })?,
    };
    // What waits to be told in this session is told with the message.
    let events = SystemEvents::of(state, &session_key).await?;
    let text = if events.is_empty() { ask.text.clone() } else { format!("{}\n{}", lines(&events), ask.text) };
    let message = runs::user(&text, &images, run_id.as_str(), call.now_ms());
    let request_hash = hash(&session_key, &ask.text, &images);
    let detail = json!({ "runId": run_id, "bytes": ask.text.len(), "images": images.len() });
    let submission = Submission {
        run_id: run_id.clone(),
        session_key: session_key.clone(),
        queue_mode,
        message,
        model: ask.model,
        fallbacks: None,
        thinking: ask.thinking,
        limits: ask.limits,
        extra_system_prompt: ask.extra_system_prompt,
        label: ask.label,
        timeout_ms: ask.timeout_ms.filter(|ms| *ms > 0),
        request_hash: request_hash.clone(),
        principal: call.principal().audit_name(),
        trace: call.trace(),
        audit: call.audit("run.accepted", ask.method, Some(session_key.to_string()), detail),
        agent: agent.clone(),
        told: call.until_answered(),
        also: if events.is_empty() { Vec::new() } else { vec![forgotten(&events)] },
    };
    let submitted = Runs::submit(state, submission).await?;
    if matches!(submitted, Submitted::Accepted { .. }) {
        state.cron.events.told(&session_key, events.len());
    }
    if let Submitted::Known(run) = &submitted
        && (run.request_hash != request_hash || run.session_key != session_key)
    {
        let text = format!("idempotency key \"{run_id}\" was used before for another request; use a new key");
        return Err(WireError::invalid(detail::CONFLICT, text).with("path", "params.idempotencyKey"));
    }
    Ok(Turn { run_id, session_key, agent_id: agent.id, submitted })
}

/// What people set for a session; `None` for one that does not exist yet.
async fn settings_of(state: &State, key: &SessionKey) -> Result<Option<SessionSettings>, WireError> {
    let key = key.clone();
    let read = state.store.read(move |reader| reader.get_session(&key)).await;
    Ok(read.map_err(|error| crate::fault::store(&error))?.map(|session| session.settings))
}

/// Whether there is a run of this name already.
async fn is_known(state: &State, run_id: &RunId) -> Result<bool, WireError> {
    let wanted = run_id.clone();
    let read = state.store.read(move |reader| reader.get_run(&wanted)).await;
    Ok(read.map_err(|error| crate::fault::store(&error))?.is_some())
}

fn hash(key: &SessionKey, text: &str, images: &[(String, String)]) -> String {
    let mut hash = Sha256::new();
    for part in
        [key.as_str(), text].into_iter().chain(images.iter().flat_map(|(mime, data)| [mime.as_str(), data.as_str()]))
    {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    openclaw_core::hex(&hash.finalize())
}

fn images(method: &str, attachments: &[Attachment]) -> Result<Vec<(String, String)>, WireError> {
    let refuse = |at: usize, what: &str| {
        let text = format!("invalid {method} params: at /attachments/{at}: {what}");
        Err(WireError::params(text).with("path", format!("params.attachments[{at}]")))
    };
    if attachments.len() > IMAGES {
        return refuse(IMAGES, &format!("at most {IMAGES} attachments"));
    }
    let mut images = Vec::new();
    for (at, attachment) in attachments.iter().enumerate() {
        let Some(content) = attachment.content.as_deref() else { return refuse(at, "content is missing") };
        let (mime, data) = match content.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
            Some((mime, data)) => (mime, data),
            None => (attachment.mime_type.as_deref().unwrap_or_default(), content),
        };
        if !matches!(mime, "image/png" | "image/jpeg" | "image/gif" | "image/webp") {
            return refuse(at, "only png, jpeg, gif and webp images can be sent; mimeType says which");
        }
        use base64::Engine;
        if base64::engine::general_purpose::STANDARD.decode(data).is_err() {
            return refuse(at, "content is not base64");
        }
        images.push((mime.to_owned(), data.to_owned()));
    }
    Ok(images)
}

/// The run when it has ended, waiting at most until `deadline`.
pub(crate) async fn ended(
    call: &Call,
    run_id: &RunId,
    timeout: Option<std::time::Duration>,
) -> Result<Option<Run>, WireError> {
    ended_run(call.state(), run_id, timeout).await
}

/// As [`ended`], for work that nobody asked for over a connection.
pub(crate) async fn ended_run(
    state: &State,
    run_id: &RunId,
    timeout: Option<std::time::Duration>,
) -> Result<Option<Run>, WireError> {
    let told = state.runs.wait(run_id)?;
    let wanted = run_id.clone();
    let read = match state.store.read(move |reader| reader.get_run(&wanted)).await {
        Ok(read) => read,
        Err(error) => {
            drop(told);
            state.runs.forget_waiters(run_id);
            return Err(crate::fault::store(&error));
        }
    };
    if let Some(run) = read.filter(|run| run.state.ended()) {
        drop(told);
        state.runs.forget_waiters(run_id);
        return Ok(Some(run));
    }
    let run = match timeout {
        None => told.await.ok(),
        Some(timeout) => tokio::time::timeout(timeout, told).await.ok().and_then(Result::ok),
    };
    state.runs.forget_waiters(run_id);
    Ok(run)
}

/// The word by which clients know how a run ended.
pub(crate) fn status_word(run: &Run) -> &'static str {
    match run.state {
        RunState::Accepted | RunState::Running => "in_flight",
        RunState::Final => "ok",
        RunState::Aborted | RunState::Error | RunState::Interrupted => "error",
    }
}

/// What went wrong with a run.
pub(crate) fn error_text(run: &Run) -> String {
    match (run.state, RunOutcome::of(run).error) {
        (_, Some(error)) => error,
        (RunState::Aborted, None) => "aborted".to_owned(),
        (RunState::Interrupted, None) => "interrupted: the gateway stopped in the middle of it".to_owned(),
        _ => "the run failed".to_owned(),
    }
}

/// The error of a call whose run did not end well, with every attempt that was made.
pub(crate) fn failed(run: &Run) -> WireError {
    let error = WireError::unavailable(detail::MODEL_UNAVAILABLE, error_text(run)).with("runId", run.run_id.as_str());
    match serde_json::to_value(RunOutcome::of(run).failed_attempts) {
        Ok(attempts) if attempts.as_array().is_some_and(|attempts| !attempts.is_empty()) => {
            error.with("failedAttempts", attempts)
        }
        _ => error,
    }
}

/// The result of a run, as `agent` answers it (PROTOCOL §6.1).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunResult {
    payloads: [Payload; 1],
    meta: RunMeta,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Payload {
    text: String,
    media_url: Option<String>,
}

/// What a run took.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunMeta {
    /// From the beginning to the end.
    duration_ms: u64,
    agent_meta: AgentMeta,
}

/// Which model answered, and what it took.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AgentMeta {
    session_id: SessionKey,
    /// Of the model that answered, or was asked last.
    provider: String,
    model: String,
    /// Over all attempts.
    usage: Tokens,
    /// Of the last attempt.
    last_call_usage: Tokens,
    /// Tokens that the last attempt read.
    prompt_tokens: u64,
    /// Over all attempts, when the prices are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<f64>,
    /// From the beginning to the first word.
    #[serde(skip_serializing_if = "Option::is_none")]
    ttft_ms: Option<u64>,
    /// How often a model was asked.
    attempts: u32,
    /// Attempts that failed, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed_attempts: Vec<FailedAttempt>,
    terminal_receipt: Receipt,
    /// The trace that the request belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

/// Whether the wanted model answered.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    run_id: RunId,
    requested: NamedModel,
    effective: NamedModel,
    rerouted: bool,
}

/// What a run took, as `agent` and `agent.wait` tell it; nothing when no model was to be asked.
pub(crate) fn meta(run: &Run) -> Option<RunMeta> {
    let outcome = RunOutcome::of(run);
    if outcome.provider.is_empty() {
        return None;
    }
    let effective = NamedModel { provider: outcome.provider.clone(), model: outcome.model.clone() };
    // Rows from before fallbacks were known name one model only.
    let requested = if outcome.requested == NamedModel::default() { effective.clone() } else { outcome.requested };
    Some(RunMeta {
        duration_ms: outcome.duration_ms,
        agent_meta: AgentMeta {
            session_id: run.session_key.clone(),
            provider: outcome.provider,
            model: outcome.model,
            prompt_tokens: outcome.last_call_usage.prompt(),
            cost_usd: outcome.usage.cost(),
            usage: outcome.usage,
            last_call_usage: outcome.last_call_usage,
            ttft_ms: outcome.ttft_ms,
            attempts: outcome.attempts,
            failed_attempts: outcome.failed_attempts,
            terminal_receipt: Receipt {
                run_id: run.run_id.clone(),
                rerouted: requested != effective,
                requested,
                effective,
            },
            trace_id: outcome.trace_id,
        },
    })
}

/// The result of a run that ended well.
pub(crate) fn result(run: &Run) -> Option<RunResult> {
    let text = RunOutcome::of(run).text;
    Some(RunResult { payloads: [Payload { text, media_url: None }], meta: meta(run)? })
}
