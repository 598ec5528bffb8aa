//! `sessions.preview`: the last lines of some sessions.

use openclaw_store::MessageQuery;

use crate::{methods::prelude::*, runs};

/// Sessions in one call.
const KEYS: usize = 200;

params! {
    /// Which sessions, and how much of each.
    {
        /// 1 to 200 keys.
        keys: Vec<SessionKey>,
        /// Lines of each, 1 to 100; 12 when absent.
        #[serde(default)]
        limit: Option<usize>,
        /// Longest line, at least 20 characters; 240 when absent.
        #[serde(default)]
        max_chars: Option<usize>,
    } understood {}
}

pub(crate) struct Preview;

impl Method for Preview {
    const NAME: &'static str = "sessions.preview";
    const ABOUT: &'static str = "The last lines of some sessions.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        if params.keys.is_empty() || params.keys.len() > KEYS {
            let text = format!("invalid sessions.preview params: at /keys: must have 1 to {KEYS} entries");
            return Err(WireError::params(text).with("path", "params.keys"));
        }
        let limit = params.limit.unwrap_or(12).clamp(1, 100);
        let most = params.max_chars.unwrap_or(240).max(20);
        let keys: Vec<(SessionKey, SessionKey)> =
            params.keys.into_iter().map(|key| (call.canonical(&key), key)).collect();
        let read = call.state().store.read(move |reader| {
            let mut previews = Vec::with_capacity(keys.len());
            for (key, asked) in keys {
                if reader.get_session(&key)?.is_none() {
                    previews.push(json!({ "key": asked, "status": "missing", "items": [] }));
                    continue;
                }
                let lines = reader.messages(&key, &MessageQuery { limit, ..MessageQuery::default() })?;
                let items: Vec<Value> = lines
                    .iter()
                    .map(|line| {
                        let role = match line.body["role"].as_str() {
                            Some(role @ ("user" | "assistant" | "system")) => role,
                            Some("toolResult") => "tool",
                            _ => "other",
                        };
                        json!({ "role": role, "text": runs::text_of(&line.body).chars().take(most).collect::<String>() })
                    })
                    .collect();
                previews.push(json!({ "key": asked, "status": if items.is_empty() { "empty" } else { "ok" }, "items": items }));
            }
            Ok(previews)
        });
        let previews = read.await.map_err(|error| fault::store(&error))?;
        Ok(json!({ "ts": call.now_ms(), "previews": previews }))
    }
}
