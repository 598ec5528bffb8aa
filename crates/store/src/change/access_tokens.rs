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
    /// Gives one that is not withdrawn a new secret. [`Error::NotFound`](crate::Error::NotFound) when there is none; for one whose
    /// time is over [`Error::Conflict`](crate::Error::Conflict) as for a new one.
    Issue {
        /// Which.
        id: String,
        /// The new secret.
        secret: AccessSecret,
        /// What becomes of the secrets before it.
        former: FormerSecrets,
        /// How many tokens may hold at the same time.
        most: usize,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormerSecrets {
    /// They hold until they end, for somebody who has shown one of them.
    Stay {
        /// Hash of the one that was shown. [`Error::Conflict`](crate::Error::Conflict) when it holds no more.
        shown: String,
    },
    /// They end now.
    End,
}
