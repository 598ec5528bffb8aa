//! `openclaw node run`

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use openclaw_client::{ClientInfo, Credentials, Delivery, Handles, Options, Protocol, State, supervise};
use openclaw_protocol::Role;
use openclaw_sandbox::Host;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use super::{
    exec::Executor,
    host::{COMMANDS, NodeHost},
    identity,
    policy::PolicyFile,
};
use crate::{
    app::Context,
    commands::devices::setup,
    failure::{Done, Exit, Failure},
    output::Output,
    reach::{self, Target},
};

/// Offer this machine's commands until told to stop
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw node run
  openclaw node run --host gateway.lan --port 18789 --display-name \"Build box\"
  openclaw node run --commands system.which --root /srv/builds
  openclaw node run --pair CODE        the first time: a code of openclaw devices setup-code --role node

A program runs only as node/exec-approvals.json of the state directory says: deny, allowlist, ask or full.
Without that file the gateway asks its owner about each program.")]
pub(super) struct Run {
    #[command(flatten)]
    target: Target,
    /// The gateway's host; with --port the same as --url
    #[arg(long, value_name = "HOST", conflicts_with = "url", help_heading = "Gateway")]
    host: Option<String>,
    /// The gateway's port
    #[arg(long, value_name = "PORT", requires = "host", default_value = "18789", help_heading = "Gateway")]
    port: u16,
    /// Encrypt the connection to --host
    #[arg(long, requires = "host", help_heading = "Gateway")]
    tls: bool,
    /// Come in by a setup code, which names the gateway; afterwards this machine's key suffices
    #[arg(long, value_name = "CODE", conflicts_with_all = ["host", "url", "token", "password"], help_heading = "Gateway")]
    pair: Option<String>,
    /// Name for people
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// Offer only these commands
    #[arg(long, value_name = "COMMAND", value_delimiter = ',', value_parser = offered)]
    commands: Vec<String>,
    /// Start programs only below this folder; may be given several times
    #[arg(long, value_name = "PATH")]
    root: Vec<PathBuf>,
}

fn offered(word: &str) -> Result<String, String> {
    if COMMANDS.contains(&word) {
        return Ok(word.to_owned());
    }
    Err(format!("this node offers {}", COMMANDS.join(", ")))
}

impl Run {
    pub(super) async fn run(mut self, context: &mut Context) -> Done {
        let no_signals = |error| Failure::new(Exit::Failed, "SIGNAL", format!("no signals: {error}"));
        let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signals)?;
        if let Some(host) = &self.host {
            let scheme = if self.tls { "wss" } else { "ws" };
            self.target.url = Some(format!("{scheme}://{host}:{}", self.port));
        }
        let paired = self.pair.as_deref().map(setup::read).transpose()?;
        if let Some(paired) = &paired {
            self.target.url = Some(paired.url.clone());
        }
        let mut options = self.options(context)?;
        if let Some(paired) = paired {
            // It is this device that the code admits, whatever else lies about here.
            options.credentials = Credentials { setup_code: Some(paired.token), ..Credentials::default() };
        }
        let (handles, commands) = (options.handles.clone(), options.commands.clone());
        let url = options.url.to_string();
        let id = options.identity.as_ref().map(|identity| identity.device_id().to_owned()).unwrap_or_default();
        let paths = context.local.paths()?;
        let executor = Executor {
            host: Host::new(handles.tasks.clone(), Some(crate::commands::gateway::run::guard())),
            policy: PolicyFile::new(&paths.state_dir),
            environment: context.local.environment.clone(),
            home: context.local.home.clone(),
            roots: self.root.clone(),
        };
        tell(&mut context.output, "starting", &url, &format!("node {id}"))?;
        let supervised = supervise(options, |_| Box::pin(async { Ok(()) }));
        let (mut events, mut state) = (supervised.events(), supervised.state());
        let node = NodeHost::new(executor, commands, supervised, handles.tasks.clone());
        let done = loop {
            tokio::select! {
                _ = terminate.recv() => break Ok(Exit::Ok),
                _ = interrupt.recv() => break Ok(Exit::Ok),
                changed = state.changed() => {
                    if changed.is_err() {
                        break Ok(Exit::Ok);
                    }
                    let now = state.borrow_and_update().clone();
                    match now {
                        State::Connected(_) => tell(&mut context.output, "connected", &url, "waiting for commands")?,
                        State::Reconnecting { why, .. } => tell(&mut context.output, "waiting", &url, &why)?,
                        State::Final { why } => break Err(Failure::new(Exit::Refused, "NODE", why.to_string())),
                        State::Connecting => {}
                    }
                }
                delivery = events.next() => match delivery {
                    Some(Delivery::Event(event)) if event.name == "node.pair.resolved" => {
                        tell(&mut context.output, "decided", &url, event.payload.get())?;
                    }
                    Some(Delivery::Event(event)) => node.take(&event),
                    Some(Delivery::Missed(_) | Delivery::Gap(_)) => {}
                    None => break Ok(Exit::Ok),
                },
            }
        };
        drop(node);
        handles.tasks.shutdown(std::time::Duration::from_secs(5)).await;
        done
    }

    fn options(&self, context: &Context) -> Result<Options, Failure> {
        let found = reach::find(&context.local, &self.target)?;
        let mut options = reach::options(&context.local, &self.target, &found, None)?;
        let handles = Handles::system();
        let mut client = ClientInfo::new("node-host", "node");
        let host = || rustix::system::uname().nodename().to_string_lossy().into_owned();
        client.display_name = Some(self.display_name.clone().unwrap_or_else(host)).filter(|name| !name.is_empty());
        options.client = client;
        options.identity = Some(Arc::new(identity::load_or_create(&context.local, &handles)?));
        options.handles = handles;
        options.role = Role::Node;
        options.scopes = Vec::new();
        options.caps = vec!["system".to_owned()];
        let all = || COMMANDS.map(str::to_owned).to_vec();
        options.commands = if self.commands.is_empty() { all() } else { self.commands.clone() };
        options.protocol = Protocol { fallback: Some(3), ..Protocol::default() };
        Ok(options)
    }
}

/// One line for people, one object for programs.
fn tell(output: &mut Output, state: &str, url: &str, about: &str) -> std::io::Result<()> {
    if output.json {
        output.value(&json!({ "state": state, "url": url, "about": about }))?;
    } else {
        output.line(format!("{state} {url}: {about}"))?;
    }
    output.flush()
}
