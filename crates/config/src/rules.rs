//! What must hold between keys, whatever each says alone (SECURITY §3.5).

mod acme;
mod http;
mod monitoring;
mod names;
mod protection;

use std::net::IpAddr;

use openclaw_core::{Secret, cron::Zones};

use crate::{
    ActiveHours, Agent, AuthMode, Channel, Config, DmPolicy, Issue, Notice, NoticeKind, OperatorScope, Origin,
    TailscaleMode, overrides::Origins, value,
};

/// API keys of one provider.
const MOST_KEYS: usize = 32;

/// Reports everything that does not hold.
pub(crate) fn check(config: &Config, origins: &Origins, issues: &mut Vec<Issue>, notices: &mut Vec<Notice>) {
    authentication(config, origins, issues, notices);
    network(config, issues, notices);
    http::check(config, issues);
    limits(config, issues);
    agents(config, issues);
    models(config, issues);
    security(config, issues);
    protection::check(config, issues, notices);
    monitoring::check(config, issues, notices);
    names::check(config, issues);
    tools(config, issues);
    for (id, channel) in &config.channels {
        channel_policy(id, channel, issues);
    }
    cron(config, issues);
    spawn(config, issues);
    skills(config, issues);
    audit(config, issues);
}

fn skills(config: &Config, issues: &mut Vec<Issue>) {
    for (at, folder) in config.skills.load.extra_dirs.iter().enumerate() {
        let path = std::path::Path::new(folder);
        let above = path.components().any(|part| matches!(part, std::path::Component::ParentDir));
        if above || !(path.is_absolute() || folder.starts_with("~/")) {
            let what = "must be an absolute path, or begin with ~/, without `..`";
            issues.push(Issue::new(format!("skills.load.extraDirs[{at}]"), what));
        }
    }
    for (key, entry) in &config.skills.entries {
        if entry.env.keys().any(|name| name.is_empty() || name.contains(['=', '\0'])) {
            let path = format!("{}.env", value::join("skills.entries", key));
            issues.push(Issue::new(path, "holds what is no name of a variable"));
        }
    }
}

fn audit(config: &Config, issues: &mut Vec<Issue>) {
    let audit = &config.logging.audit;
    event_names("logging.audit.events", &audit.events, issues);
    if audit.required && !audit.enabled {
        issues.push(Issue::new(
            "logging.audit.required",
            "demands the file that `logging.audit.enabled: false` turns off",
        ));
    }
    if audit.file.as_deref().is_some_and(|file| file.trim().is_empty() || file.ends_with('/')) {
        issues.push(Issue::new("logging.audit.file", "is not the path of a file"));
    }
}

/// Reports names that no audit event has, with what may have been meant.
fn event_names(path: &str, names: &[String], issues: &mut Vec<Issue>) {
    for (at, name) in names.iter().enumerate() {
        let Err(unknown) = openclaw_core::audit::Selection::parse([name.as_str()]) else { continue };
        let near = openclaw_core::audit::words()
            .map(|word| (strsim::damerau_levenshtein(word, name), word))
            .min()
            .filter(|(distance, word)| *distance <= word.len() / 3);
        let help = near.map_or_else(
            || "; names are such as `auth.failure`, `config.changed` or `auth.*`".to_owned(),
            |(_, word)| format!("; did you mean `{word}`?"),
        );
        issues.push(Issue::new(format!("{path}[{at}]"), format!("{unknown}{help}")));
    }
}

/// Slower than this, the end of what a program wrote would be lost when it ends.
const SLOWEST_OUTPUT: u64 = 64 * 1024;
/// A program cannot start with less.
const LEAST_MEMORY: u64 = 8 << 20;

fn spawn(config: &Config, issues: &mut Vec<Issue>) {
    let spawn = &config.spawn;
    for command in &spawn.allow {
        let wrong = if command.trim().is_empty() {
            "holds an empty command"
        } else if command.contains('*') {
            "holds a `*`; each command is written out, so that nothing unexpected matches"
        } else if command.contains('/') && !command.starts_with('/') {
            "holds a relative path; write a program's name alone, or its absolute path"
        } else {
            continue;
        };
        issues.push(Issue::new("spawn.allow", wrong));
    }
    if spawn.roots.iter().any(|root| !root.starts_with('/')) {
        issues.push(Issue::new("spawn.roots", "holds a path that is not absolute"));
    }
    if spawn.pass_env.iter().any(|name| name.is_empty() || name.contains(['=', '\0', '*'])) {
        issues.push(Issue::new("spawn.passEnv", "holds what is no name of a variable; each is written out"));
    }
    let limits = &spawn.limits;
    if (1..SLOWEST_OUTPUT).contains(&limits.output_bytes_per_second) {
        issues.push(Issue::new("spawn.limits.outputBytesPerSecond", "is 0 for no bound, or at least 65536"));
    }
    if (1..LEAST_MEMORY).contains(&limits.memory_bytes) {
        issues.push(Issue::new("spawn.limits.memoryBytes", "is 0 for no bound, or at least 8388608"));
    }
}

fn cron(config: &Config, issues: &mut Vec<Issue>) {
    let zones = Zones::new(None);
    let zone = |path: String, name: &Option<String>, issues: &mut Vec<Issue>| {
        if let Some(Err(unknown)) = name.as_deref().map(|name| zones.find(name)) {
            issues.push(Issue::new(path, unknown.to_string()));
        }
    };
    zone("cron.timezone".to_owned(), &config.cron.timezone, issues);
    let own = config.agents.list.iter().enumerate();
    let own = own.map(|(at, agent)| (format!("agents.list[{at}].heartbeat"), &agent.heartbeat));
    let all = own.chain([("agents.defaults.heartbeat".to_owned(), &config.agents.defaults.heartbeat)]);
    for (path, heartbeat) in all {
        let Some(heartbeat) = heartbeat else { continue };
        if let Some(every) = heartbeat.every
            && (1..1000).contains(&every.duration().as_millis())
        {
            issues.push(Issue::new(format!("{path}.every"), "must be at least 1s, or 0m for never"));
        }
        let Some(hours) = &heartbeat.active_hours else { continue };
        zone(format!("{path}.activeHours.timezone"), &hours.timezone, issues);
        for (name, text) in [("start", &hours.start), ("end", &hours.end)] {
            if ActiveHours::minutes(text).is_none() {
                let what = "must be a time of the day such as 08:00, at most 24:00";
                issues.push(Issue::new(format!("{path}.activeHours.{name}"), what));
            }
        }
    }
}

fn authentication(config: &Config, origins: &Origins, issues: &mut Vec<Issue>, notices: &mut Vec<Notice>) {
    let auth = &config.gateway.auth;
    let mode = auth.effective_mode();
    let secrets = [("gateway.auth.token", "token", &auth.token), ("gateway.auth.password", "password", &auth.password)];
    for (path, noun, secret) in secrets {
        let Some(secret) = secret else { continue };
        let origin = origins.of(path);
        if secret.is_placeholder() {
            let advice = "generate one with `openssl rand -base64 32`";
            issues
                .push(Issue::new(path, format!("the {noun} from {origin} is blank or a published example; {advice}")));
        } else if secret.expose().trim().chars().count() < Secret::LEAST {
            notices.push(Notice::new(
                path,
                NoticeKind::Weak,
                format!("the {noun} from {origin} is shorter than {} characters", Secret::LEAST),
            ));
        }
    }
    if auth.mode.is_none() && auth.token.is_some() && auth.password.is_some() {
        issues.push(
            Issue::new(
                "gateway.auth.mode",
                format!(
                    "a token (from {}) and a password (from {}) are set, and the mode does not say which one counts",
                    origins.of("gateway.auth.token"),
                    origins.of("gateway.auth.password")
                ),
            )
            .allowing(["token", "password"]),
        );
    }
    let missing = match auth.mode {
        Some(AuthMode::Token) if auth.token.is_none() => Some(("token", "OPENCLAW_GATEWAY_TOKEN")),
        Some(AuthMode::Password) if auth.password.is_none() => Some(("password", "OPENCLAW_GATEWAY_PASSWORD")),
        _ => None,
    };
    if let Some((noun, variable)) = missing {
        issues.push(Issue::new(
            format!("gateway.auth.{noun}"),
            format!("the mode is `{noun}`, but no {noun} is set; write it here or set {variable}"),
        ));
    }
    if mode == AuthMode::TrustedProxy {
        trusted_proxy(config, origins, issues);
        let rules = &auth.trusted_proxy;
        if rules.allow_loopback {
            let warning = "every program of this machine can name any user, as the proxy does";
            notices.push(Notice::new("gateway.auth.trustedProxy.allowLoopback", NoticeKind::Weak, warning));
        }
        if rules.device_auto_approve.enabled && rules.device_auto_approve.scopes.contains(&OperatorScope::Admin) {
            let path = "gateway.auth.trustedProxy.deviceAutoApprove.scopes";
            let warning = "every user of the proxy becomes an administrator with the first device";
            notices.push(Notice::new(path, NoticeKind::Weak, warning));
        }
    }
    let secret = match mode {
        AuthMode::Token => auth.token.is_some(),
        AuthMode::Password => auth.password.is_some(),
        AuthMode::TrustedProxy => true,
        AuthMode::None => false,
    };
    // Approved devices are a credential of their own, but only when somebody chose them (SPEC-NOTES 1).
    let devices = mode != AuthMode::None
        && auth.device_auth.enabled
        && origins.of("gateway.auth.deviceAuth.enabled") == Origin::File;
    if !config.gateway.is_loopback_only() && !secret && !devices && missing.is_none() {
        let bind = config.gateway.bind.word();
        issues.push(Issue::new(
            "gateway.bind",
            format!("Refusing to bind gateway to {bind} without auth. Set gateway.auth.token or OPENCLAW_GATEWAY_TOKEN, or bind to loopback"),
        ));
    }
    if auth.local_bypass {
        let warning = "lets every program and every user of this machine in without a credential";
        notices.push(Notice::new("gateway.auth.localBypass", NoticeKind::Weak, warning));
    }
    if mode == AuthMode::None && config.gateway.is_loopback_only() {
        notices.push(Notice::new("gateway.auth.mode", NoticeKind::Weak, "nobody is asked for a credential"));
    }
    if let Some(host) = &auth.passkeys.rp_id {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if host.is_empty() || host.len() > 253 || !host.chars().all(is_letter) || host.parse::<IpAddr>().is_ok() {
            let text = "must be a domain, such as \"example.com\": browsers take no address, scheme or port here";
            issues.push(Issue::new("gateway.auth.passkeys.rpId", text.to_owned()));
        }
    }
    if auth.device_auth.allow_token_only {
        let warning = "a stolen device token works without the device's key";
        notices.push(Notice::new("gateway.auth.deviceAuth.allowTokenOnly", NoticeKind::Weak, warning));
    }
    if config.gateway.compat.signature_v1 {
        let warning = "accepts device signatures that can be replayed, on direct loopback";
        notices.push(Notice::new("gateway.compat.signatureV1", NoticeKind::Weak, warning));
    }
}

fn trusted_proxy(config: &Config, origins: &Origins, issues: &mut Vec<Issue>) {
    let gateway = &config.gateway;
    if gateway.auth.token.is_some() {
        let origin = origins.of("gateway.auth.token");
        let message = format!(
            "a token (from {origin}) cannot be combined with mode `trusted-proxy`: it would let clients in around the proxy; remove it"
        );
        issues.push(Issue::new("gateway.auth.token", message));
    }
    if gateway.trusted_proxies.is_empty() {
        issues.push(Issue::new("gateway.trustedProxies", "mode `trusted-proxy` needs the addresses of the proxy"));
    }
    if gateway.auth.trusted_proxy.user_header.as_deref().is_none_or(|header| header.trim().is_empty()) {
        issues.push(Issue::new(
            "gateway.auth.trustedProxy.userHeader",
            "mode `trusted-proxy` needs the header that names the user",
        ));
    }
    let header = |name: &str| {
        let name = name.trim();
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let rules = &gateway.auth.trusted_proxy;
    let user = rules.user_header.iter().map(|name| ("gateway.auth.trustedProxy.userHeader".to_owned(), name));
    let required = rules.required_headers.iter().enumerate();
    let required =
        required.map(|(index, name)| (value::item("gateway.auth.trustedProxy.requiredHeaders", index), name));
    for (path, name) in user.chain(required).filter(|(_, name)| !name.trim().is_empty() && !header(name)) {
        issues.push(Issue::new(path, format!("`{name}` is no name of a header, such as x-forwarded-user")));
    }
}

fn network(config: &Config, issues: &mut Vec<Issue>, notices: &mut Vec<Notice>) {
    let gateway = &config.gateway;
    match (gateway.bind, gateway.custom_bind_host.as_deref()) {
        (crate::Bind::Custom, None) => {
            issues.push(Issue::new("gateway.customBindHost", "bind `custom` needs an address here"));
        }
        (_, Some(host)) if host.parse::<IpAddr>().is_err() => {
            issues.push(Issue::new("gateway.customBindHost", "expected an IP address, such as 192.168.1.10"));
        }
        (bind, Some(_)) if bind != crate::Bind::Custom => {
            issues.push(Issue::new(
                "gateway.customBindHost",
                format!("is only used with bind `custom`, and bind is `{}`", bind.word()),
            ));
        }
        _ => {}
    }
    let tls = &gateway.tls;
    acme::check(tls, issues);
    let made = tls.auto_generate || !tls.acme.domains.is_empty();
    for (path, file) in [("gateway.tls.certPath", &tls.cert_path), ("gateway.tls.keyPath", &tls.key_path)] {
        if tls.enabled && !made && file.as_deref().is_none_or(|file| file.trim().is_empty()) {
            issues.push(Issue::new(
                path,
                "TLS is enabled, and this file is not named; name it, or set `gateway.tls.autoGenerate` or `gateway.tls.acme`",
            ));
        }
    }
    for (index, proxy) in gateway.trusted_proxies.iter().enumerate() {
        if !is_address_or_range(proxy) {
            let path = value::item("gateway.trustedProxies", index);
            issues.push(Issue::new(path, "expected an IP address or a range such as 10.0.0.0/8"));
        }
    }
    for (index, origin) in gateway.control_ui.allowed_origins.iter().enumerate() {
        let path = value::item("gateway.controlUi.allowedOrigins", index);
        if origin == "*" {
            notices.push(Notice::new(path, NoticeKind::Weak, "`*` lets pages of every website connect"));
        } else if !is_origin(origin) {
            issues.push(Issue::new(
                path,
                "expected scheme, host and port only, such as https://mc.example.com or http://localhost:3000",
            ));
        }
    }
    if gateway.control_ui.allow_insecure_auth {
        let warning = "browsers without a device identity get in with the shared secret alone, on loopback or TLS";
        notices.push(Notice::new("gateway.controlUi.allowInsecureAuth", NoticeKind::Weak, warning));
    }
    let published = gateway.tailscale.mode;
    if published == TailscaleMode::Funnel
        && (gateway.auth.effective_mode() != AuthMode::Password || gateway.auth.password.is_none())
    {
        issues.push(Issue::new(
            "gateway.tailscale.mode",
            "`funnel` opens the gateway to the internet and needs gateway.auth.mode `password` with a password",
        ));
    }
    if published != TailscaleMode::Off && !gateway.is_loopback_only() {
        issues.push(Issue::new(
            "gateway.tailscale.mode",
            format!("`{}` publishes the loopback listener; set gateway.bind to loopback", published.word()),
        ));
    }
    let metrics = &config.metrics;
    match metrics.bind.parse::<IpAddr>() {
        Err(_) => issues.push(Issue::new("metrics.bind", "expected an IP address, such as 127.0.0.1")),
        Ok(address) if metrics.enabled && !address.is_loopback() => {
            notices.push(Notice::new(
                "metrics.bind",
                NoticeKind::Weak,
                "everyone who reaches this address can read the metrics",
            ));
        }
        Ok(_) => {}
    }
    if metrics.enabled && metrics.port == gateway.listening_port() {
        issues.push(Issue::new("metrics.port", format!("is the gateway's own port {}", metrics.port)));
    }
}

fn limits(config: &Config, issues: &mut Vec<Issue>) {
    let limits = &config.gateway.limits;
    if limits.preauth_frame_bytes > limits.max_payload {
        issues.push(Issue::new("gateway.limits.preauthFrameBytes", "must not be more than gateway.limits.maxPayload"));
    }
    if limits.max_buffered_bytes < limits.max_payload {
        issues.push(Issue::new(
            "gateway.limits.maxBufferedBytes",
            "must not be less than gateway.limits.maxPayload, or the largest reply could not be sent",
        ));
    }
    if limits.max_buffered_bytes_total.is_some_and(|total| total < limits.max_buffered_bytes.saturating_mul(2)) {
        issues.push(Issue::new(
            "gateway.limits.maxBufferedBytesTotal",
            "must be at least twice gateway.limits.maxBufferedBytes: for one connection no more may wait than is left for others",
        ));
    }
    if (1..1000).contains(&limits.idle_timeout_ms) {
        issues.push(Issue::new("gateway.limits.idleTimeoutMs", "must be 0 (never) or at least 1000 milliseconds"));
    }
    if limits.preauth_per_address > limits.preauth_total {
        issues
            .push(Issue::new("gateway.limits.preauthPerAddress", "must not be more than gateway.limits.preauthTotal"));
    }
}

fn agents(config: &Config, issues: &mut Vec<Issue>) {
    let list = &config.agents.list;
    for (index, agent) in list.iter().enumerate() {
        let path = format!("{}.id", value::item("agents.list", index));
        if !is_agent_id(&agent.id) {
            issues.push(Issue::new(
                path,
                "expected 1 to 64 lower-case letters, digits, `-` or `_`, beginning with a letter or digit",
            ));
        } else if list[..index].iter().any(|other: &Agent| other.id == agent.id) {
            issues.push(Issue::new(path, format!("the id `{}` is used twice", agent.id)));
        }
    }
    let defaults: Vec<&str> = list.iter().filter(|agent| agent.default).map(|agent| agent.id.as_str()).collect();
    if defaults.len() > 1 {
        issues.push(Issue::new("agents.list", format!("only one agent can be the default, found {}", defaults.len())));
    }
    let choices = list.iter().enumerate().map(|(index, agent)| (value::item("agents.list", index), &agent.model));
    for (base, choice) in choices.chain([("agents.defaults".to_owned(), &config.agents.defaults.model)]) {
        let Some(choice) = choice else { continue };
        if std::iter::once(&choice.primary).chain(&choice.fallbacks).any(|model| model.trim().is_empty()) {
            issues.push(Issue::new(format!("{base}.model"), "expected the name of a model, such as provider/model"));
        }
    }
    if config.session.main_key.trim().is_empty() {
        issues.push(Issue::new("session.mainKey", "must not be empty"));
    }
}

fn models(config: &Config, issues: &mut Vec<Issue>) {
    for (id, provider) in &config.models.providers {
        let base = value::join("models.providers", id);
        if id.is_empty() || id.contains('/') {
            issues.push(Issue::new(base.clone(), "the id of a provider must not be empty and must not hold a `/`"));
        }
        if let Some(url) = &provider.base_url
            && !is_http_url(url)
        {
            issues.push(Issue::new(
                format!("{base}.baseUrl"),
                "expected an http:// or https:// URL without a name or password in it",
            ));
        }
        if provider.api_key.as_ref().is_some_and(Secret::is_placeholder) {
            issues
                .push(Issue::new(format!("{base}.apiKey"), "is blank or a placeholder; remove it or write `${NAME}`"));
        }
        for (index, key) in provider.api_keys.iter().enumerate() {
            let mut before = provider.api_key.iter().chain(&provider.api_keys[..index]);
            let path = value::item(&format!("{base}.apiKeys"), index);
            if key.is_placeholder() {
                issues.push(Issue::new(path, "is blank or a placeholder; remove it or write `${NAME}`"));
            } else if before.any(|other| other.matches(key.expose())) {
                issues.push(Issue::new(path, "the same key stands twice in this provider"));
            }
        }
        if provider.api_key.iter().len() + provider.api_keys.len() > MOST_KEYS {
            issues.push(Issue::new(format!("{base}.apiKeys"), format!("at most {MOST_KEYS} keys in one provider")));
        }
        for (index, model) in provider.models.iter().enumerate() {
            let path = value::item(&format!("{base}.models"), index);
            if model.id.trim().is_empty() {
                issues.push(Issue::new(format!("{path}.id"), "every model needs its id"));
            } else if provider.models[..index].iter().any(|other| other.id == model.id) {
                issues.push(Issue::new(format!("{path}.id"), "the same id stands twice in this provider"));
            }
        }
    }
}

fn security(config: &Config, issues: &mut Vec<Issue>) {
    let keys = &config.security.api_keys;
    for (name, key) in [("anthropic", &keys.anthropic), ("openai", &keys.openai), ("google", &keys.google)] {
        if key.as_ref().is_some_and(Secret::is_placeholder) {
            issues.push(Issue::new(
                format!("security.apiKeys.{name}"),
                "is blank or a placeholder; remove it or write `${NAME}`",
            ));
        }
    }
    if let Some(mode) = config.security.storage.as_ref().and_then(|storage| storage.config_permissions)
        && mode.bits() & 0o077 != 0
    {
        issues.push(Issue::new(
            "security.storage.configPermissions",
            "the configuration is for its owner alone: 600 or 400",
        ));
    }
    for (index, suppression) in config.security.audit.suppressions.iter().enumerate() {
        if suppression.check_id.trim().is_empty() {
            issues.push(Issue::new(
                format!("security.audit.suppressions[{index}].checkId"),
                "names no check; write the id that `openclaw security audit` prints",
            ));
        }
    }
    if let Some(authorization) = &config.security.authorization {
        for (name, user) in &authorization.users {
            let unknown = user.role.as_ref().filter(|role| !authorization.roles.contains_key(*role));
            if unknown.is_some() {
                let path = format!("{}.role", value::join("security.authorization.users", name));
                issues.push(Issue::new(path, "is not one of the roles").allowing(authorization.roles.keys()));
            }
            let limits = &user.restrictions;
            if limits.max_messages.is_some() != limits.time_window.is_some() {
                let path = format!("{}.restrictions", value::join("security.authorization.users", name));
                issues.push(Issue::new(path, "needs both maxMessages and timeWindow"));
            }
        }
    }
}

fn tools(config: &Config, issues: &mut Vec<Issue>) {
    let exec = &config.tools.exec;
    if exec.mode.is_some() && (exec.security.is_some() || exec.ask.is_some()) {
        issues.push(Issue::new(
            "tools.exec",
            "holds `mode` together with `security` or `ask`; keep `mode`, or keep the pair",
        ));
    }
}

fn channel_policy(id: &str, channel: &Channel, issues: &mut Vec<Issue>) {
    if channel.dm_policy == DmPolicy::Open && !channel.allow_from.iter().any(|sender| sender.0 == "*") {
        let path = format!("{}.dmPolicy", value::join("channels", id));
        issues.push(Issue::new(path, "`open` lets everyone in; say so with allowFrom: [\"*\"], or use `pairing`"));
    }
}

fn is_agent_id(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    id.len() <= 64 && id.bytes().next().is_some_and(allowed) && id.bytes().all(|b| allowed(b) || b == b'-' || b == b'_')
}

fn is_address_or_range(text: &str) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}

fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.trim_end_matches('/').split_once("://") else { return false };
    let scheme_fits = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    scheme_fits && !host.is_empty() && !host.contains(['/', '@', '?', '#', '*', ' '])
}

fn is_http_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !host.contains('@')
    })
}

#[cfg(test)]
mod tests;
