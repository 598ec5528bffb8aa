//! `openclaw agents add`

use std::path::Path;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::{Done, Failure},
    reach::Target,
};

/// Add an agent; it answers at once
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw agents add work --workspace ~/.openclaw/workspace-work
  openclaw agents add \"Research\" --model house/big --emoji 🔎 --json

A name that is an id already is the agent's id; else one is made from it. Nothing is asked, with or without
--non-interactive.")]
pub(super) struct Add {
    #[command(flatten)]
    target: Target,
    /// The agent's name
    #[arg(value_name = "NAME")]
    name: String,
    /// Folder that it works in [default: workspace-<id> in the state directory]
    #[arg(long, value_name = "FOLDER")]
    workspace: Option<String>,
    /// Its model, as provider/model
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Its emoji
    #[arg(long, value_name = "EMOJI")]
    emoji: Option<String>,
    /// Its picture: a URL, or a path in its workspace
    #[arg(long, value_name = "PICTURE")]
    avatar: Option<String>,
    /// Its theme
    #[arg(long, value_name = "THEME")]
    theme: Option<String>,
    /// Ask nothing, which is so anyway
    #[arg(long)]
    non_interactive: bool,
    /// Channels that lead to it; there are none yet
    #[arg(long, value_name = "CHANNEL", hide = true)]
    bind: Vec<String>,
}

#[derive(Serialize)]
struct Asked {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Added {
    agent_id: String,
    workspace: String,
}

/// A folder as the gateway understands it: relative ones are meant from here.
pub(in crate::commands) fn folder(text: &str) -> Result<String, Failure> {
    if text.starts_with('~') || Path::new(text).is_absolute() {
        return Ok(text.to_owned());
    }
    let whole = std::path::absolute(text).ok().and_then(|path| path.into_os_string().into_string().ok());
    whole.ok_or_else(|| Failure::usage(format!("--workspace {text} is no folder that can be named")))
}

impl Add {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        if !self.bind.is_empty() {
            return Err(Failure::usage("--bind needs channels, and this gateway has none yet")
                .helped(format!("openclaw agents add {}", self.name)));
        }
        let workspace = self.workspace.as_deref().map(folder).transpose()?;
        let asked = Asked {
            name: self.name,
            workspace,
            model: self.model,
            emoji: self.emoji,
            avatar: self.avatar,
            theme: self.theme,
        };
        let answer = once::<Added>(context, &self.target, "agents.create", asked).await?;
        answer.show(&mut context.output, |output, added| {
            output.line(format!("{} added, working in {}", added.agent_id, added.workspace))
        })
    }
}
