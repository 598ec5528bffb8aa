//! The command line: parsing, dispatch, and the exit code.

use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use openclaw_core::Environment;

use crate::{
    commands::{agent, completion, config, dev, devices, gateway, health, logs, sessions, status, version},
    failure::{Done, Exit, Failure},
    local::Local,
    output::Output,
};

/// OpenClaw Gateway: the control plane between people's clients, their agents, channels and machines.
#[derive(Debug, Parser)]
#[command(name = "openclaw", version = openclaw_protocol::VERSION, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage or findings, 3 no gateway answers, 4 refused, \
                        78 the configuration keeps the gateway from starting.")]
pub(crate) struct Cli {
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway, or ask about one
    Gateway(gateway::Gateway),
    /// Ask a gateway whether it is well
    Health(health::Health),
    /// Show what a gateway is doing
    Status(status::Status),
    /// Say something to an agent and print its reply
    Agent(agent::Agent),
    /// Show conversations
    Sessions(sessions::Sessions),
    /// Show the gateway's log
    Logs(logs::Logs),
    /// Admit and remove devices
    Devices(devices::Devices),
    /// Look at the configuration
    Config(config::Config),
    /// Print the version
    Version,
    #[command(hide = true)]
    Dev(dev::Dev),
    /// Print a completion script for a shell
    Completion(completion::Completion),
}

/// What every command gets.
pub(crate) struct Context {
    pub(crate) local: Local,
    pub(crate) output: Output,
}

/// Reads the process's arguments and environment, runs the command, and says how it went.
pub(crate) fn main() -> ExitCode {
    let environment = environment();
    let arguments = named(std::env::args_os().collect());
    let parsed = Cli::command().try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output; its reader may be gone, which is no failure.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8));
        }
    };
    let home = environment.get("HOME").map(PathBuf::from);
    let output = Output::new(&environment, cli.json);
    let mut context = Context { local: Local { environment, home }, output };
    let done = run(&mut context, cli.command);
    let done = done.and_then(|exit| Ok(context.output.flush().map(|()| exit)?));
    match done {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            tell(&mut context, &failure);
            ExitCode::from(failure.exit as u8)
        }
    }
}

fn run(context: &mut Context, command: Command) -> Done {
    match command {
        Command::Gateway(command) => command.run(context),
        Command::Health(command) => wait(command.run(context)),
        Command::Status(command) => wait(command.run(context)),
        Command::Agent(command) => wait(command.run(context)),
        Command::Sessions(command) => wait(command.run(context)),
        Command::Logs(command) => wait(command.run(context)),
        Command::Devices(command) => wait(command.run(context)),
        Command::Config(command) => command.run(context),
        Command::Version => version::run(context),
        Command::Dev(command) => command.run(context),
        Command::Completion(command) => command.run(context),
    }
}

/// Runs a command that waits for the network, on this thread alone: it starts faster than a pool.
pub(crate) fn wait(command: impl Future<Output = Done>) -> Done {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, "RUNTIME", format!("no runtime: {error}")))?
        .block_on(command)
}

fn tell(context: &mut Context, failure: &Failure) {
    if failure.cause.is_empty() {
        return;
    }
    // What the command had printed comes first.
    let _ = context.output.flush();
    if context.output.json {
        let _ = context.output.value(&failure.to_json()).and_then(|()| context.output.flush());
        return;
    }
    let mut text = format!("error: {}\n", failure.cause);
    if let Some(help) = &failure.help {
        text.push_str("  help: ");
        text.push_str(help);
        text.push('\n');
    }
    // Nobody is left to tell when this fails.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// The one place that reads the process environment. Names and values that are not UTF-8 count as absent.
fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Started under the name `gateway`, the program is `openclaw gateway`.
fn named(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let name = arguments.first().map(Path::new).and_then(Path::file_stem);
    if name.is_some_and(|name| name == "gateway") {
        arguments.insert(1, "gateway".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_name_gateway_means_the_command() {
        let words = |words: &[&str]| named(words.iter().map(OsString::from).collect());
        assert_eq!(
            words(&["/opt/bin/gateway", "--config", "g.yml"]),
            ["/opt/bin/gateway", "gateway", "--config", "g.yml"]
        );
        assert_eq!(words(&["/opt/bin/openclaw", "health"]), ["/opt/bin/openclaw", "health"]);
        for line in
            [&["gateway", "--config", "g.yml", "--port", "1"][..], &["gateway", "run", "--port", "1"], &["gateway"]]
        {
            let parsed = Cli::try_parse_from(words(line)).unwrap();
            assert!(matches!(parsed.command, Command::Gateway(_)));
        }
    }
}
