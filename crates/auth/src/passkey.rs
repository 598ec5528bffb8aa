//! What a shown passkey turned out to be, and when one is asked for.

use openclaw_protocol::Scopes;

use crate::webauthn::Problem;

/// `gateway.auth.passkeys.mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasskeyMode {
    /// None is registered, and none counts.
    Off,
    /// One admits a new device, and nobody is asked for it.
    #[default]
    Optional,
    /// The shared secret alone lets no browser in, and admits nobody from elsewhere.
    Required,
}

/// What whoever verifies passkeys says about the one that was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasskeyWord<'a> {
    /// None was shown.
    #[default]
    None,
    /// It does not count.
    Wrong(Problem),
    /// It was shown by somebody whom its authenticator knows, for this page and this very challenge.
    Verified(&'a ShownPasskey),
}

/// A registered passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPasskey {
    /// Names it.
    pub id: String,
    /// The most that it gives.
    pub scopes: Scopes,
}

impl<'a> PasskeyWord<'a> {
    /// The passkey, when it counts.
    #[must_use]
    pub const fn verified(self) -> Option<&'a ShownPasskey> {
        match self {
            Self::Verified(shown) => Some(shown),
            Self::None | Self::Wrong(_) => None,
        }
    }
}
