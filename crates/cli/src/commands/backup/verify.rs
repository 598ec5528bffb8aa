//! `openclaw backup verify`

use std::path::{Path, PathBuf};

use clap::Args;
use openclaw_store::backup;

use super::{Printed, failed, key, size};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Text, Tone},
};

/// Check that a backup is whole and opens
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw backup verify backups/openclaw-backup-20260301T120000Z.tar.gz
  openclaw backup verify /mnt/safe/openclaw-backup-20260301T120000Z.tar.gz.sealed --key-file /root/backup.key

Every file is compared with its SHA-256, the database is checked, and the audit trail is proved when its key is in the backup.
Nothing is kept of what is unpacked for that.")]
pub(super) struct Verify {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The key file, or the copy of keys/backup.key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Verify {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let key = key(&context.local, self.key_file)?;
        // Where what it holds is safe anyway; beside the backup when there is no state directory here.
        let beside = self.file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let scratch = if key.state_dir.is_dir() { key.state_dir.clone() } else { beside.to_path_buf() };
        let whole = backup::verify(&self.file, &scratch, &key).map_err(|error| failed(&error))?;
        let output = &mut context.output;
        if output.json {
            output.value(&Printed::of(&whole, None))?;
            return Ok(Exit::Ok);
        }
        output.paragraph(Text::toned(Tone::Good, "whole: ").and(format!(
            "{} files, made {} by {} ({})",
            whole.manifest.files.len(),
            whole.manifest.created_at,
            whole.manifest.version,
            size(whole.bytes)
        )))?;
        output.line(match whole.proved {
            Some(records) => format!("  the audit trail is proved: {records} records"),
            None => "  the audit trail could not be proved: its key is not in this backup".to_owned(),
        })?;
        Ok(Exit::Ok)
    }
}
