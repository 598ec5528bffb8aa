//! Who can reach the gateway, and what it asks of them.

use openclaw_core::Secret;

use crate::{
    Finding, Reachable, Severity, View,
    catalogue::found,
    view::{at, is_loopback, is_loopback_range},
};

/// Worse where the network can reach the gateway.
pub(super) fn exposed(view: &View<'_>) -> Severity {
    match view.reachable() {
        Reachable::Locally => Severity::Warn,
        Reachable::Remotely => Severity::Critical,
    }
}

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut add = |id: &str, severity, detail: String| findings.push(found(id, severity, detail));
    let (loopback, asks, interface) = (view.binds_loopback(), view.asks_for_a_credential(), view.interface_is_on());
    let bind = view.text("gateway.bind").unwrap_or("loopback");
    let proxies = view.list("gateway.trustedProxies");
    if !loopback && !asks {
        add(
            "gateway.bind_no_auth",
            Severity::Critical,
            format!("gateway.bind is {bind}, and gateway.auth has no secret in force (mode {}).", view.mode()),
        );
    }
    if loopback && interface && proxies.is_empty() && view.mode() != "trusted-proxy" {
        add(
            "gateway.trusted_proxies_missing",
            Severity::Warn,
            "gateway.trustedProxies is empty. A proxy on this machine would make every caller look local, so requests with forwarding headers are refused.".to_owned(),
        );
    }
    let tailscale = view.text("gateway.tailscale.mode").unwrap_or("off");
    let by_tailnet = tailscale == "serve" && !view.is_off("gateway.auth.allowTailscale");
    if loopback && interface && !asks && !by_tailnet {
        add(
            "gateway.loopback_no_auth",
            Severity::Critical,
            "No token and no password is configured. Behind a proxy or a tunnel the interface would be open to whoever reaches that.".to_owned(),
        );
    }
    origins(view, findings);
    let mut add = |id: &str, severity, detail: String| findings.push(found(id, severity, detail));
    if view.is_on("gateway.allowRealIpFallback") {
        let behind = view.mode() == "trusted-proxy" && proxies.iter().any(|proxy| !is_loopback_range(proxy));
        let severity = if !loopback || behind { Severity::Critical } else { Severity::Warn };
        add(
            "gateway.real_ip_fallback_enabled",
            severity,
            "gateway.allowRealIpFallback is true: X-Real-IP is believed where the proxy wrote no X-Forwarded-For."
                .to_owned(),
        );
    }
    if tailscale == "funnel" {
        add(
            "gateway.tailscale_funnel",
            Severity::Critical,
            "gateway.tailscale.mode is funnel: everybody on the internet reaches the login.".to_owned(),
        );
    } else if tailscale == "serve" {
        add(
            "gateway.tailscale_serve",
            Severity::Info,
            "gateway.tailscale.mode is serve: every member of the tailnet reaches the login.".to_owned(),
        );
    }
    secrets(view, findings);
    around(view, findings);
}

fn origins(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut add = |id: &str, severity, detail: &str| findings.push(found(id, severity, detail));
    let origins = view.list("gateway.controlUi.allowedOrigins");
    let fallback = view.is_on("gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback");
    if !view.binds_loopback() && view.interface_is_on() && origins.is_empty() && !fallback {
        add(
            "gateway.control_ui.allowed_origins_required",
            Severity::Critical,
            "gateway.controlUi.allowedOrigins is empty while gateway.bind is beyond loopback. Only the gateway's own origin is allowed, by whatever name it is called.",
        );
    }
    if origins.iter().any(|origin| origin.trim() == "*") {
        add(
            "gateway.control_ui.allowed_origins_wildcard",
            exposed(view),
            "gateway.controlUi.allowedOrigins holds *, so a page of any site may use a browser that knows the credential.",
        );
    }
    if fallback {
        add(
            "gateway.control_ui.host_header_origin_fallback",
            exposed(view),
            "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback is true: a name that is made to point here counts as the gateway's own.",
        );
    }
    if view.is_on("gateway.controlUi.allowInsecureAuth") {
        add(
            "gateway.control_ui.insecure_auth",
            Severity::Warn,
            "gateway.controlUi.allowInsecureAuth is true: on loopback and over TLS the interface needs no device.",
        );
    }
    if view.is_on("gateway.controlUi.dangerouslyDisableDeviceAuth") {
        add(
            "gateway.control_ui.device_auth_disabled",
            Severity::Warn,
            "gateway.controlUi.dangerouslyDisableDeviceAuth is true. It is not followed.",
        );
    }
}

fn secrets(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut add = |id: &str, severity, detail: String| findings.push(found(id, severity, detail));
    let (noun, secret) = match view.mode() {
        "token" => ("token", view.token()),
        "password" => ("password", view.password()),
        _ => return,
    };
    let Some(secret) = secret else { return };
    let trimmed = secret.trim();
    if Secret::new(trimmed).is_placeholder() {
        add(
            &format!("gateway.{noun}_placeholder_value"),
            Severity::Critical,
            format!("The {noun} in force is blank, or a text that stands in published examples."),
        );
    } else if trimmed.chars().count() < Secret::LEAST {
        add(
            &format!("gateway.{noun}_too_short"),
            Severity::Warn,
            format!("The {noun} in force has {} characters; {} are the least.", trimmed.chars().count(), Secret::LEAST),
        );
    }
    let configured = view.text("gateway.auth.token");
    if noun == "token" && view.facts.token.as_deref().zip(configured).is_some_and(|(one, other)| one != other) {
        add("gateway.env_token_overrides_config", Severity::Warn, "OPENCLAW_GATEWAY_TOKEN differs from gateway.auth.token. The variable holds; programs that read the file are refused.".to_owned());
    }
}

/// What else of the listener can be seen from the network.
fn around(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut add = |id: &str, severity, detail: String| findings.push(found(id, severity, detail));
    let loopback = view.binds_loopback();
    if !loopback {
        let (bind, port) = (view.text("gateway.bind").unwrap_or("loopback"), port(view));
        let severity = if view.asks_for_a_credential() { Severity::Warn } else { Severity::Critical };
        add(
            "gateway.bind_network_accessible",
            severity,
            format!("gateway.bind is {bind}: whoever reaches port {port} of this machine can try to log in."),
        );
    }
    let proxied = !view.list("gateway.trustedProxies").is_empty();
    if !loopback && !view.is_on("gateway.tls.enabled") && !proxied {
        add("gateway.tls_missing_nonloopback", Severity::Warn, "gateway.bind is beyond loopback, gateway.tls is off and no proxy is trusted: whoever can listen on the way reads the credential.".to_owned());
    }
    let metrics = view.text("metrics.bind").unwrap_or("127.0.0.1");
    if !view.is_off("metrics.enabled") && !is_loopback(metrics) {
        add(
            "gateway.metrics_exposed",
            Severity::Critical,
            format!("metrics.bind is {metrics}, and that port asks for no credential."),
        );
    }
    if view.text("logging.redactSensitive") == Some("off") {
        add("logging.redact_off", Severity::Warn, "logging.redactSensitive is off. It is ignored.".to_owned());
    }
    if view.text("discovery.mdns.mode") == Some("full") {
        add("discovery.mdns_full_mode", exposed(view), "discovery.mdns.mode is full.".to_owned());
    }
    for (path, message) in &view.facts.unhonoured {
        add("config.unknown_security_key", Severity::Warn, format!("{path}: {message}"));
    }
}

/// How often a secret may be tried.
pub(super) fn attempts(view: &View<'_>, findings: &mut Vec<Finding>) {
    if !view.binds_loopback() && view.mode() != "trusted-proxy" && view.get("gateway.auth.rateLimit").is_none() {
        findings.push(found(
            "gateway.auth_no_rate_limit",
            Severity::Warn,
            "gateway.auth.rateLimit is not written while gateway.bind is beyond loopback, so the default holds.",
        ));
    }
}

/// A proxy that vouches for people.
pub(super) fn proxy(view: &View<'_>, findings: &mut Vec<Finding>) {
    if view.mode() != "trusted-proxy" {
        return;
    }
    let mut add = |id: &str, severity, detail: &str| findings.push(found(id, severity, detail));
    let part = view.get("gateway.auth.trustedProxy");
    let is_on = |path: &str| part.and_then(|part| at(part, path)).and_then(serde_json::Value::as_bool) == Some(true);
    add(
        "gateway.trusted_proxy_auth",
        Severity::Critical,
        "gateway.auth.mode is trusted-proxy: whoever can reach the port past the proxy, or make it pass on a header, is anybody they like.",
    );
    if view.list("gateway.trustedProxies").is_empty() {
        add(
            "gateway.trusted_proxy_no_proxies",
            Severity::Critical,
            "gateway.trustedProxies is empty, so nobody can be told from the proxy.",
        );
    }
    if view.text("gateway.auth.trustedProxy.userHeader").is_none_or(|header| header.trim().is_empty()) {
        add(
            "gateway.trusted_proxy_no_user_header",
            Severity::Critical,
            "gateway.auth.trustedProxy.userHeader is not set.",
        );
    }
    if is_on("allowLoopback") {
        add(
            "gateway.trusted_proxy_allow_loopback",
            Severity::Warn,
            "gateway.auth.trustedProxy.allowLoopback is true: every program on this machine can write the header.",
        );
    }
    if view.list("gateway.auth.trustedProxy.allowUsers").is_empty() {
        add("gateway.trusted_proxy_no_allowlist", Severity::Warn, "gateway.auth.trustedProxy.allowUsers is empty.");
    }
    if is_on("deviceAutoApprove.enabled") {
        add(
            "gateway.trusted_proxy_device_auto_approve",
            Severity::Warn,
            "gateway.auth.trustedProxy.deviceAutoApprove.enabled is true.",
        );
        if view.list("gateway.auth.trustedProxy.deviceAutoApprove.scopes").iter().any(|scope| scope == "operator.admin")
        {
            add(
                "gateway.trusted_proxy_device_auto_approve_admin",
                Severity::Critical,
                "gateway.auth.trustedProxy.deviceAutoApprove.scopes holds operator.admin.",
            );
        }
    }
}

/// The port that is listened on.
pub(crate) fn port(view: &View<'_>) -> u64 {
    let number = |path: &str| view.get(path).and_then(serde_json::Value::as_u64);
    let secure = number("gateway.tls.port").filter(|_| view.is_on("gateway.tls.enabled"));
    secure.or_else(|| number("gateway.port")).unwrap_or(18789)
}
