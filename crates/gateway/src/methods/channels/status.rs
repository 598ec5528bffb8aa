//! `channels.status`: the state of every chat channel: none is there yet.

use std::collections::BTreeMap;

use crate::methods::{prelude::*, ui::Empty};

params! {
    /// Nothing is needed.
    {} understood { probe timeout_ms channel }
}

/// The state of every channel, by its name.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// When it was looked at.
    ts: i64,
    /// Names in the order in which they are shown.
    channel_order: Empty,
    channel_labels: BTreeMap<String, String>,
    channel_detail_labels: BTreeMap<String, String>,
    channel_system_images: BTreeMap<String, String>,
    channel_meta: Empty,
    channels: BTreeMap<String, String>,
    channel_accounts: BTreeMap<String, String>,
    channel_default_account_id: BTreeMap<String, String>,
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "channels.status";
    const ABOUT: &'static str = "The state of every chat channel: none is there yet.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        Ok(Reply {
            ts: call.now_ms(),
            channel_order: [],
            channel_labels: BTreeMap::new(),
            channel_detail_labels: BTreeMap::new(),
            channel_system_images: BTreeMap::new(),
            channel_meta: [],
            channels: BTreeMap::new(),
            channel_accounts: BTreeMap::new(),
            channel_default_account_id: BTreeMap::new(),
        })
    }
}
