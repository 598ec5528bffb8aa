//! Users that somebody else has verified: an identity-aware proxy, or Tailscale (SECURITY §3.1, SPEC-NOTES 15).
//!
//! The order of the checks is the order of what an attacker would have to get past: where the bytes come from, then what they say.

use std::net::IpAddr;

use openclaw_protocol::Scopes;

use crate::{
    attempt::Attempt,
    method::AuthMethod,
    policy::{Mode, Policy},
};

/// Caps the scopes of what a proxy lets through.
pub const SCOPES_HEADER: &str = "x-openclaw-scopes";

/// Whether an address belongs to this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// It is another machine's.
    Elsewhere,
    /// It is one of this machine's own.
    Own,
    /// That could not be found out.
    Unknown,
}

/// Where an upgrade or a request came from, and the headers that it carried.
#[derive(Clone, Copy, Debug)]
pub struct Carrier<'a> {
    /// The TCP peer itself.
    pub socket_ip: IpAddr,
    /// Whether `gateway.trustedProxies` names it.
    pub listed: bool,
    /// Whether the address is one of this machine's, loopback apart.
    pub interface: Interface,
    /// Whether forwarding headers name a client, by the rules for a trusted proxy.
    pub attributed: bool,
    /// Every header line: name in lower case, value.
    pub headers: &'a [(String, String)],
}

/// Who else speaks for the user of an attempt.
#[derive(Clone, Copy, Debug, Default)]
pub enum Voucher<'a> {
    /// Nobody was asked.
    #[default]
    Nobody,
    /// What came is looked at by the rules for a trusted proxy, where the mode asks for it.
    Carrier(Carrier<'a>),
    /// Tailscale itself was asked about the address, on the listener that only its Serve reaches, and said this login.
    Tailscale {
        /// The login, as Tailscale has it.
        login: &'a str,
    },
    /// Tailscale was to be asked, and does not vouch for what the headers say.
    TailscaleRefused(TailscaleProblem),
}

/// Why a Tailscale login is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TailscaleProblem {
    /// There is no login in the headers, or there are two.
    IdentityMissing,
    /// Serve's own forwarding headers are missing.
    ProxyMissing,
    /// Tailscale does not know the address, or could not be asked.
    WhoisFailed,
    /// Tailscale knows it as somebody else's.
    IdentityMismatch,
}

impl TailscaleProblem {
    /// `details.code`, and the reason for the audit.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::IdentityMissing => ("AUTH_TAILSCALE_IDENTITY_MISSING", "tailscale_user_missing"),
            Self::ProxyMissing => ("AUTH_TAILSCALE_PROXY_MISSING", "tailscale_proxy_missing"),
            Self::WhoisFailed => ("AUTH_TAILSCALE_WHOIS_FAILED", "tailscale_whois_failed"),
            Self::IdentityMismatch => ("AUTH_TAILSCALE_IDENTITY_MISMATCH", "tailscale_user_mismatch"),
        }
    }
}

/// `gateway.auth.trustedProxy`, with `gateway.trustedProxies`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxy {
    /// `gateway.trustedProxies`. Whether a peer is among them is found out by whoever makes the [`Carrier`].
    pub addresses: Vec<String>,
    /// The header that names the user, in lower case.
    pub user_header: String,
    /// Headers that must be there and not blank, in lower case.
    pub required_headers: Vec<String>,
    /// Users that are let in; empty lets in everybody whom the proxy names.
    pub allow_users: Vec<String>,
    /// Whether a proxy on this machine is believed.
    pub allow_loopback: bool,
    /// `deviceAutoApprove`: the scopes with which a new device of a user's interface is admitted without an owner; `None` asks one.
    pub auto_approve: Option<Scopes>,
}

/// Why a proxy's word does not count, in the order in which it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProxyProblem {
    UntrustedSource,
    LoopbackSource,
    LocalInterfaceSource,
    LocalInterfaceUnknown,
    NoClient,
    Missing(String),
    Repeated(String),
    UserMissing,
    UserNotAllowed,
}

impl ProxyProblem {
    /// `details.authReason`.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::UntrustedSource => "trusted_proxy_untrusted_source".to_owned(),
            Self::LoopbackSource => "trusted_proxy_loopback_source".to_owned(),
            Self::LocalInterfaceSource => "trusted_proxy_local_interface_source".to_owned(),
            Self::LocalInterfaceUnknown => "trusted_proxy_local_interface_check_failed".to_owned(),
            Self::NoClient => "proxy_attribution_required".to_owned(),
            Self::Missing(name) => format!("trusted_proxy_missing_header_{name}"),
            Self::Repeated(name) => format!("trusted_proxy_repeated_header_{name}"),
            Self::UserMissing => "trusted_proxy_user_missing".to_owned(),
            Self::UserNotAllowed => "trusted_proxy_user_not_allowed".to_owned(),
        }
    }

    /// The same for the audit, which keeps no word that a client made up.
    pub(crate) const fn audit(&self) -> &'static str {
        match self {
            Self::UntrustedSource => "trusted_proxy_untrusted_source",
            Self::LoopbackSource => "trusted_proxy_loopback_source",
            Self::LocalInterfaceSource => "trusted_proxy_local_interface_source",
            Self::LocalInterfaceUnknown => "trusted_proxy_local_interface_check_failed",
            Self::NoClient => "proxy_attribution_required",
            Self::Missing(_) => "trusted_proxy_missing_header",
            Self::Repeated(_) => "trusted_proxy_repeated_header",
            Self::UserMissing => "trusted_proxy_user_missing",
            Self::UserNotAllowed => "trusted_proxy_user_not_allowed",
        }
    }

    /// What the operator can do.
    pub(crate) const fn advice(&self) -> &'static str {
        match self {
            Self::UntrustedSource => "this address is not in gateway.trustedProxies; connect through the proxy",
            Self::LoopbackSource => {
                "a proxy on this machine is believed only with gateway.auth.trustedProxy.allowLoopback"
            }
            Self::LocalInterfaceSource => {
                "the proxy's address is this machine's own; let it connect from another, or over loopback with allowLoopback"
            }
            Self::LocalInterfaceUnknown => "this machine's own addresses could not be found out",
            Self::NoClient => "the proxy must set X-Forwarded-For to the address of its client",
            Self::Missing(_) => "the proxy must set every header of gateway.auth.trustedProxy.requiredHeaders",
            Self::Repeated(_) => "the proxy must overwrite this header, so that it is there once",
            Self::UserMissing => "the proxy must name the user in the header of gateway.auth.trustedProxy.userHeader",
            Self::UserNotAllowed => "this user is not in gateway.auth.trustedProxy.allowUsers",
        }
    }
}

/// A user for whom somebody vouches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vouched<'a> {
    pub(crate) user: &'a str,
    pub(crate) by: AuthMethod,
    /// The most that the session may hold, when the proxy says so.
    pub(crate) cap: Option<Scopes>,
}

/// What somebody else says about the user of an attempt.
#[derive(Clone, Debug)]
pub(crate) enum Word<'a> {
    /// Nothing, and nobody claims that anybody does.
    None,
    /// Who it is.
    User(Vouched<'a>),
    /// Something that does not count; nothing else that was sent makes up for it.
    Proxy(ProxyProblem),
    /// The same of Tailscale, which other credentials make up for: its headers come with every request.
    Tailscale(TailscaleProblem),
}

/// Looks at what an attempt carries, by the policy in force.
pub(crate) fn look<'a>(attempt: &Attempt<'a>, policy: &Policy) -> Word<'a> {
    match attempt.transport.voucher {
        Voucher::Carrier(carrier) if policy.mode == Mode::TrustedProxy => by_proxy(&carrier, &policy.trusted_proxy),
        Voucher::Tailscale { login } if policy.allow_tailscale => {
            Word::User(Vouched { user: login, by: AuthMethod::Tailscale, cap: None })
        }
        Voucher::TailscaleRefused(problem) if policy.allow_tailscale => Word::Tailscale(problem),
        Voucher::Nobody | Voucher::Carrier(_) | Voucher::Tailscale { .. } | Voucher::TailscaleRefused(_) => Word::None,
    }
}

fn by_proxy<'a>(carrier: &Carrier<'a>, rules: &TrustedProxy) -> Word<'a> {
    // A program beside the gateway, or elsewhere, that does not say that it comes through the proxy is asked for another credential.
    if !carrier.attributed && !carrier.headers.iter().any(|(name, _)| *name == rules.user_header) {
        return Word::None;
    }
    match user(carrier, rules) {
        Ok(vouched) => Word::User(vouched),
        Err(problem) => Word::Proxy(problem),
    }
}

fn user<'a>(carrier: &Carrier<'a>, rules: &TrustedProxy) -> Result<Vouched<'a>, ProxyProblem> {
    if !carrier.listed {
        return Err(ProxyProblem::UntrustedSource);
    }
    if carrier.socket_ip.to_canonical().is_loopback() {
        if !rules.allow_loopback {
            return Err(ProxyProblem::LoopbackSource);
        }
    } else {
        match carrier.interface {
            Interface::Elsewhere => {}
            Interface::Own => return Err(ProxyProblem::LocalInterfaceSource),
            Interface::Unknown => return Err(ProxyProblem::LocalInterfaceUnknown),
        }
    }
    if !carrier.attributed {
        return Err(ProxyProblem::NoClient);
    }
    for name in &rules.required_headers {
        let mut values = values(carrier, name);
        if values.next().is_none_or(|value| value.trim().is_empty()) {
            return Err(ProxyProblem::Missing(name.clone()));
        }
        // A chain of proxies may well add lines to its own headers.
        if values.next().is_some() && !name.starts_with("x-forwarded-") && name != "forwarded" {
            return Err(ProxyProblem::Repeated(name.clone()));
        }
    }
    // What HTTP takes away around a value, and nothing more: any other space is a part of another user's name.
    let user =
        once(carrier, &rules.user_header)?.map(|user| user.trim_matches([' ', '\t'])).filter(|user| !user.is_empty());
    let user = user.ok_or(ProxyProblem::UserMissing)?;
    if !rules.allow_users.is_empty() && !rules.allow_users.iter().any(|allowed| allowed.trim() == user) {
        return Err(ProxyProblem::UserNotAllowed);
    }
    let cap = once(carrier, SCOPES_HEADER)?.map(|words| Scopes::parse(words.split([',', ' ']).map(str::trim)));
    Ok(Vouched { user, by: AuthMethod::TrustedProxy, cap })
}

fn values<'a>(carrier: &Carrier<'a>, name: &str) -> impl Iterator<Item = &'a str> {
    carrier.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The value of a header that nobody may have written a second time.
fn once<'a>(carrier: &Carrier<'a>, name: &str) -> Result<Option<&'a str>, ProxyProblem> {
    let mut values = values(carrier, name);
    let first = values.next();
    if values.next().is_some() { Err(ProxyProblem::Repeated(name.to_owned())) } else { Ok(first) }
}

#[cfg(test)]
mod tests;
