//! `openclaw agents delete`

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::{Done, Failure},
    reach::Target,
};

/// End an agent, with its runs and conversations
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw agents delete work --force
  openclaw agents delete work --force --keep-files

Its workspace is moved to the folder trash of the state directory.")]
pub(super) struct Delete {
    #[command(flatten)]
    target: Target,
    /// The agent's id
    #[arg(value_name = "ID")]
    agent: String,
    /// Yes, end it
    #[arg(long)]
    force: bool,
    /// Leave its workspace where it is, and keep what was said among the archives
    #[arg(long)]
    keep_files: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    agent_id: String,
    delete_files: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Deleted {
    agent_id: String,
    removed: Vec<Folder>,
    failed: Vec<Folder>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Folder {
    path: String,
    method: String,
    reason: String,
}

impl Delete {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        if !self.force {
            let cause = format!("this ends agent {} with all of its conversations", self.agent);
            return Err(Failure::usage(cause).helped(format!("openclaw agents delete {} --force", self.agent)));
        }
        let asked = Asked { agent_id: self.agent, delete_files: !self.keep_files };
        let answer = once::<Deleted>(context, &self.target, "agents.delete", asked).await?;
        answer.show(&mut context.output, |output, deleted| {
            output.line(format!("{} deleted, with its conversations", deleted.agent_id))?;
            for folder in deleted.removed.iter().filter(|folder| folder.method == "trash") {
                output.line(format!("{} is in the trash", folder.path))?;
            }
            for folder in &deleted.failed {
                output.line(format!("{} stays: {}", folder.path, folder.reason))?;
            }
            Ok(())
        })
    }
}
