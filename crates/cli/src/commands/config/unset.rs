//! `openclaw config unset`

use std::path::PathBuf;

use clap::Args;
use openclaw_config::{Edit, KeyPath};
use serde::Serialize;

use super::change::{Aim, Goal, Terms};
use crate::{app::Context, failure::Done};

/// Take one value out, so that its default holds again
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config unset gateway.port
  openclaw config unset agents.list[1] --dry-run")]
pub(super) struct Unset {
    /// Which key, for example gateway.port
    path: KeyPath,
    #[command(flatten)]
    terms: Terms,
}

#[derive(Serialize)]
struct Params {
    path: String,
}

impl Unset {
    pub(super) async fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let params = Params { path: self.path.to_string() };
        let aim = Aim::Edits(vec![Edit::Unset { path: self.path }]);
        self.terms.run(context, file, Goal { aim, method: "config.unset", params }).await
    }
}
