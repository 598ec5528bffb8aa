//! `openclaw dev`: for those who work on the gateway itself.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
};

/// Commands for those who work on the gateway itself.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the files that are made from the code
    Schema {
        /// Folder that stands for the repository
        #[arg(long)]
        out: PathBuf,
    },
}

impl Dev {
    pub(crate) fn run(self, _: &mut Context) -> Done {
        let Command::Schema { out } = self.command;
        let config_schema = serde_json::to_string_pretty(&openclaw_config::schema()).unwrap_or_default();
        for (path, text) in [
            ("docs/methods.md", openclaw_gateway::methods_markdown()),
            ("docs/openapi.json", format!("{:#}\n", openclaw_gateway::openapi())),
            ("docs/methods.schema.json", format!("{:#}\n", openclaw_gateway::schema())),
            ("docs/methods.d.ts", openclaw_gateway::typescript()),
            ("docs/configuration.md", openclaw_config::reference_markdown()),
            ("docs/configuration.schema.json", format!("{config_schema}\n")),
        ] {
            write(&out.join(path), &text)?;
        }
        Ok(Exit::Ok)
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(path, text));
    written
        .map_err(|error| Failure::new(Exit::Failed, "WRITE", format!("{} cannot be written: {error}", path.display())))
}
