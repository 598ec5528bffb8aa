//! Which of the five ways of exposing a gateway is in force, and whether what it demands is there (spec 002).

use serde::Serialize;

use crate::{View, view::is_loopback};

/// A way of exposing a gateway, from the narrowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pattern {
    /// This machine alone; others come through a tunnel.
    LoopbackSsh,
    /// Loopback, published to a tailnet.
    TailscaleServe,
    /// A private network with known devices.
    PrivateNetwork,
    /// A proxy that logs people in.
    TrustedProxy,
    /// Everybody.
    PublicInternet,
}

impl Pattern {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::LoopbackSsh, Self::TailscaleServe, Self::PrivateNetwork, Self::TrustedProxy, Self::PublicInternet];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LoopbackSsh => "Loopback and an SSH tunnel",
            Self::TailscaleServe => "Loopback and Tailscale Serve",
            Self::PrivateNetwork => "Tailnet or private network",
            Self::TrustedProxy => "Trusted reverse proxy",
            Self::PublicInternet => "Public internet",
        }
    }

    /// For whom it is.
    #[must_use]
    pub const fn meant_for(self) -> &'static str {
        match self {
            Self::LoopbackSsh => "one person; administration and debugging",
            Self::TailscaleServe => "one person's own tailnet",
            Self::PrivateNetwork => "a network of its own with known devices",
            Self::TrustedProxy => "an organisation with a single login",
            Self::PublicInternet => "almost nobody; the risk is high",
        }
    }
}

/// Something that a pattern demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Control {
    /// What.
    pub what: &'static str,
    /// Whether it is there; `None` when no configuration can tell, and somebody has to look.
    pub met: Option<bool>,
}

const fn seen(what: &'static str, met: bool) -> Control {
    Control { what, met: Some(met) }
}

const fn by_hand(what: &'static str) -> Control {
    Control { what, met: None }
}

/// The pattern in force, and what it demands.
#[must_use]
pub fn pattern(view: &View<'_>) -> (Pattern, Vec<Control>) {
    let (loopback, asks) = (view.binds_loopback(), view.asks_for_a_credential());
    let long = [view.token(), view.password()].into_iter().flatten().any(|secret| secret.trim().chars().count() >= 24);
    let tailscale = view.text("gateway.tailscale.mode").unwrap_or("off");
    let origins = view.list("gateway.controlUi.allowedOrigins");
    let listed = !origins.is_empty() && origins.iter().all(|origin| origin != "*");
    let scopes = view.scopes();
    let boxed = scopes.iter().all(|scope| view.sandbox_mode(scope) != "off");
    let proxies = view.list("gateway.trustedProxies");
    if view.mode() == "trusted-proxy" {
        let strict = !proxies.is_empty() && proxies.iter().all(|proxy| !matches!(proxy.as_str(), "0.0.0.0/0" | "::/0"));
        let header = view.text("gateway.auth.trustedProxy.userHeader").is_some();
        let controls = vec![
            seen("gateway.auth.mode is trusted-proxy", true),
            seen("gateway.trustedProxies lists the proxy and nothing wider", strict),
            seen("gateway.auth.trustedProxy.userHeader is set", header),
            seen(
                "gateway.auth.trustedProxy.allowUsers lists the expected people",
                !view.list("gateway.auth.trustedProxy.allowUsers").is_empty(),
            ),
            seen(
                "no local program can pose as the proxy (allowLoopback is off)",
                !view.is_on("gateway.auth.trustedProxy.allowLoopback"),
            ),
            by_hand("the proxy logs people in before it passes anything on"),
            by_hand("the proxy overwrites identity and forwarding headers that clients send"),
            by_hand("a firewall lets nobody but the proxy reach the port"),
        ];
        return (Pattern::TrustedProxy, controls);
    }
    let public_address = view.text("gateway.customBindHost").is_some_and(is_public);
    if tailscale == "funnel" || (!loopback && public_address) {
        let controls = vec![
            seen("a proxy that knows people stands in front (gateway.auth.mode trusted-proxy)", false),
            seen("TLS", view.is_on("gateway.tls.enabled") || tailscale == "funnel"),
            seen("a credential of at least 24 characters", asks && long),
            seen("gateway.auth.rateLimit is set", view.get("gateway.auth.rateLimit").is_some()),
            seen("gateway.controlUi.allowedOrigins lists origins", listed),
            seen("no policy of a channel lets strangers in", view.open_policies().is_empty()),
            seen("sessions run in a sandbox", boxed),
            by_hand("nothing but the proxy is a way to the port"),
        ];
        return (Pattern::PublicInternet, controls);
    }
    if loopback && tailscale == "serve" {
        let controls = vec![
            seen("gateway.bind is loopback", true),
            seen("a credential is set for whatever Tailscale does not vouch for", asks),
            by_hand("the tailnet's rules let only the expected people reach this machine"),
            by_hand("Tailscale's login is relied on for the interface and the WebSocket alone"),
        ];
        return (Pattern::TailscaleServe, controls);
    }
    if loopback {
        let controls = vec![
            seen("gateway.bind is loopback", true),
            seen("a credential is set", asks),
            seen("gateway.tailscale.mode is off", tailscale == "off"),
            by_hand("others come through ssh -N -L 18789:127.0.0.1:18789 and by no other way"),
        ];
        return (Pattern::LoopbackSsh, controls);
    }
    let controls = vec![
        seen("a credential of at least 24 characters", asks && long),
        seen("TLS, or a proxy that has it", view.is_on("gateway.tls.enabled") || !proxies.is_empty()),
        seen("gateway.controlUi.allowedOrigins lists origins", listed || !view.interface_is_on()),
        by_hand("a firewall lets only known addresses reach the port"),
        by_hand("no router forwards the port from the internet"),
    ];
    (Pattern::PrivateNetwork, controls)
}

/// Whether an address is one of the internet.
fn is_public(text: &str) -> bool {
    use std::net::IpAddr;
    if is_loopback(text) {
        return false;
    }
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            let [first, second, ..] = address.octets();
            let shared = first == 100 && (64..128).contains(&second);
            !(address.is_private() || address.is_link_local() || address.is_unspecified() || shared)
        }
        Ok(IpAddr::V6(address)) => {
            !(address.is_unique_local() || address.is_unicast_link_local() || address.is_unspecified())
        }
        Err(_) => false,
    }
}
