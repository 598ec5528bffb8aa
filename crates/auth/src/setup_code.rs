//! What a shown setup code turned out to be (SECURITY T71).

use openclaw_protocol::{Role, Scopes};

/// What whoever keeps the codes says about one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupWord {
    /// It admits a device.
    Holds(SetupGrant),
    /// It admitted one already, or does so at this moment.
    Used,
    /// Its time is over.
    Expired,
    /// Whoever made it may no longer give what it gives.
    IssuerGone,
    /// Nobody's.
    Unknown,
}

/// What a setup code gives to its device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupGrant {
    /// Names the code.
    pub setup_id: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Scopes as an operator.
    pub scopes: Scopes,
    /// Whose the device is.
    pub owner: String,
    /// What it is called.
    pub name: SetupName,
    /// Whether rules know this very device by a name of its own, so that an owner has to look.
    pub asks_owner: bool,
}

/// What a device is called that a setup code admits. Roles may follow from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupName {
    /// As whoever made the code says.
    Given(String),
    /// As it calls itself.
    Own,
    /// Nothing: rules could know it by whatever it called itself.
    None,
}
