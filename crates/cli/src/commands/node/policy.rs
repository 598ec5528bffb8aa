//! Which programs run on this node: `node/exec-approvals.json` in the state directory. It is read anew for each command; a
//! file that cannot be used lets nothing run. Without one, nothing runs unless somebody is asked.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use openclaw_core::approval::Policy;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Most bytes of the file.
const MAX_BYTES: u64 = 1 << 20;

/// A change of something that is another since.
const CONFLICT: &str = "the exec approvals of this node changed since they were read; read them again and retry";
/// A change that does not say of what.
const HASH_REQUIRED: &str = "baseHash is required, because this node has exec approvals; read them first";

/// The file.
#[derive(Clone, Debug)]
pub(super) struct PolicyFile {
    path: PathBuf,
}

/// What stands in it, as `system.execApprovals.get` tells it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Snapshot {
    /// Where it is.
    path: String,
    /// Whether there is a file.
    exists: bool,
    /// SHA-256 of its bytes, hex; of nothing when there is none.
    hash: String,
    /// What it says. Secrets of other programs are left out.
    pub(super) file: Policy,
}

/// What is wrong with it, or with a change of it, and what to do.
pub(super) type Problem = String;

impl PolicyFile {
    /// The file of this state directory.
    pub(super) fn new(state_dir: &Path) -> Self {
        Self { path: state_dir.join("node").join("exec-approvals.json") }
    }

    fn unusable(&self, what: impl std::fmt::Display) -> Problem {
        format!("{} cannot be used: {what}; until it is mended no program runs here", self.path.display())
    }

    fn bytes(&self) -> Result<Option<Vec<u8>>, Problem> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unusable(error)),
        };
        if !file.metadata().map_err(|error| self.unusable(error))?.is_file() {
            return Err(self.unusable("it is no file"));
        }
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| self.unusable(error))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(self.unusable(format!("it has more than {MAX_BYTES} bytes")));
        }
        Ok(Some(bytes))
    }

    /// Reads it. May block for a moment.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(super) fn read(&self) -> Result<Snapshot, Problem> {
        let bytes = self.bytes()?;
        let exists = bytes.is_some();
        let hash = hash(bytes.as_deref().unwrap_or_default());
        let file = match &bytes {
            None => Policy::default(),
            Some(bytes) => {
                serde_json::from_slice(bytes).map_err(|error| self.unusable(format!("it does not read: {error}")))?
            }
        };
        file.check().map_err(|problem| self.unusable(problem))?;
        Ok(self.snapshot(exists, hash, file))
    }

    fn snapshot(&self, exists: bool, hash: String, mut file: Policy) -> Snapshot {
        if let Some(socket) = &mut file.socket {
            socket.token = None;
        }
        Snapshot { path: self.path.display().to_string(), exists, hash, file }
    }

    /// Replaces it, if it is still what `base` names. May block for a moment.
    ///
    /// # Errors
    /// When it is another since, cannot be used or cannot be written.
    pub(super) fn replace(&self, mut file: Policy, base: Option<&str>) -> Result<Snapshot, Problem> {
        file.check().map_err(|problem| self.unusable(problem))?;
        let present = self.bytes()?;
        match base {
            None if present.is_some() => return Err(HASH_REQUIRED.to_owned()),
            Some(base) if base != hash(present.as_deref().unwrap_or_default()) => return Err(CONFLICT.to_owned()),
            _ => {}
        }
        // The secret of another program's socket is never told, so it cannot come back.
        if let Some(socket) = file.socket.as_mut().filter(|socket| socket.token.is_none())
            && let Some(old) = present.as_deref().and_then(|bytes| serde_json::from_slice::<Policy>(bytes).ok())
        {
            socket.token = old.socket.and_then(|socket| socket.token);
        }
        let mut text = serde_json::to_vec_pretty(&file).map_err(|error| self.unusable(error))?;
        text.push(b'\n');
        let unwritable = |error| format!("{} could not be written: {error}; nothing was changed", self.path.display());
        self.write(&text).map_err(unwritable)?;
        Ok(self.snapshot(true, hash(&text), file))
    }

    /// Whole or not at all, for the owner alone, on stable storage when it returns.
    fn write(&self, text: &[u8]) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let draft = self.path.with_extension("json.new");
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&draft, &self.path)?;
        File::open(folder)?.sync_all()
    }
}

fn hash(bytes: &[u8]) -> String {
    openclaw_core::hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use openclaw_core::approval::{Security, SocketPlace};

    use super::*;

    #[test]
    fn a_change_names_what_it_replaces_and_secrets_of_others_stay_here() {
        let folder = tempfile::tempdir().unwrap();
        let file = PolicyFile::new(folder.path());
        let none = file.read().unwrap();
        assert!(!none.exists && none.file == Policy::default());
        let mut policy = Policy::default();
        policy.defaults.security = Some(Security::Full);
        policy.socket = Some(SocketPlace { path: Some("/s".to_owned()), token: Some("secret".to_owned()) });
        let first = file.replace(policy.clone(), None).unwrap();
        assert!(first.exists && first.file.socket.as_ref().unwrap().token.is_none());
        let mode = fs::metadata(folder.path().join("node/exec-approvals.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(file.replace(policy.clone(), None).unwrap_err(), HASH_REQUIRED);
        assert_eq!(file.replace(policy, Some(&none.hash)).unwrap_err(), CONFLICT);
        let mut stricter = file.read().unwrap().file;
        stricter.defaults.security = Some(Security::Deny);
        file.replace(stricter, Some(&first.hash)).unwrap();
        let kept = fs::read_to_string(folder.path().join("node/exec-approvals.json")).unwrap();
        assert!(kept.contains("secret") && kept.contains("deny"), "{kept}");
        fs::write(folder.path().join("node/exec-approvals.json"), "{ nonsense").unwrap();
        assert!(file.read().unwrap_err().contains("no program runs here"));
    }
}
