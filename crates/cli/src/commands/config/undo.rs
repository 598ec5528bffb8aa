//! `openclaw config undo`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::change::{Aim, Goal, Terms};
use crate::{app::Context, failure::Done};

/// Go back to what the configuration was before
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config undo                the state before the newest
  openclaw config undo 3f2a           the state of that entry
  openclaw config undo --dry-run

Going back is a change too, so it can be undone. Secrets that were replaced since stay replaced.")]
pub(super) struct Undo {
    /// An entry of the history, or the first characters of its identifier [default: the one before the newest]
    entry: Option<String>,
    #[command(flatten)]
    terms: Terms,
}

#[derive(Serialize)]
struct Params {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl Undo {
    pub(super) async fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let params = Params { id: self.entry.clone() };
        self.terms.run(context, file, Goal { aim: Aim::Undo(self.entry), method: "config.undo", params }).await
    }
}
