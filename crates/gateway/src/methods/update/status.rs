//! `update.status`: the gateway never looks for newer versions by itself, so it knows of none.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { refresh_checkout }
}

/// What is known of newer versions.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// What the last update left behind: the gateway does not update itself.
    sentinel: Option<String>,
    /// A newer version, when one is known.
    update_available: Option<String>,
    schedule: Schedule,
}

/// When the gateway looks for newer versions: never.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Schedule {
    channel: &'static str,
    auto_enabled: bool,
    install: Install,
}

/// How the gateway was installed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Install {
    kind: &'static str,
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "update.status";
    const ABOUT: &'static str = "Newer versions: none is known, because the gateway asks nobody by itself.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(_: Call, _: Params) -> Result<Reply, WireError> {
        let install = Install { kind: "unknown" };
        let schedule = Schedule { channel: "stable", auto_enabled: false, install };
        Ok(Reply { sentinel: None, update_available: None, schedule })
    }
}
