//! Who a verified caller is. Methods and events are authorised with this and with nothing else.

use openclaw_protocol::{AgentId, DeviceId, Dialect, Role, Scope, Scopes};

use crate::method::AuthMethod;

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
    /// A user for whom a trusted proxy or Tailscale vouches: [`Principal::user`].
    User,
    /// Somebody on this machine, let in by `localBypass`.
    LocalCli,
    /// Somebody, in mode `none`.
    Anonymous,
    /// The program of an agent, which holds the agent's token.
    Agent {
        /// Which agent.
        id: AgentId,
    },
    /// Whoever holds a named access token (SPEC-NOTES 16).
    Named {
        /// Which token.
        id: String,
        /// Its name, by which roles know its holder.
        name: String,
    },
    /// A sender of web hooks.
    Hook,
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
    user: Option<String>,
    /// The name of its device, as an owner approved it.
    label: Option<String>,
    /// Whether it speaks from the gateway's own host, with nothing in between.
    direct: bool,
    /// Whether it is a device that showed nothing but its own key, token or setup code.
    only_itself: bool,
    /// The passkey that was shown besides.
    passkey: Option<String>,
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
            user: None,
            label: None,
            direct: attempt.is_direct(),
            only_itself: false,
            passkey: None,
        }
    }

    /// A device, let in by this.
    pub(crate) fn admitted_by(self, method: AuthMethod) -> Self {
        let own = [AuthMethod::DeviceToken, AuthMethod::DeviceSignature, AuthMethod::SetupCode];
        Self { only_itself: own.contains(&method), ..self }
    }

    pub(crate) fn vouched_for(self, user: Option<&str>) -> Self {
        Self { user: user.map(str::to_owned), ..self }
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
            user: None,
            label: None,
            direct: false,
            only_itself: false,
            passkey: None,
        }
    }

    /// The program of an agent, after its token was checked. It may look and act, and is held to what is its own
    /// (SPEC-NOTES 28) by whoever serves it.
    #[must_use]
    pub fn agent(id: AgentId) -> Self {
        Self {
            role: Role::Operator,
            scopes: [Scope::Read, Scope::Write].into_iter().collect(),
            owner: format!("agent:{id}"),
            identity: Identity::Agent { id },
            client_id: "http".to_owned(),
            client_mode: "agent".to_owned(),
            dialect: Dialect::V4,
            user: None,
            label: None,
            direct: false,
            only_itself: false,
            passkey: None,
        }
    }

    /// A sender of web hooks, after its token or signature was checked. It may give agents work, and reads nothing but what comes of
    /// that.
    #[must_use]
    pub fn hook() -> Self {
        Self {
            role: Role::Operator,
            scopes: [Scope::Write].into_iter().collect(),
            owner: "hook".to_owned(),
            identity: Identity::Hook,
            client_id: "http".to_owned(),
            client_mode: "hook".to_owned(),
            dialect: Dialect::V4,
            user: None,
            label: None,
            direct: false,
            only_itself: false,
            passkey: None,
        }
    }

    /// Somebody who showed this passkey besides.
    pub(crate) fn confirmed_by(self, passkey: &str) -> Self {
        Self { passkey: Some(passkey.to_owned()), ..self }
    }

    /// The passkey with which this connection was opened.
    #[must_use]
    pub fn passkey(&self) -> Option<&str> {
        self.passkey.as_deref()
    }

    pub(crate) fn labelled(self, label: Option<&str>) -> Self {
        Self { label: label.map(str::to_owned), ..self }
    }

    /// The name of its device, as an owner approved it.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Whether it holds the gateway's secret on the gateway's own host, or is the gateway itself: it could read and change
    /// every rule anyway, so that rules do not lock it out (SPEC-NOTES 18).
    #[must_use]
    pub const fn owns_the_host(&self) -> bool {
        match self.identity {
            Identity::SharedSecret | Identity::LocalCli => self.direct,
            Identity::Internal { .. } => true,
            _ => false,
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

    /// The agent that it speaks for and is held to, when its token is that of an agent.
    #[must_use]
    pub const fn agent_id(&self) -> Option<&AgentId> {
        match &self.identity {
            Identity::Agent { id } => Some(id),
            _ => None,
        }
    }

    /// Whether the pairing of this device is its business. A device that showed nothing but itself looks after itself alone, unless
    /// it administers: neither what others ask for nor what they hold is told to it.
    #[must_use]
    pub fn manages(&self, device_id: &str) -> bool {
        !self.only_itself || self.is_admin() || self.device_id().is_some_and(|own| own.as_str() == device_id)
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

    /// The user for whom a trusted proxy or Tailscale vouches, whatever else was shown.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Kind and name for the audit, without secrets and without anything that a client merely declared.
    #[must_use]
    pub fn audit_name(&self) -> String {
        let name = self.identity_name();
        match &self.user {
            Some(user) if self.identity == Identity::User => format!("user:{user}"),
            Some(user) => format!("user:{user} {name}"),
            None => name,
        }
    }

    fn identity_name(&self) -> String {
        match &self.identity {
            Identity::User => "user".to_owned(),
            Identity::Device { id } => format!("device:{id}"),
            Identity::SharedSecret => "token".to_owned(),
            Identity::LocalCli => "local".to_owned(),
            Identity::Anonymous => "anonymous".to_owned(),
            Identity::Agent { id } => format!("agent:{id}"),
            Identity::Named { name, .. } => format!("access:{name}"),
            Identity::Hook => "hook".to_owned(),
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

#[cfg(test)]
mod tests;
