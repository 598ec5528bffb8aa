//! What may be changed about named access tokens.

use openclaw_core::record::{AccessSecret, AccessToken};

/// A change of a named access token.
#[derive(Clone, Debug)]
pub enum AccessTokenChange {
    /// Keeps a new one. [`Error::Conflict`](crate::Error::Conflict) when one of the same name holds, or as many as may.
    Create {
        /// The token, hashed.
        token: AccessToken,
        /// How many may hold at the same time.
        most: usize,
    },
    /// Gives one that holds a new secret. [`Error::NotFound`](crate::Error::NotFound) when there is none.
    Issue {
        /// Which.
        id: String,
        /// The new secret.
        secret: AccessSecret,
        /// Whether the secrets before it go on holding until they end.
        former: FormerSecrets,
    },
    /// Withdraws one that is not withdrawn. [`Error::NotFound`](crate::Error::NotFound) when there is none.
    Revoke {
        /// Which.
        id: String,
        /// When.
        at: i64,
    },
}

/// What becomes of the secrets before a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormerSecrets {
    /// They hold until they end.
    Stay,
    /// They end now.
    End,
}
