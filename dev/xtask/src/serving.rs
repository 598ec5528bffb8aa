//! What tools from elsewhere need to look at the gateway: the gateway, and the tool in a Python of its own.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::process;

/// How often, every 50 ms, the gateway is asked whether it listens.
const START_TRIES: u32 = 200;

/// A gateway that ends with this.
pub(crate) struct Serving {
    child: Child,
    /// Where it listens on 127.0.0.1.
    pub(crate) port: u16,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Starts this binary on a fresh state below the folder. `gateway` is what the configuration says of it beside the port.
    ///
    /// # Errors
    /// When it does not listen within ten seconds.
    pub(crate) fn start(binary: &Path, folder: &Path, gateway: &str) -> Result<Self> {
        let state = folder.join("state");
        let _ = fs::remove_dir_all(&state);
        fs::create_dir_all(&state).with_context(|| format!("cannot create {}", state.display()))?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let config = format!("{{ gateway: {{ port: {port}, {gateway} }}, metrics: {{ enabled: false }} }}");
        let file = state.join("openclaw.json");
        fs::write(&file, config).with_context(|| format!("cannot write {}", file.display()))?;
        process::run(Command::new("chmod").arg("600").arg(&file))?;
        let log = folder.join("gateway.log");
        let output = fs::File::create(&log)?;
        let mut command = Command::new(binary);
        command.args(["gateway", "run"]).env_clear().env("HOME", &state).env("OPENCLAW_STATE_DIR", &state);
        command.env("OPENCLAW_CONFIG_PATH", &file).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let serving = Self { child: command.spawn().context("cannot start the gateway")?, port };
        let listens = (0..START_TRIES).any(|_| {
            thread::sleep(Duration::from_millis(50));
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        });
        ensure!(listens, "the gateway does not listen; its log is in {}", log.display());
        Ok(serving)
    }
}

/// The folder of programs of a Python that has this package (`name==version`), installed below `folder` on first use.
///
/// # Errors
/// When Python 3 or the network is missing.
pub(crate) fn python(folder: &Path, package: &str) -> Result<PathBuf> {
    let programs = folder.join("python/bin");
    let list = ["-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"];
    let said = process::read(Command::new(programs.join("python")).args(list)).unwrap_or_default();
    if said.lines().any(|line| line == package) {
        return Ok(programs);
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    process::run(Command::new("python3").args(["-m", "venv"]).arg(folder.join("python")))?;
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package];
    process::run(Command::new(programs.join("python")).args(quiet))?;
    Ok(programs)
}
