//! `openclaw completion`

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{
    app::{Cli, Context},
    failure::{Done, Exit},
};

/// Print a completion script; put it where the shell looks, for example
/// `openclaw completion bash > ~/.local/share/bash-completion/completions/openclaw`
#[derive(Args, Debug)]
pub(crate) struct Completion {
    /// Which shell
    shell: Shell,
}

impl Completion {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "openclaw", &mut script);
        context.output.stream(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Ok)
    }
}
