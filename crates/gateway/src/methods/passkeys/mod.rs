//! Passkeys with which people confirm that it is them.

mod list;
mod register_begin;
mod register_finish;
mod remove;
mod rename;

use openclaw_core::record::Passkey;
use openclaw_protocol::event::{Event, PasskeysChanged};
use openclaw_store::{Change, Committed, Outcome, Transaction};

use super::prelude::*;

pub(super) const METHODS: &[crate::rpc::Row] = &[
    crate::rpc::Row::of::<list::List>(),
    crate::rpc::Row::of::<register_begin::RegisterBegin>(),
    crate::rpc::Row::of::<register_finish::RegisterFinish>(),
    crate::rpc::Row::of::<remove::Remove>(),
    crate::rpc::Row::of::<rename::Rename>(),
];

/// Letters of a name.
const NAME: usize = 64;

/// A passkey as lists show it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    id: String,
    name: String,
    /// The host for which it works.
    rp_id: String,
    created_at_ms: i64,
    created_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at_ms: Option<i64>,
    /// Devices that it admitted.
    devices: Vec<String>,
}

impl Shown {
    fn of(call: &Call, passkey: &Passkey) -> Self {
        Self {
            id: passkey.id.clone(),
            name: passkey.name.clone(),
            rp_id: passkey.rp_id.clone(),
            created_at_ms: passkey.created_at,
            created_by: passkey.created_by.clone(),
            last_used_at_ms: passkey.last_used_at,
            devices: admitted(call, &passkey.id).iter().map(ToString::to_string).collect(),
        }
    }
}

/// The devices that a passkey admitted.
fn admitted(call: &Call, id: &str) -> Vec<openclaw_protocol::DeviceId> {
    let via = format!("passkey:{id}");
    call.state()
        .devices
        .list()
        .into_iter()
        .filter(|device| device.approved_via == via)
        .map(|device| device.device_id)
        .collect()
}

/// The passkey with this id.
fn known(call: &Call, id: &str) -> Result<Passkey, WireError> {
    let unknown = || WireError::not_found("unknown passkey id; passkeys.list names them");
    call.state().passkeys.get(id).ok_or_else(unknown)
}

/// What somebody calls a passkey.
fn name(name: &str) -> Result<String, WireError> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= NAME && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(wrong("params.name", &format!("one line of at most {NAME} letters"))) }
}

fn wrong(path: &str, expected: &str) -> WireError {
    WireError::params(format!("{path}: {expected}")).with("path", path)
}

/// Stores a change, and tells pages that look at passkeys.
async fn store(
    call: &Call,
    method: &str,
    event: &str,
    id: &str,
    changes: Vec<Change>,
) -> Result<(Passkey, Committed), WireError> {
    let audit = call.audit(event, method, Some(format!("passkey:{id}")), Value::Null);
    let written = call.state().store.write(Transaction { changes, audit, idempotency: None }).await;
    let committed = written.map_err(|error| fault::store(&error))?;
    let kept = committed.outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Passkey(passkey) => Some(passkey.clone()),
        _ => None,
    });
    let kept =
        kept.ok_or_else(|| WireError::unavailable(detail::INTERNAL, "the store did not tell what came of the change"))?;
    Ok((kept, committed))
}

fn tell(call: &Call) {
    call.state().hub.publish(Event::PasskeysChanged(PasskeysChanged { ts: call.now_ms() }));
}
