use openclaw_core::Environment;

use crate::{Format, NoticeKind, Parsed, parse_str};

const LONG: &str = "0123456789abcdefghijklmnop";

fn parse(text: &str) -> Result<Parsed, String> {
    parse_str(&text.replace("LONG", LONG), Format::Json5, &Environment::default()).map_err(|error| {
        let text = error.to_string();
        assert!(!text.contains(LONG), "{text}");
        text
    })
}

fn refused(text: &str) -> String {
    match parse(text) {
        Ok(_) => panic!("expected a refusal of {text}"),
        Err(error) => error,
    }
}

#[test]
fn beyond_loopback_somebody_must_be_asked_for_a_credential() {
    for bind in ["lan", "tailnet", "0.0.0.0", "192.168.1.10"] {
        assert!(
            refused(&format!("{{ gateway: {{ bind: '{bind}', auth: {{ mode: 'none' }} }} }}")).contains("without auth"),
            "{bind}"
        );
        assert!(
            refused(&format!("{{ gateway: {{ bind: '{bind}' }} }}")).contains("Refusing to bind gateway to"),
            "{bind}"
        );
        parse(&format!("{{ gateway: {{ bind: '{bind}', auth: {{ token: 'LONG' }} }} }}")).unwrap();
        parse(&format!("{{ gateway: {{ bind: '{bind}', auth: {{ password: 'LONG' }} }} }}")).unwrap();
        parse(&format!("{{ gateway: {{ bind: '{bind}', auth: {{ deviceAuth: {{ enabled: true }} }} }} }}")).unwrap();
        refused(&format!(
            "{{ gateway: {{ bind: '{bind}', auth: {{ mode: 'none', deviceAuth: {{ enabled: true }} }} }} }}"
        ));
    }
    for bind in ["loopback", "auto", "localhost", "::1", "127.0.0.1", "127.0.0.2"] {
        parse(&format!("{{ gateway: {{ bind: '{bind}', auth: {{ mode: 'none' }} }} }}")).unwrap();
    }
}

#[test]
fn secrets_must_be_real_and_their_mode_clear() {
    for bad in [
        "",
        "  ",
        "undefined",
        "NULL",
        "your-secure-token-here",
        "replace-with-a-long-random-token",
        "secret",
        "changeme",
    ] {
        assert!(
            refused(&format!("{{ gateway: {{ auth: {{ token: '{bad}' }} }} }}")).contains("gateway.auth.token: "),
            "{bad}"
        );
    }
    let short = parse("{ gateway: { auth: { token: 'tooshort' } } }").unwrap();
    assert!(short.notices.iter().any(|notice| notice.kind == NoticeKind::Weak));
    assert!(
        refused("{ gateway: { auth: { token: 'LONG', password: 'LONG' } } }").contains("does not say which one counts")
    );
    parse("{ gateway: { auth: { mode: 'password', token: 'LONG', password: 'LONG' } } }").unwrap();
    refused("{ gateway: { auth: { mode: 'token' } } }");
    refused("{ gateway: { auth: { mode: 'password', token: 'LONG' } } }");
}

#[test]
fn a_trusted_proxy_needs_its_settings_and_no_token() {
    let issues = refused("{ gateway: { auth: { mode: 'trusted-proxy', token: 'LONG' } } }");
    for path in ["gateway.auth.token", "gateway.trustedProxies", "gateway.auth.trustedProxy.userHeader"] {
        assert!(issues.contains(path), "{issues}");
    }
    parse("{ gateway: { bind: 'lan', trustedProxies: ['10.0.0.1', 'fd00::/8'], auth: { mode: 'trusted-proxy', trustedProxy: { userHeader: 'x-user' } } } }").unwrap();
    for bad in ["proxy.local", "10.0.0.0/33", "10.0.0.1/", "10.0.0.1/x", ""] {
        assert!(
            refused(&format!("{{ gateway: {{ trustedProxies: ['{bad}'] }} }}")).contains("gateway.trustedProxies[0]"),
            "{bad}"
        );
    }
}

#[test]
fn other_refusals_across_keys() {
    let cases = [
        ("{ gateway: { tls: { enabled: true, certPath: '/c' } } }", "gateway.tls.keyPath"),
        ("{ gateway: { tls: { enabled: true, keyFile: '/k' } } }", "gateway.tls.certPath"),
        ("{ gateway: { tailscale: { mode: 'funnel' } } }", "gateway.tailscale.mode"),
        ("{ gateway: { tailscale: { mode: 'funnel' }, auth: { token: 'LONG' } } }", "gateway.tailscale.mode"),
        (
            "{ gateway: { bind: 'lan', tailscale: { mode: 'serve' }, auth: { token: 'LONG' } } }",
            "gateway.tailscale.mode",
        ),
        ("{ gateway: { bind: 'custom', auth: { token: 'LONG' } } }", "gateway.customBindHost"),
        ("{ gateway: { customBindHost: '10.0.0.1' } }", "gateway.customBindHost"),
        ("{ gateway: { bind: 'custom', customBindHost: 'moon', auth: { token: 'LONG' } } }", "gateway.customBindHost"),
        ("{ gateway: { controlUi: { allowedOrigins: ['null'] } } }", "gateway.controlUi.allowedOrigins[0]"),
        (
            "{ gateway: { controlUi: { allowedOrigins: ['https://a.example/path'] } } }",
            "gateway.controlUi.allowedOrigins[0]",
        ),
        (
            "{ gateway: { controlUi: { allowedOrigins: ['https://*.example'] } } }",
            "gateway.controlUi.allowedOrigins[0]",
        ),
        ("{ gateway: { auth: { passkeys: { rpId: '192.168.1.5' } } } }", "gateway.auth.passkeys.rpId"),
        ("{ gateway: { auth: { passkeys: { rpId: 'https://a.example' } } } }", "gateway.auth.passkeys.rpId"),
        ("{ metrics: { port: 18789 } }", "metrics.port"),
        ("{ metrics: { bind: 'localhost' } }", "metrics.bind"),
        (
            "{ gateway: { limits: { maxPayload: 65536, preauthFrameBytes: 100000 } } }",
            "gateway.limits.preauthFrameBytes",
        ),
        ("{ gateway: { limits: { maxBufferedBytes: 65536 } } }", "gateway.limits.maxBufferedBytes"),
        ("{ gateway: { limits: { maxBufferedBytesTotal: 104857599 } } }", "gateway.limits.maxBufferedBytesTotal"),
        ("{ gateway: { limits: { preauthPerAddress: 600 } } }", "gateway.limits.preauthPerAddress"),
        ("{ gateway: { limits: { idleTimeoutMs: 999 } } }", "gateway.limits.idleTimeoutMs"),
        ("{ channels: { x: { dmPolicy: 'open', allowFrom: ['1'] } } }", "channels.x.dmPolicy"),
        ("{ tools: { exec: { mode: 'deny', ask: 'always' } } }", "tools.exec"),
        ("{ agents: { list: [{ id: 'a' }, { id: 'a' }] } }", "agents.list[1].id"),
        ("{ agents: { list: [{ id: '../a' }] } }", "agents.list[0].id"),
        ("{ agents: { list: [{ name: 'no id' }] } }", "agents.list[0].id"),
        ("{ agents: { list: [{ id: 'a', default: true }, { id: 'b', default: true }] } }", "agents.list"),
        ("{ agents: { defaults: { model: { primary: 'p/m', fallbacks: [' '] } } } }", "agents.defaults.model"),
        ("{ models: { providers: { x: { baseUrl: 'ftp://x' } } } }", "models.providers.x.baseUrl"),
        ("{ models: { providers: { x: { baseUrl: 'https://u:p@x.example' } } } }", "models.providers.x.baseUrl"),
        ("{ models: { providers: { x: { apiKey: '' } } } }", "models.providers.x.apiKey"),
        ("{ models: { providers: { x: { apiKeys: ['one-key', 'undefined'] } } } }", "models.providers.x.apiKeys[1]"),
        (
            "{ models: { providers: { x: { apiKey: 'one-key', apiKeys: ['one-key'] } } } }",
            "models.providers.x.apiKeys[0]",
        ),
        ("{ models: { providers: { x: { timeoutSeconds: 0 } } } }", "models.providers.x.timeoutSeconds"),
        ("{ models: { providers: { 'a/b': {} } } }", "models.providers[\"a/b\"]"),
        ("{ models: { providers: { x: { models: [{ id: 'm' }, { id: 'm' }] } } } }", "models.providers.x.models[1].id"),
        ("{ security: { apiKeys: { openai: 'undefined' } } }", "security.apiKeys.openai"),
        ("{ security: { storage: { configPermissions: '644' } } }", "security.storage.configPermissions"),
        ("{ security: { authorization: { users: { u: { role: 'boss' } } } } }", "security.authorization.users.u.role"),
        ("{ spawn: { allow: ['*'] } }", "spawn.allow"),
        ("{ spawn: { allow: [''] } }", "spawn.allow"),
        ("{ session: { mainKey: '' } }", "session.mainKey"),
    ];
    for (text, path) in cases {
        let issues = refused(text);
        assert!(issues.contains(&format!("- {path}: ")), "{text}\n{issues}");
        assert_eq!(issues.matches("\n  - ").count(), 1, "{text}\n{issues}");
    }
    parse("{ gateway: { tailscale: { mode: 'funnel' }, auth: { password: 'LONG' } } }").unwrap();
    parse("{ channels: { x: { dmPolicy: 'open', allowFrom: ['*', 5] } } }").unwrap();
}

#[test]
fn what_weakens_protection_is_told() {
    let parsed = parse(
        "{ gateway: { auth: { mode: 'none', localBypass: true, deviceAuth: { allowTokenOnly: true } }, compat: { signatureV1: true },
           controlUi: { allowedOrigins: ['*'], allowInsecureAuth: true } }, metrics: { bind: '0.0.0.0' } }",
    )
    .unwrap();
    let weak: Vec<&str> = parsed
        .notices
        .iter()
        .filter(|notice| notice.kind == NoticeKind::Weak)
        .map(|notice| notice.path.as_str())
        .collect();
    assert_eq!(
        weak,
        [
            "gateway.auth.localBypass",
            "gateway.auth.mode",
            "gateway.auth.deviceAuth.allowTokenOnly",
            "gateway.compat.signatureV1",
            "gateway.controlUi.allowedOrigins[0]",
            "gateway.controlUi.allowInsecureAuth",
            "metrics.bind"
        ]
    );
}

#[test]
fn a_suppression_names_a_check() {
    let issues = |rule: &str| {
        let text = format!("{{ security: {{ audit: {{ suppressions: [{rule}] }} }} }}");
        parse(&text).err()
    };
    assert_eq!(issues("{ checkId: 'gateway.trusted_proxies_missing', reason: 'no proxy' }"), None);
    assert!(issues("{ reason: 'all of it' }").unwrap().contains("security.audit.suppressions[0].checkId"));
}

#[test]
fn an_authority_is_asked_only_for_names_that_it_can_prove_and_after_agreement() {
    let acme = |keys: &str| format!("{{ gateway: {{ tls: {{ enabled: true, acme: {{ {keys} }} }} }} }}");
    parse(&acme("domains: ['gateway.example.com', 'xn--bcher-kva.example'], agreeToTerms: true")).unwrap();
    parse(&acme(
        "domains: ['a.example'], agreeToTerms: true, email: 'ops@a.example', directory: 'https://ca.a.example/dir'",
    ))
    .unwrap();
    let own = "domains: ['a.internal'], agreeToTerms: true, directory: 'http://10.0.0.1/dir'";
    parse(&acme(&format!("{own}, allowPrivateAddresses: ['10.0.0.0/8']"))).unwrap();
    parse("{ gateway: { tls: { acme: { domains: ['a.example'] } } } }").expect("while TLS is off nobody is asked");
    let cases = [
        ("domains: ['a.example']", "gateway.tls.acme.agreeToTerms"),
        ("agreeToTerms: true", "gateway.tls.acme.domains"),
        ("email: 'ops@a.example'", "gateway.tls.acme.domains"),
        ("domains: ['*.a.example'], agreeToTerms: true", "gateway.tls.acme.domains[0]"),
        ("domains: ['a.example', 'a.example'], agreeToTerms: true", "gateway.tls.acme.domains[1]"),
        ("domains: ['a.example'], agreeToTerms: true, email: 'ops'", "gateway.tls.acme.email"),
        ("domains: ['a.example'], agreeToTerms: true, directory: 'ftp://ca'", "gateway.tls.acme.directory"),
        (
            "domains: ['a.example'], agreeToTerms: true, directory: 'https://u:p@ca.example'",
            "gateway.tls.acme.directory",
        ),
        (own, "gateway.tls.acme.directory"),
        (
            "domains: ['a.example'], agreeToTerms: true, allowPrivateAddresses: ['ten']",
            "gateway.tls.acme.allowPrivateAddresses[0]",
        ),
    ];
    for (keys, path) in cases {
        assert!(refused(&acme(keys)).contains(path), "{keys}");
    }
    for name in
        ["", "localhost", "127.0.0.1", "::1", "A.example", "a..example", "-a.example", "a b.example", "a.example."]
    {
        let keys = format!("domains: ['{name}'], agreeToTerms: true");
        assert!(refused(&acme(&keys)).contains("gateway.tls.acme.domains[0]"), "{name}");
    }
    let both = "{ gateway: { tls: { enabled: true, certPath: '/c', keyPath: '/k', acme: { domains: ['a.example'], agreeToTerms: true } } } }";
    assert!(refused(both).contains("gateway.tls.certPath"));
}
