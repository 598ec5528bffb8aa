//! `openclaw config decrypt`

use std::{
    io::{IsTerminal, stdin},
    path::PathBuf,
};

use clap::Args;
use openclaw_config::{Attempt, KeyPath, Mode};
use openclaw_core::Clock;

use super::encrypt::Printed;
use crate::{
    app::Context,
    ask::agreed,
    failure::{Done, Exit, Failure},
    output::{Text, Tone},
    show,
};

/// Write sealed secrets in the open again
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config decrypt
  openclaw config decrypt --paths gateway.auth.token --yes
  openclaw config decrypt --to-stdout --yes > openclaw.plain.json

With security.encryption.config.enabled the gateway would seal everything again, so that is refused.
Exit codes: 0 opened, 1 it did not work and nothing was changed, 2 there is nothing to open.")]
pub(super) struct Decrypt {
    /// Only these keys, and what is below them
    #[arg(long, value_name = "PATH", value_delimiter = ',', conflicts_with = "to_stdout")]
    paths: Vec<KeyPath>,
    /// Print the file with its secrets in the open; change nothing
    #[arg(long)]
    to_stdout: bool,
    /// Do not ask; needed where nobody can be asked
    #[arg(long, short)]
    yes: bool,
}

impl Decrypt {
    pub(super) fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let file = context.local.config_file(file)?;
        let asks = stdin().is_terminal() && !context.output.json && (self.to_stdout || context.output.live);
        if !self.yes && !asks {
            return Err(
                Failure::usage("secrets would be shown in the open, and nobody can be asked here").helped("add --yes")
            );
        }
        if self.to_stdout {
            // Whoever typed it at a terminal wants to see it there.
            let text = file.in_the_open()?;
            context.output.script(text.expose().as_bytes())?;
            return Ok(Exit::Ok);
        }
        let attempt = |mode| Attempt {
            base_hash: None,
            who: "cli",
            note: Some("config decrypt"),
            now_ms: Clock::system().now_ms(),
            mode,
        };
        let mut opening = file.unseal(&self.paths, &attempt(Mode::DryRun))?;
        let nothing = opening.changed.is_empty();
        if !nothing {
            let question = format!("{} secrets are written in the open.", opening.changed.len());
            if !self.yes && !agreed(&mut context.output, &question, false)? {
                return Err(Failure::new(Exit::Interrupted, "NOT_AGREED", "nothing was changed"));
            }
            opening = file.unseal(&self.paths, &attempt(Mode::Write))?;
        }
        let output = &mut context.output;
        if output.json {
            output.value(&Printed { changed: opening.changed, kid: opening.kid, dry_run: false })?;
        } else if nothing {
            output.paragraph("Nothing to open: no secret is sealed.")?;
        } else {
            output.paragraph(Text::toned(Tone::Warning, "in the open again: ").then(show::words(&opening.changed)))?;
        }
        Ok(if nothing { Exit::Usage } else { Exit::Ok })
    }
}
