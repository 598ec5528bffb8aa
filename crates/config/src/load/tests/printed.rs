//! Every configuration block that the source documents print: it loads, or it refuses exactly the leaves listed here.

use openclaw_core::Environment;

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
    let parsed = loads(
        "# openclaw-gateway.yml
gateway:
  controlUi:
    enabled: true
    allowedOrigins:
      - https://mc.example.com  # Production
      - http://localhost:3000   # Development
    requireDeviceAuth: true
",
        Format::Yaml,
    );
    assert_eq!(parsed.config.gateway.control_ui.allowed_origins, ["https://mc.example.com", "http://localhost:3000"]);
    assert!(parsed.config.gateway.control_ui.require_device_auth);
    assert_eq!(parsed.notices, []);
}

#[test]
fn spec_001_device_auth_settings() {
    let parsed = loads(
        "gateway:
  auth:
    deviceAuth:
      enabled: true
      requireSignature: true  # Reject unsigned connects
      tokenTTL: 86400         # Device token lifetime (seconds)
      maxDevicesPerUser: 10   # Limit devices per identity
",
        Format::Yaml,
    );
    let device = &parsed.config.gateway.auth.device_auth;
    assert!(device.enabled && device.require_signature);
    assert_eq!((device.token_ttl, device.max_devices_per_user), (86_400, 10));
}

#[test]
fn spec_001_tls() {
    let parsed = loads(
        "gateway:
  tls:
    enabled: true
    certFile: /etc/certs/gateway.crt
    keyFile: /etc/certs/gateway.key
    port: 8080
",
        Format::Yaml,
    );
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
    let bare = loads(
        "allowedOrigins:\n  - https://mc.example.com  # Production only\n  # - https://mc-staging.example.com  # Add staging\n",
        Format::Yaml,
    );
    assert_eq!(bare.config.gateway.control_ui.allowed_origins, ["https://mc.example.com"]);
    assert_eq!(renamed(&bare), [("allowedOrigins".into(), "gateway.controlUi.allowedOrigins".into())]);
}

#[test]
fn spec_001_device_limits_fragment() {
    let parsed = loads("deviceAuth:\n  maxDevicesPerUser: 3  # Limit per identity\n  tokenTTL: 3600\n", Format::Yaml);
    let device = &parsed.config.gateway.auth.device_auth;
    assert_eq!((device.token_ttl, device.max_devices_per_user), (3600, 3));
}

#[test]
fn spec_001_audit() {
    let parsed = loads(
        "audit:
  enabled: true
  logFile: /var/log/openclaw/audit.log
  events:
    - auth.success
    - auth.failure
    - device.registered
    - device.revoked
",
        Format::Yaml,
    );
    let audit = &parsed.config.logging.audit;
    assert_eq!(audit.file.as_deref(), Some("/var/log/openclaw/audit.log"));
    assert_eq!(audit.events.len(), 4);
    assert_eq!(
        renamed(&parsed),
        [("audit".into(), "logging.audit".into()), ("audit.logFile".into(), "logging.audit.file".into())]
    );
}

// Spec 002

const BASELINE: &str = r#"{
  gateway: {
    bind: "loopback",
    auth: {
      mode: "token",
      token: "replace-with-a-long-random-token",
    },
  },
  session: {
    dmScope: "per-channel-peer",
  },
  agents: {
    defaults: {
      sandbox: { mode: "non-main" },
    },
  },
  tools: {
    profile: "messaging",
    exec: { security: "deny", ask: "always" },
    elevated: { enabled: false },
  },
}"#;

#[test]
fn spec_002_baseline_refuses_its_example_token_and_loads_with_a_real_one() {
    refuses(BASELINE, Format::Json5, &["gateway.auth.token"]);
    let parsed =
        loads(&BASELINE.replace("replace-with-a-long-random-token", "0123456789abcdefghijklmnop"), Format::Json5);
    assert_eq!(parsed.config.session.dm_scope, DmScope::PerChannelPeer);
    assert_eq!(parsed.config.agents.defaults.sandbox.as_ref().unwrap().mode, SandboxMode::NonMain);
    assert_eq!(parsed.config.tools.profile, Some(ToolProfile::Messaging));
    let later: Vec<&str> = parsed
        .notices
        .iter()
        .filter(|notice| notice.kind == NoticeKind::Later)
        .map(|notice| notice.path.as_str())
        .collect();
    assert_eq!(later, ["tools", "agents.defaults.sandbox", "session.dmScope"]);
}

#[test]
fn spec_002_rollback() {
    let parsed = loads(
        r#"{
  gateway: {
    bind: "loopback",
  },
  channels: {
    whatsapp: { dmPolicy: "disabled" },
    telegram: { dmPolicy: "disabled" },
    discord: { dmPolicy: "disabled" },
    slack: { dmPolicy: "disabled" },
  },
  tools: {
    exec: { security: "deny", ask: "always" },
    elevated: { enabled: false },
  },
}"#,
        Format::Json5,
    );
    assert_eq!(parsed.config.channels.len(), 4);
    assert!(parsed.config.channels.values().all(|channel| channel.dm_policy == DmPolicy::Disabled));
}

// Spec 003

const SERVER: &str = r#"gateway:
  port: 18789
  bind: "loopback"         # "loopback" | "all"

  auth:
    mode: "token"          # "token" | "password" | "none"
    token: "secret"
    allowTailscale: true   # Allow Tailscale users

  controlUi:
    enabled: true
    allowedOrigins: []     # Empty = allow all

  tailscale:
    mode: "off"            # "off" | "serve" | "funnel"
    resetOnExit: false

  trustedProxies: []       # IPs allowed to set proxy headers
"#;

#[test]
fn spec_003_server_refuses_its_example_token_and_loads_with_a_real_one() {
    refuses(SERVER, Format::Yaml, &["gateway.auth.token"]);
    let real = SERVER.replace("\"secret\"", "\"0123456789abcdefghijklmnop\"");
    let parsed = loads(&real, Format::Yaml);
    assert_eq!(parsed.config.gateway.auth.allow_tailscale, Some(true));
    let all =
        loads(&real.replace("bind: \"loopback\"", "bind: \"all\"").replace("mode: \"off\"", "mode: off"), Format::Yaml);
    assert_eq!(all.config.gateway.bind, Bind::Lan);
    assert_eq!(renamed(&all), [("gateway.bind".into(), "lan".into())]);
}

#[test]
fn spec_003_auth_examples() {
    let token = r#"gateway: { auth: { mode: "token", token: "your-secret-token" } }"#;
    refuses(&format!("{{ {token} }}"), Format::Json5, &["gateway.auth.token"]);
    let password = r#"gateway: { auth: { mode: "password", password: "your-password" } }"#;
    refuses(&format!("{{ {password} }}"), Format::Json5, &["gateway.auth.password"]);
    loads(&format!("{{ {} }}", password.replace("your-password", "correct horse battery staple")), Format::Json5);
}

// Spec 004

#[test]
fn spec_004_binding() {
    let parsed =
        loads("{ gateway: { bind: \"127.0.0.1\", // Loopback only (most secure)\n port: 18789 }}", Format::Json5);
    assert_eq!(parsed.config.gateway.bind, Bind::Loopback);
    assert_eq!(renamed(&parsed), [("gateway.bind".into(), "loopback".into())]);
}

#[test]
fn spec_004_remote_access() {
    let printed = r#"{ gateway: { bind: "0.0.0.0", // Allow remote connections
 port: 18789, token: "your-secure-token-here",
// TLS/SSL configuration
 tls: { enabled: true, cert: "/path/to/cert.pem", key: "/path/to/key.pem", ca: "/path/to/ca.pem" } }}"#;
    refuses(printed, Format::Json5, &["gateway.token"]);
    let parsed = loads(&printed.replace("your-secure-token-here", "0123456789abcdefghijklmnop"), Format::Json5);
    let gateway = &parsed.config.gateway;
    assert_eq!((gateway.bind, gateway.tls.ca_path.as_deref()), (Bind::Lan, Some("/path/to/ca.pem")));
    assert_eq!(gateway.auth.token.as_ref().unwrap().expose(), "0123456789abcdefghijklmnop");
}

#[test]
fn spec_004_token_configuration() {
    refuses(
        r#"{ gateway: { token: "your-secure-token-here",
// Token settings
 tokenConfig: { expiration: "24h", refreshEnabled: true, maxTokens: 5, tokenLength: 32 } }}"#,
        Format::Json5,
        &["gateway.token", "gateway.tokenConfig"],
    );
}

#[test]
fn spec_004_api_keys() {
    let printed = r#"{ security: { // Use environment variables for sensitive data
 apiKeys: { anthropic: "${ANTHROPIC_API_KEY}", openai: "${OPENAI_API_KEY}", google: "${GOOGLE_API_KEY}" },
// Key rotation settings
 keyRotation: { enabled: true, interval: "30d", notifyBefore: "7d" } }}"#;
    refuses(printed, Format::Json5, &["security.keyRotation"]);
    let parsed = loads(&printed.replace("enabled: true", "enabled: false"), Format::Json5);
    assert_eq!(parsed.config.security.api_keys.google.as_ref().unwrap().expose(), "key-g");
}

#[test]
fn spec_004_authorization() {
    let printed = r#"{ security: { authorization: { enabled: true, roles: { admin: { permissions: ["*"], // All permissions
 channels: ["*"], commands: ["*"] }, user: { permissions: ["read", "write"], channels: ["whatsapp", "telegram"], commands: ["help", "status", "ask"] },
 readonly: { permissions: ["read"], channels: ["*"], commands: ["help", "status"] } },
// User assignments
 users: { "user123": { role: "user", channels: ["whatsapp"], restrictions: { maxMessages: 100, timeWindow: "1h" } } } } }}"#;
    refuses(printed, Format::Json5, &["security.authorization"]);
    let parsed = loads(&printed.replace("enabled: true", "enabled: false"), Format::Json5);
    assert_eq!(parsed.config.security.authorization.unwrap().roles.len(), 3);
}

#[test]
fn spec_004_channel_permissions() {
    let parsed = loads(
        r#"{ channels: { whatsapp: { permissions: { allowedUsers: ["user123", "user456"], allowedRoles: ["admin", "user"], blockedUsers: ["spam_user"],
// Command permissions
 commands: { allowed: ["help", "status", "ask"], blocked: ["config", "admin"] } } } }}"#,
        Format::Json5,
    );
    assert_eq!(parsed.config.channels["whatsapp"].permissions.blocked_users, ["spam_user"]);
}

#[test]
fn spec_004_sandboxing() {
    let parsed = loads(
        r#"{ security: { sandboxing: { enabled: true, type: "docker",
 docker: { image: "openclaw/sandbox:latest", network: "none", readonly: false,
 limits: { memory: "512m", cpu: "0.5", disk: "1g", processes: 10 },
 volumes: { "/workspace": "/workspace:rw", "/tmp": "/tmp:rw" },
 securityOpt: [ "no-new-privileges:true", "seccomp:default" ],
 user: "nobody", group: "nogroup" } } }}"#,
        Format::Json5,
    );
    let docker = &parsed.config.security.sandboxing.as_ref().unwrap().docker;
    assert_eq!(docker.limits.memory.unwrap().bytes(), 512 << 20);
    assert!((docker.limits.cpu.unwrap().value() - 0.5).abs() < 1e-9);
    assert_eq!(parsed.notices[0].kind, NoticeKind::Later);
}

#[test]
fn spec_004_file_system() {
    let parsed = loads(
        r#"{ security: { fileSystem: { allowedPaths: [ "~/.openclaw", "/tmp", "./workspace" ],
 deniedPaths: [ "/etc", "/usr/bin", "/usr/sbin", "~/.ssh", "~/.aws" ],
 restrictions: { maxFileSize: "10MB", maxPathLength: 255, allowedExtensions: [".txt", ".py", ".js", ".md"], deniedExtensions: [".exe", ".sh", ".bat"] },
 monitoring: { logFileAccess: true, alertOnSuspicious: true, quarantineSuspicious: true } } }}"#,
        Format::Json5,
    );
    assert_eq!(parsed.config.security.file_system.unwrap().restrictions.max_file_size.unwrap().bytes(), 10 << 20);
}

#[test]
fn spec_004_encryption() {
    refuses(
        r#"{ security: { encryption: { database: { enabled: true, algorithm: "AES-256-GCM", keyDerivation: "PBKDF2", iterations: 100000 },
 config: { enabled: true, encryptApiKeys: true, encryptTokens: true },
 messages: { enabled: false, // Usually not needed for local storage
 algorithm: "AES-256-CBC" } } }}"#,
        Format::Json5,
        &["security.encryption.config", "security.encryption.database"],
    );
}

#[test]
fn spec_004_storage() {
    refuses(
        r#"{ security: { storage: { configPath: "~/.openclaw/config", configPermissions: "600",
 logPath: "~/.openclaw/logs", logPermissions: "640", logRetention: "30d",
 backupPath: "~/.openclaw/backups", backupEncryption: true, backupRetention: "90d" } }}"#,
        Format::Json5,
        &[
            "security.storage.backupEncryption",
            "security.storage.backupPath",
            "security.storage.backupRetention",
            "security.storage.configPath",
            "security.storage.logPath",
            "security.storage.logPermissions",
            "security.storage.logRetention",
        ],
    );
}

#[test]
fn spec_004_logging() {
    let printed = r#"{ logging: { level: "info", audit: { enabled: true, file: "~/.openclaw/logs/audit.log", format: "json",
 events: [ "authentication", "authorization", "config_changes", "message_send", "message_receive", "agent_execution", "file_access", "errors" ],
 retention: "365d", compression: true, encryption: true },
 security: { level: "warn", includeStackTrace: true, alertOnFailures: true,
 events: [ "authentication_failure", "authorization_denied", "sandbox_escape", "suspicious_activity", "rate_limit_exceeded" ] } }}"#;
    refuses(
        printed,
        Format::Json5,
        &["logging.audit.compression", "logging.audit.encryption", "logging.audit.retention", "logging.security"],
    );
}

#[test]
fn spec_004_rate_limits() {
    let printed = r#"{ security: { rateLimit: { enabled: true,
 global: { windowMs: 900000, maxRequests: 1000, skipSuccessfulRequests: false, skipFailedRequests: false },
 perUser: { windowMs: 900000, maxRequests: 100, skipSuccessfulRequests: true },
 perChannel: { windowMs: 900000, maxRequests: 500 } } }}"#;
    refuses(printed, Format::Json5, &["security.rateLimit"]);
    loads(&printed.replace("enabled: true", "enabled: false"), Format::Json5);
    let advanced = r#"{ security: { rateLimit: { roleLimits: { admin: { windowMs: 900000, maxRequests: 10000 }, user: { windowMs: 900000, maxRequests: 100 },
 readonly: { windowMs: 900000, maxRequests: 50 } },
 commandLimits: { "config": { windowMs: 3600000, // 1 hour
 maxRequests: 10 }, "ask": { windowMs: 900000, maxRequests: 20 } } } }}"#;
    refuses(advanced, Format::Json5, &["security.rateLimit"]);
}

#[test]
fn spec_004_monitoring() {
    let printed = r#"{ security: { monitoring: { enabled: true,
 anomalyDetection: { enabled: true, threshold: 0.8, windowSize: "1h",
 metrics: [ "authentication_failures", "authorization_denials", "message_volume", "file_access_patterns", "resource_usage" ] },
 alerting: { enabled: true, channels: ["email", "webhook"], recipients: ["admin@example.com"], webhookUrl: "https://your-monitoring.com/webhook" } } }}"#;
    refuses(printed, Format::Json5, &["security.monitoring", "security.monitoring.alerting.channels"]);
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
        "{ wizard: {lastRunAt: 1}, plugins: {}, hooks: {}, cron: {}, bindings: [], session: {store: 'x'}, gateway: {reload: {mode: 'hot'}},
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
            "cron",
            "hooks",
            "plugins",
            "wizard",
            "gateway.reload",
            "agents.list[0].skills",
            "agents.list[1].skills",
            "session.store"
        ]
    );
}
