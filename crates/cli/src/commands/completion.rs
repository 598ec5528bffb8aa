//! `openclaw completion`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{
    app::{Cli, Context},
    failure::{Done, Exit},
};

/// Print a completion script for a shell
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw completion bash > ~/.local/share/bash-completion/completions/openclaw
  openclaw completion fish > ~/.config/fish/completions/openclaw.fish")]
pub(crate) struct Completion {
    /// Which shell
    shell: Shell,
}

impl Completion {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "openclaw", &mut script);
        context.output.script(&script)?;
        Ok(Exit::Ok)
    }
}
