//! `approval.history`: approvals that are over.

use openclaw_core::approval::Kind;
use openclaw_protocol::event::ApprovalSnapshot;
use openclaw_store::{ApprovalQuery, Reader};

use super::KINDS;
use crate::{approvals, methods::prelude::*};

/// Most approvals of one page.
const MOST: usize = 100;

params! {
    /// Which part of it.
    {
        /// Where the page begins: `nextCursor` of the page before.
        #[serde(default)]
        cursor: Option<String>,
        /// 1 to 100; 50 when absent.
        #[serde(default)]
        limit: Option<usize>,
        /// `exec`, `plugin` or `system-agent`; all when absent.
        #[serde(default)]
        kind: Option<String>,
    } understood {}
}

/// Newest end first.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Approvals that are over.
    items: Vec<ApprovalSnapshot>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub(crate) struct History;

impl Method for History {
    const NAME: &'static str = "approval.history";
    const ABOUT: &'static str = "Approvals that are over, newest first, for 30 days and at most 10,000 of them.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let limit = params.limit.unwrap_or(50);
        if !(1..=MOST).contains(&limit) {
            return Err(WireError::params(format!("limit must be 1 to {MOST}")).with("path", "params.limit"));
        }
        let kinds: &'static [Kind] = match params.kind.as_deref() {
            None => KINDS,
            Some("exec") => &[Kind::Exec],
            Some("plugin") => &[Kind::Plugin],
            Some("system-agent") => &[],
            Some(_) => {
                return Err(WireError::params("kind must be exec, plugin or system-agent").with("path", "params.kind"));
            }
        };
        let before = match &params.cursor {
            None => None,
            Some(cursor) => Some(place(cursor).ok_or_else(|| {
                WireError::params("cursor is none that this gateway gave").with("path", "params.cursor")
            })?),
        };
        let query = ApprovalQuery { kinds, limit, before };
        let page = call.state().store.read(move |reader: &Reader| reader.ended_approvals(query)).await;
        let page = page.map_err(|error| fault::store(&error))?;
        Ok(Reply {
            items: page
                .approvals
                .iter()
                .filter(|one| approvals::may_see(&call, one))
                .filter_map(approvals::snapshot)
                .collect(),
            next_cursor: page.next.map(|(ended, id)| format!("{ended}-{id}")),
        })
    }
}

fn place(cursor: &str) -> Option<(i64, i64)> {
    let (ended, id) = cursor.split_once('-')?;
    Some((ended.parse().ok()?, id.parse().ok()?))
}
