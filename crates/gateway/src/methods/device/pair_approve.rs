//! `device.pair.approve`: admits a device that asks, or gives it what it asks for besides.

use openclaw_auth::Devices;
use openclaw_core::record::Device;
use openclaw_store::{Change, Transaction};

use super::{shown, take_over, waiting};
use crate::{admission::told_resolved, methods::prelude::*};

params! {
    /// Which request.
    { request_id: String, } understood {}
}

pub(crate) struct PairApprove;

impl Method for PairApprove {
    const NAME: &'static str = "device.pair.approve";
    const ABOUT: &'static str = "Admits a device that asks; the caller cannot give scopes that it lacks itself.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("device.approved");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let state = call.state();
        let request = waiting(&call, &params.request_id).await?;
        // Nobody gives away more than they have.
        if let Some(missing) = request.scopes.iter().find(|scope| !call.principal().may(*scope)) {
            return Err(WireError::missing_scope(missing));
        }
        if let Some(guard) = state.active().guard.as_ref().filter(|_| request.role == openclaw_protocol::Role::Operator)
        {
            // Rules know a device by its id, by the login that owns it, and by its label where no login does.
            let names = [
                Some(format!("device:{}", request.device_id)),
                Some(request.owner.clone()),
                request.display_name.clone(),
            ];
            for name in names.iter().flatten().filter(|name| *name != openclaw_auth::SHARED_OWNER) {
                guard.may_make(call.principal(), name)?;
            }
        }
        let now = call.now_ms();
        let present = state.devices.get(request.device_id.as_str());
        let over = present.as_ref().map(|device| device.revision);
        let known = present.filter(|device| device.public_key == request.public_key);
        let limit = state.active().policy.device_auth.max_devices_per_user;
        if known.is_none() && state.devices.count_for_owner(&request.owner) >= limit {
            let text = format!(
                "device limit reached: {limit} devices of this user are paired \
                 (remove one, or raise gateway.auth.deviceAuth.maxDevicesPerUser)"
            );
            return Err(WireError::invalid("DEVICE_LIMIT", text).with("limit", limit));
        }
        let mut device = known.unwrap_or_else(|| Device {
            device_id: request.device_id.clone(),
            public_key: request.public_key.clone(),
            display_name: None,
            platform: None,
            device_family: None,
            client_id: None,
            client_mode: None,
            roles: Vec::new(),
            scopes: openclaw_protocol::Scopes::NONE,
            remote_ip: None,
            owner: request.owner.clone(),
            approved_via: "operator".to_owned(),
            created_at: request.ts,
            approved_at: now,
            last_seen_at: None,
            tokens: Vec::new(),
            revision: 0,
        });
        device.display_name = request.display_name.clone().or(device.display_name);
        device.platform.clone_from(&request.platform);
        device.device_family.clone_from(&request.device_family);
        device.client_id.clone_from(&request.client_id);
        device.client_mode.clone_from(&request.client_mode);
        device.remote_ip.clone_from(&request.remote_ip);
        device.scopes = device.scopes.union(request.scopes);
        device.approved_via = "operator".to_owned();
        device.approved_at = now;
        if !device.roles.contains(&request.role) {
            device.roles.push(request.role);
        }
        // A withdrawn token does not come back; the device gets a new one when it connects.
        device.tokens.retain(|token| token.revoked_at.is_none());
        let audit = call.audit(
            "device.approved",
            Self::NAME,
            Some(device.device_id.to_string()),
            json!({ "role": request.role, "scopes": request.scopes }),
        );
        let changes =
            vec![Change::PutDevice { device, over }, Change::DropPairingRequest { request_id: request.request_id }];
        let committed = state
            .store
            .write(Transaction { changes, audit, idempotency: None })
            .await
            .map_err(|error| fault::store(&error))?;
        let Some(device) = take_over(state, committed) else {
            return Err(WireError::unavailable(detail::INTERNAL, "the store did not return the device"));
        };
        told_resolved(state, request.request_id, device.device_id.as_str(), "approved");
        Ok(json!({ "requestId": request.request_id, "device": shown(&device) }))
    }
}
