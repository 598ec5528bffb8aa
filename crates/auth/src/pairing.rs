//! Admitting devices: what an owner has to approve, and what a right secret on this machine admits at once (PROTOCOL §4.4).

use openclaw_core::record::{Device, PairingRequest};
use openclaw_protocol::{DeviceId, ErrorCode, Role, Scopes, WireError};
use uuid::Uuid;

use crate::{
    attempt::{Attempt, CredentialClass},
    refusal::{Refusal, RefusalAudit},
};

/// Why an owner has to approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairingReason {
    /// The device is unknown.
    NotPaired,
    /// It asks for a role that it does not have, or whose token was withdrawn.
    RoleUpgrade,
    /// It asks for scopes that it does not have.
    ScopeUpgrade,
    /// Its platform or family is not the one that was approved.
    MetadataUpgrade,
}

impl PairingReason {
    /// The word of `details.reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotPaired => "not-paired",
            Self::RoleUpgrade => "role-upgrade",
            Self::ScopeUpgrade => "scope-upgrade",
            Self::MetadataUpgrade => "metadata-upgrade",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::NotPaired => "pairing required: device is not approved yet",
            Self::RoleUpgrade => "pairing required: device is asking for a higher role than currently approved",
            Self::ScopeUpgrade => "pairing required: device is asking for more scopes than currently approved",
            Self::MetadataUpgrade => "pairing required: device identity changed and must be re-approved",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::NotPaired => "Approve the device under its requestId, then connect again.",
            Self::RoleUpgrade => "Approve the wider role under the requestId, then connect again.",
            Self::ScopeUpgrade => "Approve the wider scopes under the requestId, or ask for fewer.",
            Self::MetadataUpgrade => "Check that it is still the same machine, then approve the requestId.",
        }
    }

    const fn audit(self) -> RefusalAudit {
        match self {
            Self::NotPaired => RefusalAudit { event: "pairing.requested", reason: "not_paired" },
            Self::RoleUpgrade => RefusalAudit { event: "pairing.requested", reason: "role_upgrade" },
            Self::ScopeUpgrade => RefusalAudit { event: "device.scope_upgrade_requested", reason: "scope_upgrade" },
            Self::MetadataUpgrade => RefusalAudit { event: "pairing.requested", reason: "metadata_upgrade" },
        }
    }
}

/// A device that proved its key and needs an owner's approval. Record a request, then answer with [`Self::with_request_id`].
#[derive(Clone, Debug, PartialEq)]
pub struct PairingNeeded {
    /// Why.
    pub reason: PairingReason,
    /// The device as it would be admitted: with its proven key, the role and scopes that it asks for, and no tokens.
    pub wanted: Box<Device>,
    /// Role it asks for.
    pub role: Role,
    /// Scopes it asks for.
    pub scopes: Scopes,
    /// What the device has already, when it is known.
    pub approved: Option<(Vec<Role>, Scopes)>,
    /// Set when a wrong credential came along with the proof: it counts all the same ([`crate::Throttle::settle`]).
    pub counts_as_failure: Option<CredentialClass>,
    /// Whether a passkey would stand for the owner.
    pub passkey_helps: bool,
}

impl PairingNeeded {
    /// The request to keep until an owner decides. `ts` is now, milliseconds since the epoch.
    #[must_use]
    pub fn request(&self, request_id: Uuid, ts: i64) -> PairingRequest {
        let wanted = &self.wanted;
        PairingRequest {
            request_id,
            device_id: wanted.device_id.clone(),
            public_key: wanted.public_key.clone(),
            display_name: wanted.display_name.clone(),
            platform: wanted.platform.clone(),
            device_family: wanted.device_family.clone(),
            client_id: wanted.client_id.clone(),
            client_mode: wanted.client_mode.clone(),
            role: self.role,
            scopes: self.scopes,
            remote_ip: wanted.remote_ip.clone(),
            owner: wanted.owner.clone(),
            is_repair: self.approved.is_some(),
            ts,
        }
    }

    /// The answer, naming the request that an owner has to approve.
    #[must_use]
    pub fn with_request_id(&self, request_id: Uuid) -> Refusal {
        let text = self.reason.text();
        let mut error = WireError::new(ErrorCode::NotPaired, "PAIRING_REQUIRED", text)
            .with("reason", self.reason.as_str())
            .with("requestId", request_id.to_string())
            .with("remediationHint", self.reason.hint())
            .with("deviceId", self.wanted.device_id.as_str())
            .with("requestedRole", self.role.as_str())
            .with("requestedScopes", self.scopes.words());
        if let Some((roles, scopes)) = &self.approved {
            error = error
                .with("approvedRoles", roles.iter().copied().map(Role::as_str).collect::<Vec<_>>())
                .with("approvedScopes", scopes.words());
        }
        Refusal::pairing_required(self.reason.audit(), error, &format!("{text} (requestId: {request_id})"))
    }
}

/// Whether the decision admits a new device.
#[derive(Clone, Debug, PartialEq)]
pub enum Pairing {
    /// No.
    None,
    /// Yes, without asking: keep this record (and the token of [`crate::TokenAction`]) before answering.
    Silent(Box<Device>),
    /// Yes, by a setup code: the same, and the code is used up in the same transaction.
    Setup {
        /// The record, over what was known of the device.
        device: Box<Device>,
        /// Names the code.
        setup_id: String,
    },
}

/// The record of a device whose key was proven by this attempt.
pub(crate) fn proven_device(
    attempt: &Attempt<'_>,
    device_id: DeviceId,
    public_key: String,
    role: Role,
    scopes: Scopes,
    now_ms: i64,
) -> Device {
    let client = &attempt.client;
    let word = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    Device {
        device_id,
        public_key,
        display_name: client.display_name.and_then(word),
        platform: client.platform.and_then(word),
        device_family: client.device_family.and_then(word),
        client_id: word(client.id),
        client_mode: word(client.mode),
        roles: vec![role],
        scopes,
        remote_ip: Some(attempt.transport.peer_ip.to_string()),
        owner: crate::principal::SHARED_OWNER.to_owned(),
        approved_via: "silent".to_owned(),
        created_at: now_ms,
        approved_at: now_ms,
        last_seen_at: Some(now_ms),
        tokens: Vec::new(),
        revision: 0,
    }
}

#[cfg(test)]
mod tests;
