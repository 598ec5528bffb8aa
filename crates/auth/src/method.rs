//! What lets callers in.

use crate::attempt::CredentialClass;

/// How the caller proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// The gateway's token.
    Token,
    /// The gateway's password.
    Password,
    /// Mode `none` asks for nothing.
    None,
    /// A device's token.
    DeviceToken,
    /// An admitted device's signature.
    DeviceSignature,
    /// A setup code, which admitted the device.
    SetupCode,
    /// Spec 003's local bypass.
    LocalBypass,
    /// The token of an agent.
    AgentToken,
    /// A named access token.
    AccessToken,
    /// The token of web hooks, or a signature.
    HookToken,
    /// A trusted proxy's word about the user.
    TrustedProxy,
    /// Tailscale's word about the user.
    Tailscale,
}

impl AuthMethod {
    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::Token,
        Self::Password,
        Self::None,
        Self::DeviceToken,
        Self::DeviceSignature,
        Self::SetupCode,
        Self::LocalBypass,
        Self::AgentToken,
        Self::AccessToken,
        Self::HookToken,
        Self::TrustedProxy,
        Self::Tailscale,
    ];

    /// The word of `hello-ok.auth.method`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Password => "password",
            Self::None => "none",
            Self::DeviceToken => "device-token",
            Self::DeviceSignature => "device-signature",
            Self::SetupCode => "bootstrap-token",
            Self::LocalBypass => "local",
            Self::AgentToken => "agent-token",
            Self::AccessToken => "access-token",
            Self::HookToken => "hook-token",
            Self::TrustedProxy => "trusted-proxy",
            Self::Tailscale => "tailscale",
        }
    }

    /// Which class of credential it proved.
    #[must_use]
    pub const fn class(self) -> Option<CredentialClass> {
        match self {
            Self::Token | Self::Password => Some(CredentialClass::SharedSecret),
            Self::DeviceToken => Some(CredentialClass::DeviceToken),
            Self::DeviceSignature => Some(CredentialClass::DeviceSignature),
            Self::SetupCode => Some(CredentialClass::Bootstrap),
            Self::None
            | Self::LocalBypass
            | Self::AgentToken
            | Self::AccessToken
            | Self::HookToken
            | Self::TrustedProxy
            | Self::Tailscale => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_word_of_its_own() {
        let words: Vec<&str> = AuthMethod::ALL.into_iter().map(AuthMethod::as_str).collect();
        let known = [
            "token",
            "password",
            "none",
            "device-token",
            "device-signature",
            "bootstrap-token",
            "local",
            "agent-token",
            "access-token",
            "hook-token",
            "trusted-proxy",
            "tailscale",
        ];
        assert_eq!(words, known);
    }
}
