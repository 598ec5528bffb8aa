//! `sessions.search`: what was said, and where.

use openclaw_store::LineQuery;

use crate::{methods::prelude::*, runs};

/// Lines of one answer when nothing is said, and at most.
const LIMIT: usize = 10;
const MOST: usize = 25;
/// Bytes of what is looked for.
const QUERY_BYTES: usize = 4096;
/// Words that are looked for.
const WORDS: usize = 16;
/// Sessions that may be named.
const KEYS: usize = 200;
/// Characters before and after the first word that was found.
const AROUND: usize = 80;

params! {
    /// What to look for, and where.
    {
        /// Words that a line must hold, all of them, whatever their case; 1 to 4,096 bytes, at most 16 words.
        query: String,
        /// Only in sessions of this agent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// Only in these sessions, at most 200.
        #[serde(default)]
        session_keys: Vec<SessionKey>,
        /// Most lines, 1 to 25; 10 when absent.
        #[serde(default)]
        limit: Option<usize>,
    } understood {}
}

/// What was found.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Newest first.
    results: Vec<Hit>,
    /// Whether there may be older ones: enough was found, or 50,000 lines were looked at.
    truncated: bool,
}

/// A line that was found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Hit {
    session_key: SessionKey,
    session_id: String,
    message_id: String,
    /// `user` or `assistant`.
    role: &'static str,
    /// Milliseconds since the epoch.
    timestamp: i64,
    /// The text around the first word.
    snippet: String,
    /// How often the words stand in it, against its length: 0 to 1.
    score: f64,
}

pub(crate) struct Search;

impl Method for Search {
    const NAME: &'static str = "sessions.search";
    const ABOUT: &'static str = "Lines of conversations that hold these words, newest first.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let bad = |name: &str, problem: String| {
            let text = format!("invalid sessions.search params: at /{name}: {problem}");
            Err(WireError::params(text).with("path", format!("params.{name}")))
        };
        let limit = params.limit.unwrap_or(LIMIT);
        if !(1..=MOST).contains(&limit) {
            return bad("limit", format!("must be 1 to {MOST}, found {limit}"));
        }
        if params.session_keys.len() > KEYS {
            return bad("sessionKeys", format!("must not have more than {KEYS} entries"));
        }
        let words: Vec<String> = params.query.split_whitespace().map(str::to_lowercase).collect();
        if params.query.len() > QUERY_BYTES || words.is_empty() || words.len() > WORDS {
            return bad("query", format!("must have 1 to {WORDS} words and at most {QUERY_BYTES} bytes"));
        }
        let keys = params.session_keys.iter().map(|key| call.canonical(key)).collect();
        let query = LineQuery { agent: params.agent_id, keys, limit };
        let read = call.state().store.read(move |reader| {
            let found = reader.find_lines(&query, |body| {
                // Read only where the words stand in the raw line at all; escapes hide none but quotes and control characters.
                let raw = body.to_lowercase();
                let plain = |word: &&String| word.chars().all(char::is_alphanumeric);
                words.iter().filter(plain).all(|word| raw.contains(word.as_str()))
                    && serde_json::from_str::<Value>(body).is_ok_and(|body| hit(&body, &words).is_some())
            })?;
            let hits = found.lines.iter().filter_map(|found| {
                let (role, snippet, score) = hit(&found.line.body, &words)?;
                Some(Hit {
                    session_key: found.key.clone(),
                    session_id: found.session_id.to_string(),
                    message_id: found.line.id.to_string(),
                    role,
                    timestamp: found.line.ts,
                    snippet,
                    score,
                })
            });
            Ok(Reply { results: hits.collect(), truncated: found.cut })
        });
        read.await.map_err(|error| fault::store(&error))
    }
}

/// Role, snippet and score of a line that holds all words.
fn hit(body: &Value, words: &[String]) -> Option<(&'static str, String, f64)> {
    let role = match body["role"].as_str() {
        Some("user") => "user",
        Some("assistant") => "assistant",
        _ => return None,
    };
    let text = runs::text_of(body);
    let lower = text.to_lowercase();
    let mut held = 0;
    for word in words {
        let times = lower.matches(word.as_str()).count();
        if times == 0 {
            return None;
        }
        held += times * word.len();
    }
    #[expect(clippy::cast_precision_loss, reason = "a line has at most a few MiB")]
    let score = held as f64 / lower.len() as f64;
    // Lower case may have another length, so the place is counted in characters.
    let before = lower.find(words.first()?.as_str()).map_or(0, |at| lower[..at].chars().count());
    let from = before.saturating_sub(AROUND);
    let snippet: String = text.chars().skip(from).take(2 * AROUND + words[0].chars().count()).collect();
    let snippet = snippet.split_whitespace().collect::<Vec<_>>().join(" ");
    Some((role, snippet, score.min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_all_words_and_shows_what_is_around() {
        let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
        let long = format!("{} The NORTHERN way\nis \"open\" {}", "a ".repeat(200), "b ".repeat(200));
        let body = json!({ "role": "user", "content": long });
        let (role, snippet, score) = hit(&body, &words("northern WAY")).unwrap();
        assert!(role == "user" && snippet.contains("The NORTHERN way is \"open\"") && snippet.len() < 200, "{snippet}");
        assert!(score > 0.0 && score < 1.0);
        assert_eq!(hit(&body, &words("northern missing")), None);
        assert_eq!(hit(&json!({ "role": "system", "content": "way" }), &words("way")), None);
        assert!(hit(&json!({ "role": "user", "content": "İİİ way" }), &words("way")).is_some());
    }
}
