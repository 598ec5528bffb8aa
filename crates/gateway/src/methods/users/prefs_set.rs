//! `users.prefs.set`: keeps what the owner prefers.

use openclaw_store::{Change, Error, Transaction};

use super::{LONGEST_NAME, LONGEST_VALUE, MOST, MOST_AT_ONCE, PREFERENCES};
use crate::methods::prelude::*;

type Entries = serde_json::Map<String, Value>;

params! {
    /// What to keep.
    {
        /// Values by name; `null` removes one. At most 32.
        entries: Entries,
        /// Values that must be there now, `null` for none. Otherwise nothing is kept and the status is `conflict`.
        #[serde(default)]
        expected_entries: Entries,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// `ok`, or `conflict` when something else is there than was expected.
    status: &'static str,
}

pub(crate) struct Set;

impl Method for Set {
    const NAME: &'static str = "users.prefs.set";
    const ABOUT: &'static str = "Keeps what the owner prefers, as views keep it.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("user.preferences");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        check("entries", &params.entries)?;
        check("expectedEntries", &params.expected_entries)?;
        let audit = call.audit("user.preferences", Self::NAME, None, json!({ "entries": params.entries.len() }));
        let change = Change::MergeSetting {
            name: PREFERENCES.to_owned(),
            entries: params.entries,
            expected: params.expected_entries,
            most: MOST,
        };
        let written = call.state().store.write(Transaction { changes: vec![change], audit, idempotency: None }).await;
        match written {
            Ok(_) => Ok(Reply { status: "ok" }),
            Err(Error::Conflict { .. }) => Ok(Reply { status: "conflict" }),
            Err(Error::Limit { .. }) => Err(WireError::invalid(
                detail::USER_PREFS_LIMIT_EXCEEDED,
                format!("users.prefs.set exceeds the {MOST}-key profile limit: remove some with null"),
            )
            .with("limit", MOST)),
            Err(error) => Err(fault::store(&error)),
        }
    }
}

fn check(member: &'static str, entries: &Entries) -> Result<(), WireError> {
    if entries.len() > MOST_AT_ONCE {
        return Err(WireError::params(format!("{member} must have at most {MOST_AT_ONCE} members")));
    }
    for (name, value) in entries {
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Err(WireError::params(format!("names in {member} must have 1 to {LONGEST_NAME} bytes")));
        }
        if value.to_string().len() > LONGEST_VALUE {
            return Err(WireError::params(format!("a value in {member} has more than {LONGEST_VALUE} bytes as JSON")));
        }
    }
    Ok(())
}
