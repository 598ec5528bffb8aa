//! `openclaw config encrypt`

use std::path::PathBuf;

use clap::Args;
use openclaw_config::{Attempt, KeyPath, Mode};
use openclaw_core::Clock;
use openclaw_seal::Protection;
use serde::Serialize;

use crate::{
    app::Context,
    ask::agreed,
    failure::{Done, Exit, Failure},
    output::{Text, Tone},
    show,
};

/// Seal the secrets of the configuration where they stand
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config encrypt --dry-run
  openclaw config encrypt --paths gateway.auth,security.apiKeys
  openclaw config encrypt --key-file /root/openclaw.key --yes

Every secret becomes enc:v1:<key>:<text>, which opens with the data key of the state directory and only under the key that it
was sealed for. The data key is wrapped by OPENCLAW_STATE_PASSPHRASE when that is set, by --key-file (made when it is not there),
or else by keys/master.key. References such as ${NAME} stay as they are. The history loses what was sealed.
Exit codes: 0 sealed, 1 it did not work and nothing was changed, 2 there is nothing to seal.")]
pub(super) struct Encrypt {
    /// Only these keys, and what is below them
    #[arg(long, value_name = "PATH", value_delimiter = ',')]
    paths: Vec<KeyPath>,
    /// The file with the key that wraps the data key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Say what would be sealed; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Printed {
    pub(super) changed: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kid: Option<String>,
    pub(super) dry_run: bool,
}

impl Encrypt {
    pub(super) fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let file = context.local.config_file(file)?;
        let attempt = |mode| Attempt {
            base_hash: None,
            who: "cli",
            note: Some("config encrypt"),
            now_ms: Clock::system().now_ms(),
            mode,
        };
        let protection = self.key_file.map_or(Protection::Usual, Protection::KeyFile);
        let mut sealing = file.seal(&self.paths, &protection, &attempt(Mode::DryRun))?;
        let nothing = sealing.changed.is_empty();
        if !nothing && !self.dry_run {
            let question = format!("{} secrets are sealed; without their key they are lost.", sealing.changed.len());
            if !self.yes && !agreed(&mut context.output, &question, true)? {
                return Err(Failure::new(Exit::Interrupted, "NOT_AGREED", "nothing was changed"));
            }
            sealing = file.seal(&self.paths, &protection, &attempt(Mode::Write))?;
        }
        let output = &mut context.output;
        if output.json {
            output.value(&Printed { changed: sealing.changed, kid: sealing.kid, dry_run: self.dry_run })?;
        } else if nothing {
            output.paragraph("Nothing to seal: no secret stands in the open.")?;
        } else if self.dry_run {
            output.paragraph(Text::from("Could be sealed: ").then(show::words(&sealing.changed)))?;
        } else {
            output.paragraph(Text::toned(Tone::Good, "sealed ").then(show::words(&sealing.changed)))?;
            output.paragraph(Text::toned(
                Tone::Faint,
                "Keep what opens them apart from this machine: the passphrase or key file, or the folder keys/.",
            ))?;
        }
        Ok(if nothing { Exit::Usage } else { Exit::Ok })
    }
}
