//! Every configuration block that the source documents print: it loads, or it refuses exactly the leaves listed here.

use std::path::Path;

use openclaw_core::Environment;

use super::blocks;
use crate::{Bind, ConfigError, DmPolicy, DmScope, Format, NoticeKind, Parsed, SandboxMode, ToolProfile, parse_str};

fn environment() -> Environment {
    [("ANTHROPIC_API_KEY", "key-a"), ("OPENAI_API_KEY", "key-o"), ("GOOGLE_API_KEY", "key-g")].into_iter().collect()
}

fn loads(text: &str, format: Format) -> Parsed {
    match parse_str(text, format, &environment()) {
        Ok(parsed) => parsed,
        Err(error) => panic!("{error}"),
    }
}

/// Asserts that exactly these paths are refused, each with a reason.
fn refuses(text: &str, format: Format, paths: &[&str]) {
    match parse_str(text, format, &environment()) {
        Ok(_) => panic!("expected refusals of {paths:?}"),
        Err(ConfigError::Invalid(invalid)) => {
            let found: Vec<&str> = invalid.issues.iter().map(|issue| issue.path.as_str()).collect();
            assert_eq!(found, paths, "{invalid}");
            assert!(invalid.issues.iter().all(|issue| issue.message.len() > 10));
        }
        Err(other) => panic!("{other}"),
    }
}

fn renamed(parsed: &Parsed) -> Vec<(String, String)> {
    let kept = parsed.notices.iter().filter(|notice| notice.kind == NoticeKind::Renamed);
    kept.map(|notice| (notice.path.clone(), notice.canonical.clone().unwrap_or_default())).collect()
}

// Spec 001

#[test]
fn spec_001_control_ui_settings() {
    let parsed = loads(blocks::CONTROL_UI, Format::Yaml);
    assert_eq!(parsed.config.gateway.control_ui.allowed_origins, ["https://mc.example.com", "http://localhost:3000"]);
    assert!(parsed.config.gateway.control_ui.require_device_auth);
    assert_eq!(parsed.notices, []);
}

#[test]
fn spec_001_device_auth_settings() {
    let parsed = loads(blocks::DEVICE_AUTH, Format::Yaml);
    let device = &parsed.config.gateway.auth.device_auth;
    assert!(device.enabled && device.require_signature);
    assert_eq!((device.token_ttl, device.max_devices_per_user), (86_400, 10));
}

#[test]
fn spec_001_tls() {
    let parsed = loads(blocks::TLS, Format::Yaml);
    let gateway = &parsed.config.gateway;
    assert_eq!(gateway.tls.cert_path.as_deref(), Some("/etc/certs/gateway.crt"));
    assert_eq!(gateway.tls.key_path.as_deref(), Some("/etc/certs/gateway.key"));
    assert_eq!(gateway.listening_port(), 8080);
    assert_eq!(
        renamed(&parsed),
        [
            ("gateway.tls.certFile".into(), "gateway.tls.certPath".into()),
            ("gateway.tls.keyFile".into(), "gateway.tls.keyPath".into())
        ]
    );
}

#[test]
fn spec_001_origin_fragments() {
    let nested = loads(
        "gateway:\n  controlUi:\n    allowedOrigins:\n      - https://your-mc-domain.com  # Add this\n",
        Format::Yaml,
    );
    assert_eq!(nested.config.gateway.control_ui.allowed_origins, ["https://your-mc-domain.com"]);
    let bare = loads(blocks::ORIGINS, Format::Yaml);
    assert_eq!(bare.config.gateway.control_ui.allowed_origins, ["https://mc.example.com"]);
    assert_eq!(renamed(&bare), [("allowedOrigins".into(), "gateway.controlUi.allowedOrigins".into())]);
}

#[test]
fn spec_001_device_limits_fragment() {
    let parsed = loads(blocks::DEVICE_LIMITS, Format::Yaml);
    let device = &parsed.config.gateway.auth.device_auth;
    assert_eq!((device.token_ttl, device.max_devices_per_user), (3600, 3));
}

#[test]
fn spec_001_audit() {
    let parsed = loads(blocks::AUDIT, Format::Yaml);
    let audit = &parsed.config.logging.audit;
    assert_eq!(audit.file.as_deref(), Some("/var/log/openclaw/audit.log"));
    assert_eq!(audit.events.len(), 4);
    assert_eq!(
        renamed(&parsed),
        [("audit".into(), "logging.audit".into()), ("audit.logFile".into(), "logging.audit.file".into())]
    );
}

// Spec 002

#[test]
fn spec_002_baseline_refuses_its_example_token_and_loads_with_a_real_one() {
    refuses(blocks::BASELINE, Format::Json5, &["gateway.auth.token"]);
    let parsed = loads(
        &blocks::BASELINE.replace("replace-with-a-long-random-token", "0123456789abcdefghijklmnop"),
        Format::Json5,
    );
    assert_eq!(parsed.config.session.dm_scope, DmScope::PerChannelPeer);
    assert_eq!(parsed.config.agents.defaults.sandbox.as_ref().unwrap().mode, SandboxMode::NonMain);
    assert_eq!(parsed.config.tools.profile, Some(ToolProfile::Messaging));
    let later: Vec<&str> = parsed
        .notices
        .iter()
        .filter(|notice| notice.kind == NoticeKind::Later)
        .map(|notice| notice.path.as_str())
        .collect();
    assert_eq!(later, ["tools.profile", "tools.elevated", "agents.defaults.sandbox", "session.dmScope"]);
}

#[test]
fn spec_002_rollback() {
    let parsed = loads(blocks::ROLLBACK, Format::Json5);
    assert_eq!(parsed.config.channels.len(), 4);
    assert!(parsed.config.channels.values().all(|channel| channel.dm_policy == DmPolicy::Disabled));
}

// Spec 003

#[test]
fn spec_003_server_refuses_its_example_token_and_loads_with_a_real_one() {
    refuses(blocks::SERVER, Format::Yaml, &["gateway.auth.token"]);
    let real = blocks::SERVER.replace("\"secret\"", "\"0123456789abcdefghijklmnop\"");
    let parsed = loads(&real, Format::Yaml);
    assert_eq!(parsed.config.gateway.auth.allow_tailscale, Some(true));
    let all =
        loads(&real.replace("bind: \"loopback\"", "bind: \"all\"").replace("mode: \"off\"", "mode: off"), Format::Yaml);
    assert_eq!(all.config.gateway.bind, Bind::Lan);
    assert_eq!(renamed(&all), [("gateway.bind".into(), "lan".into())]);
}

#[test]
fn spec_003_auth_examples() {
    refuses(blocks::TOKEN, Format::Json5, &["gateway.auth.token"]);
    refuses(blocks::PASSWORD, Format::Json5, &["gateway.auth.password"]);
    loads(&blocks::PASSWORD.replace("your-password", "correct horse battery staple"), Format::Json5);
}

// Spec 004

#[test]
fn spec_004_binding() {
    let parsed = loads(blocks::BINDING, Format::Json5);
    assert_eq!(parsed.config.gateway.bind, Bind::Loopback);
    assert_eq!(renamed(&parsed), [("gateway.bind".into(), "loopback".into())]);
}

#[test]
fn spec_004_remote_access() {
    let printed = blocks::REMOTE_ACCESS;
    refuses(printed, Format::Json5, &["gateway.token"]);
    let parsed = loads(&printed.replace("your-secure-token-here", "0123456789abcdefghijklmnop"), Format::Json5);
    let gateway = &parsed.config.gateway;
    assert_eq!((gateway.bind, gateway.tls.ca_path.as_deref()), (Bind::Lan, Some("/path/to/ca.pem")));
    assert_eq!(gateway.auth.token.as_ref().unwrap().expose(), "0123456789abcdefghijklmnop");
}

#[test]
fn spec_004_token_configuration() {
    let printed = blocks::TOKEN_CONFIG;
    refuses(printed, Format::Json5, &["gateway.token"]);
    let parsed =
        loads(&printed.replace("your-secure-token-here", "f3c1-a-long-secret-of-the-tests-09ab"), Format::Json5);
    assert_eq!(parsed.config.gateway.auth.token_config.max_tokens, 5);
}

#[test]
fn spec_004_api_keys() {
    let parsed = loads(blocks::API_KEYS, Format::Json5);
    assert!(parsed.config.security.key_rotation.unwrap().enabled);
    assert_eq!(parsed.config.security.api_keys.google.as_ref().unwrap().expose(), "key-g");
}

#[test]
fn spec_004_authorization() {
    let printed = blocks::AUTHORIZATION;
    let parsed = loads(printed, Format::Json5);
    assert_eq!(parsed.config.security.authorization.unwrap().roles.len(), 3);
}

#[test]
fn spec_004_channel_permissions() {
    let parsed = loads(blocks::CHANNEL_PERMISSIONS, Format::Json5);
    assert_eq!(parsed.config.channels["whatsapp"].permissions.blocked_users, ["spam_user"]);
}

#[test]
fn spec_004_sandboxing() {
    let parsed = loads(blocks::SANDBOXING, Format::Json5);
    let docker = &parsed.config.security.sandboxing.as_ref().unwrap().docker;
    assert_eq!(docker.limits.memory.unwrap().bytes(), 512 << 20);
    assert!((docker.limits.cpu.unwrap().value() - 0.5).abs() < 1e-9);
    assert_eq!(parsed.notices[0].kind, NoticeKind::Later);
}

#[test]
fn spec_004_file_system() {
    let parsed = loads(blocks::FILE_SYSTEM, Format::Json5);
    assert_eq!(parsed.config.security.file_system.unwrap().restrictions.max_file_size.unwrap().bytes(), 10 << 20);
}

#[test]
fn spec_004_encryption() {
    let parsed = loads(blocks::ENCRYPTION, Format::Json5);
    let encryption = parsed.config.security.encryption.unwrap();
    assert!(encryption.database.enabled && encryption.config.enabled && !encryption.messages.enabled);
    assert_eq!(encryption.database.derivation(), openclaw_seal::Derivation::Pbkdf2 { iterations: 100_000 });
}

#[test]
fn spec_004_storage() {
    let parsed = loads(blocks::STORAGE, Format::Json5);
    let (state, home) = (Path::new("/s"), Path::new("/home/me"));
    let file = parsed.config.audit_file(state, Some(home), "audit.jsonl");
    assert_eq!(file, Path::new("/home/me/.openclaw/logs/audit.jsonl"));
    assert_eq!(parsed.config.audit_retention().unwrap().duration().as_secs(), 30 * 86_400);
    let named =
        loads("{ logging: { audit: { file: 'a/b' } }, security: { storage: { logPath: '/x' } } }", Format::Json5);
    assert_eq!(named.config.audit_file(state, None, "audit.jsonl"), Path::new("/s/a/b"));
    let bare = loads("{}", Format::Json5);
    assert_eq!(bare.config.audit_file(state, None, "audit.jsonl"), Path::new("/s/logs/audit.jsonl"));
}

#[test]
fn spec_004_logging() {
    let parsed = loads(blocks::LOGGING, Format::Json5);
    let security = parsed.config.logging.security.as_ref().unwrap();
    assert!(security.alert_on_failures && security.include_stack_trace && security.events.len() == 5);
    let (state, home) = (Path::new("/s"), Path::new("/home/me"));
    let file = parsed.config.security_log(state, Some(home));
    assert_eq!(file, Path::new("/home/me/.openclaw/logs/security.jsonl"));
    let unheard = parsed.notices.iter().find(|notice| notice.path == "logging.security.alertOnFailures");
    assert!(unheard.is_some_and(|notice| notice.kind == NoticeKind::Weak), "nobody is told without `alerting`");
}

#[test]
fn spec_004_rate_limits() {
    assert!(loads(blocks::RATE_LIMITS, Format::Json5).config.security.rate_limit.is_some());
    assert!(loads(blocks::ADVANCED_RATE_LIMITS, Format::Json5).config.security.rate_limit.is_some());
}

#[test]
fn spec_004_monitoring() {
    // It prints `email` without a mail server.
    let printed = blocks::MONITORING;
    refuses(printed, Format::Json5, &["security.monitoring.alerting.channels"]);
    let whole = printed.replace(
        "recipients:",
        "smtp: { url: 'smtps://user:secret@mail.example.com', from: 'gateway@example.com' }, recipients:",
    );
    let parsed = loads(&whole, Format::Json5);
    let detection = parsed.config.anomaly_detection().unwrap();
    assert_eq!((detection.window_size.duration().as_secs(), detection.metrics.len()), (3600, 5));
    assert_eq!(parsed.config.alerting().unwrap().channels.len(), 2);
}

// Mission Control patches these into the running configuration.

#[test]
fn a_mission_controls_patch_loads() {
    let parsed = loads(
        r#"{"meta":{"lastTouchedVersion":"2026.2.9"},"agents":{"list":[{"id":"main","default":true,"workspace":"~/w","heartbeat":{"every":"10m"}}]},
            "channels":{"defaults":{"heartbeat":{"showOk":true,"showAlerts":true,"useIndicator":true}}},"tools":{"exec":{"host":"gateway"}}}"#,
        Format::Json5,
    );
    assert_eq!(parsed.config.agents.list[0].id, "main");
}

#[test]
fn keys_of_other_implementations_warn() {
    let parsed = loads(
        "{ wizard: {lastRunAt: 1}, plugins: {}, hooks: {}, cron: {store: 'x'}, bindings: [], session: {store: 'x'}, gateway: {reload: {mode: 'hot'}},
           agents: { list: [{id: 'a', skills: []}, {id: 'b', skills: []}] } }",
        Format::Json5,
    );
    let foreign: Vec<&str> = parsed
        .notices
        .iter()
        .filter(|notice| notice.kind == NoticeKind::Foreign)
        .map(|notice| notice.path.as_str())
        .collect();
    assert_eq!(
        foreign,
        [
            "bindings",
            "cron.store",
            "plugins",
            "wizard",
            "gateway.reload",
            "agents.list[0].skills",
            "agents.list[1].skills",
            "session.store"
        ]
    );
}

#[test]
fn an_audit_event_that_does_not_exist_is_named_with_what_was_meant() {
    let text = "{ logging: { audit: { events: ['authentication', 'auth.sucess'] } } }";
    let issues = parse_str(text, Format::Json5, &Environment::default()).unwrap_err().issues().to_vec();
    assert_eq!(issues[0].path, "logging.audit.events[1]");
    assert!(issues[0].message.contains("did you mean `auth.success`?"), "{}", issues[0].message);
    refuses("{ logging: { audit: { enabled: false, required: true } } }", Format::Json5, &["logging.audit.required"]);
}
