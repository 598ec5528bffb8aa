//! The policy of commands: `exec-approvals.json` in the state directory. Other programs write it too, so it is read anew
//! for each decision; a file that cannot be used lets nothing run.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use openclaw_core::approval::Policy;
use openclaw_protocol::{WireError, detail};
use sha2::{Digest, Sha256};

/// Name inside the state directory.
const FILE: &str = "exec-approvals.json";
/// Most bytes of the file.
const MAX_BYTES: u64 = 1 << 20;

/// The file.
#[derive(Clone, Debug)]
pub(crate) struct PolicyFile {
    path: PathBuf,
    /// For patterns that begin with `~/`.
    home: Option<PathBuf>,
    /// Held while it is compared and replaced; never across an await.
    writing: Arc<Mutex<()>>,
}

/// What stands in it.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// Whether there is a file.
    pub(crate) exists: bool,
    /// SHA-256 of its bytes, hex; of nothing when there is none.
    pub(crate) hash: String,
    /// What it says.
    pub(crate) policy: Policy,
}

impl PolicyFile {
    pub(crate) fn new(state_dir: &Path, home: Option<&str>) -> Self {
        Self { path: state_dir.join(FILE), home: home.map(PathBuf::from), writing: Arc::default() }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The home folder of patterns.
    pub(crate) fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Reads it.
    ///
    /// # Errors
    /// `EXEC_POLICY_UNUSABLE` with what is wrong, and the hash that a replacement names.
    pub(crate) async fn read(&self) -> Result<Snapshot, WireError> {
        let path = self.path.clone();
        blocking(move || read(&path)).await
    }

    /// Replaces it, if it is still what `base` names. The secret of its socket stays unless another is given.
    ///
    /// # Errors
    /// When the hash is missing or another one, and when it cannot be written.
    pub(crate) async fn replace(&self, policy: Policy, base: Option<String>) -> Result<Snapshot, WireError> {
        let file = self.clone();
        blocking(move || {
            let _writing = file.writing.lock().unwrap_or_else(PoisonError::into_inner);
            replace(&file.path, policy, base.as_deref())
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WireError> + Send + 'static,
) -> Result<T, WireError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(WireError::unavailable(detail::INTERNAL, format!("the exec policy was not read: {error}")))
    })
}

fn hash(bytes: &[u8]) -> String {
    openclaw_core::hex(&Sha256::digest(bytes))
}

fn unusable(path: &Path, what: &str, hash: &str) -> WireError {
    let text = format!("{} cannot be used: {what}; until it is mended no command may run", path.display());
    WireError::unavailable(detail::EXEC_POLICY_UNUSABLE, text).with("hash", hash)
}

/// The bytes, or `None` when there is no file.
fn bytes(path: &Path) -> Result<Option<Vec<u8>>, WireError> {
    let fail = |error: &io::Error| unusable(path, &error.to_string(), "");
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(&error)),
    };
    if !file.metadata().map_err(|error| fail(&error))?.is_file() {
        return Err(unusable(path, "it is no file", ""));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| fail(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unusable(path, &format!("it has more than {MAX_BYTES} bytes"), ""));
    }
    Ok(Some(bytes))
}

fn read(path: &Path) -> Result<Snapshot, WireError> {
    let Some(bytes) = bytes(path)? else {
        return Ok(Snapshot { exists: false, hash: hash(b""), policy: Policy::default() });
    };
    let hash = hash(&bytes);
    let policy: Policy =
        serde_json::from_slice(&bytes).map_err(|error| unusable(path, &format!("it does not read: {error}"), &hash))?;
    policy.check().map_err(|problem| unusable(path, &problem.to_string(), &hash))?;
    Ok(Snapshot { exists: true, hash, policy })
}

fn replace(path: &Path, mut policy: Policy, base: Option<&str>) -> Result<Snapshot, WireError> {
    let present = bytes(path)?;
    let present_hash = hash(present.as_deref().unwrap_or_default());
    match base {
        None if present.is_some() => {
            let text = "exec approvals base hash required; re-run exec.approvals.get and retry";
            return Err(WireError::invalid(detail::BASE_HASH_REQUIRED, text).with("hash", present_hash));
        }
        Some(base) if base != present_hash => {
            let text = "exec approvals changed since last load; re-run exec.approvals.get and retry";
            return Err(WireError::invalid(detail::CONFLICT, text).with("hash", present_hash));
        }
        _ => {}
    }
    if let Some(socket) = &mut policy.socket
        && socket.token.is_none()
        && let Some(old) = present.as_deref().and_then(|bytes| serde_json::from_slice::<Policy>(bytes).ok())
    {
        socket.token = old.socket.and_then(|socket| socket.token);
    }
    let mut text = serde_json::to_vec_pretty(&policy)
        .map_err(|error| WireError::params(format!("the policy does not serialise: {error}")))?;
    text.push(b'\n');
    if text.len() as u64 > MAX_BYTES {
        return Err(
            WireError::params(format!("the policy has more than {MAX_BYTES} bytes")).with("path", "params.file")
        );
    }
    write(path, &text).map_err(|error| {
        let text = format!("{} could not be written: {error}; nothing was changed", path.display());
        WireError::unavailable(detail::STORE_UNAVAILABLE, text).retryable(Some(1000))
    })?;
    Ok(Snapshot { exists: true, hash: hash(&text), policy })
}

/// Whole or not at all, for the owner alone, on stable storage when it returns.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("json.new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}
