//! Devices, their admission and their tokens.

mod pair_approve;
mod pair_list;
mod pair_reject;
mod pair_remove;
mod pair_setup_code;
mod pair_setup_list;
mod pair_setup_revoke;
mod pair_setup_status;
mod token_revoke;
mod token_rotate;

use openclaw_auth::Principal;
use openclaw_core::record::{Device, PairingRequest};
use openclaw_protocol::{DeviceId, Role, Scope, WireError, close};
use openclaw_store::{Committed, Outcome, Reader};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{call::Call, fault, rpc::Row, state::State};

pub(super) const METHODS: &[Row] = &[
    Row::of::<pair_approve::PairApprove>(),
    Row::of::<pair_list::PairList>(),
    Row::of::<pair_reject::PairReject>(),
    Row::of::<pair_remove::PairRemove>(),
    // As in the reference, hellos name these two not.
    Row::of::<pair_setup_code::PairSetupCode>().unlisted(),
    Row::of::<pair_setup_list::PairSetupList>(),
    Row::of::<pair_setup_revoke::PairSetupRevoke>(),
    Row::of::<pair_setup_status::PairSetupStatus>().unlisted(),
    Row::of::<token_revoke::TokenRevoke>(),
    Row::of::<token_rotate::TokenRotate>(),
];

/// A device as lists show it: everything but its tokens' hashes.
fn shown(device: &Device) -> Value {
    let tokens: Vec<Value> = device
        .tokens
        .iter()
        .map(|token| {
            let mut shown = json!({ "role": token.role, "scopes": token.scopes, "createdAtMs": token.created_at, "expiresAtMs": token.expires_at });
            for (name, at) in [("rotatedAtMs", token.rotated_at), ("revokedAtMs", token.revoked_at), ("lastUsedAtMs", token.last_used_at)] {
                if let Some(at) = at {
                    shown[name] = json!(at);
                }
            }
            shown
        })
        .collect();
    let mut shown = json!({
        "deviceId": device.device_id, "publicKey": device.public_key, "role": device.roles.first(), "roles": device.roles,
        "scopes": device.scopes, "createdAtMs": device.created_at, "approvedAtMs": device.approved_at,
        "approvedVia": device.approved_via, "tokens": tokens,
    });
    for (name, value) in [
        ("displayName", &device.display_name),
        ("platform", &device.platform),
        ("deviceFamily", &device.device_family),
        ("clientId", &device.client_id),
        ("clientMode", &device.client_mode),
        ("remoteIp", &device.remote_ip),
    ] {
        if let Some(value) = value {
            shown[name] = json!(value);
        }
    }
    if let Some(at) = device.last_seen_at {
        shown["lastSeenAtMs"] = json!(at);
    }
    shown
}

/// The request that waits under this id.
async fn waiting(call: &Call, request_id: &str) -> Result<PairingRequest, WireError> {
    let unknown = || {
        WireError::not_found("unknown requestId: it was decided already, has lapsed after five minutes, or never was")
    };
    let id: Uuid = request_id.parse().map_err(|_| unknown())?;
    let requests = call.state().store.read(Reader::pairing_requests).await.map_err(|error| fault::store(&error))?;
    let request = requests.into_iter().find(|request| request.request_id == id).ok_or_else(unknown)?;
    may_manage(call, &request.device_id)?;
    Ok(request)
}

/// Refuses a device that has no say over this one: that takes an administrator.
fn may_manage(call: &Call, device_id: &DeviceId) -> Result<(), WireError> {
    if call.principal().manages(device_id.as_str()) { Ok(()) } else { Err(WireError::missing_scope(Scope::Admin)) }
}

/// A device and a role that exist.
fn known(state: &State, device_id: &DeviceId, role: &str) -> Result<(Device, Role), WireError> {
    let unknown = || WireError::not_found("unknown deviceId/role");
    let role = Role::parse(role).ok_or_else(unknown)?;
    let device = state.devices.get(device_id.as_str()).ok_or_else(unknown)?;
    if device.tokens.iter().any(|token| token.role == role) { Ok((device, role)) } else { Err(unknown()) }
}

/// Takes over what the store says about devices.
fn take_over(state: &State, committed: Committed) -> Option<Device> {
    let device = committed.outcomes.into_iter().find_map(|outcome| match outcome {
        Outcome::Device(device) => Some(device),
        _ => None,
    })?;
    state.devices.put(device.clone(), committed.seq);
    Some(device)
}

/// Ends the live connections of a device, but for the one with this very principal: what they were let in with is no longer
/// good.
fn invalidate(state: &State, device_id: &DeviceId, role: Option<Role>, but: Option<&Principal>, why: &str) {
    state.hub.close_where(close::FINAL, &format!("client invalidated: {why}"), |principal| {
        !but.is_some_and(|but| std::ptr::eq(but, principal))
            && principal.device_id() == Some(device_id)
            && role.is_none_or(|role| principal.role() == role)
    });
}
