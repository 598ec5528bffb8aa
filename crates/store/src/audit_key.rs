//! The key that proves the audit trail: without it nobody can write a record that is accepted.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use hmac::{Hmac, KeyInit, Mac};
use openclaw_core::{Ids, Secret};
use sha2::Sha256;

use crate::error::Error;

/// The key's file inside the state directory.
pub const AUDIT_KEY_FILE: &str = "audit.key";
/// A key that the database may not have been sealed with yet. It gets its name after the commit that seals.
const PENDING: &str = "audit.key.new";
/// Most bytes of the file; a key has 43 letters.
const MAX_BYTES: u64 = 256;
const MIN_BYTES: usize = 32;

/// The key, as one key for each use, so that no use can be turned against another.
#[derive(Clone)]
pub struct AuditKey {
    /// Hashes of the table.
    table: [u8; 32],
    /// Links of the file.
    file: [u8; 32],
    /// Encryption of the file.
    cover: [u8; 32],
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(..)")
    }
}

impl AuditKey {
    /// The key with this text.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        let derive = |label: &[u8]| hmac(secret.expose().as_bytes(), &[label]);
        Self {
            table: derive(b"openclaw audit table"),
            file: derive(b"openclaw audit file"),
            cover: derive(b"openclaw audit cover"),
        }
    }

    /// Reads the key of a state directory; `None` when it has none yet.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read, [`Error::Invalid`] when it is a link or no key.
    pub fn read(dir: &Path) -> Result<Option<Self>, Error> {
        read(&dir.join(AUDIT_KEY_FILE))
    }

    pub(crate) fn read_pending(dir: &Path) -> Result<Option<Self>, Error> {
        read(&dir.join(PENDING))
    }

    /// Makes a key that waits for its name until the database is sealed with it.
    pub(crate) fn make_pending(dir: &Path, ids: &Ids) -> Result<Self, Error> {
        let path = dir.join(PENDING);
        let secret = ids.token();
        let write = || -> io::Result<()> {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(secret.expose().as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            File::open(dir)?.sync_all()
        };
        write().map_err(Error::io("write", &path))?;
        Ok(Self::new(&secret))
    }

    /// Gives the pending key its name.
    pub(crate) fn settle(dir: &Path) -> Result<(), Error> {
        let path = dir.join(AUDIT_KEY_FILE);
        let rename = || -> io::Result<()> {
            fs::rename(dir.join(PENDING), &path)?;
            File::open(dir)?.sync_all()
        };
        rename().map_err(Error::io("write", &path))
    }

    pub(crate) fn table(&self, parts: &[&[u8]]) -> [u8; 32] {
        hmac(&self.table, parts)
    }

    pub(crate) fn file(&self, parts: &[&[u8]]) -> [u8; 32] {
        hmac(&self.file, parts)
    }

    pub(crate) const fn cover(&self) -> &[u8; 32] {
        &self.cover
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn read(path: &Path) -> Result<Option<AuditKey>, Error> {
    // A pipe of that name must not hold the start up.
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let no_follow = i32::try_from(flags.bits()).unwrap_or_default();
    let file = match OpenOptions::new().read(true).custom_flags(no_follow).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    let metadata = file.metadata().map_err(Error::io("look at", path))?;
    if !metadata.is_file() {
        return Err(Error::invalid(format!("{} is not a file", path.display())));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(Error::invalid(format!(
            "{} can be read or written by others, so it proves nothing; if nobody had it, chmod 600 it",
            path.display()
        )));
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(Error::io("read", path))?;
    let text = text.trim();
    if text.len() < MIN_BYTES {
        return Err(Error::invalid(format!("{} holds no key; restore it from a backup", path.display())));
    }
    Ok(Some(AuditKey::new(&Secret::new(text))))
}
