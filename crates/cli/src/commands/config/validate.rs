//! `openclaw config validate`

use std::path::{Path, PathBuf};

use clap::Args;
use openclaw_config::{ConfigError, Loaded};
use serde::Serialize;

use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Output, Text, Tone},
};

/// Check the configuration file
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config validate
  openclaw config validate --config gateway.yml --json

The exit code is 2 when something is wrong with it.")]
pub(super) struct Validate {}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    ok: bool,
    path: Option<&'a Path>,
    exists: bool,
    issues: Vec<Issue>,
    notices: Vec<String>,
}

/// One thing that is wrong.
#[derive(Serialize)]
struct Issue {
    path: String,
    message: String,
}

impl Validate {
    pub(super) fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let named = file.clone().or_else(|| context.local.paths().ok().map(|paths| paths.config_file));
        match context.local.config(file) {
            Ok(loaded) => valid(&mut context.output, &loaded),
            Err(error) => invalid(&mut context.output, named.as_deref(), &error),
        }
    }
}

fn valid(output: &mut Output, loaded: &Loaded) -> Done {
    let notices: Vec<String> = loaded.notices.iter().map(ToString::to_string).collect();
    if output.json {
        let (path, exists) = (Some(loaded.path.as_path()), loaded.exists);
        output.value(&Printed { ok: true, path, exists, issues: Vec::new(), notices })?;
        return Ok(Exit::Ok);
    }
    let there = if loaded.exists { "" } else { " (it does not exist; everything is at its default)" };
    output.line(Text::from(format!("{} is ", loaded.path.display())).and_toned(Tone::Good, "valid").and(there))?;
    for notice in notices {
        output.paragraph(format!("  - {notice}"))?;
    }
    Ok(Exit::Ok)
}

/// Findings are what was asked for: they go to standard output, with the exit code of findings.
fn invalid(output: &mut Output, path: Option<&Path>, error: &ConfigError) -> Done {
    if output.json {
        let whole = |error: &ConfigError| vec![Issue { path: String::new(), message: error.to_string() }];
        let issues = match error {
            ConfigError::Invalid(invalid) => {
                let issues = invalid.issues.iter();
                issues.map(|issue| Issue { path: issue.path.clone(), message: issue.to_string() }).collect()
            }
            error => whole(error),
        };
        let exists = path.is_some_and(Path::exists);
        output.value(&Printed { ok: false, path, exists, issues, notices: Vec::new() })?;
    } else {
        output.block(&error.to_string())?;
    }
    Ok(Exit::Usage)
}
