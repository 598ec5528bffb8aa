//! `sessions.usage.logs`: the lines of a session with what each cost.

use openclaw_store::MessageQuery;

use crate::{methods::prelude::*, runs};

/// Lines of one answer when nothing is said, and at most.
const LIMIT: usize = 200;
const MOST: usize = 1000;
/// Characters of one line.
const CHARACTERS: usize = 2000;

params! {
    /// Which session.
    {
        key: SessionKey,
        /// Most lines, 1 to 1,000; 200 when absent.
        #[serde(default)]
        limit: Option<usize>,
    } understood { agent_id }
}

/// Lines with what they cost.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Oldest first, the newest of the transcript.
    logs: Vec<Line>,
}

/// A line with what it cost.
#[derive(Serialize, JsonSchema)]
struct Line {
    /// Milliseconds since the epoch.
    timestamp: i64,
    /// `user`, `assistant`, …
    role: String,
    /// Its text, at most 2,000 characters.
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<u64>,
    /// US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f64>,
}

pub(crate) struct UsageLogs;

impl Method for UsageLogs {
    const NAME: &'static str = "sessions.usage.logs";
    const ABOUT: &'static str = "The newest lines of a session with what each cost.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 3;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let limit = params.limit.unwrap_or(LIMIT);
        if !(1..=MOST).contains(&limit) {
            let text = format!("invalid sessions.usage.logs params: at /limit: must be 1 to {MOST}, found {limit}");
            return Err(WireError::params(text).with("path", "params.limit"));
        }
        let key = call.canonical(&params.key);
        let wanted = key.clone();
        let read = call.state().store.read(move |reader| {
            let known = reader.get_session(&wanted)?.is_some();
            Ok((known, reader.messages(&wanted, &MessageQuery { limit, ..MessageQuery::default() })?))
        });
        let (known, lines) = read.await.map_err(|error| fault::store(&error))?;
        if !known {
            return Err(super::unknown(&key));
        }
        let line = |line: &openclaw_core::record::TranscriptMessage| Line {
            timestamp: line.ts,
            role: line.body["role"].as_str().unwrap_or("other").to_owned(),
            content: runs::text_of(&line.body).chars().take(CHARACTERS).collect(),
            tokens: line.body["usage"]["totalTokens"].as_u64(),
            cost: line.body["usage"]["cost"]["total"].as_f64(),
        };
        Ok(Reply { logs: lines.iter().map(line).collect() })
    }
}
