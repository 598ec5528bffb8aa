//! The data keys of a state directory.

use std::path::{Path, PathBuf};

use openclaw_core::{Environment, Ids, Secret};
use zeroize::Zeroizing;

use crate::{
    Derivation, Guard, KeyError,
    envelope::{Envelope, Plain},
    file,
};

/// The folder under the state directory.
const FOLDER: &str = "keys";
const ENVELOPE: &str = "envelope.json";
const MASTER: &str = "master.key";
/// The key of encrypted backups that neither a passphrase nor a key file protects. It is never made anew, so that old ones open.
const BACKUP: &str = "backup.key";
/// A new master key that the envelope may not be wrapped with yet.
const NEXT_MASTER: &str = "master.key.new";
/// Fewest letters of a passphrase.
const LEAST_PASSPHRASE: usize = 12;

/// What the caller has to open wrapped keys with.
#[derive(Clone, Debug, Default)]
pub struct Means {
    /// The passphrase.
    pub passphrase: Option<Secret>,
    /// The passphrase that is to wrap from now on, when it is another one.
    pub next_passphrase: Option<Secret>,
    /// A key file in the place of the one that the envelope names, for one that was moved.
    pub key_file: Option<PathBuf>,
}

impl Means {
    /// What the environment gives: `OPENCLAW_STATE_PASSPHRASE`.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let passphrase = environment.get("OPENCLAW_STATE_PASSPHRASE").map(Secret::new);
        Self { passphrase, next_passphrase: None, key_file: None }
    }

    /// The same for whoever changes the passphrase: `OPENCLAW_STATE_PASSPHRASE_NEW` is the next one. Nobody else looks at that, so
    /// that a variable that was left behind exchanges nothing.
    #[must_use]
    pub fn for_change(environment: &Environment) -> Self {
        let next_passphrase = environment.get("OPENCLAW_STATE_PASSPHRASE_NEW").map(Secret::new);
        Self { next_passphrase, ..Self::of(environment) }
    }
}

/// What is to wrap the data keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Protection {
    /// What does already; else the passphrase when there is one, else a key that is made.
    #[default]
    Usual,
    /// The passphrase.
    Passphrase,
    /// This key file, which is made when it is not there yet.
    KeyFile(PathBuf),
    /// A key that is made and lies beside the envelope.
    Generated,
}

/// The data keys, unwrapped. Wiped from memory when they are dropped.
#[derive(Clone)]
pub struct DataKeys(Vec<Plain>);

impl std::fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.kid)).finish()
    }
}

impl DataKeys {
    /// The name of the newest.
    #[must_use]
    pub fn kid(&self) -> &str {
        self.0.last().map_or("", |key| &key.kid)
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, &[u8; 32])> {
        self.0.iter().map(|plain| (plain.kid.as_str(), &*plain.key))
    }
}

/// How data keys are kept, without opening them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What wraps them.
    pub guard: Guard,
    /// When they were wrapped last, milliseconds since the epoch.
    pub wrapped_at: i64,
    /// Their names, newest last.
    pub kids: Vec<String>,
}

/// Where a state directory keeps its data keys.
#[derive(Clone, Debug)]
pub struct KeyRing {
    folder: PathBuf,
}

impl KeyRing {
    /// Of this state directory.
    #[must_use]
    pub fn of(state_dir: &Path) -> Self {
        Self { folder: state_dir.join(FOLDER) }
    }

    /// Where the generated key lies, when there is one.
    #[must_use]
    pub fn master(&self) -> PathBuf {
        self.folder.join(MASTER)
    }

    /// Where the key of backups lies that was made by itself.
    #[must_use]
    pub fn backup_key(&self) -> PathBuf {
        self.folder.join(BACKUP)
    }

    fn envelope_path(&self) -> PathBuf {
        self.folder.join(ENVELOPE)
    }

    fn envelope(&self) -> Result<Option<Envelope>, KeyError> {
        let path = self.envelope_path();
        file::read(&path)?.map(|text| Envelope::read(&text, &path)).transpose()
    }

    /// How the keys are kept; `None` when there are none yet.
    ///
    /// # Errors
    /// [`KeyError`] when the envelope cannot be read.
    pub fn standing(&self) -> Result<Option<Standing>, KeyError> {
        Ok(self.envelope()?.map(|envelope| Standing {
            kids: envelope.kids().map(str::to_owned).collect(),
            wrapped_at: envelope.wrapped_at,
            guard: envelope.guard,
        }))
    }

    /// Unwraps the keys; `None` when there are none yet.
    ///
    /// # Errors
    /// [`KeyError`] says what is missing or wrong.
    pub fn open(&self, means: &Means) -> Result<Option<DataKeys>, KeyError> {
        Ok(self.envelope()?.map(|envelope| self.unwrap_now(&envelope, means)).transpose()?.map(DataKeys))
    }

    /// Unwraps, and once more when the envelope was exchanged meanwhile together with what wraps it.
    fn unwrap_now(&self, envelope: &Envelope, means: &Means) -> Result<Vec<Plain>, KeyError> {
        match self.unwrap(envelope, means) {
            Err(error @ (KeyError::WrongKey { .. } | KeyError::Missing { .. })) => match self.envelope()? {
                Some(now) if now.text() != envelope.text() => self.unwrap(&now, means),
                _ => Err(error),
            },
            other => other,
        }
    }

    /// Unwraps the keys, and makes a first one when there are none yet.
    ///
    /// # Errors
    /// As [`Self::open`]; [`KeyError::Refused`] when the keys that are there are wrapped otherwise than is asked for.
    pub fn ensure(
        &self,
        means: &Means,
        wish: &Protection,
        derivation: Derivation,
        ids: &Ids,
        now_ms: i64,
    ) -> Result<DataKeys, KeyError> {
        if let Some(keys) = self.kept(means, wish)? {
            return Ok(keys);
        }
        file::make_folder(&self.folder)?;
        let _lock = file::lock(&self.folder)?;
        // Somebody may have been first.
        if let Some(keys) = self.kept(means, wish)? {
            return Ok(keys);
        }
        let keys = vec![Plain::new(ids, now_ms)];
        self.put(&keys, means, wish, derivation, ids, now_ms)?;
        Ok(DataKeys(keys))
    }

    fn kept(&self, means: &Means, wish: &Protection) -> Result<Option<DataKeys>, KeyError> {
        let Some(envelope) = self.envelope()? else { return Ok(None) };
        let fits = match (wish, &envelope.guard) {
            (Protection::Usual, _)
            | (Protection::Passphrase, Guard::Passphrase { .. })
            | (Protection::Generated, Guard::Generated) => true,
            (Protection::KeyFile(wanted), Guard::KeyFile { path }) => wanted == path,
            _ => false,
        };
        if !fits {
            return Err(KeyError::Refused(format!(
                "the data keys are wrapped by {} already; to wrap them otherwise: openclaw security rotate-keys",
                with(&envelope.guard)
            )));
        }
        self.unwrap_now(&envelope, means).map(|keys| Some(DataKeys(keys)))
    }

    /// Wraps the keys anew: under a new generated key, a new salt, or what is wished for. Nothing that they sealed changes.
    ///
    /// # Errors
    /// As [`Self::open`]; the keys are then as they were.
    pub fn rewrap(
        &self,
        means: &Means,
        wish: &Protection,
        derivation: Derivation,
        ids: &Ids,
        now_ms: i64,
    ) -> Result<Standing, KeyError> {
        let absent = || KeyError::Refused("there are no data keys yet; nothing is encrypted".to_owned());
        if !self.envelope_path().exists() {
            return Err(absent());
        }
        let _lock = file::lock(&self.folder)?;
        let envelope = self.envelope()?.ok_or_else(absent)?;
        let keys = self.unwrap(&envelope, means)?;
        self.settle(&envelope)?;
        let wish = match (wish, &envelope.guard) {
            (Protection::Usual, Guard::Generated) => Protection::Generated,
            (Protection::Usual, Guard::KeyFile { path }) => Protection::KeyFile(path.clone()),
            (Protection::Usual, Guard::Passphrase { .. }) => Protection::Passphrase,
            (wish, _) => wish.clone(),
        };
        self.put(&keys, means, &wish, derivation, ids, now_ms)?;
        self.standing()?.ok_or_else(absent)
    }

    /// Writes an envelope. The key that wraps it is on stable storage before, and a generated one that wraps nothing more is gone after.
    fn put(
        &self,
        keys: &[Plain],
        means: &Means,
        wish: &Protection,
        derivation: Derivation,
        ids: &Ids,
        now_ms: i64,
    ) -> Result<(), KeyError> {
        let passphrase = means.next_passphrase.as_ref().or(means.passphrase.as_ref());
        let (guard, secret, made) = match wish {
            Protection::KeyFile(path) => {
                let path = std::path::absolute(path).map_err(file::io("find", path))?;
                let secret = match file::read_key(&path)? {
                    Some(secret) => secret,
                    None => make_key(&path, ids)?,
                };
                (Guard::KeyFile { path }, secret, false)
            }
            Protection::Passphrase | Protection::Usual if passphrase.is_some() => {
                let passphrase = passphrase.ok_or(KeyError::NeedsPassphrase)?;
                strong(passphrase)?;
                (Guard::passphrase(derivation, ids), passphrase.clone(), false)
            }
            Protection::Passphrase => return Err(KeyError::NeedsPassphrase),
            Protection::Generated | Protection::Usual => {
                (Guard::Generated, make_key(&self.folder.join(NEXT_MASTER), ids)?, true)
            }
        };
        let wrapping = guard
            .wrapping(&secret)
            .map_err(|why| KeyError::Damaged { path: self.envelope_path(), why: why.to_owned() })?;
        let envelope = Envelope::wrap(guard, &wrapping, keys, ids, now_ms);
        file::write(&self.envelope_path(), &envelope.text())?;
        let master = self.master();
        if made {
            let next = self.folder.join(NEXT_MASTER);
            std::fs::rename(&next, &master).map_err(file::io("name", &next))?;
        } else {
            match std::fs::remove_file(&master) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(file::io("remove", &master)(error));
                }
                _ => {}
            }
        }
        std::fs::File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(file::io("sync", &self.folder))
    }

    /// Gives a generated key its name when a crash left it under its first one, which the next one will need.
    fn settle(&self, envelope: &Envelope) -> Result<(), KeyError> {
        let next = self.folder.join(NEXT_MASTER);
        let Some(secret) = file::read_key(&next)? else { return Ok(()) };
        if envelope.guard == Guard::Generated && unwrap(envelope, &secret, &self.envelope_path(), "").is_ok() {
            std::fs::rename(&next, self.master()).map_err(file::io("name", &next))?;
        }
        Ok(())
    }

    fn unwrap(&self, envelope: &Envelope, means: &Means) -> Result<Vec<Plain>, KeyError> {
        match &envelope.guard {
            // A crash between the envelope and the key's name leaves the key under its first name.
            Guard::Generated if means.key_file.is_none() => {
                let mut found = false;
                for name in [MASTER, NEXT_MASTER] {
                    let Some(secret) = file::read_key(&self.folder.join(name))? else { continue };
                    found = true;
                    if let Ok(keys) = unwrap(envelope, &secret, &self.envelope_path(), "") {
                        return Ok(keys);
                    }
                }
                match found {
                    true => Err(KeyError::WrongKey {
                        with: self.master().display().to_string(),
                        envelope: self.envelope_path(),
                    }),
                    false => Err(KeyError::Missing { path: self.master() }),
                }
            }
            guard => {
                let (secret, with) = secret_for(guard, means)?;
                unwrap(envelope, &secret, &self.envelope_path(), &with)
            }
        }
    }
}

/// What opens what is guarded so, and how it is called.
fn secret_for(guard: &Guard, means: &Means) -> Result<(Secret, String), KeyError> {
    let path = match (guard, &means.key_file) {
        (Guard::Passphrase { .. }, _) => {
            let passphrase = means.passphrase.clone().ok_or(KeyError::NeedsPassphrase)?;
            return Ok((passphrase, "OPENCLAW_STATE_PASSPHRASE".to_owned()));
        }
        (_, Some(path)) | (Guard::KeyFile { path }, None) => path.clone(),
        (Guard::Generated, None) => return Err(KeyError::Missing { path: PathBuf::from(FOLDER).join(MASTER) }),
    };
    let secret = file::read_key(&path)?.ok_or_else(|| KeyError::Missing { path: path.clone() })?;
    Ok((secret, path.display().to_string()))
}

fn unwrap(envelope: &Envelope, secret: &Secret, path: &Path, with: &str) -> Result<Vec<Plain>, KeyError> {
    let damaged = |why: &'static str| KeyError::Damaged { path: path.to_owned(), why: why.to_owned() };
    let wrapping: Zeroizing<[u8; 32]> = envelope.guard.wrapping(secret).map_err(damaged)?;
    envelope.unwrap(&wrapping).ok_or_else(|| KeyError::WrongKey { with: with.to_owned(), envelope: path.to_owned() })
}

/// Refuses a passphrase that can be guessed.
fn strong(passphrase: &Secret) -> Result<(), KeyError> {
    if passphrase.expose().chars().count() < LEAST_PASSPHRASE {
        return Err(KeyError::Refused(format!(
            "the passphrase has fewer than {LEAST_PASSPHRASE} letters, which can be guessed; set a longer one"
        )));
    }
    Ok(())
}

fn make_key(path: &Path, ids: &Ids) -> Result<Secret, KeyError> {
    let secret = ids.token();
    file::write(path, &format!("{}\n", secret.expose()))?;
    Ok(secret)
}

fn with(guard: &Guard) -> String {
    match guard {
        Guard::Generated => "keys/master.key".to_owned(),
        Guard::KeyFile { path } => path.display().to_string(),
        Guard::Passphrase { .. } => "a passphrase".to_owned(),
    }
}

/// A key for one file outside of the state directory, such as a backup: wrapped as the caller wishes, and beside it.
pub(crate) fn alone(
    ring: &KeyRing,
    means: &Means,
    wish: &Protection,
    derivation: Derivation,
    ids: &Ids,
    now_ms: i64,
) -> Result<(Envelope, Zeroizing<[u8; 32]>), KeyError> {
    let (guard, secret) = match (wish, means.passphrase.as_ref()) {
        (Protection::KeyFile(path), _) => {
            let path = std::path::absolute(path).map_err(file::io("find", path))?;
            let secret = file::read_key(&path)?.ok_or_else(|| KeyError::Missing { path: path.clone() })?;
            (Guard::KeyFile { path }, secret)
        }
        (Protection::Passphrase | Protection::Usual, Some(passphrase)) => {
            strong(passphrase)?;
            (Guard::passphrase(derivation, ids), passphrase.clone())
        }
        (Protection::Passphrase, None) => return Err(KeyError::NeedsPassphrase),
        (Protection::Generated | Protection::Usual, _) => {
            file::make_folder(&ring.folder)?;
            let secret = match file::read_key(&ring.backup_key())? {
                Some(secret) => secret,
                None => make_key(&ring.backup_key(), ids)?,
            };
            (Guard::Generated, secret)
        }
    };
    let wrapping =
        guard.wrapping(&secret).map_err(|why| KeyError::Refused(format!("security.encryption.database: {why}")))?;
    let plain = Plain::new(ids, now_ms);
    let envelope = Envelope::wrap(guard, &wrapping, std::slice::from_ref(&plain), ids, now_ms);
    Ok((envelope, plain.key))
}

/// Opens what [`alone`] wrapped.
pub(crate) fn opened(
    ring: &KeyRing,
    envelope: &Envelope,
    means: &Means,
    path: &Path,
) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let means = match (&envelope.guard, &means.key_file) {
        (Guard::Generated, None) => Means { key_file: Some(ring.backup_key()), ..means.clone() },
        _ => means.clone(),
    };
    let (secret, with) = secret_for(&envelope.guard, &means)?;
    let keys = unwrap(envelope, &secret, path, &with)?;
    keys.into_iter()
        .next()
        .map(|plain| plain.key)
        .ok_or_else(|| KeyError::Damaged { path: path.to_owned(), why: "it has no key".to_owned() })
}

#[cfg(test)]
mod tests;
