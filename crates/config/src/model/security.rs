//! `security.*`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use openclaw_core::Secret;

use super::{
    Config,
    scalar::{ByteSize, Decimal, FileMode, Period},
};

section! {
    /// API keys, authorisation, isolation and monitoring.
    Security {
        /// API keys of model providers. The same as `models.providers.<id>.apiKey`, which wins.
        api_keys: ApiKeys = ApiKeys::default(),
        /// Renewing keys.
        key_rotation: Option<KeyRotation> = None,
        /// Roles and who has them.
        authorization: Option<Authorization> = None,
        /// Isolation of agents.
        sandboxing: Option<Sandboxing> = None,
        /// Which files agents may touch.
        file_system: Option<FileSystem> = None,
        /// Encryption at rest.
        encryption: Option<Encryption> = None,
        /// Where files lie and how long.
        storage: Option<Storage> = None,
        /// Limits of requests.
        rate_limit: Option<RateLimits> = None,
        /// Watching for what is unusual.
        monitoring: Option<Monitoring> = None,
        /// What `openclaw security audit` need not say.
        audit: SecurityAudit = SecurityAudit::default(),
    }

    /// What `openclaw security audit` need not say.
    SecurityAudit {
        /// Findings that are accepted. They are listed apart, and that there are any is always said.
        suppressions: Vec<Suppression> = Vec::new(),
    }

    /// A finding that is accepted: all that is written must fit.
    Suppression {
        /// The id of the check, exactly, such as `gateway.trusted_proxies_missing`.
        check_id: String = String::new(),
        /// Part of the finding's title, in any case of letters.
        title_includes: Option<String> = None,
        /// Part of the finding's detail, in any case of letters.
        detail_includes: Option<String> = None,
        /// Why it is accepted.
        reason: Option<String> = None,
    }

    /// API keys of model providers, best as `${NAME}`.
    ApiKeys {
        /// Feeds the provider `anthropic`.
        anthropic: Option<Secret> = None,
        /// Feeds the provider `openai`.
        openai: Option<Secret> = None,
        /// Feeds the provider `google`.
        google: Option<Secret> = None,
    }

    /// Renewing keys.
    KeyRotation {
        /// Wrap the keys of encrypted data anew by itself, and tell when keys are due that only you can exchange. Default false.
        enabled: bool = false,
        /// How often, such as `"30d"`, which is the default. An hour at least.
        interval: Option<Period> = None,
        /// How long before to tell, such as `"7d"`, which is the default.
        notify_before: Option<Period> = None,
    }

    /// Roles and who has them.
    Authorization {
        /// Enforce them; somebody without a role can do nothing. Default false.
        enabled: bool = false,
        /// Roles by name.
        roles: BTreeMap<String, Role> = BTreeMap::new(),
        /// Users by login, token name, device label or `<channel>:<sender id>`; also `token:<name>`, `device:<id>`, `agent:<id>`, and
        /// `operator` for whoever shows the gateway's secret from another machine. On the gateway's own host that secret may
        /// do everything.
        users: BTreeMap<String, User> = BTreeMap::new(),
    }

    /// One role.
    Role {
        /// What it may do: `*` is everything; `read`, `write`, `admin`, `approvals` and `pairing` are scopes; `chat.send` is a
        /// method and `config.*` a family of methods. What scopes do not grant, a role does not grant either.
        permissions: Vec<String> = Vec::new(),
        /// On which channels; `*` is all. Default: all.
        channels: Option<Vec<String>> = None,
        /// Which commands it may give; `*` is all. `ask`, `status`, `help`, `config` and `admin` also stand for the methods that do
        /// the same. Default: all.
        commands: Option<Vec<String>> = None,
    }

    /// One user.
    User {
        /// The name of a role.
        role: Option<String> = None,
        /// On which channels; empty means the role's.
        channels: Vec<String> = Vec::new(),
        /// Limits of this user.
        restrictions: UserRestrictions = UserRestrictions::default(),
    }

    /// Limits of one user.
    UserRestrictions {
        /// Messages within the window.
        max_messages: Option<u32> = None,
        /// The window, such as `"1h"`.
        time_window: Option<Period> = None,
    }

    /// Isolation of agents.
    Sandboxing {
        /// Default false.
        enabled: bool = false,
        /// How. Default `docker`.
        #[serde(rename = "type")]
        kind: SandboxKind = SandboxKind::Docker,
        /// Settings of the container.
        docker: DockerSandbox = DockerSandbox::default(),
    }

    /// Settings of the container that agents run in.
    DockerSandbox {
        /// The image.
        image: Option<String> = None,
        /// The network. Default `none`.
        network: String = "none".to_owned(),
        /// Read-only root. Default true.
        readonly: bool = true,
        /// Bounds of its resources.
        limits: DockerLimits = DockerLimits::default(),
        /// Folders: host path to `target:mode`.
        volumes: BTreeMap<String, String> = BTreeMap::new(),
        /// Docker's security options.
        security_opt: Vec<String> = Vec::new(),
        /// The user inside.
        user: Option<String> = None,
        /// The group inside.
        group: Option<String> = None,
    }

    /// Bounds of a container's resources.
    DockerLimits {
        /// Memory, such as `"512m"`.
        memory: Option<ByteSize> = None,
        /// Processors, such as `"0.5"`.
        cpu: Option<Decimal> = None,
        /// Disk, such as `"1g"`.
        disk: Option<ByteSize> = None,
        /// Processes.
        processes: Option<u32> = None,
    }

    /// Which files agents may touch. Denied beats allowed.
    FileSystem {
        /// Allowed folders.
        allowed_paths: Vec<String> = Vec::new(),
        /// Denied folders.
        denied_paths: Vec<String> = Vec::new(),
        /// Bounds of single files.
        restrictions: FileRestrictions = FileRestrictions::default(),
        /// Watching what is touched.
        monitoring: FileMonitoring = FileMonitoring::default(),
    }

    /// Bounds of single files.
    FileRestrictions {
        /// Largest file, such as `"10MB"`.
        max_file_size: Option<ByteSize> = None,
        /// Longest path, in bytes.
        max_path_length: Option<u32> = None,
        /// Allowed endings; empty means all.
        allowed_extensions: Vec<String> = Vec::new(),
        /// Denied endings.
        denied_extensions: Vec<String> = Vec::new(),
    }

    /// Watching what is touched.
    FileMonitoring {
        /// Log it. Default false.
        log_file_access: bool = false,
        /// Send an alert for the suspicious. Default false.
        alert_on_suspicious: bool = false,
        /// Move the suspicious aside. Default false.
        quarantine_suspicious: bool = false,
    }

    /// Encryption at rest.
    Encryption {
        /// The database.
        database: DatabaseEncryption = DatabaseEncryption::default(),
        /// Secrets in this file.
        config: ConfigEncryption = ConfigEncryption::default(),
        /// Messages.
        messages: MessageEncryption = MessageEncryption::default(),
    }

    /// Encryption of the database.
    DatabaseEncryption {
        /// Encrypt the content of the database's rows; what is there is converted at the start. Default false.
        enabled: bool = false,
        /// The cipher. Default `AES-256-GCM`.
        algorithm: Cipher = Cipher::Gcm,
        /// How a key comes from a passphrase (`OPENCLAW_STATE_PASSPHRASE`), for the configuration and backups too. Default `Argon2id`.
        key_derivation: KeyDerivation = KeyDerivation::Argon2id,
        /// Rounds of `PBKDF2`. Unset: 600000.
        #[schemars(range(min = 10_000, max = 100_000_000))]
        iterations: Option<u32> = None,
    }

    /// Encryption of secrets in this file.
    ConfigEncryption {
        /// Seal the secrets of this file where they stand, at the start and at each change. Default false.
        enabled: bool = false,
        /// Seal API keys: `apiKey`, `apiKeys` and `security.apiKeys`. Default true.
        encrypt_api_keys: bool = true,
        /// Seal every other secret, such as tokens and passwords. Default true.
        encrypt_tokens: bool = true,
    }

    /// Encryption of messages.
    MessageEncryption {
        /// Encrypt what was said, with a cipher of its own; `database` encrypts it as well. Default false.
        enabled: bool = false,
        /// The cipher. Default `AES-256-GCM`.
        algorithm: Cipher = Cipher::Gcm,
    }

    /// Where files lie and how long.
    Storage {
        /// Folder that the configuration must lie in. It does not move the file: `--config` and OPENCLAW_CONFIG_PATH name that.
        config_path: Option<String> = None,
        /// Permissions of the configuration.
        config_permissions: Option<FileMode> = None,
        /// Folder of the audit file, when `logging.audit.file` does not name it. A relative path begins in the state directory.
        log_path: Option<String> = None,
        /// Permissions of the logs.
        log_permissions: Option<FileMode> = None,
        /// How long rotated audit files stay, when `logging.audit.retention` does not say it. Unset: for ever.
        log_retention: Option<Period> = None,
        /// Folder of the backups; set, a backup is made each day. A relative path begins in the state directory.
        backup_path: Option<String> = None,
        /// Encrypt backups, and put the keys into them. Default false.
        backup_encryption: Option<bool> = None,
        /// How long daily backups stay, such as `"90d"`. Unset: for ever.
        backup_retention: Option<Period> = None,
    }

    /// Limits of requests.
    RateLimits {
        /// Default true.
        enabled: bool = true,
        /// Of everybody together.
        global: Option<Rate> = None,
        /// Of each user: a login, a named token, else a device or credential.
        per_user: Option<Rate> = None,
        /// Of each channel that a request names; messages that name none count as `webchat`.
        per_channel: Option<Rate> = None,
        /// Of each user with a role. Without `security.authorization` the roles `admin`, `user` and `readonly` follow from scopes.
        role_limits: BTreeMap<String, Rate> = BTreeMap::new(),
        /// Of each user and command: `ask`, `config`, `status`, `help` or `admin`, a method, or a family such as `cron.*`. Here each
        /// request counts once.
        command_limits: BTreeMap<String, Rate> = BTreeMap::new(),
    }

    /// Requests within a window.
    Rate {
        /// The window, in milliseconds. Default 900000 (15 minutes).
        #[schemars(range(min = 1000, max = 86_400_000))]
        window_ms: u64 = 900_000,
        /// Requests within it: all at once, or evenly spread. A method counts as often as its cost in the method reference says.
        /// Default 1000.
        #[schemars(range(min = 1))]
        max_requests: u32 = 1000,
        /// Do not count those that succeed. Default false.
        skip_successful_requests: bool = false,
        /// Do not count those that fail. Default false.
        skip_failed_requests: bool = false,
    }

    /// Watching for what is unusual.
    Monitoring {
        /// Default false.
        enabled: bool = false,
        /// What counts as unusual.
        anomaly_detection: AnomalyDetection = AnomalyDetection::default(),
        /// Who is told.
        alerting: Alerting = Alerting::default(),
    }

    /// What counts as unusual. A window is compared with the windows before it; four of them must have passed first.
    AnomalyDetection {
        /// Default false.
        enabled: bool = false,
        /// How unusual, 0 to 1: 0.5 is as far off as a figure usually strays, 0.8 four times as far, 1 a hundred times. Default 0.8.
        #[schemars(range(min = 0.0, max = 1.0))]
        threshold: f64 = 0.8,
        /// The window, such as `"1h"`, which is the default. Ten seconds at least, 30 days at most.
        window_size: Period = Period::hours(1),
        /// What is watched; empty means everything.
        metrics: Vec<AnomalyMetric> = Vec::new(),
    }

    /// Who is told of what is unusual, of failures (`logging.security.alertOnFailures`) and of keys that are due. It needs
    /// `security.monitoring.enabled`. The log and the audit trail are told in any case.
    Alerting {
        /// Default false.
        enabled: bool = false,
        /// How.
        channels: Vec<AlertChannel> = Vec::new(),
        /// Mail addresses, for `email`.
        recipients: Vec<String> = Vec::new(),
        /// URL that gets a signed POST, for `webhook`: https, and http alone to an address of `allowPrivateAddresses`.
        webhook_url: Option<Secret> = None,
        /// What the POST is signed with. Default: a secret that is made once and kept in `alert-webhook.key` of the state
        /// directory.
        webhook_secret: Option<Secret> = None,
        /// Addresses and networks that are not public and may be posted to, such as `"10.0.0.0/8"`. Default: none.
        allow_private_addresses: Vec<String> = Vec::new(),
        /// The mail server, needed for `email`.
        smtp: Option<Smtp> = None,
    }

    /// A mail server.
    Smtp {
        /// Its URL, which may hold a user and a password: `smtps://` is TLS from the start, `smtp://` changes to TLS (STARTTLS),
        /// and without that only a server on this machine is spoken to.
        url: Option<Secret> = None,
        /// The sender's address, such as `"gateway@example.com"`.
        from: Option<String> = None,
    }
}

impl Config {
    /// Where the audit file is, which is called `name` when nothing else is said: `logging.audit.file`, else in
    /// `security.storage.logPath`, else in `logs` of the state directory. Relative paths begin there.
    #[must_use]
    pub fn audit_file(&self, state_dir: &Path, home: Option<&Path>, name: &str) -> PathBuf {
        let placed = |text: &str| placed(text, state_dir, home);
        match (&self.logging.audit.file, &self.security.storage) {
            (Some(file), _) => placed(file),
            (None, Some(Storage { log_path: Some(folder), .. })) => placed(folder).join(name),
            (None, _) => state_dir.join("logs").join(name),
        }
    }

    /// Where the log of security events is: `security.jsonl` in the folder of the audit file.
    #[must_use]
    pub fn security_log(&self, state_dir: &Path, home: Option<&Path>) -> PathBuf {
        self.audit_file(state_dir, home, "audit.jsonl").with_file_name("security.jsonl")
    }

    /// The file that the log is also written to (`logging.file`); a relative path begins in the state directory.
    #[must_use]
    pub fn log_file(&self, state_dir: &Path, home: Option<&Path>) -> Option<PathBuf> {
        self.logging.file.as_deref().map(|file| placed(file, state_dir, home))
    }

    /// Who is told, when anybody is.
    #[must_use]
    pub fn alerting(&self) -> Option<&Alerting> {
        let monitoring = self.security.monitoring.as_ref().filter(|monitoring| monitoring.enabled)?;
        Some(&monitoring.alerting).filter(|alerting| alerting.enabled)
    }

    /// What counts as unusual, when that is looked for.
    #[must_use]
    pub fn anomaly_detection(&self) -> Option<&AnomalyDetection> {
        let monitoring = self.security.monitoring.as_ref().filter(|monitoring| monitoring.enabled)?;
        Some(&monitoring.anomaly_detection).filter(|detection| detection.enabled)
    }

    /// Where daily backups go, when they are wanted: `security.storage.backupPath`, which begins in the state directory.
    #[must_use]
    pub fn backup_folder(&self, state_dir: &Path, home: Option<&Path>) -> Option<PathBuf> {
        let path = self.security.storage.as_ref()?.backup_path.as_deref()?;
        Some(placed(path, state_dir, home))
    }

    /// How long rotated audit files stay: `logging.audit.retention`, else `security.storage.logRetention`. `None`: for ever.
    #[must_use]
    pub fn audit_retention(&self) -> Option<Period> {
        self.logging.audit.retention.or_else(|| self.security.storage.as_ref()?.log_retention)
    }
}

fn placed(text: &str, state_dir: &Path, home: Option<&Path>) -> PathBuf {
    match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => state_dir.join(text),
    }
}

impl ApiKeys {
    /// The keys that are there, with their places.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &Secret)> {
        let keys = [
            ("security.apiKeys.anthropic", &self.anthropic),
            ("security.apiKeys.openai", &self.openai),
            ("security.apiKeys.google", &self.google),
        ];
        keys.into_iter().filter_map(|(place, key)| Some((place, key.as_ref()?)))
    }
}

words! {
    /// How agents are isolated.
    SandboxKind {
        /// In a container.
        Docker = "docker",
    }

    /// A cipher.
    Cipher {
        /// AES-256 in Galois counter mode.
        Gcm = "AES-256-GCM",
        /// AES-256 in block chaining mode, with HMAC.
        Cbc = "AES-256-CBC",
    }

    /// How a key comes from a passphrase.
    KeyDerivation {
        /// Argon2id.
        Argon2id = "Argon2id",
        /// PBKDF2 with HMAC-SHA-256.
        Pbkdf2 = "PBKDF2",
    }

    /// What is watched for the unusual.
    AnomalyMetric {
        /// Failed authentication.
        AuthenticationFailures = "authentication_failures",
        /// Refused requests.
        AuthorizationDenials = "authorization_denials",
        /// Messages.
        MessageVolume = "message_volume",
        /// Files touched.
        FileAccessPatterns = "file_access_patterns",
        /// Memory and processor.
        ResourceUsage = "resource_usage",
    }

    /// How somebody is told.
    AlertChannel {
        /// By mail.
        Email = "email",
        /// By a POST.
        Webhook = "webhook",
    }
}
