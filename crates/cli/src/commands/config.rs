//! `openclaw config`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use openclaw_config::ConfigError;
use serde_json::{Value, json};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::Tone,
};

/// Look at the configuration; no gateway is needed
#[derive(Args, Debug)]
pub(crate) struct Config {
    #[command(subcommand)]
    command: Verb,
    /// Another configuration file
    #[arg(long, value_name = "PATH", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the configuration or a part of it, without its secrets
    Get {
        /// Which part, for example gateway.port
        path: Option<String>,
    },
    /// Check the configuration
    Validate,
    /// Print where the configuration is
    File,
}

impl Config {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::Get { path } => get(context, self.config, path.as_deref()),
            Verb::Validate => validate(context, self.config),
            Verb::File => {
                let path = self.config.map_or_else(|| context.local.paths().map(|paths| paths.config_file), Ok)?;
                let output = &mut context.output;
                if output.json {
                    output.value(&json!({ "path": path, "exists": path.exists() }))?;
                } else {
                    output.line(path.display().to_string())?;
                }
                Ok(Exit::Ok)
            }
        }
    }
}

fn get(context: &mut Context, file: Option<PathBuf>, path: Option<&str>) -> Done {
    let loaded = context.local.config(file)?;
    let document = openclaw_config::redact(&loaded.resolved);
    let found = match path {
        None => Some(&document),
        Some(path) => path.split('.').try_fold(&document, |value, name| match value {
            Value::Array(items) => name.parse::<usize>().ok().and_then(|at| items.get(at)),
            value => value.get(name),
        }),
    };
    let Some(found) = found else {
        let what = format!("{} is not set in {}", path.unwrap_or_default(), loaded.path.display());
        return Err(Failure::new(Exit::Failed, "NOT_FOUND", what).helped("openclaw config get"));
    };
    let output = &mut context.output;
    match found {
        Value::String(text) if !output.json => output.line(text)?,
        value if output.json => output.value(value)?,
        value => output.line(serde_json::to_string_pretty(value).unwrap_or_default())?,
    }
    Ok(Exit::Ok)
}

fn validate(context: &mut Context, file: Option<PathBuf>) -> Done {
    let loaded = context.local.config(file);
    let output = &mut context.output;
    let error = match loaded {
        Ok(loaded) => {
            let notices: Vec<String> = loaded.notices.iter().map(ToString::to_string).collect();
            if output.json {
                output.value(&json!({ "ok": true, "path": loaded.path, "exists": loaded.exists, "issues": [], "notices": notices }))?;
                return Ok(Exit::Ok);
            }
            let word = output.toned(Tone::Good, "valid");
            let there = if loaded.exists { "" } else { " (it does not exist; everything is at its default)" };
            output.line(format!("{} is {word}{there}", loaded.path.display()))?;
            for notice in notices {
                output.line(format!("  - {notice}"))?;
            }
            return Ok(Exit::Ok);
        }
        Err(error) => error,
    };
    // Findings are what was asked for: they go to standard output, with the exit code of findings.
    let issues: Vec<Value> = match &error {
        ConfigError::Invalid(invalid) => {
            invalid.issues.iter().map(|issue| json!({ "path": issue.path, "message": issue.to_string() })).collect()
        }
        error => vec![json!({ "path": "", "message": error.to_string() })],
    };
    if output.json {
        output.value(&json!({ "ok": false, "issues": issues }))?;
    } else {
        output.line(error.to_string())?;
    }
    Ok(Exit::Usage)
}
