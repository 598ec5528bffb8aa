//! `exec.approval.grants.list`: what people allowed for good.

use openclaw_core::approval::{Grant, shown};
use openclaw_store::Reader;

use crate::methods::prelude::*;

/// Most permissions of one answer.
const MOST: usize = 500;
/// Characters of a command or folder.
const CHARACTERS: usize = 512;

params! {
    /// How many.
    {
        /// 1 to 500; 500 when absent.
        #[serde(default)]
        limit: Option<usize>,
    } understood {}
}

/// A standing permission: exactly this command may run without asking.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    /// Its name.
    grant_id: String,
    /// The approval that it came from.
    minted_by_approval_id: String,
    /// For which agent; `*` when none was named.
    agent_id: String,
    /// The scheduled job that asked; `none` when it was no job.
    cron_job_id: String,
    /// Name of that job.
    cron_job_name: Option<String>,
    /// The command.
    command: String,
    /// The folder.
    cwd: Option<String>,
    /// When it was given.
    created_at_ms: i64,
    /// From when on it holds no more.
    expires_at_ms: Option<i64>,
    /// When it was taken back.
    revoked_at_ms: Option<i64>,
    /// By whom.
    revoked_by: Option<String>,
    /// When it was last used.
    last_used_at_ms: Option<i64>,
    /// How often.
    use_count: u64,
}

impl From<Grant> for Shown {
    fn from(grant: Grant) -> Self {
        let cut = |text: String| shown(&text).chars().take(CHARACTERS).collect::<String>();
        Self {
            grant_id: grant.id,
            minted_by_approval_id: grant.approval_id,
            agent_id: grant.agent_id.unwrap_or_else(|| "*".to_owned()),
            cron_job_id: grant.job_id.unwrap_or_else(|| "none".to_owned()),
            cron_job_name: None,
            command: cut(grant.command),
            cwd: grant.cwd.filter(|cwd| !cwd.is_empty()).map(cut),
            created_at_ms: grant.created_at,
            expires_at_ms: grant.expires_at,
            revoked_at_ms: grant.revoked_at,
            revoked_by: grant.revoked_by.map(|by| by.chars().take(200).collect()),
            last_used_at_ms: grant.last_used_at,
            use_count: grant.uses,
        }
    }
}

/// Newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    grants: Vec<Shown>,
}

pub(crate) struct GrantsList;

impl Method for GrantsList {
    const NAME: &'static str = "exec.approval.grants.list";
    const ABOUT: &'static str = "Commands that people allowed for good, newest first, with those taken back.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let limit = params.limit.unwrap_or(MOST);
        if !(1..=MOST).contains(&limit) {
            return Err(WireError::params(format!("limit must be 1 to {MOST}")).with("path", "params.limit"));
        }
        let grants = call.state().store.read(move |reader: &Reader| reader.grants(limit)).await;
        let grants = grants.map_err(|error| fault::store(&error))?;
        Ok(Reply { grants: grants.into_iter().map(Shown::from).collect() })
    }
}
