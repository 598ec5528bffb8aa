//! A device that shows a setup code: admitted with what the code gives, and never with more.

use openclaw_core::record::Device;
use openclaw_protocol::{Role, Scopes};

use super::{Admission, Case, Decision, Outcome, Shared, capped, needs_owner};
use crate::{
    device::ProvenDevice,
    method::AuthMethod,
    pairing::{Pairing, PairingReason, proven_device},
    principal::SHARED_OWNER,
    refusal::Refusal,
    setup_code::{SetupName, SetupWord},
    tokens::{self, TokenAction, TokenCheck},
};

impl Case<'_> {
    /// Whether an admitted device comes with a code rather than with what it has: it may be given more by it.
    pub(super) fn comes_with_setup_code(&self, role: Role, shared: Shared, known: &Device) -> bool {
        let sent = &self.attempt.credentials;
        let secret = matches!(shared, Shared::Wrong | Shared::Right(AuthMethod::Token | AuthMethod::Password));
        let tokens = [sent.device_token, sent.token, sent.cached_device_token];
        let is_good = |token: &str| self.check(known, role, token) == TokenCheck::Good;
        sent.bootstrap_token.is_some() && !secret && !tokens.into_iter().flatten().any(is_good)
    }

    /// Admits a device that proved its key, by its setup code. A device that asks for more than the code gives needs an owner, and
    /// leaves the code as it is.
    pub(super) fn by_setup_code(
        &self,
        role: Role,
        scopes: Scopes,
        proven: ProvenDevice,
        known: Option<&Device>,
    ) -> Outcome<Decision> {
        let attempt = self.attempt;
        let sent = attempt.credentials.bootstrap_token.unwrap_or_default();
        let word = self.devices.setup_code(sent, proven.id.as_str(), self.now_ms);
        let SetupWord::Holds(grant) = word else { return Err(Refusal::setup_code(attempt, &word).into()) };
        let owner = self.user().unwrap_or(&grant.owner);
        let others = known.is_some_and(|known| known.owner != SHARED_OWNER && known.owner != owner);
        if others || grant.asks_owner || !grant.roles.contains(&role) || !grant.scopes.covers(scopes) {
            return Ok(match known {
                Some(known) => {
                    let why = if others { PairingReason::MetadataUpgrade } else { PairingReason::ScopeUpgrade };
                    self.upgrade(why, role, scopes, proven, known)
                }
                None => {
                    let wanted = proven_device(attempt, proven.id, proven.public_key, role, scopes, self.now_ms);
                    needs_owner(Device { owner: self.owner().to_owned(), ..wanted }, role, scopes)
                }
            });
        }
        let limit = self.policy.device_auth.max_devices_per_user;
        if known.is_none() && self.devices.count_for_owner(owner) >= limit {
            return Err(Refusal::device_limit(attempt, limit).into());
        }
        let fresh = proven_device(attempt, proven.id, proven.public_key, role, grant.scopes, self.now_ms);
        let display_name = match grant.name {
            SetupName::Given(name) => Some(name),
            SetupName::Own => fresh.display_name.clone(),
            SetupName::None => None,
        };
        let fresh = Device {
            display_name,
            roles: grant.roles.clone(),
            owner: owner.to_owned(),
            approved_via: "setup-code".to_owned(),
            ..fresh
        };
        let device = match known {
            Some(known) => with_more(known, fresh),
            None => fresh,
        };
        let (granted, expires_at) = (capped(scopes, self.cap()), self.new_expiry());
        let carries = |role: Role| if role == Role::Operator { grant.scopes } else { Scopes::NONE };
        let handoff = grant.roles.iter().filter(|other| **other != role).map(|other| (*other, carries(*other)));
        let handoff = handoff.collect();
        let session = if role == Role::Operator { granted.union(self.identity_scopes()) } else { granted };
        Ok(Decision::Accept(Admission {
            principal: self.device_principal(role, session, &device, AuthMethod::SetupCode),
            auth_method: AuthMethod::SetupCode,
            pairing: Pairing::Setup { device: Box::new(device), setup_id: grant.setup_id },
            token: TokenAction::Issue { scopes: carries(role), expires_at },
            handoff,
            counts_as_failure: None,
        }))
    }
}

/// What is known of a device, with what a code gives besides. What was withdrawn does not come back with it.
fn with_more(known: &Device, fresh: Device) -> Device {
    let mut roles: Vec<Role> = known.roles.iter().copied().filter(|role| !tokens::is_revoked(known, *role)).collect();
    let scopes = if roles.contains(&Role::Operator) { known.scopes.union(fresh.scopes) } else { fresh.scopes };
    for role in &fresh.roles {
        if !roles.contains(role) {
            roles.push(*role);
        }
    }
    Device {
        roles,
        scopes,
        display_name: fresh.display_name.or_else(|| known.display_name.clone()),
        created_at: known.created_at,
        tokens: known.tokens.iter().filter(|token| token.revoked_at.is_none()).cloned().collect(),
        revision: known.revision,
        ..fresh
    }
}

#[cfg(test)]
mod tests;
