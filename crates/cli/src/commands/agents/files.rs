//! `openclaw agents files`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::{Done, Exit, Failure},
    output::{Column, Table},
    reach::Target,
    show,
};

/// Show and change the files that make an agent who it is
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw agents files list main
  openclaw agents files get main SOUL.md
  openclaw agents files set main SOUL.md --file soul.md")]
pub(super) struct Files {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List an agent's files
    #[command(after_help = "Examples:
  openclaw agents files list
  openclaw agents files list ops --json")]
    List(List),
    /// Print one of them
    #[command(after_help = "Example:
  openclaw agents files get main SOUL.md")]
    Get(One),
    /// Write one of them
    #[command(after_help = "Example:
  openclaw agents files set main USER.md --content \"Likes short answers\"")]
    Set(Set),
    /// Remove one of them
    #[command(after_help = "Example:
  openclaw agents files delete main BOOTSTRAP.md")]
    Delete(One),
}

/// List an agent's files
#[derive(Args, Debug)]
struct List {
    #[command(flatten)]
    target: Target,
    /// The agent's id
    #[arg(value_name = "ID", default_value = "main")]
    agent: String,
}

/// One file of an agent
#[derive(Args, Debug)]
struct One {
    #[command(flatten)]
    target: Target,
    /// The agent's id
    #[arg(value_name = "ID")]
    agent: String,
    /// The file, for example SOUL.md
    #[arg(value_name = "NAME")]
    name: String,
}

/// Write one of an agent's files
#[derive(Args, Debug)]
struct Set {
    #[command(flatten)]
    one: One,
    /// What it is to say
    #[arg(long, value_name = "TEXT", required_unless_present = "file", conflicts_with = "file")]
    content: Option<String>,
    /// A file that says it
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    agent_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    files: Vec<File>,
}

#[derive(Debug, Deserialize)]
struct Got {
    file: File,
    #[serde(default)]
    deleted: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct File {
    name: String,
    path: String,
    missing: bool,
    size: Option<u64>,
    updated_at_ms: Option<i64>,
    content: Option<String>,
}

impl Files {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::List(command) => command.run(context).await,
            Verb::Get(command) => command.get(context).await,
            Verb::Set(command) => command.run(context).await,
            Verb::Delete(command) => command.delete(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &mut Context) -> Done {
        let asked = Asked { agent_id: self.agent, name: None, content: None };
        let answer = once::<Listed>(context, &self.target, "agents.files.list", asked).await?;
        answer.show(&mut context.output, |output, listed| {
            let now = Clock::system().now_ms();
            let mut table = Table::new([Column::whole("FILE"), Column::number("BYTES"), Column::words("UPDATED")]);
            for file in &listed.files {
                table.row([
                    (&file.name).into(),
                    file.size.map_or_else(|| "-".into(), |size| size.to_string().into()),
                    if file.missing { "not there".into() } else { show::age(now, file.updated_at_ms).into() },
                ]);
            }
            output.table(&table)
        })
    }
}

impl One {
    fn asked(&self) -> Asked {
        Asked { agent_id: self.agent.clone(), name: Some(self.name.clone()), content: None }
    }

    async fn get(self, context: &mut Context) -> Done {
        let answer = once::<Got>(context, &self.target, "agents.files.get", self.asked()).await?;
        if answer.read.file.missing && !context.output.json {
            let cause = format!("{} of {} is not there", self.name, self.agent);
            return Err(Failure::new(Exit::Failed, "NOT_FOUND", cause)
                .helped(format!("openclaw agents files set {} {} --file FILE", self.agent, self.name)));
        }
        answer.show(&mut context.output, |output, got| output.block(got.file.content.as_deref().unwrap_or_default()))
    }

    async fn delete(self, context: &mut Context) -> Done {
        let answer = once::<Got>(context, &self.target, "agents.files.delete", self.asked()).await?;
        answer.show(&mut context.output, |output, got| {
            output.line(if got.deleted {
                format!("{} removed", got.file.path)
            } else {
                format!("{} was not there", got.file.path)
            })
        })
    }
}

impl Set {
    async fn run(self, context: &mut Context) -> Done {
        let content = match (self.content, &self.file) {
            (Some(content), _) => content,
            (None, Some(file)) => std::fs::read_to_string(file)
                .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", file.display())))?,
            (None, None) => return Err(Failure::usage("--content or --file says what the file is to hold")),
        };
        let asked = Asked { content: Some(content), ..self.one.asked() };
        let answer = once::<Got>(context, &self.one.target, "agents.files.set", asked).await?;
        answer.show(&mut context.output, |output, got| output.line(format!("{} written", got.file.path)))
    }
}
