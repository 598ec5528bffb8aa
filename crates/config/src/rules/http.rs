//! What must hold for plain HTTP.

use std::path::Path;

use crate::{Config, HookAction, HookMapping, Issue};

/// Bytes of a template.
const TEMPLATE: usize = 16 * 1024;
/// Mappings of hooks.
const MAPPINGS: usize = 256;
/// Shorter secrets of hooks can be guessed.
const SHORTEST: usize = 16;

/// Reports what does not hold.
pub(super) fn check(config: &Config, issues: &mut Vec<Issue>) {
    if config.gateway.control_ui.root.as_deref().is_some_and(|root| !Path::new(root).is_absolute()) {
        let text = "expected an absolute path, such as \"${HOME}/control-ui\"; the gateway has no folder of its own to start from";
        issues.push(Issue::new("gateway.controlUi.root", text));
    }
    if let Some(value) = &config.gateway.http.security_headers.strict_transport_security {
        let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let age = value.split(';').find_map(|part| part.trim().strip_prefix("max-age="));
        if !plain || age.is_none_or(|age| age.parse::<u32>().is_err()) {
            let text = "expected `max-age=` with seconds, such as `max-age=31536000; includeSubDomains`";
            issues.push(Issue::new("gateway.http.securityHeaders.strictTransportSecurity", text));
        }
    }
    hooks(config, issues);
}

fn hooks(config: &Config, issues: &mut Vec<Issue>) {
    let hooks = &config.hooks;
    let mut wrong = |path: String, text: String| issues.push(Issue::new(path, text));
    let auth = &config.gateway.auth;
    for (path, secret) in [("hooks.token", &hooks.token), ("hooks.signature.secret", &hooks.signature.secret)] {
        let Some(secret) = secret else { continue };
        if secret.is_placeholder() || secret.expose().trim().chars().count() < SHORTEST {
            let text = format!(
                "shorter than {SHORTEST} characters, or a published example; generate one with `openssl rand -base64 32`"
            );
            wrong(path.to_owned(), text);
        }
        if [&auth.token, &auth.password].into_iter().flatten().any(|own| own.matches(secret.expose())) {
            let text = "is the gateway's own credential; a sender of hooks would be an operator. Choose another";
            wrong(path.to_owned(), text.to_owned());
        }
    }
    if hooks.enabled && hooks.token.is_none() && hooks.signature.secret.is_none() {
        wrong("hooks.enabled".to_owned(), "hooks need `hooks.token` or `hooks.signature.secret`".to_owned());
    }
    let plain = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if !hooks.path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(plain)) {
        let text = "expected an address below the root, such as /hooks: a slash, then letters, digits, dots and dashes";
        wrong("hooks.path".to_owned(), text.to_owned());
    }
    let own = [
        "/api",
        "/rpc",
        "/v1",
        "/tools",
        "/events",
        "/metrics",
        "/health",
        "/healthz",
        "/ready",
        "/readyz",
        "/sessions",
    ];
    if own.iter().any(|own| hooks.path == *own || hooks.path.starts_with(&format!("{own}/"))) {
        wrong("hooks.path".to_owned(), "this address is the gateway's own; choose another, such as /hooks".to_owned());
    }
    let header = hooks.signature.header.as_deref();
    if header.is_some_and(|name| !plain(name) || name.eq_ignore_ascii_case("authorization")) {
        wrong("hooks.signature.header".to_owned(), "expected the name of a header, such as X-Signature".to_owned());
    }
    if hooks.mappings.len() > MAPPINGS {
        wrong("hooks.mappings".to_owned(), format!("at most {MAPPINGS} mappings"));
    }
    for (at, mapping) in hooks.mappings.iter().enumerate() {
        mapped(at, mapping, config, &mut wrong);
    }
}

fn mapped(at: usize, mapping: &HookMapping, config: &Config, wrong: &mut dyn FnMut(String, String)) {
    let place = |leaf: &str| format!("hooks.mappings[{at}].{leaf}");
    if mapping.r#match.path.is_none() && mapping.r#match.source.is_none() {
        wrong(place("match"), "say which requests are meant: `path`, `source` or both".to_owned());
    }
    let (leaf, template) = match mapping.action {
        HookAction::Agent => ("messageTemplate", &mapping.message_template),
        HookAction::Wake => ("textTemplate", &mapping.text_template),
    };
    match template {
        None => wrong(place(leaf), "say what the agent is told".to_owned()),
        Some(text) if text.len() > TEMPLATE => wrong(place(leaf), format!("longer than {TEMPLATE} bytes")),
        Some(_) => {}
    }
    let varies = mapping.session_key.as_deref().is_some_and(|key| key.contains("{{"));
    if varies && !config.hooks.allow_request_session_key {
        let text = "takes the session from the request, which needs `hooks.allowRequestSessionKey`";
        wrong(place("sessionKey"), text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use openclaw_core::Environment;

    use crate::{Format, parse_str};

    #[test]
    fn hooks_that_would_be_open_or_in_the_way_are_refused() {
        let parse = |hooks: &str| {
            let text = format!(
                "{{ gateway: {{ auth: {{ token: '0123456789abcdefghijklmnop' }} }}, hooks: {{ enabled: true, {hooks} }} }}"
            );
            parse_str(&text, Format::Json5, &Environment::default()).map(drop).map_err(|error| error.to_string())
        };
        parse("token: 'a-long-hook-token-1'").unwrap();
        parse("signature: { secret: 'a-long-hook-token-1', header: 'X-Sig' }").unwrap();
        let mapped = |mapping: &str| format!("token: 'a-long-hook-token-1', mappings: [{{ {mapping} }}]");
        parse(&mapped("match: { path: 'github' }, messageTemplate: 'x {{a.b}}'")).unwrap();
        for (hooks, path) in [
            ("", "hooks.enabled"),
            ("token: 'short'", "hooks.token"),
            ("token: '0123456789abcdefghijklmnop'", "hooks.token"),
            ("token: 'a-long-hook-token-1', path: '/'", "hooks.path"),
            ("token: 'a-long-hook-token-1', path: 'hooks'", "hooks.path"),
            ("token: 'a-long-hook-token-1', path: '/a/../b%2f'", "hooks.path"),
            ("token: 'a-long-hook-token-1', path: '/api/hooks'", "hooks.path"),
            ("token: 'a-long-hook-token-1', signature: { header: 'Authorization' }", "hooks.signature.header"),
            (&mapped("messageTemplate: 'x'"), "hooks.mappings[0].match"),
            (&mapped("match: { path: 'x' }"), "hooks.mappings[0].messageTemplate"),
            (&mapped("match: { path: 'x' }, action: 'wake', messageTemplate: 'x'"), "hooks.mappings[0].textTemplate"),
            (
                &mapped("match: { path: 'x' }, messageTemplate: 'x', sessionKey: 'hook:{{id}}'"),
                "hooks.mappings[0].sessionKey",
            ),
            (&mapped("match: { path: 'x' }, messageTemplate: 'x', transform: { module: 'x.js' }"), "hooks.mappings[0]"),
        ] {
            let refused = parse(hooks).unwrap_err();
            assert!(refused.contains(path), "{hooks}: {refused}");
            assert!(!refused.contains("a-long-hook-token-1"), "{refused}");
        }
    }

    #[test]
    fn the_folder_of_an_interface_is_absolute() {
        let parse = |root: &str| {
            let text = format!("{{ gateway: {{ controlUi: {{ root: '{root}' }} }} }}");
            parse_str(&text, Format::Json5, &Environment::default()).map_err(|error| error.to_string())
        };
        parse("/srv/control-ui").unwrap();
        for root in ["control-ui", "./control-ui", "~/control-ui", ""] {
            let refused = parse(root).unwrap_err();
            assert!(refused.contains("gateway.controlUi.root: expected an absolute path"), "{refused}");
        }
    }
}
