//! `chat.history`: what was said in a conversation.

use openclaw_store::MessageQuery;

use super::shown;
use crate::methods::prelude::*;

params! {
    /// Where, and how much.
    {
        /// Session key.
        session_key: SessionKey,
        /// Most messages, 1 to 1,000; 200 when absent.
        #[serde(default)]
        limit: Option<usize>,
        /// Messages to pass over, counted from the newest.
        #[serde(default)]
        offset: Option<u64>,
        /// Longest text of a message, characters.
        #[serde(default)]
        max_chars: Option<usize>,
    } understood { agent_id cursor pending_before input_run_ids message_id session_id max_bytes }
}

pub(crate) struct History;

impl Method for History {
    const NAME: &'static str = "chat.history";
    const ABOUT: &'static str = "What was said in a conversation, newest page, oldest first.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let limit = params.limit.unwrap_or(200);
        if !(1..=1000).contains(&limit) {
            let text = format!("invalid chat.history params: at /limit: must be 1 to 1000, found {limit}");
            return Err(WireError::params(text).with("path", "params.limit"));
        }
        page(&call, &params.session_key, limit, params.offset.unwrap_or(0), params.max_chars).await
    }
}

/// A page of a conversation with what clients need beside it.
pub(in crate::methods) async fn page(
    call: &Call,
    key: &SessionKey,
    limit: usize,
    offset: u64,
    max_chars: Option<usize>,
) -> Result<Value, WireError> {
    let state = call.state();
    let key = call.canonical(key);
    let agent = state.agent(&call.agent_of(&key)).or_else(|_| state.agent(&state.default_agent()))?;
    let wanted = key.clone();
    let read = state.store.read(move |reader| {
        let session = reader.get_session(&wanted)?;
        let newest = session.as_ref().map_or(0, |session| session.message_count);
        let before_seq = match offset {
            0 => None,
            _ => {
                let last = reader.messages(&wanted, &MessageQuery { limit: 1, ..MessageQuery::default() })?;
                // Lines are numbered without gaps.
                Some(last.first().map_or(1, |last| (last.seq + 1).saturating_sub(offset).max(1)))
            }
        };
        let lines = reader.messages(&wanted, &MessageQuery { limit, before_seq, ..MessageQuery::default() })?;
        Ok((session, newest, lines))
    });
    let (session, total, lines) = read.await.map_err(|error| fault::store(&error))?;
    let has_more = !lines.is_empty() && (lines.len() as u64).saturating_add(offset) < total;
    let messages = shown::within_bytes(lines.iter().map(|line| shown::message(line, max_chars)).collect());
    let model = crate::runs::model_of(state, session.as_ref(), &agent);
    let context = state.active().registry.resolve(&model).map_or(0, |(_, info)| info.context_window);
    let mut reply = json!({
        "sessionKey": key,
        "messages": messages,
        "hasMore": has_more,
        "totalMessages": total,
        "pendingInputs": { "items": [], "total": 0 },
        "defaults": { "modelProvider": model.provider, "model": model.model, "contextTokens": context },
    });
    if let Some(session) = &session {
        reply["sessionId"] = json!(session.session_id);
        reply["sessionInfo"] = crate::rows::row_answered(state, session, &lines);
        if let Some(level) = &session.settings.thinking_level {
            reply["thinkingLevel"] = json!(level);
        }
        if let Some(level) = &session.settings.verbose_level {
            reply["verboseLevel"] = json!(level);
        }
    }
    if let Some(run_id) = state.runs.active_run(&key) {
        reply["inFlightRun"] = json!({ "runId": run_id });
    }
    Ok(reply)
}
