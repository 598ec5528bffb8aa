//! `openclaw backup`

mod create;
mod list;
mod restore;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use openclaw_seal::Means;
use openclaw_store::backup::{Key, Whole};
use serde::Serialize;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    local::Local,
};

/// Copy everything that the gateway keeps, check the copies, and go back to one
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw backup create --encrypt
  openclaw backup list
  openclaw backup verify backups/openclaw-backup-20260301T120000Z.tar.gz.sealed
  openclaw backup restore openclaw-backup-20260301T120000Z.tar.gz.sealed --into ~/.openclaw

A gateway may run meanwhile. With security.storage.backupPath it makes a backup each day by itself.")]
pub(crate) struct Backup {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a backup and read it back
    Create(create::Create),
    /// Check that a backup is whole and opens
    Verify(verify::Verify),
    /// Put a backup into a state directory that is not there yet
    Restore(restore::Restore),
    /// List the backups of a folder
    List(list::List),
}

impl Backup {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::Create(command) => command.run(context),
            Verb::Verify(command) => command.run(context),
            Verb::Restore(command) => command.run(context),
            Verb::List(command) => command.run(context),
        }
    }
}

/// A backup as `--json` prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    ok: bool,
    path: &'a std::path::Path,
    bytes: u64,
    sha256: &'a str,
    created_at: &'a str,
    version: &'a str,
    encrypted: bool,
    files: usize,
    left_out: &'a [openclaw_store::backup::LeftOut],
    /// Records of the audit trail that were proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_records: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restored_to: Option<&'a std::path::Path>,
}

impl<'a> Printed<'a> {
    fn of(whole: &'a Whole, restored_to: Option<&'a std::path::Path>) -> Self {
        Self {
            ok: true,
            path: &whole.path,
            bytes: whole.bytes,
            sha256: &whole.sha256,
            created_at: &whole.manifest.created_at,
            version: &whole.manifest.version,
            encrypted: whole.manifest.encrypted,
            files: whole.manifest.files.len(),
            left_out: &whole.manifest.left_out,
            audit_records: whole.proved,
            restored_to,
        }
    }
}

/// The folder of backups: as configured, else in the state directory.
fn folder(local: &Local) -> Result<PathBuf, Failure> {
    let state = local.paths()?.state_dir;
    let configured = openclaw_config::load_to_judge(&local.request(None))
        .ok()
        .and_then(|loaded| loaded.config.backup_folder(&state, local.home.as_deref()));
    Ok(configured.unwrap_or_else(|| state.join("backups")))
}

/// What opens an encrypted backup here.
fn key(local: &Local, key_file: Option<PathBuf>) -> Result<Key, Failure> {
    let means = Means { key_file, ..Means::of(&local.environment) };
    Ok(Key { state_dir: local.paths()?.state_dir, means })
}

/// What went wrong, with what helps.
fn failed(error: &openclaw_store::Error) -> Failure {
    let failure = Failure::new(Exit::Failed, "BACKUP", error.to_string());
    match error {
        openclaw_store::Error::Keys(openclaw_seal::KeyError::Missing { .. }) => {
            failure.helped("name your copy of the key: --key-file")
        }
        openclaw_store::Error::Backup { .. } => failure.helped("see which others there are: openclaw backup list"),
        _ => failure,
    }
}

/// A length for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{} MiB", bytes.div_ceil(1_048_576)),
    }
}
