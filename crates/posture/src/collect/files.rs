//! Who else can read and change files.

use crate::{FileFact, FileKind, Finding, Severity, View, catalogue::found};

/// Names of folders that programs copy elsewhere.
const SYNCED: &[&str] = &["icloud", "dropbox", "google drive", "googledrive", "onedrive", "nextcloud"];

/// State in a folder that is copied elsewhere.
pub(super) fn synced(view: &View<'_>, findings: &mut Vec<Finding>) {
    let kinds = [FileKind::State, FileKind::Config];
    let files = view.facts.files.iter().filter(|file| kinds.contains(&file.kind));
    let mut copied = files.filter(|file| SYNCED.iter().any(|name| file.path.to_lowercase().contains(name)));
    if let Some(file) = copied.next() {
        findings.push(found(
            "fs.synced_dir",
            Severity::Warn,
            format!("{} looks like a folder of a program that copies it.", file.path),
        ));
    }
}

/// A check by mode bits: the first row that fits tells.
type Row = (u32, &'static str, Severity);

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    use Severity::{Critical, Warn};
    let log_mode = view.text("security.storage.logPermissions").and_then(|text| u32::from_str_radix(text, 8).ok());
    for file in &view.facts.files {
        let link = match file.kind {
            FileKind::State => Some("fs.state_dir.symlink"),
            FileKind::Config => Some("fs.config.symlink"),
            _ => None,
        };
        if let Some(id) = link.filter(|_| file.link) {
            findings.push(found(
                id,
                Warn,
                format!("{} is a symbolic link: whoever owns its target owns this, too.", file.path),
            ));
        }
        let rows: &[Row] = match file.kind {
            FileKind::State => &[
                (0o002, "fs.state_dir.perms_world_writable", Critical),
                (0o020, "fs.state_dir.perms_group_writable", Warn),
                (0o044, "fs.state_dir.perms_readable", Warn),
            ],
            FileKind::Config => &[
                (0o022, "fs.config.perms_writable", Critical),
                (0o004, "fs.config.perms_world_readable", Critical),
                (0o040, "fs.config.perms_group_readable", Warn),
            ],
            FileKind::Include => &[
                (0o022, "fs.config_include.perms_writable", Critical),
                (0o004, "fs.config_include.perms_world_readable", Critical),
                (0o040, "fs.config_include.perms_group_readable", Warn),
            ],
            FileKind::Credentials => &[
                (0o022, "fs.credentials_dir.perms_writable", Critical),
                (0o044, "fs.credentials_dir.perms_readable", Warn),
            ],
            FileKind::AuthProfile => &[
                (0o022, "fs.auth_profiles.perms_writable", Critical),
                (0o044, "fs.auth_profiles.perms_readable", Warn),
            ],
            FileKind::Sessions => &[(0o044, "fs.sessions_store.perms_readable", Warn)],
            FileKind::Log => &[(0o044, "fs.log_file.perms_readable", Warn)],
            FileKind::TlsKey => &[(0o077, "gateway.tls_key_perms", Critical)],
        };
        findings.extend(judged(file, rows, log_mode));
    }
}

fn judged(file: &FileFact, rows: &[Row], log_mode: Option<u32>) -> Option<Finding> {
    // The mode bits of a link mean nothing.
    if file.link {
        return None;
    }
    let granted = if file.kind == FileKind::Log { log_mode.unwrap_or(0) } else { 0 };
    let mode = file.mode & 0o777;
    let (_, id, severity) = rows.iter().find(|(bits, ..)| mode & !granted & bits != 0)?;
    Some(found(id, *severity, format!("{} has mode {mode:03o}.", file.path)))
}
