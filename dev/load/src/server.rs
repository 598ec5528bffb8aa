//! What is measured: a server started for one case, in a process and a state directory of its own.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use clap::ValueEnum;
use openclaw_core::{Ids, Secret};
use serde::Serialize;
use serde_json::json;
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
    wire::{PATIENCE, Wire},
};

/// Pause between two attempts to reach a server that is starting.
const RETRY: Duration = Duration::from_micros(500);
/// Lines of a server's output that an error quotes.
const QUOTED_LINES: usize = 15;
/// Devices that one user may pair: the most that the gateway allows, because one case pairs thousands.
const DEVICES: u32 = 10_000;

/// The servers this tool can start. Another implementation is one more variant: how to start it, and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    /// `openclaw gateway run`.
    Gateway,
    /// The bare server inside this tool.
    Limit,
}

impl Target {
    /// The name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Limit => "limit",
        }
    }
}

/// How to start servers.
pub(crate) struct Launcher {
    /// The gateway's binary.
    pub(crate) binary: PathBuf,
    /// Sizes of the bare server's messages.
    pub(crate) sizes: Sizes,
    /// The model the gateway asks.
    pub(crate) model: Model,
    /// Makes tokens and device keys.
    pub(crate) ids: Ids,
}

impl Launcher {
    /// Starts a server on an empty state directory and waits for its first hello.
    pub(crate) async fn start(&self, target: Target) -> Result<Server> {
        self.start_timed(target).await.map(|(server, _)| server)
    }

    /// As [`start`](Self::start); also tells how long the first hello took from the start of the process.
    pub(crate) async fn start_timed(&self, target: Target) -> Result<(Server, Duration)> {
        let state = tempfile::Builder::new().prefix("openclaw-load-").tempdir()?;
        let token = self.ids.token();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let mut command = match target {
            Target::Gateway => self.gateway(state.path(), address.port(), &token)?,
            Target::Limit => self.limit(address.port())?,
        };
        let log = fs::File::create(state.path().join("load-output.log"))?;
        command.current_dir(state.path()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let start = Instant::now();
        let child =
            command.spawn().with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        let mut server = Server { child, state, address, token };
        let hello = server.first_hello().await?;
        let took = start.elapsed();
        drop(hello);
        Ok((server, took))
    }

    fn gateway(&self, home: &Path, port: u16, token: &Secret) -> Result<Command> {
        let config = home.join("openclaw.json");
        let text = json!({
            "gateway": {
                "auth": { "mode": "token", "token": token.expose(), "deviceAuth": { "maxDevicesPerUser": DEVICES } },
            },
            "metrics": { "port": free_port()? },
            "agents": { "defaults": { "model": format!("load/{MODEL}") } },
            "models": { "providers": { "load": {
                "baseUrl": self.model.base_url(),
                "apiKey": self.ids.token().expose(),
                "api": "openai-completions",
                "models": [{ "id": MODEL, "name": MODEL }],
            } } },
        });
        write_private(&config, text.to_string().as_bytes())?;
        let mut command = Command::new(&self.binary);
        // Keys and proxies of whoever measures are no part of the measurement.
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home);
        command.env("OPENCLAW_STATE_DIR", home.join("state")).env("OPENCLAW_CONFIG_PATH", config);
        command.args(["gateway", "run", "--bind", "loopback", "--port", &port.to_string()]);
        Ok(command)
    }

    fn limit(&self, port: u16) -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("limit").arg(format!("--port={port}")).args(self.sizes.arguments());
        Ok(command)
    }
}

/// A running server. Dropping it ends the process and removes its state.
pub(crate) struct Server {
    child: Child,
    state: TempDir,
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

    async fn first_hello(&mut self) -> Result<Wire> {
        let start = Instant::now();
        let stream = loop {
            match TcpStream::connect(self.address).await {
                Ok(stream) => break stream,
                Err(_) if start.elapsed() < PATIENCE => {}
                Err(error) => bail!("the server does not listen: {error}\n{}", self.output()),
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended ({status}) before it listened:\n{}", self.output());
            }
            sleep(RETRY).await;
        };
        let hello = login(stream, &self.token, &Identity::Backend).await;
        hello.map(|(wire, _)| wire).with_context(|| format!("no hello; the server said:\n{}", self.output()))
    }

    /// The last lines the server printed.
    pub(crate) fn output(&self) -> String {
        let text = fs::read_to_string(self.state.path().join("load-output.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Killing a process that has ended already fails, which is as good.
        let _ = self.child.kill();
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
