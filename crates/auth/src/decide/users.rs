//! What follows when somebody vouches for a user: whose a device is, and what the session may hold.

use openclaw_core::record::Device;
use openclaw_protocol::{Role, Scope, Scopes};

use super::{Admission, Case, Decision, Outcome, parse};
use crate::{
    method::AuthMethod,
    pairing::Pairing,
    principal::{Identity, SHARED_OWNER},
    refusal::Refusal,
    tokens::TokenAction,
    vouch::Word,
};

impl Case<'_> {
    /// A user without a device. Only a proxy's word about somebody at an interface suffices, and it gives no scope by itself: what
    /// the client asks for is nobody's but its own.
    pub(super) fn vouched_without_device(&self, role: Role, method: AuthMethod) -> Outcome<Decision> {
        let attempt = self.attempt;
        if !attempt.is_any_ui() || role == Role::Node {
            return Err(Refusal::needs_device(attempt).into());
        }
        if method == AuthMethod::Tailscale || self.policy.control_ui.require_device_auth {
            return Err(Refusal::ui_needs_device(attempt).into());
        }
        let scopes = if self.lacks_passkey() { Scopes::NONE } else { self.identity_scopes() };
        Ok(self.accept(role, scopes, Identity::User, method))
    }

    /// What the user holds for the session alone.
    pub(super) fn identity_scopes(&self) -> Scopes {
        match &self.word {
            Word::User(vouched) => capped(self.policy.scopes_of(vouched.user), vouched.cap),
            _ => Scopes::NONE,
        }
    }

    pub(super) fn cap(&self) -> Option<Scopes> {
        match &self.word {
            Word::User(vouched) => vouched.cap,
            _ => None,
        }
    }

    pub(super) fn user(&self) -> Option<&str> {
        match &self.word {
            Word::User(vouched) => Some(vouched.user),
            _ => None,
        }
    }

    /// Whose a new device is.
    pub(super) fn owner(&self) -> &str {
        self.user().unwrap_or(SHARED_OWNER)
    }

    /// A new device that the proxy's user brings in, where the operator leaves that to the proxy: never with more than the
    /// operator listed, nor with more than the proxy allows.
    pub(super) fn by_proxys_approval(&self, most: Scopes, device: Device) -> Decision {
        let asked = self.attempt.scopes.map_or(most, parse);
        let granted = capped(most.granted(asked), self.cap());
        let device = Device { scopes: granted, approved_via: "trusted-proxy".to_owned(), ..device };
        let scopes = granted.union(self.identity_scopes());
        let auth_method = AuthMethod::TrustedProxy;
        let principal = self.device_principal(Role::Operator, scopes, &device, auth_method);
        Decision::Accept(Admission {
            principal,
            auth_method,
            pairing: Pairing::Silent(Box::new(device)),
            token: TokenAction::Issue { scopes: granted, expires_at: self.new_expiry() },
            handoff: Vec::new(),
            counts_as_failure: None,
        })
    }

    /// Whether a device that one user brought comes with another. What nobody in particular brought is everybody's.
    pub(super) fn changes_hands(&self, known: &Device) -> bool {
        self.user().is_some_and(|user| known.owner != SHARED_OWNER && known.owner != user)
    }
}

/// At most `cap`, where there is one. Each scope is looked at by itself: below `operator.read` an administrator may read.
pub(super) fn capped(scopes: Scopes, cap: Option<Scopes>) -> Scopes {
    let Some(cap) = cap else { return scopes };
    Scope::ALL.iter().copied().filter(|scope| scopes.grants(*scope) && cap.grants(*scope)).collect()
}
