//! Who loses the credential that let them in when the policy changes (SECURITY T22).

use openclaw_auth::{AuthMethod, Mode, Policy};
use openclaw_config::Issue;

use super::Failure;

/// Whether what let a connection in under `old` is no longer good under `new`, so that the connection must end.
///
/// Only the credential counts: a rule that became stricter for new connections leaves those alone that were let in by it.
pub(crate) fn no_longer_admits(method: AuthMethod, old: &Policy, new: &Policy) -> bool {
    match method {
        AuthMethod::Token | AuthMethod::Password => old.mode != new.mode || !same_secret(old, new),
        AuthMethod::None => new.mode != Mode::None,
        AuthMethod::TrustedProxy => {
            new.mode != Mode::TrustedProxy
                || old.trusted_proxy != new.trusted_proxy
                || old.identity_scopes != new.identity_scopes
        }
        AuthMethod::Tailscale => !new.allow_tailscale || old.identity_scopes != new.identity_scopes,
        AuthMethod::AgentToken | AuthMethod::AccessToken | AuthMethod::HookToken => false,
        AuthMethod::LocalBypass => !new.local_bypass,
        AuthMethod::DeviceToken | AuthMethod::DeviceSignature | AuthMethod::SetupCode => !new.device_auth.enabled,
    }
}

/// Whether somebody without an approved device still gets in after a change. Whoever wants no shared secret names the mode.
///
/// # Errors
/// The change takes the shared secret away and says nothing about what holds instead.
pub(super) fn keeps_a_way_in(old: &Policy, new: &Policy) -> Result<(), Failure> {
    if old.secret.is_none() || new.secret.is_some() || !matches!(new.mode, Mode::Token | Mode::Password) {
        return Ok(());
    }
    let text = "this change takes the only shared secret away, and nobody but approved devices would get in any more. Put \
                another one in its place (`openclaw gateway rotate-token`), or write down in gateway.auth.mode what is to hold";
    Err(Failure::NoWayIn(Issue::new("gateway.auth.token", text)))
}

fn same_secret(old: &Policy, new: &Policy) -> bool {
    match (&old.secret, &new.secret) {
        (Some(old), Some(new)) => old.matches(new.expose()),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use openclaw_core::Secret;

    use super::*;

    fn token(text: &str) -> Policy {
        Policy::token(Secret::new(text))
    }

    #[test]
    fn the_last_secret_is_not_taken_away_by_leaving_it_out() {
        let gone = Policy { secret: None, ..token("a") };
        assert!(keeps_a_way_in(&token("a"), &gone).is_err());
        for (old, new) in [(token("a"), token("b")), (token("a"), Policy::none()), (gone.clone(), gone)] {
            assert!(keeps_a_way_in(&old, &new).is_ok(), "{new:?}");
        }
    }

    #[test]
    fn only_those_whose_credential_changed_lose_their_connection() {
        use AuthMethod::{DeviceSignature, DeviceToken, LocalBypass, None, Password, Token};
        let bypass = Policy { local_bypass: true, ..token("a") };
        let mut no_devices = token("a");
        no_devices.device_auth.enabled = false;
        for (method, old, new, ends) in [
            (Token, token("a"), token("a"), false),
            (Token, token("a"), token("b"), true),
            (Token, token("a"), Policy::password(Secret::new("a")), true),
            (Token, token("a"), Policy::none(), true),
            (Password, Policy::password(Secret::new("a")), Policy::password(Secret::new("b")), true),
            (None, Policy::none(), Policy::none(), false),
            (None, Policy::none(), token("a"), true),
            (LocalBypass, bypass.clone(), token("b"), true),
            (LocalBypass, bypass.clone(), Policy { local_bypass: true, ..token("b") }, false),
            (DeviceToken, token("a"), token("b"), false),
            (DeviceSignature, token("a"), token("b"), false),
            (DeviceSignature, token("a"), no_devices, true),
        ] {
            assert_eq!(no_longer_admits(method, &old, &new), ends, "{method:?} {old:?} {new:?}");
        }
    }
}
