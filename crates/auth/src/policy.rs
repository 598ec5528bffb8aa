//! What the operator wants: the part of the configuration that decides who gets in.

use openclaw_core::{Secret, record::Device};
use openclaw_protocol::Scopes;

use crate::{passkey::PasskeyMode, setup_code::SetupWord, vouch::TrustedProxy};

/// `gateway.auth.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The secret is `gateway.auth.token`.
    Token,
    /// The secret is `gateway.auth.password`.
    Password,
    /// No secret; the listener refuses to bind anything but loopback.
    None,
    /// A reverse proxy names the user; programs beside the gateway may show `gateway.auth.password`.
    TrustedProxy,
}

/// `gateway.auth.deviceAuth` (spec 001, SPEC-NOTES 2).
#[derive(Clone, Copy, Debug)]
pub struct DeviceAuth {
    /// `enabled`: otherwise `connect.device` is ignored.
    pub enabled: bool,
    /// `requireSignature`: otherwise a right shared secret may replace the signature.
    pub require_signature: bool,
    /// `allowTokenOnly`: whether a device token works without the device's signature.
    pub allow_token_only: bool,
    /// `tokenTTL` in milliseconds.
    pub token_ttl_ms: i64,
    /// `maxDevicesPerUser`.
    pub max_devices_per_user: usize,
}

impl Default for DeviceAuth {
    fn default() -> Self {
        Self {
            enabled: true,
            require_signature: true,
            allow_token_only: false,
            token_ttl_ms: 24 * 60 * 60 * 1000,
            max_devices_per_user: 10,
        }
    }
}

/// `gateway.controlUi`.
#[derive(Clone, Debug, Default)]
pub struct ControlUi {
    /// `allowedOrigins`: exact origins, or `*`. Empty: only the gateway's own origin.
    pub allowed_origins: Vec<String>,
    /// `requireDeviceAuth`: no user interface gets in without a device.
    pub require_device_auth: bool,
    /// `allowInsecureAuth`: the Control UI gets in without a device, on direct loopback or TLS.
    pub allow_insecure_auth: bool,
}

/// Who gets in. Build it anew whenever the configuration changes: it is read at every attempt.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Which secret counts.
    pub mode: Mode,
    /// The secret; blank counts as not configured.
    pub secret: Option<Secret>,
    /// Rules for devices.
    pub device_auth: DeviceAuth,
    /// Rules for browsers.
    pub control_ui: ControlUi,
    /// `gateway.auth.localBypass`: spec 003's "local requests skip authentication".
    pub local_bypass: bool,
    /// Rules for a proxy that names users.
    pub trusted_proxy: TrustedProxy,
    /// Whether the login counts that Tailscale vouches for.
    pub allow_tailscale: bool,
    /// `gateway.auth.identityScopes`: what users for whom somebody vouches hold besides, for the session alone.
    pub identity_scopes: Vec<(String, Scopes)>,
    /// `gateway.auth.passkeys.mode`.
    pub passkeys: PasskeyMode,
    /// `gateway.compat.signatureV1`: accept signatures without a nonce on direct loopback. They can be replayed for two minutes.
    pub signature_v1: bool,
}

impl Policy {
    /// Token mode with the defaults of every other key.
    #[must_use]
    pub fn token(secret: Secret) -> Self {
        Self { secret: Some(secret), ..Self::open(Mode::Token) }
    }

    /// Password mode with the defaults of every other key.
    #[must_use]
    pub fn password(secret: Secret) -> Self {
        Self { secret: Some(secret), ..Self::open(Mode::Password) }
    }

    /// No secret, defaults otherwise.
    #[must_use]
    pub fn none() -> Self {
        Self::open(Mode::None)
    }

    fn open(mode: Mode) -> Self {
        Self {
            mode,
            secret: None,
            device_auth: DeviceAuth::default(),
            control_ui: ControlUi::default(),
            local_bypass: false,
            trusted_proxy: TrustedProxy::default(),
            allow_tailscale: false,
            identity_scopes: Vec::new(),
            passkeys: PasskeyMode::default(),
            signature_v1: false,
        }
    }

    /// A proxy with these rules, defaults otherwise.
    #[must_use]
    pub fn trusted_proxy(rules: TrustedProxy) -> Self {
        Self { trusted_proxy: rules, ..Self::open(Mode::TrustedProxy) }
    }

    /// What a user for whom somebody vouches holds besides. Addresses are the same in any case of letters; other names are not.
    #[must_use]
    pub fn scopes_of(&self, user: &str) -> Scopes {
        let same = |name: &str| name == user || (name.contains('@') && name.eq_ignore_ascii_case(user));
        self.identity_scopes.iter().filter(|(name, _)| same(name)).fold(Scopes::NONE, |all, (_, more)| all.union(*more))
    }

    /// Whether the secret is kept as a hash, which [`crate::Hashed`] tells about.
    #[must_use]
    pub fn secret_is_hashed(&self) -> bool {
        self.secret.as_ref().is_some_and(|secret| is_hash(secret.expose()))
    }

    /// `deviceAuthRequired` of the challenge.
    #[must_use]
    pub const fn device_auth_required(&self) -> bool {
        self.device_auth.enabled && (self.control_ui.require_device_auth || self.device_auth.require_signature)
    }
}

/// Whether a configured password is the hash of one.
#[must_use]
pub fn is_hash(password: &str) -> bool {
    password.starts_with(crate::password::PREFIX)
}

/// The admitted devices, as the decision reads them.
pub trait Devices {
    /// The device with this id.
    fn device(&self, id: &str) -> Option<Device>;

    /// How many devices `owner` has.
    fn count_for_owner(&self, owner: &str) -> usize;

    /// The device that holds a token with this hash ([`crate::tokens::hash_token`]). Only `allowTokenOnly` asks.
    fn device_by_token(&self, hash: &str) -> Option<Device> {
        let _ = hash;
        None
    }

    /// Whether any passkey is registered. While none is, nobody is asked for one.
    fn has_passkeys(&self) -> bool {
        false
    }

    /// What a setup code is that this device shows. None admits anybody where nobody keeps them.
    fn setup_code(&self, code: &str, device_id: &str, now_ms: i64) -> SetupWord {
        let _ = (code, device_id, now_ms);
        SetupWord::Unknown
    }
}

#[cfg(test)]
mod tests;
