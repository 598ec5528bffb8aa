//! `device.pair.setupList`: which setup codes there are, and never a code itself.

use openclaw_core::record::SetupCode;
use openclaw_protocol::{Role, Scopes};

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

/// The codes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// The oldest first; those that are over, for an hour.
    codes: Vec<Row>,
}

/// One code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    setup_id: String,
    /// Beginning of its hash.
    fingerprint: String,
    roles: Vec<Role>,
    scopes: Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Who made it.
    issued_by: String,
    created_at_ms: i64,
    expires_at_ms: i64,
    /// `open`, `used` or `expired`.
    status: &'static str,
    /// The device that came in by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
}

impl Row {
    fn of(code: SetupCode, now: i64) -> Self {
        let status = match (&code.used, code.is_open(now)) {
            (Some(_), _) => "used",
            (None, true) => "open",
            (None, false) => "expired",
        };
        Self {
            setup_id: code.setup_id,
            fingerprint: code.hash.chars().take(12).collect(),
            roles: code.roles,
            scopes: code.scopes,
            label: code.label,
            issued_by: code.issued_by,
            created_at_ms: code.created_at,
            expires_at_ms: code.expires_at,
            status,
            device_id: code.used.map(|used| used.device_id.to_string()),
        }
    }
}

pub(crate) struct PairSetupList;

impl Method for PairSetupList {
    const NAME: &'static str = "device.pair.setupList";
    const ABOUT: &'static str = "Which setup codes there are, without the codes.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let now = call.now_ms();
        Ok(Reply { codes: call.state().setup_codes.list().into_iter().map(|code| Row::of(code, now)).collect() })
    }
}
