//! Looking up what an audit of the set-up judges, for the command line and for `security.audit`. Nothing here changes anything,
//! and no link is followed.

pub mod skills;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use openclaw_config::{ConfigError, FileMode, LoadRequest, Loaded, NoticeKind, Paths};
use openclaw_posture::{Facts, FileFact, FileKind, Report};
use serde_json::{Map, Value};

/// Most folders of agents that are looked at.
const MOST_AGENTS: usize = 1000;
/// Largest backup that is read, bytes.
const LARGEST: u64 = 16 << 20;

/// The configuration and what is around it.
pub struct Looked {
    /// The configuration.
    pub loaded: Loaded,
    /// Where it and the state are.
    pub paths: Paths,
    /// What was looked up.
    pub facts: Facts,
}

impl Looked {
    /// Judges.
    #[must_use]
    pub fn report(&self) -> Report {
        openclaw_posture::audit(&self.loaded.parsed, &self.loaded.resolved, &self.facts)
    }

    /// The mode that the configuration wants for logs.
    #[must_use]
    pub fn log_mode(&self) -> Option<u32> {
        let storage = self.loaded.config.security.storage.as_ref()?;
        storage.log_permissions.map(FileMode::bits)
    }
}

/// Looks everything up that needs no gateway.
///
/// # Errors
/// The configuration cannot be read.
pub fn look(request: &LoadRequest, paths: Paths) -> Result<Looked, ConfigError> {
    let loaded = openclaw_config::load_to_judge(request)?;
    let home = request.home.as_deref();
    let variable = |name: &str| request.environment.get(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let facts = Facts {
        token: variable("OPENCLAW_GATEWAY_TOKEN"),
        password: variable("OPENCLAW_GATEWAY_PASSWORD"),
        home: home.map(|home| home.display().to_string()),
        files: files(home, &loaded, &paths),
        command_policy: json_file(&paths.state_dir.join("exec-approvals.json")),
        unhonoured: unhonoured(&loaded),
        former_tokens: former_tokens(&loaded),
        ..Facts::default()
    };
    Ok(Looked { loaded, paths, facts })
}

/// Files of the state directory that hold secrets, or what else lets somebody in.
const CREDENTIALS: [&str; 9] = [
    "identity/device.json",
    ".env",
    "gateway.json",
    "exec-approvals.json",
    "audit.key",
    "keys/envelope.json",
    "keys/master.key",
    "keys/backup.key",
    "keys/ages.json",
];

/// A file or folder, by itself and not by what it leads to.
fn file(kind: FileKind, path: &Path) -> Option<FileFact> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some(FileFact {
        kind,
        path: path.display().to_string(),
        mode: metadata.permissions().mode() & 0o7777,
        link: metadata.is_symlink(),
        folder: metadata.is_dir(),
    })
}

fn files(home: Option<&Path>, loaded: &Loaded, paths: &Paths) -> Vec<FileFact> {
    let state = &paths.state_dir;
    let mut wanted = vec![(FileKind::State, state.clone()), (FileKind::Config, loaded.path.clone())];
    wanted.extend(loaded.files().skip(1).map(|path| (FileKind::Include, path.to_path_buf())));
    wanted.push((FileKind::Credentials, state.join("credentials")));
    wanted.extend(
        entries(&state.join("credentials"))
            .filter(|path| has_end(path, "json"))
            .map(|path| (FileKind::AuthProfile, path)),
    );
    for name in CREDENTIALS {
        wanted.push((FileKind::AuthProfile, state.join(name)));
    }
    for name in ["gateway.sqlite", "gateway.sqlite-wal", "gateway.sqlite-shm", "sessions/sessions.json"] {
        wanted.push((FileKind::Sessions, state.join(name)));
    }
    for agent in entries(&state.join("agents")).take(MOST_AGENTS) {
        wanted.push((FileKind::AuthProfile, agent.join("agent/auth-profiles.json")));
        wanted.push((FileKind::Sessions, agent.join("sessions/sessions.json")));
    }
    let expand = |text: &str| openclaw_config::expand_home(text, home).ok();
    wanted.extend(loaded.config.log_file(state, home).map(|path| (FileKind::Log, path)));
    let tls = &loaded.config.gateway.tls;
    wanted.extend(tls.key_path.as_deref().and_then(expand).map(|path| (FileKind::TlsKey, path)));
    wanted.extend(
        entries(&state.join("tls"))
            .filter(|path| has_end(path, "key") || path.to_string_lossy().ends_with("key.pem"))
            .map(|path| (FileKind::TlsKey, path)),
    );
    for authority in entries(&state.join("tls/acme")) {
        wanted.extend(["pair.pem", "account.json"].map(|name| (FileKind::TlsKey, authority.join(name))));
    }
    wanted.iter().filter_map(|(kind, path)| file(*kind, path)).collect()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let mut all: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    all.sort();
    all.into_iter()
}

fn has_end(path: &Path, end: &str) -> bool {
    path.extension().is_some_and(|extension| extension == end)
}

fn json_file(path: &Path) -> Option<Value> {
    serde_json::from_slice(&read(path)?).ok()
}

/// A plain file of a size that is worth reading.
#[must_use]
pub fn read(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).ok()?;
    (metadata.is_file() && metadata.len() <= LARGEST).then(|| fs::read(path).ok()).flatten()
}

/// Keys about security that do nothing yet.
fn unhonoured(loaded: &Loaded) -> Vec<(String, String)> {
    let parts =
        ["security.", "tools.exec", "tools.elevated", "gateway.auth", "logging.audit", "agents.defaults.sandbox"];
    let about_security = |path: &str| parts.iter().any(|part| path.starts_with(part));
    loaded
        .notices
        .iter()
        .filter(|notice| !matches!(notice.kind, NoticeKind::Renamed | NoticeKind::Weak) && about_security(&notice.path))
        .map(|notice| (notice.path.clone(), notice.message.clone()))
        .collect()
}

/// Copies of the configuration beside it.
#[must_use]
pub fn backups(loaded: &Loaded) -> Vec<PathBuf> {
    let name = loaded.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = loaded.path.parent().unwrap_or(Path::new("."));
    entries(folder)
        .filter(|path| {
            let own = path.file_name().map(|own| own.to_string_lossy().into_owned()).unwrap_or_default();
            own.starts_with(&name) && own.contains(".bak")
        })
        .collect()
}

/// Backups in which another token or password stands than the one in force.
fn former_tokens(loaded: &Loaded) -> Vec<String> {
    backups(loaded)
        .into_iter()
        .filter(|path| !former_secrets(loaded, path).is_empty())
        .map(|path| path.display().to_string())
        .collect()
}

/// The secrets in a backup that are not in force any more.
#[must_use]
pub fn former_secrets(loaded: &Loaded, backup: &Path) -> Vec<String> {
    let Some(text) = read(backup).and_then(|bytes| String::from_utf8(bytes).ok()) else { return Vec::new() };
    let format = openclaw_config::Format::of(&loaded.path).unwrap_or(openclaw_config::Format::Json5);
    let Ok(Value::Object(document)) = openclaw_config::parse_document(&text, format) else { return Vec::new() };
    let old = secrets(&document);
    let now = loaded.parsed.as_object().map(secrets).unwrap_or_default();
    old.into_iter()
        .filter(|secret| !now.contains(secret) && !secret.contains("${") && *secret != openclaw_config::REDACTED)
        .filter(|secret| secret.len() >= 8)
        .collect()
}

fn secrets(document: &Map<String, Value>) -> Vec<String> {
    let gateway = document.get("gateway").unwrap_or(&Value::Null);
    ["/auth/token", "/auth/password", "/token"]
        .iter()
        .filter_map(|pointer| gateway.pointer(pointer).and_then(Value::as_str).map(str::to_owned))
        .collect()
}
