//! Refusals: what the client is told, how its socket is closed, what the audit keeps (PROTOCOL §3.5, §4.1, SPEC-NOTES 4).

use std::borrow::Cow;

use openclaw_protocol::{ErrorCode, WireError, close, detail};

use crate::{
    attempt::{Attempt, CredentialClass, Surface},
    origin::OriginProblem,
    policy::Mode,
    setup_code::SetupWord,
    vouch::{ProxyProblem, TailscaleProblem},
    webauthn,
};

/// What the audit records about a refusal: no secret, nothing that the client made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalAudit {
    /// For example `auth.failure` (SECURITY §3.4).
    pub event: &'static str,
    /// For example `token_mismatch`.
    pub reason: &'static str,
}

/// Why an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The answer to `connect`.
    pub error: WireError,
    /// Code of the close frame that follows.
    pub close_code: u16,
    /// Reason of the close frame, at most [`close::REASON_BYTES`] long.
    pub close_reason: Cow<'static, str>,
    /// For the audit.
    pub audit: RefusalAudit,
    /// Set when a credential was wrong rather than missing: count it with [`crate::Throttle::failed`].
    pub counts_as_failure: Option<CredentialClass>,
}

/// Words of `details.recommendedNextStep`.
mod step {
    pub(super) const CONFIGURE: &str = "update_auth_configuration";
    pub(super) const CREDENTIALS: &str = "update_auth_credentials";
    pub(super) const DEVICE_TOKEN: &str = "retry_with_device_token";
    pub(super) const REVIEW: &str = "review_auth_configuration";
    pub(super) const WAIT: &str = "wait_then_retry";
}

/// Whether spec 001's Mission Control must stop at this refusal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    Never,
    Later,
}

impl Refusal {
    fn new(attempt: &Attempt<'_>, retry: Retry, error: WireError, event: &'static str, reason: &'static str) -> Self {
        let close_code = if retry == Retry::Never && attempt.is_spec_001() { close::FINAL } else { close::POLICY };
        let close_reason = match &error.message {
            Cow::Borrowed(text) => Cow::Borrowed(close::reason(text)),
            Cow::Owned(text) => Cow::Owned(close::reason(text).to_owned()),
        };
        Self { error, close_code, close_reason, audit: RefusalAudit { event, reason }, counts_as_failure: None }
    }

    fn failing(mut self, class: CredentialClass) -> Self {
        self.counts_as_failure = Some(class);
        self
    }

    /// The client's version range holds no dialect of ours.
    #[must_use]
    pub fn protocol_mismatch(min: u64, max: u64) -> Self {
        let error = WireError::invalid(detail::PROTOCOL_MISMATCH, "protocol mismatch")
            .with("clientMinProtocol", min)
            .with("clientMaxProtocol", max)
            .with("expectedProtocol", 4)
            .with("minimumProbeProtocol", 3);
        Self {
            error,
            close_code: close::PROTOCOL_MISMATCH,
            close_reason: "protocol mismatch".into(),
            audit: RefusalAudit { event: "auth.failure", reason: "protocol_mismatch" },
            counts_as_failure: None,
        }
    }

    /// Too many wrong credentials from this source; `retry_after_ms` is the rest of the lock-out.
    #[must_use]
    pub fn rate_limited(attempt: &Attempt<'_>, retry_after_ms: u64) -> Self {
        let seconds = retry_after_ms.div_ceil(1000);
        let text = format!(
            "unauthorized: too many failed authentication attempts (auth rate limit, rate limited; retry in {seconds} s)"
        );
        let error = auth_error("AUTH_RATE_LIMITED", text, "rate_limited", step::WAIT).retryable(Some(retry_after_ms));
        Self::new(attempt, Retry::Never, error, "auth.rate_limited", "rate_limited")
    }

    /// The gateway is locked down, and this is not its host's owner.
    #[must_use]
    pub fn locked_down(attempt: &Attempt<'_>, text: String) -> Self {
        let error = WireError::unavailable(detail::LOCKED_DOWN, text).retryable(Some(30_000));
        Self::new(attempt, Retry::Later, error, "auth.failure", "locked_down")
    }

    pub(crate) fn invalid_role(attempt: &Attempt<'_>) -> Self {
        let error = WireError::invalid("INVALID_ROLE", "invalid role");
        Self::new(attempt, Retry::Later, error, "auth.failure", "invalid_role")
    }

    pub(crate) fn origin(attempt: &Attempt<'_>, problem: OriginProblem) -> Self {
        let text = "origin not allowed (open the Control UI from the gateway host or allow it in gateway.controlUi.allowedOrigins)";
        let error = WireError::invalid("CONTROL_UI_ORIGIN_NOT_ALLOWED", text).with("reason", problem.to_string());
        let reason = match problem {
            OriginProblem::MissingOrInvalid => "origin_missing_or_invalid",
            OriginProblem::NotAllowed => "origin_not_allowed",
        };
        Self::new(attempt, Retry::Never, error, "origin.denied", reason)
    }

    pub(crate) fn ui_needs_device(attempt: &Attempt<'_>) -> Self {
        let text =
            "device identity required (control ui requires device identity: use HTTPS or localhost, a secure context)";
        let error = WireError::invalid("CONTROL_UI_DEVICE_IDENTITY_REQUIRED", text);
        Self::new(attempt, Retry::Never, error, "auth.failure", "device_identity_required")
    }

    /// Only a device is let in here, and none was shown.
    #[must_use]
    pub fn needs_device(attempt: &Attempt<'_>) -> Self {
        let text =
            "device identity required (sign the challenge with a device key, or send the gateway's secret on its host)";
        let error = WireError::new(ErrorCode::NotPaired, "DEVICE_IDENTITY_REQUIRED", text);
        Self::new(attempt, Retry::Never, error, "auth.failure", "device_identity_required")
    }

    pub(crate) fn device(attempt: &Attempt<'_>, problem: DeviceProblem) -> Self {
        let (code, reason, text, audit) = problem.words();
        let retry = if problem == DeviceProblem::Signature { Retry::Never } else { Retry::Later };
        let error = WireError::invalid(code, text).with("reason", reason);
        let refusal = Self::new(attempt, retry, error, "auth.failure", audit);
        if problem == DeviceProblem::Signature { refusal.failing(CredentialClass::DeviceSignature) } else { refusal }
    }

    pub(crate) fn secret_missing(attempt: &Attempt<'_>, mode: Mode) -> Self {
        let (code, text, reason) = match mode {
            Mode::Token => (
                "AUTH_TOKEN_MISSING",
                "unauthorized: gateway token missing (provide gateway auth token)",
                "token_missing",
            ),
            Mode::Password => (
                "AUTH_PASSWORD_MISSING",
                "unauthorized: gateway password missing (provide gateway auth password)",
                "password_missing",
            ),
            Mode::None => return Self::unauthorized(attempt),
            Mode::TrustedProxy => return Self::proxy(attempt, &ProxyProblem::UntrustedSource),
        };
        Self::new(attempt, Retry::Later, auth_error(code, text, reason, step::CONFIGURE), "auth.failure", reason)
    }

    pub(crate) fn secret_wrong(attempt: &Attempt<'_>, mode: Mode) -> Self {
        let sent = &attempt.credentials;
        let may_use_device_token = attempt.device.is_some() && sent.token.is_some() && sent.device_token.is_none();
        let (code, text, reason) = match mode {
            Mode::Token if may_use_device_token => (
                "AUTH_TOKEN_MISMATCH",
                "unauthorized: gateway token mismatch (use this gateway's gateway.auth.token or pair the device)",
                "token_mismatch",
            ),
            Mode::Token => (
                "AUTH_TOKEN_MISMATCH",
                "unauthorized: gateway token mismatch (provide gateway auth token)",
                "token_mismatch",
            ),
            Mode::Password | Mode::TrustedProxy => (
                "AUTH_PASSWORD_MISMATCH",
                "unauthorized: gateway password mismatch (provide gateway auth password)",
                "password_mismatch",
            ),
            Mode::None => return Self::unauthorized(attempt),
        };
        let error = if may_use_device_token && mode == Mode::Token {
            auth_error_for(code, text, reason, step::DEVICE_TOKEN, true)
        } else {
            auth_error(code, text, reason, step::CREDENTIALS)
        };
        Self::new(attempt, Retry::Later, error, "auth.failure", reason).failing(CredentialClass::SharedSecret)
    }

    pub(crate) fn secret_not_configured(attempt: &Attempt<'_>, mode: Mode) -> Self {
        let (code, text, reason) = match mode {
            Mode::Token => (
                "AUTH_TOKEN_NOT_CONFIGURED",
                "unauthorized: gateway token not configured on gateway (set gateway.auth.token)",
                "token_missing_config",
            ),
            Mode::Password => (
                "AUTH_PASSWORD_NOT_CONFIGURED",
                "unauthorized: gateway password not configured on gateway (set gateway.auth.password)",
                "password_missing_config",
            ),
            Mode::None => return Self::unauthorized(attempt),
            Mode::TrustedProxy => return Self::proxy(attempt, &ProxyProblem::UntrustedSource),
        };
        Self::new(attempt, Retry::Later, auth_error(code, text, reason, step::CONFIGURE), "auth.failure", reason)
    }

    /// A setup code that admits nobody. All are told the same, so that the answer says nothing about codes that there were.
    pub(crate) fn setup_code(attempt: &Attempt<'_>, shown: &SetupWord) -> Self {
        let text = "unauthorized: setup code invalid, expired or already used (make a new one on the gateway host)";
        let error = auth_error("AUTH_BOOTSTRAP_TOKEN_INVALID", text, "bootstrap_token_invalid", step::REVIEW);
        let reason = match shown {
            SetupWord::Used => "bootstrap_token_used",
            SetupWord::Expired => "bootstrap_token_expired",
            SetupWord::IssuerGone => "bootstrap_token_issuer_gone",
            SetupWord::Unknown | SetupWord::Holds(_) => "bootstrap_token_invalid",
        };
        let refusal = Self::new(attempt, Retry::Later, error, "auth.failure", reason);
        // Whoever shows one that was good once has guessed nothing.
        if *shown == SetupWord::Unknown { refusal.failing(CredentialClass::Bootstrap) } else { refusal }
    }

    /// The shared secret is right, and is not enough. Whoever keeps passkeys adds what the page has to ask its authenticator.
    pub(crate) fn passkey_required(attempt: &Attempt<'_>) -> Self {
        let text = if attempt.transport.surface == Surface::Http {
            "unauthorized: the gateway's secret alone is not enough here, because passkeys are required \
             (use a named access token: openclaw gateway generate-token)"
        } else {
            "unauthorized: passkey required (confirm with a passkey of this gateway, or connect on its host)"
        };
        let error = auth_error("PASSKEY_REQUIRED", text, "passkey_required", step::CREDENTIALS);
        Self::new(attempt, Retry::Never, error, "auth.failure", "passkey_required")
    }

    /// A passkey was shown, and does not count.
    #[must_use]
    pub fn passkey(attempt: &Attempt<'_>, problem: webauthn::Problem) -> Self {
        let text = format!("unauthorized: passkey not accepted, {problem} (try again, or use another passkey)");
        let error = auth_error("PASSKEY_INVALID", text, problem.reason(), step::CREDENTIALS);
        let event = if problem == webauthn::Problem::Cloned { "passkey.cloned" } else { "auth.failure" };
        Self::new(attempt, Retry::Never, error, event, problem.reason()).failing(CredentialClass::Passkey)
    }

    pub(crate) fn device_token(attempt: &Attempt<'_>) -> Self {
        let text = "unauthorized: device token mismatch (rotate/reissue device token)";
        let error = auth_error("AUTH_DEVICE_TOKEN_MISMATCH", text, "device_token_mismatch", step::CREDENTIALS);
        Self::new(attempt, Retry::Later, error, "auth.failure", "device_token_mismatch")
            .failing(CredentialClass::DeviceToken)
    }

    pub(crate) fn access_token(attempt: &Attempt<'_>, token: &crate::AccessToken) -> Self {
        let (code, text, reason) = match token {
            crate::AccessToken::Expired => (
                "AUTH_ACCESS_TOKEN_EXPIRED",
                "unauthorized: access token expired (ask an administrator for a new one: gateway.token.rotate)",
                "access_token_expired",
            ),
            crate::AccessToken::Revoked => (
                "AUTH_ACCESS_TOKEN_REVOKED",
                "unauthorized: access token revoked (ask an administrator for a new one)",
                "access_token_revoked",
            ),
            crate::AccessToken::Unknown | crate::AccessToken::Holds { .. } => (
                "AUTH_ACCESS_TOKEN_MISMATCH",
                "unauthorized: access token mismatch (it is none of this gateway, or was replaced)",
                "access_token_mismatch",
            ),
        };
        let refusal =
            Self::new(attempt, Retry::Later, auth_error(code, text, reason, step::CREDENTIALS), "auth.failure", reason);
        // Whoever shows one that was good once has guessed nothing.
        if *token == crate::AccessToken::Unknown { refusal.failing(CredentialClass::SharedSecret) } else { refusal }
    }

    pub(crate) fn token_scopes(attempt: &Attempt<'_>) -> Self {
        let text = "unauthorized: device token scope mismatch (re-pair or approve scope upgrade)";
        let error = auth_error("AUTH_SCOPE_MISMATCH", text, "scope_mismatch", step::REVIEW);
        Self::new(attempt, Retry::Later, error, "authz.denied", "scope_mismatch")
    }

    pub(crate) fn device_limit(attempt: &Attempt<'_>, limit: usize) -> Self {
        let text = format!(
            "device limit reached: {limit} devices of this user are paired \
             (remove one, or raise gateway.auth.deviceAuth.maxDevicesPerUser)"
        );
        let error = WireError::new(ErrorCode::NotPaired, "DEVICE_LIMIT", text).with("limit", limit);
        Self::new(attempt, Retry::Later, error, "device.rejected", "device_limit")
    }

    pub(crate) fn pairing_required(audit: RefusalAudit, error: WireError, close_reason: &str) -> Self {
        Self {
            error,
            close_code: close::POLICY,
            close_reason: close::reason(close_reason).to_owned().into(),
            audit,
            counts_as_failure: None,
        }
    }

    /// What a proxy said, or somebody in its name, does not count.
    pub(crate) fn proxy(attempt: &Attempt<'_>, problem: &ProxyProblem) -> Self {
        let code = match problem {
            ProxyProblem::UserMissing | ProxyProblem::Missing(_) => "AUTH_IDENTITY_HEADER_REQUIRED",
            ProxyProblem::UserNotAllowed => "AUTH_VERIFIED_USER_REQUIRED",
            _ => "AUTH_UNAUTHORIZED",
        };
        let error = WireError::invalid(code, format!("unauthorized: {}", problem.advice()))
            .with("authReason", problem.reason())
            .with("canRetryWithDeviceToken", false)
            .with("recommendedNextStep", step::REVIEW);
        Self::new(attempt, Retry::Later, error, "auth.failure", problem.audit())
    }

    /// Tailscale does not vouch for whom the headers name.
    pub(crate) fn tailscale(attempt: &Attempt<'_>, problem: TailscaleProblem) -> Self {
        let (code, reason) = problem.words();
        let text = match problem {
            TailscaleProblem::IdentityMissing => {
                "unauthorized: tailscale identity missing (use Tailscale Serve, or send the gateway's credential)"
            }
            TailscaleProblem::ProxyMissing => "unauthorized: tailscale proxy headers missing (use Tailscale Serve)",
            TailscaleProblem::WhoisFailed => "unauthorized: tailscale identity check failed (is tailscaled running?)",
            TailscaleProblem::IdentityMismatch => "unauthorized: tailscale identity mismatch (use Tailscale Serve)",
        };
        Self::new(attempt, Retry::Later, auth_error(code, text, reason, step::REVIEW), "auth.failure", reason)
    }

    fn unauthorized(attempt: &Attempt<'_>) -> Self {
        let error = auth_error("AUTH_UNAUTHORIZED", "unauthorized", "unauthorized", step::REVIEW);
        Self::new(attempt, Retry::Later, error, "auth.failure", "unauthorized")
    }
}

/// What is wrong with a device's proof, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceProblem {
    Id,
    Expired,
    NonceMissing,
    NonceMismatch,
    Key,
    Signature,
}

impl DeviceProblem {
    /// `details.code`, `details.reason`, message, audit reason.
    const fn words(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Id => (
                "DEVICE_AUTH_DEVICE_ID_MISMATCH",
                "device-id-mismatch",
                "device identity mismatch",
                "device_id_mismatch",
            ),
            Self::Expired => (
                "DEVICE_AUTH_SIGNATURE_EXPIRED",
                "device-signature-stale",
                "device signature expired",
                "device_signature_expired",
            ),
            Self::NonceMissing => {
                ("DEVICE_AUTH_NONCE_REQUIRED", "device-nonce-missing", "device nonce required", "device_nonce_missing")
            }
            Self::NonceMismatch => (
                "DEVICE_AUTH_NONCE_MISMATCH",
                "device-nonce-mismatch",
                "device nonce mismatch",
                "device_nonce_mismatch",
            ),
            Self::Key => (
                "DEVICE_AUTH_PUBLIC_KEY_INVALID",
                "device-public-key",
                "device public key invalid",
                "device_public_key",
            ),
            Self::Signature => (
                "DEVICE_AUTH_SIGNATURE_INVALID",
                "device-signature",
                "device signature invalid (device_auth_signature_invalid)",
                "device_auth_signature_invalid",
            ),
        }
    }
}

fn auth_error(
    code: &'static str,
    text: impl Into<Cow<'static, str>>,
    reason: &'static str,
    step: &'static str,
) -> WireError {
    auth_error_for(code, text, reason, step, false)
}

fn auth_error_for(
    code: &'static str,
    text: impl Into<Cow<'static, str>>,
    reason: &'static str,
    step: &'static str,
    can_retry_with_device_token: bool,
) -> WireError {
    WireError::invalid(code, text)
        .with("authReason", reason)
        .with("canRetryWithDeviceToken", can_retry_with_device_token)
        .with("recommendedNextStep", step)
}

#[cfg(test)]
mod tests;
