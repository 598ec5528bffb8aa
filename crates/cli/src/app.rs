//! The command line: parsing, dispatch, and the exit code.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{
    CommandFactory, FromArgMatches, Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
};
use openclaw_core::Environment;

use crate::{
    commands::{
        agent, agents, approvals, audit, backup, channels, chat, completion, config, cron, dashboard, dev, devices,
        doctor, gateway, gateways, health, logs, message, methods, metrics, models, node, nodes, onboard, passkeys, qr,
        security, sessions, skills, spawn, status, system, top, ui, version,
    },
    failure::{Done, Exit, Failure},
    local::Local,
    output::{self, ColourChoice, Output, Settings, Tone},
};

/// What `openclaw --help` says at its end.
const AFTER_HELP: &str = "\
Examples:
  openclaw gateway                              start the gateway here
  openclaw agent --message \"What can you do?\"   talk to it
  openclaw chat                                 talk with it for longer
  openclaw top                                  look on
  openclaw doctor                               find out what is wrong

Exit codes:
    0  done
    1  it did not work
    2  wrong usage, or a check has findings
    3  no gateway answers
    4  the gateway refused
   78  the configuration keeps the gateway from starting
  130  interrupted";

/// OpenClaw Gateway: the control plane between people's clients, their agents, channels and machines.
#[derive(Debug, Parser)]
#[command(name = "openclaw", version = openclaw_protocol::VERSION, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// Print JSON instead of text, errors too
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    /// When to colour
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, hide_default_value = true, global = true)]
    #[arg(help_heading = "Output", alias = "colour")]
    color: ColourChoice,
    /// The same as --color never
    #[arg(long, global = true, hide = true)]
    no_color: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway, or ask about one
    Gateway(gateway::Gateway),
    /// Set a gateway up, step by step
    #[command(visible_alias = "wizard")]
    Onboard(onboard::Onboard),
    /// Ask a gateway whether it is well
    Health(health::Health),
    /// Show what a gateway is doing
    Status(status::Status),
    /// Show how busy a gateway was over the last hour or day
    Metrics(metrics::Metrics),
    /// Say something to an agent and print its reply
    Agent(agent::Agent),
    /// Talk with an agent, and decide what it asks
    #[command(visible_alias = "tui")]
    Chat(chat::Chat),
    /// Watch what a gateway is doing, as it does it
    Top(top::Top),
    /// Show and change conversations
    Sessions(sessions::Sessions),
    /// Start programs on the gateway's machine
    Spawn(spawn::Spawn),
    /// Show and change the agents
    Agents(agents::Agents),
    /// Show, install and turn off what agents have learned to do
    Skills(skills::Skills),
    /// Schedule work for agents
    #[command(visible_alias = "automations")]
    Cron(cron::Cron),
    /// Show which models agents can use
    Models(models::Models),
    /// Show chat channels and control their accounts
    Channels(channels::Channels),
    /// Send messages on chat channels
    Message(message::Message),
    /// Show the gateway's log
    Logs(logs::Logs),
    /// Decide what waits for people, and which commands may run
    #[command(alias = "exec-approvals")]
    Approvals(approvals::Approvals),
    /// Tell an agent something, and have it look at once
    Wake(system::Wake),
    /// Tell agents something, and see who is there
    System(system::System),
    /// Admit and remove devices
    Devices(devices::Devices),
    /// Look at passkeys, and remove them
    Passkeys(passkeys::Passkeys),
    /// Show a code by which a companion app comes in
    Qr(qr::Qr),
    /// Show, approve and use machines that offer commands
    Nodes(nodes::Nodes),
    /// Reach other gateways through this one
    #[command(visible_alias = "fleet")]
    Gateways(gateways::Gateways),
    /// Make this machine a node of a gateway
    Node(node::Node),
    /// Look at what was done, and prove that the record of it is whole
    Audit(audit::Audit),
    /// Copy everything that the gateway keeps, check the copies, and go back to one
    Backup(backup::Backup),
    /// Look at the configuration and change it
    Config(config::Config),
    /// Open the gateway's page, signed in
    Dashboard(dashboard::Dashboard),
    /// Serve the page alone, for a gateway elsewhere
    Ui(ui::Ui),
    /// Find out what is wrong, and what to do about it
    Doctor(doctor::Doctor),
    /// Find out how safely this gateway is set up
    Security(security::Security),
    /// Tell what a gateway can be asked
    Methods(methods::Methods),
    /// Call a method and print its answer, as JSON
    #[command(after_help = "Examples:
  openclaw call health
  openclaw call sessions.list --params '{\"limit\": 5}'

The same as openclaw gateway call; openclaw methods lists what there is.")]
    Call(gateway::Call),
    /// Print the version
    Version(version::Version),
    /// Print a completion script for a shell
    Completion(completion::Completion),
    #[command(hide = true)]
    Dev(dev::Dev),
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
    if arguments.get(1).is_some_and(|word| word == openclaw_sandbox::guard::ARGUMENT) {
        return guard();
    }
    let json = arguments.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    let parsed = Cli::command().try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return unparsed(&error, json, &environment),
    };
    let home = environment.get("HOME").map(PathBuf::from);
    let colour = if cli.no_color { ColourChoice::Never } else { cli.color };
    let output = Output::new(&environment, Settings { json: cli.json, colour });
    let mut context = Context { local: Local { environment, home }, output };
    let done = run(&mut context, cli.command);
    let done = done.and_then(|exit| Ok(context.output.flush().map(|()| exit)?));
    match done {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            tell(&mut context, &failure, colour);
            ExitCode::from(failure.exit.code())
        }
    }
}

fn run(context: &mut Context, command: Command) -> Done {
    match command {
        Command::Gateway(command) => command.run(context),
        Command::Onboard(command) => wait(command.run(context)),
        Command::Health(command) => wait(command.run(context)),
        Command::Status(command) => wait(command.run(context)),
        Command::Metrics(command) => wait(command.run(context)),
        Command::Agent(command) => wait(command.run(context)),
        Command::Chat(command) => wait(command.run(context)),
        Command::Top(command) => wait(command.run(context)),
        Command::Agents(command) => wait(command.run(context)),
        Command::Sessions(command) => wait(command.run(context)),
        Command::Cron(command) => wait(command.run(context)),
        Command::Wake(command) => wait(command.run(context)),
        Command::System(command) => wait(command.run(context)),
        Command::Spawn(command) => wait(command.run(context)),
        Command::Skills(command) => wait(command.run(context)),
        Command::Models(command) => wait(command.run(context)),
        Command::Channels(command) => wait(command.run(context)),
        Command::Message(command) => wait(command.run(context)),
        Command::Methods(command) => wait(command.run(context)),
        Command::Call(command) => wait(command.run(context)),
        Command::Logs(command) => wait(command.run(context)),
        Command::Approvals(command) => wait(command.run(context)),
        Command::Devices(command) => wait(command.run(context)),
        Command::Passkeys(command) => wait(command.run(context)),
        Command::Qr(command) => wait(command.run(context)),
        Command::Gateways(command) => wait(command.run(context)),
        Command::Node(command) => wait(command.run(context)),
        Command::Nodes(command) => wait(command.run(context)),
        Command::Audit(command) => command.run(context),
        Command::Backup(command) => command.run(context),
        Command::Config(command) => command.run(context),
        Command::Dashboard(command) => wait(command.run(context)),
        Command::Ui(command) => wait(command.run(context)),
        Command::Doctor(command) => wait(command.run(context)),
        Command::Security(command) => command.run(context),
        Command::Version(command) => command.run(context),
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

/// A command line that cannot be understood, or that asks for help.
fn unparsed(error: &clap::Error, json: bool, environment: &Environment) -> ExitCode {
    let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage.code()));
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // Its reader may be gone, which is no failure.
        let _ = error.print();
        return code;
    }
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n");
    let cause = paragraphs.next().unwrap_or_default();
    let failure = Failure::usage(cause.strip_prefix("error: ").unwrap_or(cause));
    let failure = match nearest(error) {
        Some(word) => failure.helped(format!("did you mean \"{word}\"?")),
        None => failure.helped("openclaw --help, or --help after a command"),
    };
    if json {
        let mut output = Output::new(environment, Settings { json, ..Settings::default() });
        let _ = output.value(&failure.told()).and_then(|()| output.flush());
        return code;
    }
    let usage = paragraphs.find_map(|paragraph| paragraph.strip_prefix("Usage: "));
    let mut lines = vec![(Tone::Bad, "error:", failure.cause.as_str())];
    lines.extend(usage.map(|usage| (Tone::Strong, "  usage:", usage.trim_end())));
    lines.extend(failure.hint.iter().map(|hint| (Tone::Strong, "  help:", hint.as_str())));
    output::complain(environment, ColourChoice::Auto, &lines);
    code
}

/// What was probably meant. Clap puts the likeliest last.
fn nearest(error: &clap::Error) -> Option<String> {
    [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue].into_iter().find_map(
        |kind| match error.get(kind)? {
            ContextValue::String(word) => Some(word.clone()),
            ContextValue::Strings(words) => words.last().cloned(),
            _ => None,
        },
    )
}

fn tell(context: &mut Context, failure: &Failure, colour: ColourChoice) {
    if failure.cause.is_empty() {
        return;
    }
    // What the command had printed comes first.
    let _ = context.output.flush();
    if context.output.json {
        let _ = context.output.value(&failure.told()).and_then(|()| context.output.flush());
        return;
    }
    let mut lines = vec![(Tone::Bad, "error:", failure.cause.as_str())];
    lines.extend(failure.hint.iter().map(|hint| (Tone::Strong, "  help:", hint.as_str())));
    output::complain(&context.local.environment, colour, &lines);
}

/// The one place that reads the process environment. Names and values that are not UTF-8 count as absent.
fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Ends what a gateway started, once that is gone. Called by gateways alone; nobody reads what it would print.
fn guard() -> ExitCode {
    match openclaw_sandbox::guard::run(std::io::stdin().lock()) {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
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
mod tests;
