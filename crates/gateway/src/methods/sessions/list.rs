//! `sessions.list`: sessions, newest first, a page at a time.

use openclaw_store::{MAX_PAGE, MessageQuery, SessionQuery};

use crate::{methods::prelude::*, rows, runs};

params! {
    /// Which ones, and how many.
    {
        /// Most rows, 1 to 10,000; 100 when absent. No page has more than 1,000.
        #[serde(default)]
        limit: Option<usize>,
        /// Rows to pass over, at most 10,000; prefer the cursor.
        #[serde(default)]
        offset: Option<usize>,
        /// `nextCursor` of the page before.
        #[serde(default)]
        cursor: Option<i64>,
        /// Only sessions touched in the last so many minutes.
        #[serde(default)]
        active_minutes: Option<u64>,
        /// Only of this agent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// Only with exactly this label.
        #[serde(default)]
        label: Option<String>,
        /// Only with this text in label or key.
        #[serde(default)]
        search: Option<String>,
        /// Only those set aside, only the others, or `"all"`.
        #[serde(default)]
        archived: Option<Value>,
        /// Adds `derivedTitle`: the first words of the conversation.
        #[serde(default)]
        include_derived_titles: bool,
        /// Adds `lastMessagePreview`.
        #[serde(default)]
        include_last_message: bool,
        /// Only those that this session started: none, because sessions do not start others yet.
        #[serde(default)]
        spawned_by: Option<String>,
        /// Only those with a board: none, because there are no boards.
        #[serde(default)]
        has_board: Option<bool>,
    } understood {
        exclude_subagents require_last_interaction sort_by include_global include_unknown configured_agents_only board_face creator_id owner_id
        owner_first involving_me involving_profile_id include_people active_only
        include_activity_summary
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Now, milliseconds since the epoch.
    ts: i64,
    /// Where sessions are kept.
    path: String,
    /// Rows in this answer.
    count: usize,
    /// Sessions there are, of the agent and in or out of the archive as asked.
    total_count: u64,
    /// Most rows that were asked for.
    limit_applied: usize,
    /// Whether older ones follow.
    has_more: bool,
    /// `offset` of the next page.
    next_offset: Option<usize>,
    /// `cursor` of the next page.
    next_cursor: Option<i64>,
    defaults: Defaults,
    /// Nobody owns a session yet, so this is empty.
    owners: Vec<Value>,
    /// The rows, newest first.
    sessions: Vec<Value>,
}

/// What a session has that says nothing else.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Defaults {
    model_provider: String,
    model: String,
    /// Tokens that fit into the model.
    context_tokens: u32,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "sessions.list";
    const ABOUT: &'static str = "Sessions, newest first, a page at a time.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        list(&call, params).await
    }
}

/// Rows that an offset may pass over. Each of them is read.
const MOST_PASSED_OVER: usize = 10_000;
/// Characters of titles and previews.
const TITLE: usize = 80;
const PREVIEW: usize = 200;

/// The page after so many rows, and where the one after it begins. A page that has one after it is never empty, so that whoever
/// counts on comes to the end.
fn passed<T, E>(
    mut query: SessionQuery,
    offset: usize,
    page: impl Fn(&SessionQuery) -> Result<(Vec<T>, Option<i64>), E>,
) -> Result<(Vec<T>, Option<i64>), E> {
    let (limit, mut left) = (query.limit, offset);
    loop {
        query.limit = if left == 0 { limit } else { left.min(MAX_PAGE) };
        let (mut rows, next) = page(&query)?;
        let passed = left.min(rows.len());
        left -= passed;
        rows.drain(..passed);
        if next.is_none() || !rows.is_empty() {
            return Ok((rows, next));
        }
        query.before_revision = next;
    }
}

pub(super) async fn list(call: &Call, params: Params) -> Result<Reply, WireError> {
    let state = call.state();
    let limit = params.limit.unwrap_or(100);
    if !(1..=10_000).contains(&limit) {
        let text = format!("invalid sessions.list params: at /limit: must be 1 to 10000, found {limit}");
        return Err(WireError::params(text).with("path", "params.limit"));
    }
    let limit = limit.min(1000);
    let nothing = params.spawned_by.is_some() || params.has_board == Some(true);
    let archived = match params.archived {
        None | Some(Value::Bool(false)) => Some(false),
        Some(Value::Bool(true)) => Some(true),
        Some(Value::String(word)) if word == "all" => None,
        Some(_) => {
            let text = "invalid sessions.list params: at /archived: must be true, false or \"all\"";
            return Err(WireError::params(text).with("path", "params.archived"));
        }
    };
    let now = call.now_ms();
    let offset = params.offset.unwrap_or(0);
    if offset > MOST_PASSED_OVER {
        let text = format!(
            "invalid sessions.list params: at /offset: at most {MOST_PASSED_OVER}; use the cursor to go further"
        );
        return Err(WireError::params(text).with("path", "params.offset"));
    }
    let query = SessionQuery {
        agent: params.agent_id.clone(),
        label: params.label,
        search: params.search.filter(|text| !text.is_empty()),
        archived,
        updated_after: params
            .active_minutes
            .map(|minutes| now - i64::try_from(minutes).unwrap_or(0).saturating_mul(60_000)),
        limit,
        before_revision: params.cursor,
    };
    let (titles, previews) = (params.include_derived_titles, params.include_last_message);
    let read = state.store.read(move |reader| {
        if nothing {
            return Ok((Vec::new(), Vec::new(), None, 0));
        }
        let total = reader.count_sessions(query.agent.as_ref(), query.archived)?;
        let (sessions, next) =
            passed(query, offset, |query| reader.list_sessions(query).map(|page| (page.sessions, page.next)))?;
        let mut extras = Vec::with_capacity(sessions.len());
        for session in &sessions {
            let first = if titles {
                reader
                    .messages(&session.key, &MessageQuery { limit: 1, after_seq: Some(0), ..MessageQuery::default() })?
            } else {
                Vec::new()
            };
            let last = if previews {
                reader.messages(&session.key, &MessageQuery { limit: 1, ..MessageQuery::default() })?
            } else {
                Vec::new()
            };
            let text = |lines: &[openclaw_core::record::TranscriptMessage], most: usize| {
                lines
                    .first()
                    .map(|line| runs::text_of(&line.body).chars().take(most).collect::<String>())
                    .filter(|text| !text.is_empty())
            };
            extras.push((text(&first, TITLE), text(&last, PREVIEW)));
        }
        Ok((sessions, extras, next, total))
    });
    let (sessions, extras, next, total) = read.await.map_err(|error| fault::store(&error))?;
    let rows: Vec<Value> = sessions
        .iter()
        .zip(extras)
        .map(|(session, (title, preview))| {
            let mut row = rows::row(state, session);
            if let Some(title) = title {
                row["derivedTitle"] = json!(title);
            }
            if let Some(preview) = preview {
                row["lastMessagePreview"] = json!(preview);
            }
            row
        })
        .collect();
    let agent = state.agent(&state.default_agent())?;
    let model = state.agent_model(&agent);
    let context = state.active().registry.resolve(&model).map_or(0, |(_, info)| info.context_window);
    Ok(Reply {
        ts: now,
        path: state.store_path(),
        count: rows.len(),
        total_count: total,
        limit_applied: limit,
        has_more: next.is_some(),
        next_offset: next.map(|_| offset + rows.len()),
        next_cursor: next,
        defaults: Defaults { model_provider: model.provider, model: model.model, context_tokens: context },
        owners: Vec::new(),
        // Moved, not built into another tree: that copied every row.
        sessions: rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next page of 3000 numbers of which every so-manieth fits, looked at a hundred at a time.
    fn page(query: &SessionQuery, every: i64) -> (Vec<i64>, Option<i64>) {
        let (mut at, mut seen, mut found) = (query.before_revision.unwrap_or(3_001), 0, Vec::new());
        while at > 1 && seen < 100 && found.len() < query.limit {
            at -= 1;
            seen += 1;
            if at % every == 0 {
                found.push(at);
            }
        }
        (found, Some(at).filter(|at| *at > 1))
    }

    #[test]
    fn whoever_counts_on_with_the_offset_sees_each_row_once_and_comes_to_the_end() {
        for (limit, every, rows) in [(1000, 1, 3000), (7, 1, 3000), (100, 3, 1000), (5, 700, 4), (5, 5000, 0)] {
            let (mut seen, mut requests) = (Vec::new(), 0);
            loop {
                let query = SessionQuery { limit, ..SessionQuery::default() };
                let (found, next) = passed(query, seen.len(), |query| Ok::<_, ()>(page(query, every))).unwrap();
                requests += 1;
                assert!(next.is_none() || !found.is_empty(), "a page without rows and with another after it");
                seen.extend(found);
                if next.is_none() {
                    break;
                }
                assert!(requests < 3100, "{limit} {every}");
            }
            assert_eq!(seen.len(), rows, "{limit} {every}");
            assert!(seen.is_sorted_by(|one, next| one > next), "{limit} {every}");
        }
    }
}
