//! What the configuration was before: every accepted change, kept under the state directory.
//!
//! An entry is a file of its own. A change is written here first, as pending; then the configuration is replaced; then the
//! entry is confirmed. Whoever looks at the history next settles what a crash left between: a pending entry whose text is the
//! one on disk becomes a kept one, any other is dropped. So the history never lacks what is in force and never tells of what was not.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use openclaw_core::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Format, REDACTED, document, hash,
    include::Source,
    redact,
    redact::SHORTEST_FINDABLE,
    redact_raw,
    write::{self, Lock, LockFailure},
};

/// The folder under the state directory.
const FOLDER: &str = "config-history";
const LOCK: &str = "lock";
const PENDING: &str = "pending.json";
const DRAFT: &str = "draft.json";
/// The newest configuration that a gateway ran with.
const GOOD: &str = "last-known-good.json";
/// Letters of an id.
const ID_LEN: usize = 12;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Entries. The newest is always kept.
    pub entries: usize,
    /// Bytes of all entries together.
    pub bytes: u64,
}

impl Default for HistoryLimits {
    /// 100 entries, 16 MiB.
    fn default() -> Self {
        Self { entries: 100, bytes: 16 << 20 }
    }
}

/// The id of one entry: 12 hexadecimal digits. Any beginning that fits one entry alone names it too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(String);

impl EntryId {
    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a configuration came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// By a change made here.
    Edit,
    /// By taking a change back.
    Undo,
    /// It was found on disk: written by hand, or before there was a history.
    Found,
}

/// One state that the configuration was in. Holds no value of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// The hash of the configuration before; absent for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The hash of the configuration.
    pub hash: String,
    /// When it was kept, in milliseconds since the Unix epoch.
    pub time_ms: i64,
    /// Who changed it, as the caller named them.
    pub who: String,
    /// What they wanted to say about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How it came to be.
    pub cause: Cause,
    /// The paths that differ from the configuration before.
    pub paths: Vec<String>,
}

/// An entry with what it keeps. Holds secrets.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(crate) entry: Entry,
    pub(crate) files: Vec<KeptFile>,
    /// The whole as it was written, with what is included.
    pub(crate) document: Value,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptFile {
    /// Its place in the configuration's folder.
    pub(crate) name: String,
    pub(crate) text: String,
}

impl KeptFile {
    pub(crate) fn of(source: &Source) -> Self {
        Self { name: source.name.clone(), text: source.text.clone() }
    }
}

/// Why the history cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A file or folder of it cannot be read or written.
    #[error("configuration history {}: {source}{}", path.display(), crate::config_file::remedy(source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has held it for ten seconds.
    #[error("configuration history {}: another process has been using it for ten seconds; try again", path.display())]
    Held {
        /// The lock file.
        path: PathBuf,
    },
    /// No entry has such an id.
    #[error("there is no entry {id} in the configuration history; `openclaw config history` lists them")]
    NoEntry {
        /// What was asked for.
        id: String,
    },
    /// More than one entry begins so.
    #[error("{id} fits several entries of the configuration history: {}", candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        id: String,
        /// The entries that fit.
        candidates: Vec<String>,
    },
    /// Nothing is known of the time before.
    #[error("there is nothing to undo: no earlier configuration is kept")]
    NothingBefore,
}

/// Where the history is.
#[derive(Clone, Debug)]
pub(crate) struct History {
    folder: PathBuf,
    limits: HistoryLimits,
}

impl History {
    pub(crate) fn new(state_dir: &Path, limits: HistoryLimits) -> Self {
        Self { folder: state_dir.join(FOLDER), limits }
    }

    /// Makes the folder, waits for its lock, and settles what a crash left. `on_disk` is the hash of the configuration there.
    pub(crate) fn open(&self, on_disk: impl FnOnce() -> String) -> Result<Open<'_>, HistoryError> {
        let io = |source| HistoryError::Io { path: self.folder.clone(), source };
        write::make_folder(&self.folder).map_err(io)?;
        fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o700)).map_err(io)?;
        let path = self.folder.join(LOCK);
        let lock = write::lock(&path).map_err(|failure| match failure {
            LockFailure::Held => HistoryError::Held { path },
            LockFailure::Io(source) => HistoryError::Io { path, source },
        })?;
        let open = Open { history: self, _lock: lock };
        if let Some(pending) = open.read(PENDING) {
            if pending.entry.hash == on_disk() { open.confirm(&pending.entry)? } else { open.forget_pending()? }
        }
        Ok(open)
    }
}

/// The history while nobody else changes it.
pub(crate) struct Open<'a> {
    history: &'a History,
    _lock: Lock,
}

impl Open<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.history.folder.join(name)
    }

    fn io(&self, name: &str) -> impl FnOnce(io::Error) -> HistoryError {
        let path = self.path(name);
        move |source| HistoryError::Io { path, source }
    }

    /// `None` also for what cannot be read as an entry: one damaged file must not take the others away.
    fn read(&self, name: &str) -> Option<Snapshot> {
        serde_json::from_slice(&fs::read(self.path(name)).ok()?).ok()
    }

    fn write(&self, name: &str, snapshot: &Snapshot) -> Result<(), HistoryError> {
        let bytes = serde_json::to_vec(snapshot).map_err(io::Error::from).map_err(self.io(name))?;
        write::draft(&self.path(DRAFT), &bytes, 0o600, None).map_err(self.io(DRAFT))?;
        self.rename(DRAFT, name)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), HistoryError> {
        fs::rename(self.path(from), self.path(to)).map_err(self.io(from))?;
        write::sync_folder(&self.history.folder).map_err(self.io(""))
    }

    /// Names of the kept entries' files, oldest first.
    fn names(&self) -> Result<Vec<String>, HistoryError> {
        let entries = fs::read_dir(&self.history.folder).map_err(self.io(""))?;
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| number(name).is_some()).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// The entries, newest first.
    pub(crate) fn entries(&self, limit: usize) -> Result<Vec<Entry>, HistoryError> {
        let names = self.names()?;
        Ok(names.iter().rev().filter_map(|name| self.read(name)).map(|kept| kept.entry).take(limit).collect())
    }

    pub(crate) fn newest(&self) -> Result<Option<Snapshot>, HistoryError> {
        Ok(self.names()?.iter().rev().find_map(|name| self.read(name)))
    }

    /// The entry whose id begins so.
    pub(crate) fn find(&self, id: &str) -> Result<Snapshot, HistoryError> {
        let names = self.names()?;
        let fitting: Vec<&String> = names.iter().filter(|name| !id.is_empty() && id_of(name).starts_with(id)).collect();
        match fitting.as_slice() {
            [only] => self.read(only).ok_or_else(|| HistoryError::NoEntry { id: id.to_owned() }),
            [] => Err(HistoryError::NoEntry { id: id.chars().filter(|c| !c.is_control()).take(64).collect() }),
            several => Err(HistoryError::Ambiguous {
                id: id.to_owned(),
                candidates: several.iter().map(|name| id_of(name).to_owned()).collect(),
            }),
        }
    }

    /// The newest entry with this hash.
    pub(crate) fn with_hash(&self, hash: &str) -> Result<Option<Snapshot>, HistoryError> {
        Ok(self.names()?.iter().rev().filter_map(|name| self.read(name)).find(|kept| kept.entry.hash == hash))
    }

    /// An id that no entry has, for one that follows the newest.
    pub(crate) fn next_id(&self, parent: Option<&str>, new_hash: &str, now_ms: i64) -> Result<EntryId, HistoryError> {
        let names = self.names()?;
        let newest = names.last().map_or("", String::as_str);
        let mut id = hash(format!("{newest} {} {new_hash} {now_ms}", parent.unwrap_or_default()).as_bytes());
        while names.iter().any(|name| id_of(name) == &id[..ID_LEN]) {
            id = hash(id.as_bytes());
        }
        id.truncate(ID_LEN);
        Ok(EntryId(id))
    }

    /// Keeps what is in force already.
    pub(crate) fn keep(&self, snapshot: &Snapshot) -> Result<(), HistoryError> {
        let name = self.next_name(&snapshot.entry.id)?;
        self.write(&name, snapshot)?;
        self.prune()
    }

    /// Keeps what is about to come into force.
    pub(crate) fn keep_pending(&self, snapshot: &Snapshot) -> Result<(), HistoryError> {
        self.write(PENDING, snapshot)
    }

    /// What was pending has come into force.
    pub(crate) fn confirm(&self, entry: &Entry) -> Result<(), HistoryError> {
        let name = self.next_name(&entry.id)?;
        self.rename(PENDING, &name)?;
        self.prune()
    }

    /// What was pending will not come into force.
    pub(crate) fn forget_pending(&self) -> Result<(), HistoryError> {
        fs::remove_file(self.path(PENDING)).map_err(self.io(PENDING))?;
        write::sync_folder(&self.history.folder).map_err(self.io(""))
    }

    fn next_name(&self, id: &EntryId) -> Result<String, HistoryError> {
        let last = self.names()?.last().and_then(|name| number(name)).unwrap_or(0);
        Ok(format!("{:010}-{id}.json", last.saturating_add(1)))
    }

    fn prune(&self) -> Result<(), HistoryError> {
        let names = self.names()?;
        let (mut kept, mut bytes) = (0, 0);
        for name in names.iter().rev() {
            kept += 1;
            bytes += fs::metadata(self.path(name)).map_or(0, |metadata| metadata.len());
            let limits = self.history.limits;
            if kept > 1 && (kept > limits.entries || bytes > limits.bytes) {
                fs::remove_file(self.path(name)).map_err(self.io(name))?;
            }
        }
        Ok(())
    }

    pub(crate) fn set_good(&self, snapshot: &Snapshot) -> Result<(), HistoryError> {
        self.write(GOOD, snapshot)
    }

    pub(crate) fn good(&self) -> Option<Snapshot> {
        self.read(GOOD)
    }

    /// Everything that is kept, as it was written.
    pub(crate) fn documents(&self) -> Result<Vec<Value>, HistoryError> {
        let mut names = self.names()?;
        names.push(GOOD.to_owned());
        Ok(names.iter().filter_map(|name| Some(self.read(name)?.document)).collect())
    }

    /// Replaces a secret by the marker wherever it is kept. Gives the number of files that held it.
    pub(crate) fn scrub(&self, secret: &Secret) -> Result<usize, HistoryError> {
        let mut names = self.names()?;
        names.push(GOOD.to_owned());
        let mut held = 0;
        for name in names {
            let Some(mut snapshot) = self.read(&name) else { continue };
            if scrubbed(&mut snapshot, secret.expose()) {
                self.write(&name, &snapshot)?;
                held += 1;
            }
        }
        Ok(held)
    }
}

fn scrubbed(snapshot: &mut Snapshot, secret: &str) -> bool {
    if secret.is_empty() {
        return false;
    }
    // One that is as short as a word is only where it stands alone: else words that hold it would go, too.
    let alone = secret.len() < SHORTEST_FINDABLE;
    let mut found = mark(&mut snapshot.document, secret, alone);
    for file in &mut snapshot.files {
        let format = Format::of(Path::new(&file.name)).unwrap_or(Format::Json5);
        if let Ok(value) = document::parse(&file.text, format) {
            let mut marked = value.clone();
            if mark(&mut marked, secret, alone) {
                found = true;
                // The value itself first, however it is written; a text that cannot be edited loses the raw secret below.
                if let Ok(text) = crate::edit::rewrite(&file.text, format, &value, &marked) {
                    file.text = text;
                }
            }
        }
        if !alone && file.text.contains(secret) {
            found = true;
            file.text = file.text.replace(secret, REDACTED);
        }
    }
    found
}

/// Replaces every text by the marker that holds the secret, or that is it when it stands `alone`.
fn mark(value: &mut Value, secret: &str, alone: bool) -> bool {
    match value {
        Value::String(text) if text == secret || (!alone && text.contains(secret)) => {
            REDACTED.clone_into(text);
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |found, item| mark(item, secret, alone) | found),
        Value::Object(object) => object.values_mut().fold(false, |found, inner| mark(inner, secret, alone) | found),
        _ => false,
    }
}

/// The number of an entry's file.
fn number(name: &str) -> Option<u64> {
    let (number, id) = name.strip_suffix(".json")?.split_once('-')?;
    (id.len() == ID_LEN && number.len() == 10).then(|| number.parse().ok())?
}

fn id_of(name: &str) -> &str {
    name.strip_suffix(".json").and_then(|name| name.split_once('-')).map_or("", |(_, id)| id)
}

/// An entry with what it keeps, without secrets.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// The entry.
    pub entry: Entry,
    /// The main file's text, when every secret in it can be found there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// The configuration as it was written, with what it included.
    pub document: Value,
}

impl From<Snapshot> for Shown {
    fn from(snapshot: Snapshot) -> Self {
        let main = snapshot.files.first();
        let raw = main.and_then(|file| {
            let format = Format::of(Path::new(&file.name))?;
            redact_raw(&file.text, &document::parse(&file.text, format).ok()?)
        });
        Self { entry: snapshot.entry, raw, document: redact(&snapshot.document) }
    }
}
