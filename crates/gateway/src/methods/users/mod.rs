//! Who uses the gateway: its owner. There are no other people yet.

mod list;
mod prefs_get;
mod prefs_set;
mod self_;

use openclaw_protocol::WireError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{fault, rpc::Row, state::State};

pub(super) const METHODS: &[Row] =
    &[Row::of::<list::List>(), Row::of::<prefs_get::Get>(), Row::of::<prefs_set::Set>(), Row::of::<self_::Oneself>()];

/// Name of the owner.
const OWNER: &str = "gateway-owner";
/// Under which name the store keeps what the owner prefers.
const PREFERENCES: &str = "preferences:gateway-owner";
/// Most preferences that are kept.
const MOST: usize = 256;
/// Most preferences that one call sets.
const MOST_AT_ONCE: usize = 32;
/// Longest name of a preference.
const LONGEST_NAME: usize = 256;
/// Longest value of a preference, as JSON.
const LONGEST_VALUE: usize = 3 << 10;

/// A person.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    id: &'static str,
    display_name: Option<String>,
    avatar_mime: Option<String>,
    merged_into: Option<String>,
    /// When the gateway began to remember.
    created_at: i64,
    updated_at: i64,
    emails: [String; 0],
    github_identity: Option<String>,
    has_avatar: bool,
}

async fn owner(state: &State) -> Result<Profile, WireError> {
    let first = state.store.read(|reader| reader.audit_after(0, 1)).await.map_err(|error| fault::store(&error))?;
    let since = first.first().map_or_else(|| state.clock.now_ms(), |record| record.ts);
    Ok(Profile {
        id: OWNER,
        display_name: None,
        avatar_mime: None,
        merged_into: None,
        created_at: since,
        updated_at: since,
        emails: [],
        github_identity: None,
        has_avatar: false,
    })
}
