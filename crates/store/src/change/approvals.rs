//! Changes of what people are asked.

use openclaw_core::approval::{Approval, Ending, Grant};
use serde::{Deserialize, Serialize};

/// Most approvals that wait at once, of all kinds.
pub const MAX_PENDING_APPROVALS: usize = 256;
/// Most approvals that are remembered after they ended; the oldest go first.
pub const MAX_ENDED_APPROVALS: usize = 10_000;
/// How long an ended approval is remembered, milliseconds.
pub const APPROVAL_RETENTION_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Most standing permissions, with those that were taken back and are still shown.
pub const MAX_GRANTS: usize = 1_000;
/// Most bytes of an approval as JSON.
pub const MAX_APPROVAL_BYTES: usize = 1 << 20;

/// A change of what people are asked. → [`Outcome::Approval`](crate::Outcome::Approval)
#[derive(Clone, Debug)]
pub enum ApprovalChange {
    /// Keeps something that is asked. [`Error::Conflict`](crate::Error::Conflict) when its id was used before,
    /// [`Error::Limit`](crate::Error::Limit) when too many wait.
    Ask(Box<Approval>),
    /// Ends it. [`Error::Conflict`](crate::Error::Conflict) when it ended before.
    End {
        /// Which one.
        id: String,
        /// How.
        ending: Box<Ending>,
    },
    /// Marks that what was allowed is run. [`Error::Conflict`](crate::Error::Conflict) when it was run before.
    Redeem {
        /// Which one.
        id: String,
        /// When.
        at: i64,
    },
    /// Keeps a standing permission; one for the same plan that no longer holds is taken back first.
    Grant(Box<Grant>),
    /// Counts a use of a standing permission. [`Error::Conflict`](crate::Error::Conflict) when it does not hold any more.
    UseGrant {
        /// Which one.
        id: String,
        /// When.
        at: i64,
    },
    /// Takes a standing permission back.
    RevokeGrant {
        /// Which one.
        id: String,
        /// When.
        at: i64,
        /// By whom.
        by: String,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ApprovalOutcome {
    /// The approval after the change.
    Approval(Box<Approval>),
    /// The permission after the change.
    Grant(Box<Grant>),
    /// It was taken back before; this is how.
    AlreadyRevoked(Box<Grant>),
    /// There is no such permission.
    NoGrant,
}
