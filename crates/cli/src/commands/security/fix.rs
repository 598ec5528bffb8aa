//! What `--fix` does: modes of files, policies that let every group in, and replaced secrets in backups.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use openclaw_config::{Attempt, ConfigFile, Edit, KeyPath, Mode, REDACTED};
use openclaw_core::Clock;
use openclaw_posture::{FileFact, permissions};
use rustix::fs::{Mode as Bits, OFlags};
use serde::Serialize;
use serde_json::Value;

use super::facts::{self, Looked};
use crate::{
    local::Local,
    output::{Output, Text, Tone},
};

/// What was done, in the shape of the reference.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fix {
    ok: bool,
    state_dir: String,
    config_path: String,
    config_written: bool,
    changes: Vec<String>,
    actions: Vec<Action>,
    errors: Vec<String>,
}

/// What became of one file.
#[derive(Debug, Serialize)]
pub(super) struct Action {
    kind: &'static str,
    path: String,
    mode: u32,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Mends what can be mended without asking. Nothing is created, no link is followed, no secret is changed.
pub(crate) fn fix(local: &Local, looked: &Looked) -> Fix {
    let mut fix = Fix {
        state_dir: looked.paths.state_dir.display().to_string(),
        config_path: looked.loaded.path.display().to_string(),
        actions: modes(looked),
        ..Fix::default()
    };
    groups(local, looked, &mut fix);
    for backup in facts::backups(&looked.loaded) {
        scrub(looked, &backup, &mut fix);
    }
    fix.errors
        .extend(fix.actions.iter().filter_map(|action| Some(format!("{}: {}", action.path, action.error.as_ref()?))));
    fix.ok = fix.errors.is_empty();
    fix
}

/// Gives files and folders back to their owner.
pub(super) fn modes(looked: &Looked) -> Vec<Action> {
    looked.facts.files.iter().map(|file| mode(file, looked.log_mode())).collect()
}

fn mode(file: &FileFact, log_mode: Option<u32>) -> Action {
    use permissions::Step;
    let action = |mode, ok, skipped, error| Action { kind: "chmod", path: file.path.clone(), mode, ok, skipped, error };
    match permissions::step(file, log_mode) {
        Step::Already(mode) => action(mode, true, Some("already"), None),
        Step::Link(mode) => action(mode, false, Some("symlink"), None),
        Step::WrongKind { mode, wanted } => action(mode, false, Some(wanted), None),
        Step::Chmod(mode) => match chmod(Path::new(&file.path), mode, file.folder) {
            Ok(()) => action(mode, true, None, None),
            Err(error) => action(mode, false, None, Some(error.to_string())),
        },
    }
}

/// Changes the mode of what is there, through a handle that never followed a link.
fn chmod(path: &Path, mode: u32, folder: bool) -> std::io::Result<()> {
    let kind = if folder { OFlags::DIRECTORY } else { OFlags::NONBLOCK };
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | kind;
    let handle = rustix::fs::open(path, flags, Bits::empty())?;
    let handle = fs::File::from(handle);
    handle.set_permissions(fs::Permissions::from_mode(mode))
}

/// Groups that everybody may add the bot to.
fn groups(local: &Local, looked: &Looked, fix: &mut Fix) {
    let mut paths = Vec::new();
    for (id, channel) in looked.loaded.resolved.get("channels").and_then(Value::as_object).into_iter().flatten() {
        let own = [(format!("channels[{}].groupPolicy", Value::from(id.as_str())), channel)];
        let accounts = channel.get("accounts").and_then(Value::as_object).into_iter().flatten();
        let accounts = accounts.map(|(name, account)| {
            let (id, name) = (Value::from(id.as_str()), Value::from(name.as_str()));
            (format!("channels[{id}].accounts[{name}].groupPolicy"), account)
        });
        paths.extend(
            own.into_iter()
                .chain(accounts)
                .filter(|(_, part)| part.get("groupPolicy").and_then(Value::as_str) == Some("open"))
                .filter_map(|(path, _)| path.parse::<KeyPath>().ok()),
        );
    }
    if paths.is_empty() {
        return;
    }
    let edits: Vec<Edit> =
        paths.iter().map(|path| Edit::Set { path: path.clone(), value: Value::from("allowlist") }).collect();
    let file = ConfigFile::new(facts::request(local, None), &looked.paths.state_dir);
    let attempt = Attempt {
        base_hash: None,
        who: "cli",
        note: Some("security audit --fix"),
        now_ms: Clock::system().now_ms(),
        mode: Mode::Write,
    };
    match file.change(&edits, &attempt) {
        Ok(_) => {
            fix.config_written = true;
            fix.changes.extend(paths.iter().map(|path| format!("{path}: open -> allowlist")));
        }
        Err(error) => fix.errors.push(error.to_string()),
    }
}

/// Masks secrets in a backup that are not in force any more.
fn scrub(looked: &Looked, backup: &Path, fix: &mut Fix) {
    let former = facts::former_secrets(&looked.loaded, backup);
    if former.is_empty() {
        return;
    }
    let written = (|| {
        let text = fs::read_to_string(backup)?;
        let masked = former.iter().fold(text, |text, secret| text.replace(secret, REDACTED));
        crate::private::replace(backup, &masked)
    })();
    match written {
        Ok(()) => fix.changes.push(format!("{}: a replaced secret is masked", backup.display())),
        Err(error) => fix.errors.push(format!("{}: {error}", backup.display())),
    }
}

/// Says what was changed.
pub(super) fn show(
    output: &mut Output,
    actions: &[Action],
    changes: &[String],
    errors: &[String],
) -> std::io::Result<()> {
    let done: Vec<&Action> = actions.iter().filter(|action| action.ok && action.skipped.is_none()).collect();
    if done.is_empty() && changes.is_empty() && errors.is_empty() {
        output.line("nothing had to be mended")?;
    }
    for action in done {
        output
            .paragraph(Text::toned(Tone::Good, "mended").and(format!("  {}: mode {:o}", action.path, action.mode)))?;
    }
    for change in changes {
        output.paragraph(Text::toned(Tone::Good, "mended").and(format!("  {change}")))?;
    }
    for action in actions.iter().filter(|action| action.skipped == Some("symlink")) {
        output.paragraph(Text::toned(Tone::Warning, "left").and(format!("    {}: it is a link", action.path)))?;
    }
    for error in errors {
        output.paragraph(Text::toned(Tone::Bad, "failed").and(format!("  {error}")))?;
    }
    Ok(())
}

impl Fix {
    /// Whether there was nothing to do.
    pub(crate) fn is_idle(&self) -> bool {
        let untouched = |action: &Action| action.ok && action.skipped.is_some();
        self.changes.is_empty() && self.errors.is_empty() && self.actions.iter().all(untouched)
    }

    pub(crate) fn show(&self, output: &mut Output) -> std::io::Result<()> {
        show(output, &self.actions, &self.changes, &self.errors)
    }
}
