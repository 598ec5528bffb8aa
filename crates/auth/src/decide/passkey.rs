//! Passkeys: a second factor beside the shared secret, and an owner's word for a new device.

use openclaw_core::record::Device;
use openclaw_protocol::{Role, Scopes};

use super::{Admission, Case, Decision, Shared, capped};
use crate::{
    attempt::Surface,
    method::AuthMethod,
    pairing::{Pairing, PairingNeeded},
    passkey::{PasskeyMode, PasskeyWord, ShownPasskey},
    refusal::Refusal,
    tokens::{TokenAction, TokenCheck},
};

impl Case<'_> {
    /// The passkey that was shown, when it counts.
    pub(super) fn passkey(&self) -> Option<&ShownPasskey> {
        let shown = self.attempt.credentials.passkey.verified();
        shown.filter(|_| self.policy.passkeys != PasskeyMode::Off)
    }

    /// Whether the shared secret is not enough by itself. While none is registered nobody could show one, so nothing is asked for.
    fn asks_for_passkey(&self) -> bool {
        self.policy.passkeys == PasskeyMode::Required && self.devices.has_passkeys() && self.passkey().is_none()
    }

    /// Whether somebody elsewhere shows less than is asked for: what they show admits nothing, whoever they say they are.
    pub(super) fn lacks_passkey(&self) -> bool {
        self.asks_for_passkey() && !self.attempt.is_direct()
    }

    /// Asks for the second factor where the decision rests on the shared secret, or on somebody's word about the user.
    pub(super) fn with_second_factor(&self, role: Role, shared: Shared, decision: Decision) -> Decision {
        let attempt = self.attempt;
        if matches!(decision, Decision::Refuse(_)) {
            return decision;
        }
        if let PasskeyWord::Wrong(problem) = attempt.credentials.passkey {
            return Decision::Refuse(Refusal::passkey(attempt, problem));
        }
        let asked = if attempt.transport.surface == Surface::Http {
            attempt.is_in_browser() || !attempt.is_direct()
        } else {
            attempt.is_in_browser()
        };
        if asked && self.asks_for_passkey() && !self.stands_without(role, shared, &decision) {
            return Decision::Refuse(Refusal::passkey_required(attempt));
        }
        match (decision, self.passkey()) {
            (Decision::Accept(admission), Some(shown)) => {
                let principal = admission.principal.confirmed_by(&shown.id);
                // Whoever takes the passkey's devices out is to find every one that came in with it.
                let pairing = match admission.pairing {
                    Pairing::Silent(device) => {
                        let approved_via = format!("passkey:{}", shown.id);
                        Pairing::Silent(Box::new(Device { approved_via, ..*device }))
                    }
                    other => other,
                };
                Decision::Accept(Admission { principal, pairing, ..admission })
            }
            // The same person with a passkey would not have to wait.
            (Decision::Pair(needed), None) => {
                let counts = self.policy.passkeys != PasskeyMode::Off && self.devices.has_passkeys();
                let new = role == Role::Operator && needed.approved.is_none() && shared.is_right();
                Decision::Pair(PairingNeeded { passkey_helps: counts && new && attempt.is_in_browser(), ..needed })
            }
            (decision, _) => decision,
        }
    }

    /// Whether something else than the shared secret carries the decision: a token that an admitted device was given and proves to
    /// be its own, a setup code, or an owner who is to look.
    fn stands_without(&self, role: Role, shared: Shared, decision: &Decision) -> bool {
        match decision {
            Decision::Accept(admission) => {
                matches!(admission.auth_method, AuthMethod::DeviceToken | AuthMethod::SetupCode)
                    || self.shows_own_token(role)
            }
            Decision::Pair(_) => !shared.is_right() || self.shows_own_token(role),
            Decision::Refuse(_) => true,
        }
    }

    /// Whether the device, which proved its key, shows its own token.
    fn shows_own_token(&self, role: Role) -> bool {
        let sent = &self.attempt.credentials;
        let Some(known) = self.attempt.device.and_then(|proof| self.devices.device(proof.id)) else { return false };
        let tokens = [sent.device_token, sent.cached_device_token, sent.token];
        tokens.into_iter().flatten().any(|token| self.check(&known, role, token) == TokenCheck::Good)
    }

    /// A new device that an owner would have to approve, of somebody who shows a passkey: the owner is there. It gets what it asks for,
    /// and no more than whoever registered the passkey held.
    pub(super) fn by_passkey(
        &self,
        method: AuthMethod,
        scopes: Scopes,
        device: Device,
        shown: &ShownPasskey,
    ) -> Decision {
        let granted = capped(shown.scopes.granted(scopes), self.cap());
        let device = Device { scopes: granted, ..device };
        let principal = self.device_principal(Role::Operator, granted.union(self.identity_scopes()), &device, method);
        Decision::Accept(Admission {
            principal,
            auth_method: method,
            pairing: Pairing::Silent(Box::new(device)),
            token: TokenAction::Issue { scopes: granted, expires_at: self.new_expiry() },
            handoff: Vec::new(),
            counts_as_failure: None,
        })
    }
}

#[cfg(test)]
mod tests;
