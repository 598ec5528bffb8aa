//! Who this device is: an Ed25519 key that the gateway knows (PROTOCOL §3.5, CLIENTS §1.1).

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ed25519_dalek::{Signer, SigningKey};
use openclaw_core::{Clock, Ids, Secret};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410).
const PKCS8_HEAD: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// What stands before the 32 bytes of an Ed25519 public key in SPKI (RFC 8410).
const SPKI_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];
/// Largest identity file that is read, bytes; a real one has about 500.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// A device's key and its name, the hex SHA-256 of the public key.
#[derive(Clone)]
pub struct DeviceIdentity {
    key: SigningKey,
    device_id: String,
    created_at_ms: i64,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file cannot be read or written.
    #[error("the device identity {path} cannot be {what}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The file does not hold an identity.
    #[error("the device identity {path} is damaged: {what}; restore it, or remove it and pair this device again", path = path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Other people can read the key.
    #[error("the device identity {path} can be read by others; run: chmod 600 '{path}'", path = path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    version: u32,
    device_id: String,
    public_key_pem: String,
    private_key_pem: String,
    created_at_ms: i64,
}

impl DeviceIdentity {
    /// A new key.
    #[must_use]
    pub fn generate(ids: &Ids, clock: &Clock) -> Self {
        Self::from_key(SigningKey::from_bytes(&ids.bytes()), clock.now_ms())
    }

    fn from_key(key: SigningKey, created_at_ms: i64) -> Self {
        let device_id = hex(&Sha256::digest(key.verifying_key().as_bytes()));
        Self { key, device_id, created_at_ms }
    }

    /// Reads the identity at `path`, or makes one and writes it there (mode 0600, folders 0700). A new file appears
    /// whole or not at all; when two programs race, both end up with the same identity.
    ///
    /// # Errors
    /// [`IdentityError`]; a damaged or exposed file is never replaced.
    pub fn load_or_create(path: &Path, ids: &Ids, clock: &Clock) -> Result<Self, IdentityError> {
        match Self::load(path) {
            Err(IdentityError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                let made = Self::generate(ids, clock);
                match made.create(path, ids) {
                    Ok(()) => Ok(made),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::load(path),
                    Err(source) => Err(IdentityError::File { path: path.to_owned(), what: "written", source }),
                }
            }
            found => found,
        }
    }

    /// Reads the identity at `path`.
    ///
    /// # Errors
    /// [`IdentityError`].
    pub fn load(path: &Path) -> Result<Self, IdentityError> {
        let file = |source| IdentityError::File { path: path.to_owned(), what: "read", source };
        let damaged = |what: &str| IdentityError::Damaged { path: path.to_owned(), what: what.to_owned() };
        let facts = fs::metadata(path).map_err(file)?;
        if facts.len() > MAX_FILE_BYTES {
            return Err(damaged("it is too large"));
        }
        #[cfg(unix)]
        if std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o077 != 0 {
            return Err(IdentityError::Exposed { path: path.to_owned() });
        }
        let text = Secret::new(fs::read_to_string(path).map_err(file)?);
        // The text of the error would show what stands there, which may be the key.
        let stored: File = serde_json::from_str(text.expose()).map_err(|error| {
            damaged(&format!("line {} column {} is not what belongs there", error.line(), error.column()))
        })?;
        if stored.version != 1 {
            return Err(damaged("its version is not 1"));
        }
        let seed =
            private_key(&stored.private_key_pem).ok_or_else(|| damaged("privateKeyPem is not an Ed25519 key"))?;
        let identity = Self::from_key(SigningKey::from_bytes(&seed), stored.created_at_ms);
        if identity.device_id != stored.device_id {
            return Err(damaged("deviceId does not belong to the key"));
        }
        Ok(identity)
    }

    fn create(&self, path: &Path, ids: &Ids) -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut folders = fs::DirBuilder::new();
        folders.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
        folders.create(folder)?;

        let temporary = folder.join(format!(".device-{}", ids.uuid()));
        let mut new = fs::OpenOptions::new();
        new.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
        let mut file = new.open(&temporary)?;
        let done = file
            .write_all(self.to_json().expose().as_bytes())
            .and_then(|()| file.sync_all())
            // A link, unlike a rename, does not replace what another program has put there meanwhile.
            .and_then(|()| fs::hard_link(&temporary, path));
        fs::remove_file(&temporary)?;
        done
    }

    /// The file's text.
    fn to_json(&self) -> Secret {
        let public = [SPKI_HEAD.as_slice(), self.key.verifying_key().as_bytes()].concat();
        let private = zeroize::Zeroizing::new([PKCS8_HEAD.as_slice(), self.key.as_bytes()].concat());
        let file = File {
            version: 1,
            device_id: self.device_id.clone(),
            public_key_pem: pem("PUBLIC", &public),
            private_key_pem: pem("PRIVATE", &private),
            created_at_ms: self.created_at_ms,
        };
        Secret::new(serde_json::to_string_pretty(&file).expect("strings and numbers always serialise") + "\n")
    }

    /// `device.id`: 64 hex digits.
    #[must_use]
    pub fn device_id(&self) -> &str {
        &self.device_id
    }

    /// `device.publicKey`: the raw key as base64url without padding.
    #[must_use]
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes())
    }

    /// Signs a text; the signature as base64url without padding.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.key.sign(text.as_bytes()).to_bytes())
    }
}

impl fmt::Debug for DeviceIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceIdentity({})", self.device_id)
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    // Both keys are shorter than one line of 64 characters.
    format!("-----BEGIN {label} KEY-----\n{}\n-----END {label} KEY-----\n", STANDARD.encode(der))
}

fn private_key(pem: &str) -> Option<[u8; 32]> {
    let body = pem.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?.strip_suffix("-----END PRIVATE KEY-----")?;
    let body: String = body.split_whitespace().collect();
    let der = zeroize::Zeroizing::new(STANDARD.decode(body).ok()?);
    der.strip_prefix(&PKCS8_HEAD)?.try_into().ok()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        use fmt::Write;
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
