//! What may be changed about passkeys.

use openclaw_core::record::Passkey;

/// A change of a passkey.
#[derive(Clone, Debug)]
pub enum PasskeyChange {
    /// Keeps a new one. [`Error::Conflict`](crate::Error::Conflict) when the authenticator's key is known already,
    /// [`Error::Limit`](crate::Error::Limit) when there are as many as may be.
    Add {
        /// The passkey.
        passkey: Passkey,
    },
    /// Calls it something else. [`Error::NotFound`](crate::Error::NotFound) when there is none.
    Rename {
        /// Which.
        id: String,
        /// The new name.
        name: String,
    },
    /// It was shown. [`Error::NotFound`](crate::Error::NotFound) when there is none, [`Error::Conflict`](crate::Error::Conflict) when
    /// its count does not follow the one that is kept.
    Used {
        /// Which.
        id: String,
        /// What its authenticator counted.
        sign_count: u32,
        /// When.
        at: i64,
    },
    /// Forgets it. [`Error::NotFound`](crate::Error::NotFound) when there is none.
    Remove {
        /// Which.
        id: String,
    },
}
