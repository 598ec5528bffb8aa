//! What is wrong with a configuration, and what is worth knowing about it.

use std::{fmt, path::PathBuf};

use serde::Serialize;
use serde_json::Value;

/// One thing that keeps a configuration from being used. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// Where, as it is written in the file: `gateway.auth.mode`, `agents.list[0].id`. Empty for the whole file.
    pub path: String,
    /// What was expected, what was found, and what to do.
    pub message: String,
    /// The words that are allowed there, when it is a closed list.
    #[serde(rename = "allowedValues", skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// What was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Issue {
    /// An issue at `path`.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), allowed: Vec::new(), suggestion: None }
    }

    pub(crate) fn allowing(mut self, allowed: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.allowed = allowed.into_iter().map(Into::into).collect();
        self
    }

    pub(crate) fn suggesting(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if !self.allowed.is_empty() {
            write!(f, " (allowed: {})", self.allowed.join(", "))?;
        }
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean `{suggestion}`?")?;
        }
        Ok(())
    }
}

/// Something about a usable configuration that its operator should know. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Where, as it is written in the file.
    pub path: String,
    /// Which kind of thing.
    pub kind: NoticeKind,
    /// What, and what to do.
    pub message: String,
    /// The name to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
}

impl Notice {
    pub(crate) fn new(path: impl Into<String>, kind: NoticeKind, message: impl Into<String>) -> Self {
        Self { path: path.into(), kind, message: message.into(), canonical: None }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// The kinds of [`Notice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// The key works under another name.
    Renamed,
    /// The key belongs to another implementation and is not used.
    Foreign,
    /// The key is kept and takes effect with a part that is not there yet.
    Later,
    /// The key is accepted and changes nothing.
    Inert,
    /// The value weakens protection, on purpose or not.
    Weak,
}

/// A configuration that cannot be used, with everything that is known about it.
#[derive(Clone)]
pub struct InvalidConfig {
    /// The file; `None` for text that came from elsewhere.
    pub path: Option<PathBuf>,
    /// Its text. Holds secrets.
    pub raw: Option<String>,
    /// Its parsed value, as written. Holds secrets.
    pub parsed: Value,
    /// SHA-256 of its bytes, hex.
    pub hash: String,
    /// What is wrong, all of it.
    pub issues: Vec<Issue>,
    /// What else is worth knowing.
    pub notices: Vec<Notice>,
}

impl fmt::Display for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "config {} is not valid", path.display())?,
            None => f.write_str("the configuration is not valid")?,
        }
        self.issues.iter().try_for_each(|issue| write!(f, "\n  - {issue}"))
    }
}

// Shows nothing of the document, which holds secrets.
impl fmt::Debug for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvalidConfig").field("path", &self.path).field("issues", &self.issues).finish_non_exhaustive()
    }
}

/// Why there is no configuration. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Neither a home folder nor `OPENCLAW_STATE_DIR` says where things are.
    #[error("no home directory: set HOME, OPENCLAW_STATE_DIR or OPENCLAW_CONFIG_PATH")]
    NoHome,
    /// The file was named, and it is not there.
    #[error("config {} does not exist; create it, or leave out --config to use the default place", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read or written.
    #[error("config {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is a folder, pipe, socket or device.
    #[error("config {} is not a regular file", path.display())]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// The file's ending names no known format.
    #[error("config {}: unknown format; name it .json, .json5, .yml or .yaml", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// Others can change the file, or read secrets in it.
    #[error("config {} is {problem} (mode {mode:03o}); run: chmod 600 {}", path.display(), path.display())]
    Permissions {
        /// The file, after following links.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What is wrong with them.
        problem: &'static str,
    },
    /// The file is larger than [`crate::MAX_BYTES`].
    #[error("config is larger than {} bytes", crate::MAX_BYTES)]
    TooLarge,
    /// The text is not UTF-8.
    #[error("config is not UTF-8 text")]
    NotUtf8,
    /// The text is not well-formed, or passes a bound.
    #[error("config syntax error{}: {message}", at(*line, *column))]
    Syntax {
        /// What is wrong.
        message: String,
        /// Line, from 1; 0 when unknown.
        line: usize,
        /// Column, from 1; 0 when unknown.
        column: usize,
    },
    /// Something in it is wrong.
    #[error("{0}")]
    Invalid(Box<InvalidConfig>),
    /// The file is already there and is never overwritten.
    #[error("config {} already exists and is not overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
}

impl ConfigError {
    /// The issues, when that is what is wrong.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        match self {
            Self::Invalid(invalid) => &invalid.issues,
            _ => &[],
        }
    }
}

fn at(line: usize, column: usize) -> String {
    if line == 0 { String::new() } else { format!(" at {line}:{column}") }
}
