//! `openclaw sessions archive` and `unarchive`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::One;
use crate::{app::Context, failure::Done};

/// Set a conversation aside
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw sessions archive trip")]
pub(super) struct Archive {
    #[command(flatten)]
    one: One,
}

/// Take a conversation back that was set aside
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw sessions unarchive trip")]
pub(super) struct Unarchive {
    #[command(flatten)]
    one: One,
}

#[derive(Serialize)]
struct Asked {
    key: String,
    archived: bool,
}

#[derive(Debug, Deserialize)]
struct Patched {
    key: String,
}

impl Archive {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let answer = self.one.call(context, "sessions.patch", |key| Asked { key, archived: true }).await?;
        answer.show(&mut context.output, |output, patched: &Patched| output.line(format!("{} set aside", patched.key)))
    }
}

impl Unarchive {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let answer = self.one.call(context, "sessions.patch", |key| Asked { key, archived: false }).await?;
        answer.show(&mut context.output, |output, patched: &Patched| output.line(format!("{} taken back", patched.key)))
    }
}
