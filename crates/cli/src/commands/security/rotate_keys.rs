//! `openclaw security rotate-keys`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use openclaw_core::{Clock, Ids};
use openclaw_seal::{Derivation, Guard, KeyRing, Means, Protection};
use serde::Serialize;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::{Text, Tone},
    show,
};

/// Wrap the keys of encrypted data anew
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security rotate-keys
  OPENCLAW_STATE_PASSPHRASE=… openclaw security rotate-keys --to passphrase
  OPENCLAW_STATE_PASSPHRASE=old OPENCLAW_STATE_PASSPHRASE_NEW=new openclaw security rotate-keys
  openclaw security rotate-keys --to key-file --key-file /root/openclaw.key

Data keys seal the configuration and the database, and something else wraps them: a passphrase, a key file, or keys/master.key.
Only that is made anew or exchanged, so it takes a moment however much is sealed. With security.keyRotation the gateway does it
by itself. A gateway that runs needs no restart, but its environment must have the new passphrase at the next start.")]
pub(super) struct RotateKeys {
    /// What is to wrap them from now on [default: the same kind as now]
    #[arg(long, value_enum, value_name = "KIND")]
    to: Option<To>,
    /// The key file, with `--to key-file`; made when it is not there
    #[arg(long, value_name = "FILE", required_if_eq("to", "key-file"))]
    key_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    Generated,
    KeyFile,
    Passphrase,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    guard: &'static str,
    wrapped_at: String,
    kids: Vec<String>,
}

impl RotateKeys {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let wish = match (self.to, self.key_file) {
            (None, None) => Protection::Usual,
            (Some(To::KeyFile) | None, Some(path)) => Protection::KeyFile(path),
            (Some(To::Generated), None) => Protection::Generated,
            (Some(To::Passphrase), None) => Protection::Passphrase,
            _ => return Err(Failure::usage("--key-file goes with --to key-file alone")),
        };
        let local = &context.local;
        let looked = openclaw_config::load_to_judge(&local.request(None)).ok();
        let derivation = looked.as_ref().map_or_else(Derivation::default, |loaded| loaded.config.key_derivation());
        let ring = KeyRing::of(&local.paths()?.state_dir);
        let means = Means::for_change(&local.environment);
        let standing = ring.rewrap(&means, &wish, derivation, &Ids::system(), Clock::system().now_ms())?;
        let printed = Printed {
            guard: standing.guard.word(),
            wrapped_at: show::time(Some(standing.wrapped_at)),
            kids: standing.kids,
        };
        let output = &mut context.output;
        if output.json {
            output.value(&printed)?;
            return Ok(Exit::Ok);
        }
        let with = match &standing.guard {
            Guard::Generated => format!("by a new {}", ring.master().display()),
            Guard::KeyFile { path } => format!("by {}", path.display()),
            Guard::Passphrase { .. } => "by the passphrase".to_owned(),
        };
        output
            .paragraph(Text::toned(Tone::Good, "wrapped anew ").and(with).and(": ").then(show::words(&printed.kids)))?;
        Ok(Exit::Ok)
    }
}
