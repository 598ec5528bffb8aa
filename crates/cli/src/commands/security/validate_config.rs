//! `openclaw security validate-config`

use std::path::PathBuf;

use clap::Args;
use openclaw_config::ConfigError;
use serde::Serialize;

use super::facts;
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Text, Tone},
};

/// Check the configuration with an eye on security
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security validate-config
  openclaw security validate-config --file gateway.yml --strict

The exit code is 2 when it cannot be used, and with --strict also when there is a warning: a weak secret, a key by an older
name, or one that does not do what it says yet.")]
pub(super) struct ValidateConfig {
    /// Another configuration file
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Take warnings for errors
    #[arg(long)]
    strict: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed {
    valid: bool,
    path: Option<PathBuf>,
    errors: Vec<Said>,
    warnings: Vec<Said>,
}

#[derive(Serialize)]
struct Said {
    path: String,
    message: String,
}

impl ValidateConfig {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let named = self.file.clone().or_else(|| context.local.paths().ok().map(|paths| paths.config_file));
        let (errors, warnings) = match openclaw_config::load(&facts::request(&context.local, self.file)) {
            Ok(loaded) => {
                let said = |notice: &openclaw_config::Notice| Said {
                    path: notice.path.clone(),
                    message: notice.message.clone(),
                };
                (Vec::new(), loaded.notices.iter().map(said).collect())
            }
            Err(ConfigError::Invalid(invalid)) => {
                let said =
                    |issue: &openclaw_config::Issue| Said { path: issue.path.clone(), message: issue.message.clone() };
                (invalid.issues.iter().map(said).collect(), Vec::new())
            }
            Err(error) => (vec![Said { path: String::new(), message: error.to_string() }], Vec::<Said>::new()),
        };
        let valid = errors.is_empty() && (!self.strict || warnings.is_empty());
        let output = &mut context.output;
        if output.json {
            output.value(&Printed { valid, path: named, errors, warnings })?;
        } else {
            let path = named.map_or_else(|| "the configuration".to_owned(), |path| path.display().to_string());
            let verdict = if valid { Text::toned(Tone::Good, "valid") } else { Text::toned(Tone::Bad, "not accepted") };
            output.paragraph(Text::from(format!("{path} is ")).then(verdict))?;
            for (word, tone, list) in [("error", Tone::Bad, errors), ("warning", Tone::Warning, warnings)] {
                for Said { path, message } in list {
                    let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
                    output.paragraph(Text::toned(tone, word).and(format!("  {place}{message}")))?;
                }
            }
        }
        Ok(if valid { Exit::Ok } else { Exit::Usage })
    }
}
