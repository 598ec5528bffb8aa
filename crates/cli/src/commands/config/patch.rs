//! `openclaw config patch`

use std::path::PathBuf;

use clap::Args;
use openclaw_config::{Edit, Format, KeyPath};
use serde::Serialize;
use serde_json::Value;

use super::{
    change::{Aim, Goal, Terms},
    set::standard_input,
};
use crate::{
    app::Context,
    failure::{Done, Failure},
};

/// Merge an object into the configuration
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config patch '{gateway: {port: 19000, bind: \"loopback\"}}'
  openclaw config patch '{port: null}' --at gateway
  openclaw config patch - < patch.json5

RFC 7396: objects are merged key by key, null takes a key out, anything else replaces what is there.")]
pub(super) struct Patch {
    /// The object, as JSON5; `-` reads it from standard input
    patch: String,
    /// Where it belongs [default: the whole configuration]
    #[arg(long, value_name = "PATH")]
    at: Option<KeyPath>,
    #[command(flatten)]
    terms: Terms,
}

#[derive(Serialize)]
struct Params {
    patch: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl Patch {
    pub(super) async fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let text = if self.patch == "-" { standard_input()? } else { self.patch };
        let patch = openclaw_config::parse_document(&text, Format::Json5)
            .map_err(|error| Failure::usage(format!("the patch is not JSON5: {error}")))?;
        if !patch.is_object() {
            return Err(Failure::usage("the patch is not an object").helped("openclaw config set sets one value"));
        }
        let params = Params { patch: patch.clone(), path: self.at.as_ref().map(ToString::to_string) };
        let aim = Aim::Edits(vec![Edit::Merge { path: self.at, patch }]);
        self.terms.run(context, file, Goal { aim, method: "config.patch", params }).await
    }
}
