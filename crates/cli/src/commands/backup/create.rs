//! `openclaw backup create`

use std::path::PathBuf;

use clap::Args;
use openclaw_core::{Clock, Ids};
use openclaw_seal::{Derivation, Means, Protection};
use openclaw_store::backup::{self, Plan, Sealed};

use super::{Printed, failed, folder, size};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Text, Tone},
};

/// Make a backup and read it back
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw backup create
  openclaw backup create --encrypt --out /mnt/safe
  openclaw backup create --encrypt --key-file /root/backup.key

In it are the database, the configuration with what it includes, the policy of commands and what agents have in the state
directory; logs and older backups are not. Only an encrypted one holds keys (audit.key, keys/, identity/, tls/). Encrypted is it
with --key-file, OPENCLAW_STATE_PASSPHRASE, or else keys/backup.key, of which a copy belongs elsewhere.")]
pub(super) struct Create {
    /// The folder for it [default: security.storage.backupPath, else backups in the state directory]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Encrypt it, and put the keys in [default: security.storage.backupEncryption]
    #[arg(long)]
    encrypt: bool,
    /// The file with the key that encrypts it
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Create {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let local = &context.local;
        let paths = local.paths()?;
        let looked = openclaw_config::load_to_judge(&local.request(None)).ok();
        let config = looked.as_ref().map_or_else(
            // A configuration with mistakes is worth keeping, too, and what it includes cannot be told.
            || vec![paths.config_file.clone()],
            |loaded| loaded.files().map(PathBuf::from).collect(),
        );
        let storage = looked.as_ref().and_then(|loaded| loaded.config.security.storage.as_ref());
        let configured = storage.and_then(|storage| storage.backup_encryption).unwrap_or(false);
        let derivation = looked.as_ref().map_or_else(Derivation::default, |loaded| loaded.config.key_derivation());
        let means = Means::of(&local.environment);
        let sealed = self.encrypt || self.key_file.is_some() || configured;
        let own = sealed && self.key_file.is_none() && means.passphrase.is_none();
        let plan = Plan {
            state_dir: &paths.state_dir,
            config: &config,
            folder: &match self.out {
                Some(folder) => folder,
                None => folder(local)?,
            },
            sealed: sealed.then(|| Sealed {
                means: &means,
                protection: self.key_file.map_or(Protection::Usual, Protection::KeyFile),
                derivation,
            }),
            version: openclaw_protocol::VERSION,
            ids: &Ids::system(),
            now_ms: Clock::system().now_ms(),
        };
        let whole = backup::create(&plan).map_err(|error| failed(&error))?;
        let output = &mut context.output;
        if output.json {
            output.value(&Printed::of(&whole, None))?;
            return Ok(Exit::Ok);
        }
        output.paragraph(Text::toned(Tone::Good, "backed up ").and(format!(
            "{} files to {} ({})",
            whole.manifest.files.len(),
            whole.path.display(),
            size(whole.bytes)
        )))?;
        for left in &whole.manifest.left_out {
            output.indented(2, Text::toned(Tone::Faint, format!("without {}: {}", left.name, left.why)))?;
        }
        if own {
            let kept = openclaw_seal::KeyRing::of(&paths.state_dir).backup_key();
            output.paragraph(
                Text::toned(Tone::Warning, "keep a copy of ")
                    .and(format!("{} elsewhere: without it the backup does not open", kept.display())),
            )?;
        } else if !sealed {
            let note = "It holds what was said and the secrets of the configuration in the open, and no keys; audit.key belongs \
                        beside it, in a safe place, or use --encrypt.";
            output.paragraph(Text::toned(Tone::Faint, note))?;
        }
        Ok(Exit::Ok)
    }
}
