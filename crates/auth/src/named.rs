//! Named access tokens at the door (SPEC-NOTES 16).

pub use openclaw_core::record::ACCESS_TOKEN_PREFIX;
use openclaw_protocol::{Role, Scopes};

use crate::{
    Admission, Attempt, AuthMethod, Decision, Identity, Pairing, Policy, Principal, Refusal, SHARED_OWNER, Surface,
    TokenAction, check_origin,
    vouch::{self, Word},
};

/// What a shown access token turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessToken {
    /// One that holds.
    Holds {
        /// Which.
        id: String,
        /// Its name.
        name: String,
        /// What it grants at most.
        scopes: Scopes,
    },
    /// One whose time is over.
    Expired,
    /// One that was withdrawn.
    Revoked,
    /// Nobody's.
    Unknown,
}

impl Attempt<'_> {
    /// The access token that is shown, in any place where clients put a token.
    #[must_use]
    pub fn access_token(&self) -> Option<&str> {
        let sent = &self.credentials;
        let places = [sent.token, sent.device_token, sent.cached_device_token, sent.password];
        places.into_iter().flatten().find(|token| token.starts_with(ACCESS_TOKEN_PREFIX))
    }
}

/// Decides an attempt that shows an access token. It is a credential by itself, and the device that a client may sign for
/// besides says nothing: what is granted is what was asked for, as far as the token goes. Ask [`crate::Throttle::gate`] first
/// and tell [`crate::Throttle::settle`] the result.
#[must_use]
pub fn decide_access(attempt: &Attempt<'_>, policy: &Policy, token: AccessToken) -> Decision {
    if let Some(refusal) = check_origin(attempt, policy) {
        return Decision::Refuse(refusal);
    }
    // Whoever names a user and is not believed is refused, whatever else was sent.
    let word = vouch::look(attempt, policy);
    if let Word::Proxy(problem) = &word {
        return Decision::Refuse(Refusal::proxy(attempt, problem));
    }
    if Role::parse(attempt.role_word()) != Some(Role::Operator) {
        return Decision::Refuse(Refusal::needs_device(attempt));
    }
    if policy.control_ui.require_device_auth && attempt.is_any_ui() {
        return Decision::Refuse(Refusal::ui_needs_device(attempt));
    }
    let (id, name, held) = match token {
        AccessToken::Holds { id, name, scopes } => (id, name, scopes),
        wrong => return Decision::Refuse(Refusal::access_token(attempt, &wrong)),
    };
    let scopes = match (attempt.scopes, attempt.transport.surface) {
        (Some(words), _) => held.granted(Scopes::parse(words.iter().map(String::as_str))),
        (None, Surface::Http) => held,
        (None, Surface::WebSocket) => Scopes::NONE,
    };
    let (user, cap) = match word {
        Word::User(vouched) => (Some(vouched.user), vouched.cap),
        _ => (None, None),
    };
    let scopes = cap.map_or(scopes, |cap| cap.granted(scopes));
    let identity = Identity::Named { id, name };
    Decision::Accept(Admission {
        principal: Principal::verified(attempt, Role::Operator, scopes, identity, SHARED_OWNER).vouched_for(user),
        auth_method: AuthMethod::AccessToken,
        pairing: Pairing::None,
        token: TokenAction::None,
        handoff: Vec::new(),
        counts_as_failure: None,
    })
}

#[cfg(test)]
mod tests;
