//! Setup codes: how somebody who may admits one device before it is known.

use openclaw_protocol::{DeviceId, Role, Scopes};
use serde::{Deserialize, Serialize};

/// A setup code, kept as a hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetupCode {
    /// Names it to people; nothing of the code can be told from it.
    pub setup_id: String,
    /// SHA-256 of it, hex.
    pub hash: String,
    /// Roles that its device gets.
    pub roles: Vec<Role>,
    /// Scopes that its device gets as an operator.
    pub scopes: Scopes,
    /// What the device is to be called; otherwise it may say so itself.
    pub label: Option<String>,
    /// Whose the device will be.
    pub owner: String,
    /// Who made it, as the audit names them.
    pub issued_by: String,
    /// What its maker was let in by: a code is as good as that.
    pub issuer: SetupIssuer,
    /// When it was made.
    pub created_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// What it was used for.
    pub used: Option<SetupUse>,
}

/// What whoever made a setup code was let in by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SetupIssuer {
    /// An admitted device, and the user for whom somebody vouched besides.
    Device {
        /// Which device.
        id: DeviceId,
        /// The user's login.
        user: Option<String>,
    },
    /// A named access token.
    AccessToken {
        /// Which token.
        id: String,
    },
    /// The gateway's shared secret.
    Secret {
        /// Two bytes of a salted hash, hex: enough to see that it was exchanged, useless to whoever guesses at it.
        mark: String,
    },
    /// A user for whom a proxy or Tailscale vouched.
    User {
        /// The login.
        login: String,
    },
    /// Somebody on the gateway's host who needed no credential.
    Host,
}

/// What a setup code was used for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetupUse {
    /// The device that it admitted.
    pub device_id: DeviceId,
    /// What that is called.
    pub device_name: Option<String>,
    /// When.
    pub at: i64,
}

impl SetupCode {
    /// The reference's word for what it gives.
    #[must_use]
    pub fn access(&self) -> &'static str {
        access(&self.roles, self.scopes)
    }

    /// Whether it may still be used, as far as its time goes.
    #[must_use]
    pub const fn is_open(&self, now: i64) -> bool {
        self.used.is_none() && now < self.expires_at
    }
}

/// The reference's word for roles and scopes: `full`, `limited` or `node`.
#[must_use]
pub fn access(roles: &[Role], scopes: Scopes) -> &'static str {
    if !roles.contains(&Role::Operator) {
        "node"
    } else if scopes.contains(openclaw_protocol::Scope::Admin) {
        "full"
    } else {
        "limited"
    }
}
