//! `openclaw config get`

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
};

/// Print the configuration or a part of it, without its secrets
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config get
  openclaw config get gateway.port
  openclaw config get agents.list[0].model --json")]
pub(super) struct Get {
    /// Which part, for example gateway.port
    path: Option<String>,
}

impl Get {
    pub(super) fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let loaded = context.local.config(file)?;
        let document = openclaw_config::redact(&loaded.resolved);
        let path = self.path.unwrap_or_default();
        let Some(found) = member(&document, &path) else {
            let what = format!("{path} is not set in {}", loaded.path.display());
            return Err(Failure::new(Exit::Failed, "NOT_FOUND", what).helped("openclaw config get"));
        };
        let output = &mut context.output;
        match found {
            value if output.json => output.value(value)?,
            Value::String(text) => output.block(text)?,
            value => output.block(&serde_json::to_string_pretty(value).unwrap_or_default())?,
        }
        Ok(Exit::Ok)
    }
}

/// The member at a path such as `agents.list[0].id`, of which `agents.list.0.id` means the same.
pub(super) fn member<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let names =
        path.split(['.', '[']).map(|name| name.strip_suffix(']').unwrap_or(name)).filter(|name| !name.is_empty());
    names.into_iter().try_fold(document, |value, name| match value {
        Value::Array(items) => name.parse::<usize>().ok().and_then(|at| items.get(at)),
        value => value.get(name),
    })
}
