//! What a check finds.

use std::{borrow::Cow, fs, io, os::unix::fs::PermissionsExt, path::PathBuf};

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// Worth knowing.
    Info,
    /// It works, but not as well or as safely as it should.
    Warning,
    /// It does not work.
    Error,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    /// Which check, for scripts.
    pub(super) check_id: Cow<'static, str>,
    pub(super) severity: Severity,
    /// What, and where.
    pub(super) message: String,
    /// The file or the configuration key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    /// The command that helps, or what else does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix_hint: Option<String>,
    /// What `--fix` does.
    #[serde(skip)]
    pub(super) remedy: Option<Remedy>,
}

/// What can be done without asking.
#[derive(Clone, Debug)]
pub(super) enum Remedy {
    /// Give a file or folder these permission bits.
    Mode(PathBuf, u32),
    /// Remove a file that nobody needs any more.
    Remove(PathBuf),
}

impl Finding {
    pub(super) fn new(check_id: impl Into<Cow<'static, str>>, severity: Severity, message: impl Into<String>) -> Self {
        let check_id = check_id.into();
        Self { check_id, severity, message: message.into(), path: None, fix_hint: None, remedy: None }
    }

    /// Whether both say the same about the same.
    pub(super) fn is_the_same(&self, other: &Self) -> bool {
        self.check_id == other.check_id && self.message == other.message
    }

    pub(super) fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.fix_hint = Some(hint.into());
        self
    }

    /// A remedy, whose command is the hint.
    pub(super) fn remedy(mut self, remedy: Remedy) -> Self {
        self.fix_hint = Some(match &remedy {
            Remedy::Mode(path, mode) => format!("chmod {mode:o} '{}', or openclaw doctor --fix", path.display()),
            Remedy::Remove(path) => format!("rm '{}', or openclaw doctor --fix", path.display()),
        });
        self.remedy = Some(remedy);
        self
    }
}

impl Remedy {
    pub(super) fn apply(&self) -> io::Result<()> {
        match self {
            // Never through a link: its target may be somebody else's.
            Self::Mode(path, _) if fs::symlink_metadata(path)?.is_symlink() => Err(io::Error::other("it is a link")),
            Self::Mode(path, mode) => fs::set_permissions(path, fs::Permissions::from_mode(*mode)),
            Self::Remove(path) => fs::remove_file(path),
        }
    }
}
