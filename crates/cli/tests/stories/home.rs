//! A home folder of its own for every story, and the binary started in it.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// How long a gateway may take to start or stop on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
    pub(crate) port: u16,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Free a moment ago, and seldom taken since.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, variables: Vec::new(), port }
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path().join(".openclaw")
    }

    pub(crate) fn write_config(&self, text: &str) {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(self.state()).unwrap();
        let file = self.state().join("openclaw.json");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_openclaw"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin")
            // Whatever answers on the vendors' usual local ports of this machine is none of the story's business.
            .env("OLLAMA_HOST", "127.0.0.1:1")
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        Ran {
            code: status.code(),
            out: self.plain(&String::from_utf8(stdout).unwrap()),
            err: self.plain(&String::from_utf8(stderr).unwrap()),
        }
    }

    /// Text without what differs from run to run.
    fn plain(&self, text: &str) -> String {
        let home = self.path().to_str().unwrap();
        text.replace(home, "~").replace(&self.port.to_string(), "PORT").replace(openclaw_protocol::VERSION, "VERSION")
    }

    /// Starts the gateway and waits until it listens.
    pub(crate) fn gateway(&self, arguments: &[&str]) -> Gateway {
        let port = self.port.to_string();
        let all = [&["gateway", "run", "--port", &port], arguments].concat();
        let mut child = self.command(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let began = Instant::now();
        let mut seen = String::new();
        loop {
            match lines.next() {
                Some(Ok(line)) if line.contains("Gateway is listening") => break,
                Some(Ok(line)) => seen.push_str(&(line + "\n")),
                _ => {
                    let output = child.wait_with_output().unwrap();
                    panic!("the gateway ended: {seen}\n{}", String::from_utf8_lossy(&output.stderr));
                }
            }
            assert!(began.elapsed() < PATIENCE, "{seen}");
        }
        // A full pipe would hold the gateway up.
        std::thread::spawn(move || lines.for_each(drop));
        Gateway { child }
    }
}

/// A gateway that ends with the story.
pub(crate) struct Gateway {
    child: Child,
}

impl Gateway {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end and tells its exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < PATIENCE, "the gateway does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.kill();
    }
}

/// How a command ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The whole, as a story shows it.
    pub(crate) fn told(&self) -> String {
        let code = self.code.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        let mut told = format!("exit {code}\n");
        for (name, text) in [("out", &self.out), ("err", &self.err)] {
            if !text.is_empty() {
                told.push_str(&format!("--- {name}\n{text}"));
            }
        }
        told
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.told()))
    }
}
