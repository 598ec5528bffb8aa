//! What can go wrong, where, and what to do next.

use std::path::{Path, PathBuf};

/// Why the store refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another record is in the way. Nothing of the transaction was applied.
    #[error("{what}")]
    Conflict {
        /// What is in the way.
        what: String,
    },
    /// What the change names does not exist. Nothing of the transaction was applied.
    #[error("{what} not found")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// The change makes no sense. Nothing of the transaction was applied.
    #[error("{what}")]
    Invalid {
        /// What is wrong with it.
        what: String,
    },
    /// Something is larger than the store keeps. Nothing of the transaction was applied.
    #[error("{what} has {size}, more than the limit of {max}")]
    TooLarge {
        /// Which thing.
        what: &'static str,
        /// Its size, in bytes or pieces as the limit counts.
        size: usize,
        /// The limit.
        max: usize,
    },
    /// A table is full. Nothing of the transaction was applied.
    #[error("there are already {max} {what}; drop some first")]
    Limit {
        /// Which records.
        what: &'static str,
        /// Most of them.
        max: usize,
    },
    /// The idempotency key was used before with another request. Nothing was applied.
    #[error("idempotency key {key:?} was used before with another request; use a new key")]
    KeyReused {
        /// The key.
        key: String,
    },
    /// The queue is full. Nothing was applied; try again.
    #[error("the store is busy: {waiting} requests wait already; try again")]
    Busy {
        /// How many wait.
        waiting: usize,
    },
    /// The change may or may not be stored: the disk failed, or is full, while it was written. Look before trying again, or try again
    /// with the same idempotency key.
    #[error("the store is unavailable ({reason}); it recovers by itself once the disk accepts writes again")]
    Unavailable {
        /// What the database engine said.
        reason: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The database is damaged. Nothing more is written.
    #[error(
        "{path} is damaged ({why}); stop the gateway, keep a copy of the file and restore a backup or a file from snapshots/"
    )]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// The audit trail is not proved by the key of this state directory.
    #[error("{key} does not prove the audit trail in {path}: {why}")]
    Unproved {
        /// The database file.
        path: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// A stored record cannot be read.
    #[error("stored {what} cannot be read: {why}")]
    Damaged {
        /// Which record.
        what: &'static str,
        /// Why not.
        why: String,
    },
    /// The database was written by a newer gateway.
    #[error(
        "{path} has schema {found}, this gateway knows up to {known}; start the newer gateway, or restore a file from snapshots/"
    )]
    NewerSchema {
        /// The database file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Newest schema this program knows.
        known: i64,
    },
    /// A running gateway holds the state directory.
    #[error("{path} is in use by a running gateway; stop it first, or set OPENCLAW_STATE_DIR to another folder")]
    Locked {
        /// The state directory.
        path: PathBuf,
    },
    /// The path of the state directory is something else.
    #[error("{path} is not a folder; move it away, or set OPENCLAW_STATE_DIR to another folder")]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// The state directory belongs to another user.
    #[error(
        "{path} belongs to user {owner} and the gateway runs as user {user}; run it as that user, or `chown -R {user} '{path}'`"
    )]
    ForeignOwner {
        /// The state directory.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who asks.
        user: u32,
    },
    /// The state directory cannot be made or written to.
    #[error("cannot write to {path}: {source}; make it writable, or set OPENCLAW_STATE_DIR to another folder")]
    Unwritable {
        /// What could not be written.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Other users could change the state directory.
    #[error(
        "{path} can be written by other users (mode {mode:04o}); check what they left there, then `chmod 700 '{path}'`"
    )]
    TooOpen {
        /// The state directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The state directory holds what another program wrote. Nothing in it was touched.
    #[error(
        "{path} holds {found:?}, which this gateway did not write; run `openclaw import`, or set OPENCLAW_STATE_DIR to another folder"
    )]
    ForeignImplementation {
        /// The state directory.
        path: PathBuf,
        /// First foreign entry, by name.
        found: String,
    },
    /// A file operation failed while opening.
    #[error("cannot {doing} {path}: {source}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A backup is not as it was made, or cannot be used here. Nothing was changed.
    #[error("{path}: {why}")]
    Backup {
        /// The backup.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// Content is sealed, and what opens it is not there.
    #[error(
        "{path} holds content that is sealed with the key {kid}, which is not at hand; put keys/ back from a backup, or set what opens it (OPENCLAW_STATE_PASSPHRASE)"
    )]
    Sealed {
        /// The database file.
        path: PathBuf,
        /// The key's name.
        kid: String,
    },
    /// The data keys cannot be used.
    #[error(transparent)]
    Keys(#[from] openclaw_seal::KeyError),
    /// The database engine refused.
    #[error("cannot {doing}: {source}")]
    Sqlite {
        /// What was tried.
        doing: &'static str,
        /// What the engine said.
        source: rusqlite::Error,
    },
}

impl Error {
    /// Whether the same call may succeed later without anybody changing it.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unavailable { .. })
    }

    pub(crate) fn conflict(what: impl Into<String>) -> Self {
        Self::Conflict { what: what.into() }
    }

    pub(crate) fn not_found(kind: &str, name: impl std::fmt::Display) -> Self {
        Self::NotFound { what: format!("{kind} {name}") }
    }

    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid { what: what.into() }
    }

    pub(crate) fn damaged(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Damaged { what, why: why.to_string() }
    }

    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    pub(crate) fn sqlite(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::Sqlite { doing, source }
    }
}

/// Whether the engine says that the file itself is damaged.
pub(crate) fn is_corruption(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// Why a transaction was not applied: refused alone, or the engine failed and takes its whole batch with it.
#[derive(Debug)]
pub(crate) enum Fail {
    Refused(Error),
    Engine(rusqlite::Error),
}

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<rusqlite::Error> for Fail {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => Self::Refused(Error::conflict(error.to_string())),
            _ => Self::Engine(error),
        }
    }
}
