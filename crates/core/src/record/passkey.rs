//! Passkeys: public keys of authenticators with which people confirm that it is them (WebAuthn).

use openclaw_protocol::Scopes;
use serde::{Deserialize, Serialize};

/// Passkeys that are kept at most.
pub const MAX_PASSKEYS: usize = 32;

/// A passkey. Nothing of it is secret, but its name and its owner's words about it are personal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passkey {
    /// Its id, by which people and the audit name it.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The authenticator's name for it, base64url.
    pub credential_id: String,
    /// Its public key as COSE_Key, base64url.
    pub public_key: String,
    /// What the authenticator keeps beside it to know whose it is, base64url.
    pub user_handle: String,
    /// The host for which it works.
    pub rp_id: String,
    /// How the authenticator can be reached, as the browser said: hints for the next time.
    #[serde(default)]
    pub transports: Vec<String>,
    /// What whoever registered it held: it never gives more.
    pub scopes: Scopes,
    /// Who registered it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// When it was last shown.
    #[serde(default)]
    pub last_used_at: Option<i64>,
    /// How often its authenticator says that it signed; 0 for one that does not count.
    #[serde(default)]
    pub sign_count: u32,
}

impl Passkey {
    /// Whether this count may follow the one that is known. One that does not grow means that two authenticators hold the key,
    /// unless neither counts at all.
    #[must_use]
    pub const fn counts_on(&self, sign_count: u32) -> bool {
        sign_count > self.sign_count || sign_count == 0 && self.sign_count == 0
    }
}
