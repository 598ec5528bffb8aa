//! `sessions.compaction.list`: when lines of a transcript were set aside.

use crate::methods::prelude::*;

params! {
    /// Which session.
    { key: SessionKey, } understood { agent_id }
}

/// Every compaction.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    ok: bool,
    key: SessionKey,
    /// Newest first.
    checkpoints: Vec<Checkpoint>,
}

/// A compaction.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Checkpoint {
    checkpoint_id: String,
    session_key: SessionKey,
    /// Identifier that the transcript had.
    session_id: String,
    /// When, milliseconds since the epoch.
    created_at: i64,
    /// Somebody asked for it.
    reason: &'static str,
    /// How many lines were set aside.
    summary: String,
    pre_compaction: Place,
    post_compaction: Place,
}

/// A transcript.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Place {
    session_id: String,
}

pub(crate) struct CompactionList;

impl Method for CompactionList {
    const NAME: &'static str = "sessions.compaction.list";
    const ABOUT: &'static str = "When lines of a session's transcript were set aside.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let key = call.canonical(&params.key);
        let wanted = key.clone();
        let read = call.state().store.read(move |reader| Ok((reader.get_session(&wanted)?, reader.archives(&wanted)?)));
        let (session, archives) = read.await.map_err(|error| fault::store(&error))?;
        let now = session.map(|session| session.session_id.to_string());
        let compacted = archives.into_iter().rev().filter(|archive| archive.why == "compacted");
        let checkpoint = |archive: openclaw_store::Archive| {
            let before = archive.session_id.to_string();
            Checkpoint {
                checkpoint_id: archive.number.to_string(),
                session_key: key.clone(),
                session_id: before.clone(),
                created_at: archive.ended_at,
                reason: "manual",
                summary: format!("{} lines were set aside", archive.messages),
                post_compaction: Place { session_id: now.clone().unwrap_or_else(|| before.clone()) },
                pre_compaction: Place { session_id: before },
            }
        };
        let checkpoints = compacted.map(checkpoint).collect();
        Ok(Reply { ok: true, key, checkpoints })
    }
}
