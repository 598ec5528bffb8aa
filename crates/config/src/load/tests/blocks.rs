//! Every configuration block that the source documents print, word for word.

pub(super) const CONTROL_UI: &str = "# openclaw-gateway.yml
gateway:
  controlUi:
    enabled: true
    allowedOrigins:
      - https://mc.example.com  # Production
      - http://localhost:3000   # Development
    requireDeviceAuth: true
";

pub(super) const DEVICE_AUTH: &str = "gateway:
  auth:
    deviceAuth:
      enabled: true
      requireSignature: true  # Reject unsigned connects
      tokenTTL: 86400         # Device token lifetime (seconds)
      maxDevicesPerUser: 10   # Limit devices per identity
";

pub(super) const TLS: &str = "gateway:
  tls:
    enabled: true
    certFile: /etc/certs/gateway.crt
    keyFile: /etc/certs/gateway.key
    port: 8080
";

pub(super) const ORIGINS: &str = "allowedOrigins:\n  - https://mc.example.com  # Production only\n  # - https://mc-staging.example.com  # Add staging\n";

pub(super) const DEVICE_LIMITS: &str = "deviceAuth:\n  maxDevicesPerUser: 3  # Limit per identity\n  tokenTTL: 3600\n";

pub(super) const AUDIT: &str = "audit:
  enabled: true
  logFile: /var/log/openclaw/audit.log
  events:
    - auth.success
    - auth.failure
    - device.registered
    - device.revoked
";

pub(super) const BASELINE: &str = r#"{
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

pub(super) const ROLLBACK: &str = r#"{
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
}"#;

pub(super) const SERVER: &str = r#"gateway:
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

pub(super) const TOKEN: &str = r#"{ gateway: { auth: { mode: "token", token: "your-secret-token" } } }"#;

pub(super) const PASSWORD: &str = r#"{ gateway: { auth: { mode: "password", password: "your-password" } } }"#;

pub(super) const BINDING: &str = "{ gateway: { bind: \"127.0.0.1\", // Loopback only (most secure)\n port: 18789 }}";

pub(super) const REMOTE_ACCESS: &str = r#"{ gateway: { bind: "0.0.0.0", // Allow remote connections
 port: 18789, token: "your-secure-token-here",
// TLS/SSL configuration
 tls: { enabled: true, cert: "/path/to/cert.pem", key: "/path/to/key.pem", ca: "/path/to/ca.pem" } }}"#;

pub(super) const TOKEN_CONFIG: &str = r#"{ gateway: { token: "your-secure-token-here",
// Token settings
 tokenConfig: { expiration: "24h", refreshEnabled: true, maxTokens: 5, tokenLength: 32 } }}"#;

pub(super) const API_KEYS: &str = r#"{ security: { // Use environment variables for sensitive data
 apiKeys: { anthropic: "${ANTHROPIC_API_KEY}", openai: "${OPENAI_API_KEY}", google: "${GOOGLE_API_KEY}" },
// Key rotation settings
 keyRotation: { enabled: true, interval: "30d", notifyBefore: "7d" } }}"#;

pub(super) const AUTHORIZATION: &str = r#"{ security: { authorization: { enabled: true, roles: { admin: { permissions: ["*"], // All permissions
 channels: ["*"], commands: ["*"] }, user: { permissions: ["read", "write"], channels: ["whatsapp", "telegram"], commands: ["help", "status", "ask"] },
 readonly: { permissions: ["read"], channels: ["*"], commands: ["help", "status"] } },
// User assignments
 users: { "user123": { role: "user", channels: ["whatsapp"], restrictions: { maxMessages: 100, timeWindow: "1h" } } } } }}"#;

pub(super) const CHANNEL_PERMISSIONS: &str = r#"{ channels: { whatsapp: { permissions: { allowedUsers: ["user123", "user456"], allowedRoles: ["admin", "user"], blockedUsers: ["spam_user"],
// Command permissions
 commands: { allowed: ["help", "status", "ask"], blocked: ["config", "admin"] } } } }}"#;

pub(super) const SANDBOXING: &str = r#"{ security: { sandboxing: { enabled: true, type: "docker",
 docker: { image: "openclaw/sandbox:latest", network: "none", readonly: false,
 limits: { memory: "512m", cpu: "0.5", disk: "1g", processes: 10 },
 volumes: { "/workspace": "/workspace:rw", "/tmp": "/tmp:rw" },
 securityOpt: [ "no-new-privileges:true", "seccomp:default" ],
 user: "nobody", group: "nogroup" } } }}"#;

pub(super) const FILE_SYSTEM: &str = r#"{ security: { fileSystem: { allowedPaths: [ "~/.openclaw", "/tmp", "./workspace" ],
 deniedPaths: [ "/etc", "/usr/bin", "/usr/sbin", "~/.ssh", "~/.aws" ],
 restrictions: { maxFileSize: "10MB", maxPathLength: 255, allowedExtensions: [".txt", ".py", ".js", ".md"], deniedExtensions: [".exe", ".sh", ".bat"] },
 monitoring: { logFileAccess: true, alertOnSuspicious: true, quarantineSuspicious: true } } }}"#;

pub(super) const ENCRYPTION: &str = r#"{ security: { encryption: { database: { enabled: true, algorithm: "AES-256-GCM", keyDerivation: "PBKDF2", iterations: 100000 },
 config: { enabled: true, encryptApiKeys: true, encryptTokens: true },
 messages: { enabled: false, // Usually not needed for local storage
 algorithm: "AES-256-CBC" } } }}"#;

pub(super) const STORAGE: &str = r#"{ security: { storage: { configPath: "~/.openclaw/config", configPermissions: "600",
 logPath: "~/.openclaw/logs", logPermissions: "640", logRetention: "30d",
 backupPath: "~/.openclaw/backups", backupEncryption: true, backupRetention: "90d" } }}"#;

pub(super) const LOGGING: &str = r#"{ logging: { level: "info", audit: { enabled: true, file: "~/.openclaw/logs/audit.log", format: "json",
 events: [ "authentication", "authorization", "config_changes", "message_send", "message_receive", "agent_execution", "file_access", "errors" ],
 retention: "365d", compression: true, encryption: true },
 security: { level: "warn", includeStackTrace: true, alertOnFailures: true,
 events: [ "authentication_failure", "authorization_denied", "sandbox_escape", "suspicious_activity", "rate_limit_exceeded" ] } }}"#;

pub(super) const RATE_LIMITS: &str = r#"{ security: { rateLimit: { enabled: true,
 global: { windowMs: 900000, maxRequests: 1000, skipSuccessfulRequests: false, skipFailedRequests: false },
 perUser: { windowMs: 900000, maxRequests: 100, skipSuccessfulRequests: true },
 perChannel: { windowMs: 900000, maxRequests: 500 } } }}"#;

pub(super) const ADVANCED_RATE_LIMITS: &str = r#"{ security: { rateLimit: { roleLimits: { admin: { windowMs: 900000, maxRequests: 10000 }, user: { windowMs: 900000, maxRequests: 100 },
 readonly: { windowMs: 900000, maxRequests: 50 } },
 commandLimits: { "config": { windowMs: 3600000, // 1 hour
 maxRequests: 10 }, "ask": { windowMs: 900000, maxRequests: 20 } } } }}"#;

pub(super) const MONITORING: &str = r#"{ security: { monitoring: { enabled: true,
 anomalyDetection: { enabled: true, threshold: 0.8, windowSize: "1h",
 metrics: [ "authentication_failures", "authorization_denials", "message_volume", "file_access_patterns", "resource_usage" ] },
 alerting: { enabled: true, channels: ["email", "webhook"], recipients: ["admin@example.com"], webhookUrl: "https://your-monitoring.com/webhook" } } }}"#;

/// Keys that the rules about the specs name without printing a block.
pub(super) const RULES: &str = r#"{
  gateway: {
    handshakeTimeoutMs: 15000, pingIntervalMs: 30000, tickIntervalMs: 30000,
    auth: {
      localBypass: false,
      deviceAuth: { allowTokenOnly: false },
      trustedProxy: { allowUsers: ["ann@example.com"] },
      rateLimit: { maxAttempts: 10, windowMs: 60000, lockoutMs: 300000, exemptLoopback: true },
    },
    controlUi: { allowInsecureAuth: false },
    compat: { signatureV1: false },
    limits: {
      preauthPerAddress: 32, preauthLoopback: 512, preauthTotal: 512, preauthFrameBytes: 65536, maxPayload: 26214400,
      maxBufferedBytes: 52428800, headerTimeoutMs: 10000, idleTimeoutMs: 60000, closeTimeoutMs: 2000, slowConsumerMs: 30000,
      inFlightPerConnection: 64,
    },
    tls: { port: 8443, autoGenerate: false },
  },
  metrics: { enabled: true, bind: "127.0.0.1", port: 9090, required: false },
  spawn: { allow: ["uptime"] },
  logging: { file: "/var/log/openclaw/gateway.log", audit: { required: false } },
  security: { monitoring: { enabled: false, alerting: { smtp: { url: "${SMTP_URL}", from: "gateway@example.com" } } } },
  channels: { telegram: { dmPolicy: "pairing", allowFrom: [123456789], requireMention: true } },
}"#;

/// All of them: the document, the format, the text.
pub(super) const ALL: &[(&str, crate::Format, &str)] = &[
    ("001", crate::Format::Yaml, CONTROL_UI),
    ("001", crate::Format::Yaml, DEVICE_AUTH),
    ("001", crate::Format::Yaml, TLS),
    ("001", crate::Format::Yaml, ORIGINS),
    ("001", crate::Format::Yaml, DEVICE_LIMITS),
    ("001", crate::Format::Yaml, AUDIT),
    ("002", crate::Format::Json5, BASELINE),
    ("002", crate::Format::Json5, ROLLBACK),
    ("003", crate::Format::Yaml, SERVER),
    ("003", crate::Format::Json5, TOKEN),
    ("003", crate::Format::Json5, PASSWORD),
    ("004", crate::Format::Json5, BINDING),
    ("004", crate::Format::Json5, REMOTE_ACCESS),
    ("004", crate::Format::Json5, TOKEN_CONFIG),
    ("004", crate::Format::Json5, API_KEYS),
    ("004", crate::Format::Json5, AUTHORIZATION),
    ("004", crate::Format::Json5, CHANNEL_PERMISSIONS),
    ("004", crate::Format::Json5, SANDBOXING),
    ("004", crate::Format::Json5, FILE_SYSTEM),
    ("004", crate::Format::Json5, ENCRYPTION),
    ("004", crate::Format::Json5, STORAGE),
    ("004", crate::Format::Json5, LOGGING),
    ("004", crate::Format::Json5, RATE_LIMITS),
    ("004", crate::Format::Json5, ADVANCED_RATE_LIMITS),
    ("004", crate::Format::Json5, MONITORING),
    ("rules", crate::Format::Json5, RULES),
];
