//! What can go wrong, and what to do next. Nothing here holds a key or what was sealed.

use std::{io, path::PathBuf};

/// Why the data keys are not there. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others can read or change a key.
    #[error("{} can be read or written by others (mode {mode:03o}); if nobody had it, chmod 600 it", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is no key.
    #[error("{} holds no key: {why}", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: &'static str,
    },
    /// What wraps the data keys is not there.
    #[error("{} wraps the data keys and is not there; put it back from where you keep it", path.display())]
    Missing {
        /// The key file.
        path: PathBuf,
    },
    /// The data keys are wrapped with a passphrase that nobody gave.
    #[error("the data keys are wrapped with a passphrase; set OPENCLAW_STATE_PASSPHRASE")]
    NeedsPassphrase,
    /// The passphrase or key is another one.
    #[error("{with} does not open the data keys in {}; nothing was changed", envelope.display())]
    WrongKey {
        /// What was tried.
        with: String,
        /// What it should open.
        envelope: PathBuf,
    },
    /// The envelope cannot be read.
    #[error("{} is damaged ({why}); restore it from a backup", path.display())]
    Damaged {
        /// The envelope.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// Something is wrapped or sealed here already in another way.
    #[error("{0}")]
    Refused(String),
}

/// Why a sealed value does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is not written as sealed values are.
    #[error("is no sealed value")]
    Malformed,
    /// The data key that it names is not there.
    #[error("was sealed with the key {kid}, which is not in keys/envelope.json")]
    UnknownKey {
        /// The key's name.
        kid: String,
    },
    /// It was sealed for another place, or changed.
    #[error("does not open: it was sealed for another place, or changed")]
    NotHere,
}
