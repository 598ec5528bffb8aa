//! What views of sessions ask about besides the sessions themselves.

use super::{Empty, read};
use crate::methods::prelude::*;

/// Most sessions that a view shows at once.
const SHOWN: usize = 64;

read! {
    "Conversations that other programs on this machine keep: the gateway does not look for them."
    catalog "sessions.catalog.list" Read
    params {
        uses {} checks {}
        understood {
            catalog_id cursors agent_id progress_id search limit_per_host host_ids allow_partial_results metadata_only
        }
    }
    reply { catalogs: Empty = [], }
}

read! {
    "What was asked about a session beside it: nothing."
    companion "sessions.companion.state" Read
    params {
        uses {}
        checks {
            /// Which session.
            session_key: SessionKey,
        }
        understood { agent_id }
    }
    reply { exchanges: Empty = [], }
}

read! {
    "Says whether a view of sessions is seen. Nothing is summarised for it, so nothing depends on that."
    observer "sessions.observer.visibility" Read
    params {
        uses {}
        checks {
            /// Whether it is seen.
            visible: bool,
        }
        understood {}
    }
    reply { ok: bool = true, }
}

read! {
    "Says which sessions a view shows. Others are not told, so nothing is kept."
    viewers "sessions.viewers.set" Read
    params {
        uses {
            /// The sessions, at most 64.
            session_keys: Vec<SessionKey>,
        }
        checks {} understood { agent_id }
    }
    reply |call, params| {
        /// Their canonical keys.
        session_keys: Vec<SessionKey> = canonical(&call, &params.session_keys)?,
    }
}

fn canonical(call: &Call, keys: &[SessionKey]) -> Result<Vec<SessionKey>, WireError> {
    if keys.len() > SHOWN {
        return Err(WireError::params(format!("sessionKeys must name at most {SHOWN} sessions")));
    }
    Ok(keys.iter().map(|key| call.canonical(key)).collect())
}
