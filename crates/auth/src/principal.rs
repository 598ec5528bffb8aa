//! Who a verified caller is. Methods and events are authorised with this and with nothing else.

use openclaw_protocol::{DeviceId, Dialect, Role, Scope, Scopes};

/// Owner of everything that the shared secret admits.
pub const SHARED_OWNER: &str = "operator";

/// What was verified about the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A device that holds its key, or its token where that suffices.
    Device {
        /// Its id.
        id: DeviceId,
    },
    /// Somebody who knows the shared secret.
    SharedSecret,
    /// Somebody on this machine, let in by `localBypass`.
    LocalCli,
    /// Somebody, in mode `none`.
    Anonymous,
    /// The gateway's own work.
    Internal {
        /// Which work, for the audit.
        name: &'static str,
    },
}

/// A verified caller. Only this crate makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    role: Role,
    scopes: Scopes,
    identity: Identity,
    client_id: String,
    client_mode: String,
    dialect: Dialect,
    owner: String,
}

impl Principal {
    pub(crate) fn verified(
        attempt: &crate::Attempt<'_>,
        role: Role,
        scopes: Scopes,
        identity: Identity,
        owner: &str,
    ) -> Self {
        Self {
            role,
            scopes: if role == Role::Operator { scopes } else { Scopes::NONE },
            identity,
            client_id: attempt.client.id.to_owned(),
            client_mode: attempt.client.mode.to_owned(),
            dialect: attempt.dialect,
            owner: owner.to_owned(),
        }
    }

    /// The gateway itself at work, for example on a schedule. Never for anything that a connection asked for.
    #[must_use]
    pub fn internal(name: &'static str, scopes: Scopes) -> Self {
        Self {
            role: Role::Operator,
            scopes,
            identity: Identity::Internal { name },
            client_id: "gateway".to_owned(),
            client_mode: "internal".to_owned(),
            dialect: Dialect::V4,
            owner: "gateway".to_owned(),
        }
    }

    /// The part it plays.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// What it was granted; always empty for a node.
    #[must_use]
    pub const fn scopes(&self) -> Scopes {
        self.scopes
    }

    /// What was verified about it.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Its device, when it has one.
    #[must_use]
    pub const fn device_id(&self) -> Option<&DeviceId> {
        match &self.identity {
            Identity::Device { id } => Some(id),
            _ => None,
        }
    }

    /// `client.id` as declared: for display and for the shape of answers, never for rights.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// `client.mode` as declared: for display and for the shape of answers, never for rights.
    #[must_use]
    pub fn client_mode(&self) -> &str {
        &self.client_mode
    }

    /// Dialect of its connection.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whose it is.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Kind and name for the audit, without secrets and without anything that a client merely declared.
    #[must_use]
    pub fn audit_name(&self) -> String {
        match &self.identity {
            Identity::Device { id } => format!("device:{id}"),
            Identity::SharedSecret => "token".to_owned(),
            Identity::LocalCli => "local".to_owned(),
            Identity::Anonymous => "anonymous".to_owned(),
            Identity::Internal { name } => format!("gateway:{name}"),
        }
    }

    /// Whether it may do everything an operator can.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.may(Scope::Admin)
    }

    /// Whether it is an operator that holds `scope` or a scope that implies it.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.role == Role::Operator && self.scopes.grants(scope)
    }
}
