//! `openclaw backup restore`

use std::path::PathBuf;

use clap::Args;
use openclaw_store::{AUDIT_KEY_FILE, backup};

use super::{Printed, failed, key};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Text, Tone},
};

/// Put a backup into a state directory that is not there yet
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw backup restore openclaw-backup-20260301T120000Z.tar.gz.sealed --key-file /root/backup.key
  openclaw backup restore openclaw-backup-20260301T120000Z.tar.gz --into /srv/openclaw

Everything is checked before anything gets its place, and nothing that is there is touched: a state directory with something in
it is refused. Move the old one away first.")]
pub(super) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to [default: the state directory]
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// The key file, or the copy of keys/backup.key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Restore {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let key = key(&context.local, self.key_file)?;
        let target = self.into.unwrap_or_else(|| key.state_dir.clone());
        let whole = backup::restore(&self.file, &target, &key).map_err(|error| failed(&error))?;
        let output = &mut context.output;
        if output.json {
            output.value(&Printed::of(&whole, Some(&target)))?;
            return Ok(Exit::Ok);
        }
        output.paragraph(Text::toned(Tone::Good, "restored ").and(format!(
            "{} files of {} to {}",
            whole.manifest.files.len(),
            whole.manifest.created_at,
            target.display()
        )))?;
        if target.join("restored-config").exists() {
            output.line(format!(
                "  the configuration was at {}; it is in {}",
                whole.manifest.config.display(),
                target.join("restored-config").display()
            ))?;
        }
        if !target.join(AUDIT_KEY_FILE).exists() {
            output.paragraph(Text::toned(Tone::Warning, "  no keys are in this backup: ").and(format!(
                "put your copy of {AUDIT_KEY_FILE}, and of keys/ if you had one, into {} before the gateway starts",
                target.display()
            )))?;
        }
        Ok(Exit::Ok)
    }
}
