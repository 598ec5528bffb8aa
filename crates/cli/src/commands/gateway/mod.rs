//! `openclaw gateway`

mod call;
mod generate_token;
mod hash_password;
mod list_tokens;
mod probe;
mod rotate_token;
pub(crate) mod run;
mod secret;
mod status;
mod stop;
mod tunnel;
mod usage_cost;

use clap::{Args, Subcommand};

pub(crate) use self::call::Call;
use crate::{
    app::{self, Context},
    failure::Done,
};

/// Run the gateway, or ask about one
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw gateway                     start it here, in the foreground
  openclaw gateway --port 19000        on another port
  openclaw gateway status              does it run?
  openclaw gateway stop")]
pub(crate) struct Gateway {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    run: run::Run,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the gateway until it is told to stop
    Run(run::Run),
    /// Tell whether this machine's gateway runs, where, and since when
    Status(status::Status),
    /// Tell whether a gateway can be reached, admits this program and is well
    Probe(probe::Probe),
    /// Call a method and print its answer
    Call(Call),
    /// Ask a gateway whether it is well
    Health(crate::commands::health::Health),
    /// Tell what was used, day by day
    UsageCost(usage_cost::UsageCost),
    /// Make the hash of a password, for gateway.auth.password
    HashPassword(hash_password::HashPassword),
    /// Make a strong token for the gateway
    GenerateToken(generate_token::GenerateToken),
    /// Replace the gateway's token, and end every connection that the old one let in
    RotateToken(rotate_token::RotateToken),
    /// List the tokens that let somebody in, and never a token itself
    ListTokens(list_tokens::ListTokens),
    /// Stop this machine's gateway and wait until it is gone
    Stop(stop::Stop),
}

impl Gateway {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.run.run(context),
            Some(Verb::Run(command)) => command.run(context),
            Some(Verb::Status(command)) => app::wait(command.run(context)),
            Some(Verb::Probe(command)) => app::wait(command.run(context)),
            Some(Verb::Call(command)) => app::wait(command.run(context)),
            Some(Verb::Health(command)) => app::wait(command.run(context)),
            Some(Verb::UsageCost(command)) => app::wait(command.run(context)),
            Some(Verb::HashPassword(command)) => command.run(context),
            Some(Verb::GenerateToken(command)) => app::wait(command.run(context)),
            Some(Verb::RotateToken(command)) => app::wait(command.run(context)),
            Some(Verb::ListTokens(command)) => app::wait(command.run(context)),
            Some(Verb::Stop(command)) => app::wait(command.run(context)),
        }
    }
}
