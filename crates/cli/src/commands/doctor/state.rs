//! Whether the state directory is ours, private and large enough.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use openclaw_store::{Error, StateDir};
use rustix::fs::{Access, access, statvfs};

use super::{
    Report,
    finding::{Finding, Remedy, Severity},
};

/// Less free space than this is worth a warning, bytes.
const LITTLE: u64 = 1 << 30;
/// With less than this the store soon refuses to write, bytes.
const NONE: u64 = 64 << 20;
/// Files that hold secrets or conversations, by name or by the folder they are in.
const PRIVATE: [&str; 11] = [
    "gateway.sqlite",
    "audit.key",
    "keys/envelope.json",
    "keys/master.key",
    "keys/backup.key",
    "keys/ages.json",
    "gateway.sqlite-wal",
    "gateway.json",
    "openclaw.json",
    "identity/device.json",
    ".env",
];

/// That only the owner of this machine gets in.
fn locked_down(folder: &Path) -> Option<Finding> {
    let known = crate::commands::security::locked_down(folder)?;
    let finding = Finding::new("security.lockdown", Severity::Warning, format!("the gateway is {}", known.told()));
    Some(finding.hint("openclaw security lockdown --undo"))
}

/// With `judged` the audit has looked at the modes of everything; without, somebody has to.
pub(super) fn check(folder: &Path, judged: bool, report: &mut Report) {
    let rest = if judged { 1 } else { 3 };
    match StateDir::look(folder) {
        Ok(None) => {
            let text = format!("{} does not exist yet: no gateway has run here", folder.display());
            report.take([Finding::new("state.folder", Severity::Info, text).hint("openclaw gateway")]);
            report.skipped += rest;
        }
        Ok(Some(mode)) => {
            if !judged {
                report.take(open(folder, mode));
                report.take(private(folder));
            }
            report.take(unwritable(folder));
            report.take(space(folder));
            report.findings.extend(locked_down(folder));
        }
        Err(error) => {
            let remedy = matches!(error, Error::TooOpen { .. }).then(|| Remedy::Mode(folder.to_owned(), 0o700));
            let id =
                if matches!(error, Error::ForeignImplementation { .. }) { "state.foreign" } else { "state.folder" };
            let finding = Finding::new(id, Severity::Error, error.to_string()).at(folder.display().to_string());
            report.take([match remedy {
                Some(remedy) => finding.remedy(remedy),
                None => finding,
            }]);
            report.skipped += rest;
        }
    }
}

fn open(folder: &Path, mode: u32) -> Option<Finding> {
    (mode & 0o077 != 0).then(|| {
        let text = format!("{} can be read by other users (mode {mode:04o})", folder.display());
        Finding::new("state.mode", Severity::Warning, text)
            .at(folder.display().to_string())
            .remedy(Remedy::Mode(folder.to_owned(), 0o700))
    })
}

fn unwritable(folder: &Path) -> Option<Finding> {
    let error = access(folder, Access::WRITE_OK | Access::EXEC_OK).err()?;
    let text = format!("{} cannot be written to: {error}", folder.display());
    Some(
        Finding::new("state.writable", Severity::Error, text)
            .at(folder.display().to_string())
            .hint("make it writable, or set OPENCLAW_STATE_DIR to another folder"),
    )
}

fn private(folder: &Path) -> Vec<Finding> {
    let finding = |path: PathBuf| {
        let metadata = fs::symlink_metadata(&path).ok()?;
        let mode = metadata.permissions().mode() & 0o7777;
        (metadata.is_file() && mode & 0o077 != 0).then(|| {
            let text = format!("{} can be read by other users (mode {mode:04o})", path.display());
            Finding::new("state.file_mode", Severity::Warning, text)
                .at(path.display().to_string())
                .remedy(Remedy::Mode(path, 0o600))
        })
    };
    PRIVATE.iter().filter_map(|name| finding(folder.join(name))).collect()
}

fn space(folder: &Path) -> Option<Finding> {
    let volume = statvfs(folder).ok()?;
    let free = volume.f_bavail.saturating_mul(volume.f_frsize);
    if free >= LITTLE {
        return None;
    }
    let severity = if free < NONE { Severity::Error } else { Severity::Warning };
    let text = format!("{} has {} MiB of free space left", folder.display(), free >> 20);
    Some(
        Finding::new("state.space", severity, text)
            .at(folder.display().to_string())
            .hint("free some space, or move the folder and set OPENCLAW_STATE_DIR"),
    )
}
