//! Conversations as records: list, inspect, change, end.

mod abort;
mod absent;
mod branches_list;
mod cleanup;
mod compact;
mod compaction_list;
mod create;
mod delete;
mod describe;
mod get;
mod groups;
pub(in crate::methods) mod list;
mod messages_subscribe;
mod messages_unsubscribe;
mod patch;
mod patch_many;
mod preview;
pub(in crate::methods) mod purge;
mod reset;
mod resolve;
mod search;
mod send;
mod subscribe;
mod unsubscribe;
mod usage;
mod usage_logs;
mod usage_timeseries;

use openclaw_protocol::{SessionKey, WireError, detail};
use uuid::Uuid;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<abort::Abort>(),
    Row::of::<branches_list::BranchesList>(),
    Row::of::<cleanup::Cleanup>(),
    Row::of::<compact::Compact>(),
    Row::of::<compaction_list::CompactionList>(),
    Row::of::<create::Create>(),
    Row::of::<delete::Delete>(),
    Row::of::<describe::Describe>(),
    Row::of::<get::Get>(),
    Row::of::<groups::defaults::List>(),
    Row::of::<groups::delete::Delete>(),
    Row::of::<groups::list::List>(),
    Row::of::<groups::put::Put>(),
    Row::of::<groups::rename::Rename>(),
    Row::of::<groups::update::Update>(),
    Row::of::<list::List>(),
    Row::of::<messages_subscribe::MessagesSubscribe>(),
    Row::of::<messages_unsubscribe::MessagesUnsubscribe>(),
    Row::of::<patch::Patch>(),
    Row::of::<patch_many::PatchMany>(),
    Row::of::<preview::Preview>(),
    Row::of::<reset::Reset>(),
    Row::of::<resolve::Resolve>(),
    Row::of::<search::Search>(),
    Row::of::<send::Send>(),
    Row::of::<send::Steer>(),
    Row::of::<subscribe::Subscribe>(),
    Row::of::<unsubscribe::Unsubscribe>(),
    Row::of::<usage::Usage>(),
    Row::of::<usage_logs::UsageLogs>(),
    Row::of::<usage_timeseries::UsageTimeseries>(),
];

/// Clients match the text (PROTOCOL §6.3).
fn unknown(key: &SessionKey) -> WireError {
    WireError::not_found(format!("session not found: {key}"))
}

/// The transcript that a caller has seen. A text that is no identifier of ours names another one.
fn expected(key: &SessionKey, session_id: Option<&str>) -> Result<Option<Uuid>, WireError> {
    let Some(text) = session_id else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        let text = format!("session {key} was started over meanwhile; look at it again");
        WireError::invalid(detail::CONFLICT, text)
    })
}
