//! What is measured: a server started for one case, in a process and a state directory of its own.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use clap::ValueEnum;
use openclaw_core::{Ids, Secret};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

use crate::{
    limit::Sizes,
    login::{Identity, login},
    model::{MODEL, Model},
    process::Tree,
    reference::{self, Reference},
    seed,
    wire::{PATIENCE, Wire},
};

/// Pause between two attempts to reach a server that is starting.
const RETRY: Duration = Duration::from_micros(500);
/// Lines of a server's output that an error quotes.
const QUOTED_LINES: usize = 15;
/// Devices that one user may pair: the most that the gateway allows, because one case pairs thousands.
const DEVICES: u32 = 10_000;

/// Pause between two attempts to reach the reference, which answers long before it is ready.
const REFERENCE_RETRY: Duration = Duration::from_millis(50);

/// The servers this tool can start. Another implementation is one more variant: how to start it, and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    /// `openclaw gateway run`.
    Gateway,
    /// The bare server inside this tool.
    Limit,
    /// The reference implementation, from npm.
    Reference,
}

impl Target {
    /// The name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Limit => "limit",
            Self::Reference => "reference",
        }
    }
}

/// How to start servers.
pub(crate) struct Launcher {
    /// The gateway's binary.
    pub(crate) binary: PathBuf,
    /// The reference, where it is installed and asked for.
    pub(crate) reference: Option<Reference>,
    /// Sizes of the bare server's messages.
    pub(crate) sizes: Sizes,
    /// The model the gateways ask.
    pub(crate) model: Model,
    /// Makes tokens and device keys.
    pub(crate) ids: Ids,
    /// State directories that were filled for a case, by their number of sessions.
    pub(crate) seeded: tokio::sync::Mutex<BTreeMap<usize, Seeded>>,
}

/// A state directory with sessions in it.
pub(crate) struct Seeded {
    home: TempDir,
    /// How long it took to make them.
    pub(crate) took: Duration,
}

/// State that a server is started on.
enum Home {
    /// Its own, removed with it.
    Own(TempDir),
    /// Own files, but the state of another folder.
    Seeded(TempDir, PathBuf),
}

impl Home {
    fn folder(&self) -> &Path {
        let (Self::Own(folder) | Self::Seeded(folder, _)) = self;
        folder.path()
    }

    fn state(&self) -> PathBuf {
        match self {
            Self::Own(folder) => folder.path().join("state"),
            Self::Seeded(_, state) => state.clone(),
        }
    }

    fn config(&self) -> PathBuf {
        self.folder().join("openclaw.json")
    }
}

impl Launcher {
    /// Starts a server on an empty state directory and waits for its first hello.
    pub(crate) async fn start(&self, target: Target) -> Result<Server> {
        self.start_timed(target).await.map(|(server, _)| server)
    }

    /// As [`start`](Self::start); also tells how long the first hello took from the start of the process.
    pub(crate) async fn start_timed(&self, target: Target) -> Result<(Server, Duration)> {
        self.start_at(target, Home::Own(folder()?), &json!({})).await
    }

    /// Starts the gateway on an empty state directory, without the file of its audit trail.
    pub(crate) async fn start_unaudited(&self) -> Result<Server> {
        let settings = json!({ "audit": { "enabled": false } });
        Ok(self.start_at(Target::Gateway, Home::Own(folder()?), &settings).await?.0)
    }

    /// Starts the gateway on a state directory with so many sessions, which is made at the first call; tells how long
    /// making it took.
    pub(crate) async fn start_seeded(&self, sessions: usize) -> Result<(Server, Duration)> {
        let mut all = self.seeded.lock().await;
        let seeded = match all.entry(sessions) {
            Entry::Occupied(seeded) => seeded.into_mut(),
            Entry::Vacant(place) => {
                let home = folder()?;
                eprintln!("  making {sessions} sessions");
                let took = seed::sessions(&home.path().join("state"), sessions).await?;
                place.insert(Seeded { home, took })
            }
        };
        let home = Home::Seeded(folder()?, seeded.home.path().join("state"));
        Ok((self.start_at(Target::Gateway, home, &json!({})).await?.0, seeded.took))
    }

    /// `logging` is the gateway's section of that name.
    async fn start_at(&self, target: Target, home: Home, logging: &Value) -> Result<(Server, Duration)> {
        let token = self.ids.token();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let mut command = match target {
            Target::Gateway => self.gateway(&home, address.port(), &token, logging)?,
            Target::Reference => self.reference(&home, address.port(), &token)?,
            Target::Limit => self.limit(address.port())?,
        };
        let log = fs::File::create(home.folder().join("load-output.log"))?;
        command.current_dir(home.folder()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // A group of its own, so that helpers which it starts end with it.
        command.process_group(0);
        let start = Instant::now();
        let child =
            command.spawn().with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        let mut server = Server { target, child, home, address, token };
        let hello = server.first_hello().await?;
        let took = start.elapsed();
        drop(hello);
        Ok((server, took))
    }

    fn gateway(&self, home: &Home, port: u16, token: &Secret, logging: &Value) -> Result<Command> {
        let text = json!({
            "gateway": {
                "auth": { "mode": "token", "token": token.expose(), "deviceAuth": { "maxDevicesPerUser": DEVICES } },
            },
            "metrics": { "port": free_port()? },
            "logging": logging,
            "agents": { "defaults": { "model": format!("load/{MODEL}") } },
            "models": { "providers": { "load": {
                "baseUrl": self.model.base_url(),
                "apiKey": self.ids.token().expose(),
                "api": "openai-completions",
                "models": [{ "id": MODEL, "name": MODEL }],
            } } },
        });
        write_private(&home.config(), text.to_string().as_bytes())?;
        let mut command = in_home(Command::new(&self.binary), home);
        command.args(["gateway", "run", "--bind", "loopback", "--port", &port.to_string()]);
        Ok(command)
    }

    fn reference(&self, home: &Home, port: u16, token: &Secret) -> Result<Command> {
        let text = Reference::configuration(port, token, &self.model, &self.ids.token());
        write_private(&home.config(), text.as_bytes())?;
        let mut command = in_home(self.installed()?.command(), home);
        command.args(["gateway", "run"]);
        Ok(command)
    }

    fn installed(&self) -> Result<&Reference> {
        self.reference.as_ref().context("the reference is not installed; `cargo xtask load --reference` does that")
    }

    fn limit(&self, port: u16) -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("limit").arg(format!("--port={port}")).args(self.sizes.arguments());
        Ok(command)
    }

    /// A command of the server's own command line, to be run beside it; `None` when it has none.
    pub(crate) fn command_line(&self, server: &Server) -> Result<Option<Command>> {
        let program = match server.target {
            Target::Gateway => Command::new(&self.binary),
            Target::Reference => self.installed()?.command(),
            Target::Limit => return Ok(None),
        };
        Ok(Some(in_home(program, &server.home)))
    }
}

/// Keys and proxies of whoever measures are no part of the measurement.
fn in_home(mut command: Command, home: &Home) -> Command {
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home.folder()).env("NO_COLOR", "1");
    command.env("OPENCLAW_STATE_DIR", home.state()).env("OPENCLAW_CONFIG_PATH", home.config());
    command
}

fn folder() -> Result<TempDir> {
    Ok(tempfile::Builder::new().prefix("openclaw-load-").tempdir()?)
}

/// A running server. Dropping it ends the process and removes its state.
pub(crate) struct Server {
    target: Target,
    child: Child,
    home: Home,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    token: Secret,
}

impl Server {
    /// The processes it consists of.
    pub(crate) fn tree(&self) -> Tree {
        Tree { root: self.child.id() }
    }

    /// An authenticated connection.
    pub(crate) async fn connect(&self, identity: &Identity) -> Result<Wire> {
        Ok(self.hello(identity, None).await?.0)
    }

    /// An authenticated connection with the hello frame. Shows the shared secret unless another token is given.
    pub(crate) async fn hello(&self, identity: &Identity, token: Option<&Secret>) -> Result<(Wire, Bytes)> {
        login(TcpStream::connect(self.address).await?, token.unwrap_or(&self.token), identity).await
    }

    /// The shared secret.
    pub(crate) fn token(&self) -> &Secret {
        &self.token
    }

    /// The configuration file it was started with.
    pub(crate) fn config(&self) -> PathBuf {
        self.home.config()
    }

    async fn first_hello(&mut self) -> Result<Wire> {
        // Ours is ready when it listens; the reference listens, refuses for some seconds, and then is.
        let (patience, retry) = match self.target {
            Target::Gateway | Target::Limit => (PATIENCE, RETRY),
            Target::Reference => (reference::START_PATIENCE, REFERENCE_RETRY),
        };
        let start = Instant::now();
        loop {
            let error = match TcpStream::connect(self.address).await {
                Ok(stream) => match login(stream, &self.token, &Identity::Backend).await {
                    Ok((wire, _)) => return Ok(wire),
                    Err(error) if self.target == Target::Reference => error,
                    Err(error) => return Err(error.context(format!("no hello; the server said:\n{}", self.output()))),
                },
                Err(error) => error.into(),
            };
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended ({status}) before its first hello:\n{}", self.output());
            }
            ensure!(start.elapsed() < patience, "the server does not serve: {error:#}\n{}", self.output());
            sleep(retry).await;
        }
    }

    /// The last lines the server printed.
    pub(crate) fn output(&self) -> String {
        let text = fs::read_to_string(self.home.folder().join("load-output.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killing a process that has ended already fails, which is as good.
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(bytes)?;
    Ok(())
}
