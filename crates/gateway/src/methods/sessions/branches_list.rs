//! `sessions.branches.list`: the branches of a transcript. There is one.

use openclaw_store::MessageQuery;

use crate::{methods::prelude::*, runs};

/// Characters of a headline.
const HEADLINE: usize = 120;

params! {
    /// Which session.
    { session_key: SessionKey, } understood { agent_id }
}

/// The branches.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// The only one; none while nothing was said.
    branches: Vec<Branch>,
}

/// A branch.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Branch {
    /// Its last line.
    leaf_entry_id: String,
    /// What was said last.
    headline: String,
    message_count: u64,
    /// When, RFC 3339.
    updated_at: String,
    /// It is the one that goes on.
    active: bool,
}

pub(crate) struct BranchesList;

impl Method for BranchesList {
    const NAME: &'static str = "sessions.branches.list";
    const ABOUT: &'static str = "The branches of a transcript: the one that there is.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let key = call.canonical(&params.session_key);
        let read = call.state().store.read(move |reader| {
            let last = reader.messages(&key, &MessageQuery { limit: 1, ..MessageQuery::default() })?;
            Ok((reader.get_session(&key)?, last))
        });
        let (session, last) = read.await.map_err(|error| fault::store(&error))?;
        let branch = session.zip(last.first()).map(|(session, last)| Branch {
            leaf_entry_id: last.id.to_string(),
            headline: runs::text_of(&last.body).chars().take(HEADLINE).collect(),
            message_count: session.message_count,
            updated_at: jiff::Timestamp::from_millisecond(last.ts).map(|at| at.to_string()).unwrap_or_default(),
            active: true,
        });
        Ok(Reply { branches: branch.into_iter().collect() })
    }
}
