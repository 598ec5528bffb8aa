//! Why the configuration's file was not changed.

use std::{io, path::PathBuf};

use openclaw_seal::KeyError;

use crate::{ConfigError, EditError, HistoryError, Issue};

/// Why a change was not made. Unless it says otherwise, the file is as it was. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The file cannot be read, or the configuration would not be valid: then it comes as [`ConfigError::Invalid`] with all issues.
    #[error("{0}")]
    Config(ConfigError),
    /// The edit cannot be made.
    #[error("{0}")]
    Edit(EditError),
    /// Placeholders of hidden secrets that have no value to keep, or paths that name nothing.
    #[error("the change is not valid{}", listed(.0))]
    Invalid(Vec<Issue>),
    /// The configuration has changed since its editor looked at it.
    #[error("config changed since last load; re-run config.get and retry")]
    Conflict {
        /// The hash it has now.
        current: String,
    },
    /// The change belongs to more than one file.
    #[error("{path}: is written in {}; change it there, one file at a time", files.join(" and "))]
    Spread {
        /// The path.
        path: String,
        /// The files, by their place in the configuration's folder.
        files: Vec<String>,
    },
    /// Others could replace the file.
    #[error("the folder {} is writable by others (mode {mode:03o}), who could replace the configuration; run: chmod go-w {}", path.display(), path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another process has been changing the configuration for ten seconds.
    #[error("config {}: another process has been changing it for ten seconds; try again", path.display())]
    Held {
        /// The file.
        path: PathBuf,
    },
    /// The new file cannot be written.
    #[error("config {} cannot be written: {source}{}", path.display(), remedy(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Secrets cannot be sealed or opened.
    #[error("{0}")]
    Keys(#[from] KeyError),
    /// It would be undone at once.
    #[error("security.encryption.config.enabled is true, so everything would be sealed again; set it to false first")]
    StaysSealed,
    /// The history cannot be used.
    #[error("{0}")]
    History(#[from] HistoryError),
}

impl From<EditError> for ChangeError {
    fn from(error: EditError) -> Self {
        Self::Edit(error)
    }
}

impl From<ConfigError> for ChangeError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl ChangeError {
    /// The issues, when that is what is wrong.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        match self {
            Self::Config(error) => error.issues(),
            Self::Invalid(issues) => issues,
            _ => &[],
        }
    }
}

fn listed(issues: &[Issue]) -> String {
    issues.iter().map(|issue| format!("\n  - {issue}")).collect()
}

/// What helps against it, as the end of a sentence.
pub(crate) fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; make room and try again, nothing was changed",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; the file and its folder must be writable for the user that runs this"
        }
        // A file that is mounted by itself cannot be replaced.
        io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
            "; mount the folder of the file, not the file alone"
        }
        _ => "",
    }
}
