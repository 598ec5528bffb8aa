//! `openclaw config get`

use std::path::PathBuf;

use clap::Args;
use openclaw_config::KeyPath;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::place::{Place, looking};
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    reach::Target,
};

/// Print the configuration or a part of it, without its secrets
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config get
  openclaw config get gateway.port
  openclaw config get agents.list[0].model --json")]
pub(super) struct Get {
    #[command(flatten)]
    target: Target,
    /// Which part, for example gateway.port
    path: Option<KeyPath>,
}

/// The method needs nothing.
#[derive(Serialize)]
struct Nothing {}

/// The reply of `config.get`, as far as it is shown.
#[derive(Deserialize)]
struct Whole {
    path: String,
    config: Value,
}

impl Get {
    pub(super) async fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let (name, document) = match looking(context, &self.target, file).await? {
            Place::File(file) => {
                let loaded = file.load()?;
                (loaded.path.display().to_string(), openclaw_config::redact(&loaded.resolved))
            }
            Place::Gateway(gateway) => {
                let whole: Whole = ask(&gateway, "config.get", Nothing {}).await?.read;
                gateway.close().await;
                (whole.path, whole.config)
            }
        };
        let found = match &self.path {
            None => Some(&document),
            Some(path) => path.get(&document),
        };
        let Some(found) = found else {
            let path = self.path.map(|path| path.to_string()).unwrap_or_default();
            let cause = format!("{path} is not set in {name}");
            return Err(Failure::new(Exit::Failed, "NOT_FOUND", cause).helped("openclaw config get"));
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
