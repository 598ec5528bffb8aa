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
        let mut command = self.program(env!("CARGO_BIN_EXE_openclaw"));
        command.args(arguments);
        command
    }

    pub(crate) fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
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

    /// Runs a command at a terminal of this many columns and 24 rows, and tells what it showed there.
    pub(crate) fn run_at_terminal(&self, columns: u16, arguments: &[&str]) -> Ran {
        let terminal = Terminal::new(columns);
        let mut command = self.command(arguments);
        command.env("TERM", "xterm").stdout(terminal.slave()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        // It holds the terminal open too.
        drop(command);
        let reader = std::thread::spawn(move || terminal.read());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        let out = reader.join().unwrap().replace("\r\n", "\n");
        Ran { code: status.code(), out: self.plain(&out), err: self.plain(&String::from_utf8(stderr).unwrap()) }
    }

    /// Runs a command at a terminal at which these lines were typed before it asks, and tells what was to be seen there.
    pub(crate) fn run_answering(&self, arguments: &[&str], typed: &str) -> Ran {
        use std::io::Write;
        let terminal = Terminal::new(80);
        let slave = terminal.slave();
        (&terminal.master).write_all(typed.as_bytes()).unwrap();
        let mut command = self.command(arguments);
        command.env("TERM", "xterm").env("NO_COLOR", "1");
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        let mut child = command.spawn().unwrap();
        drop(command);
        let reader = std::thread::spawn(move || terminal.read());
        let status = child.wait().unwrap();
        let out = reader.join().unwrap().replace("\r\n", "\n");
        Ran { code: status.code(), out: self.plain(&out), err: String::new() }
    }

    /// Text without what belongs to this home.
    fn plain(&self, text: &str) -> String {
        let home = self.path().to_str().unwrap();
        text.replace(home, "~").replace(&self.port.to_string(), "PORT").replace(openclaw_protocol::VERSION, "VERSION")
    }

    /// Starts the gateway and waits until it listens.
    pub(crate) fn gateway(&self, arguments: &[&str]) -> Gateway {
        let port = self.port.to_string();
        let all = [&["gateway", "run", "--port", &port], arguments].concat();
        self.listening(self.command(&all))
    }

    /// Starts the gateway from within a folder.
    pub(crate) fn gateway_in(&self, folder: &Path) -> Gateway {
        let mut command = self.command(&["gateway", "run", "--port", &self.port.to_string()]);
        command.current_dir(folder);
        self.listening(command)
    }

    /// Starts the gateway with a umask that takes nothing away.
    pub(crate) fn loose_gateway(&self) -> Gateway {
        let script = format!("umask 000; exec '{}' gateway run --port {}", env!("CARGO_BIN_EXE_openclaw"), self.port);
        let mut shell = self.program("/bin/sh");
        shell.args(["-c", &script]);
        self.listening(shell)
    }

    fn listening(&self, mut command: Command) -> Gateway {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
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

/// What differs from run to run.
const BLURRED: [(&str, &str); 7] = [
    ("hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh", "UUID"),
    ("dddd-dd-ddTdd:dd:ddZ", "TIME"),
    ("Ds ago", "AGO"),
    ("up Ds", "up SPAN"),
    ("in D ms", "in MS"),
    ("in D.D ms", "in MS"),
    ("(process D)", "(process PID)"),
];

/// Puts a name in place of whatever looks like the pattern, in which `d` is a digit, `D` some digits and `h` a hexadecimal one.
fn blurred(text: &str, pattern: &str, name: &str) -> String {
    let length = |rest: &str| {
        let mut left = rest;
        for p in pattern.chars() {
            let fits = |c: char| match p {
                'd' | 'D' => c.is_ascii_digit(),
                'h' => c.is_ascii_hexdigit(),
                p => c == p,
            };
            let most = if p == 'D' { usize::MAX } else { 1 };
            let taken = left.chars().take(most).take_while(|c| fits(*c)).count();
            if taken == 0 {
                return None;
            }
            left = &left[left.char_indices().nth(taken).map_or(left.len(), |(at, _)| at)..];
        }
        Some(rest.len() - left.len())
    };
    let mut blurred = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        // In the middle of a number no pattern begins.
        let inside = text[..at].ends_with(|c: char| c.is_ascii_digit()) && c.is_ascii_digit();
        match length(&text[at..]).filter(|_| !inside) {
            Some(length) => {
                blurred.push_str(name);
                at += length;
            }
            None => {
                blurred.push(c);
                at += c.len_utf8();
            }
        }
    }
    blurred
}

/// A terminal that nobody sees.
pub(crate) struct Terminal {
    master: std::fs::File,
    slave: PathBuf,
}

impl Terminal {
    pub(crate) fn new(columns: u16) -> Self {
        use rustix::pty;
        let master = pty::openpt(pty::OpenptFlags::RDWR | pty::OpenptFlags::NOCTTY).unwrap();
        pty::grantpt(&master).unwrap();
        pty::unlockpt(&master).unwrap();
        let slave = pty::ptsname(&master, Vec::new()).unwrap().into_string().unwrap().into();
        let terminal = Self { master: master.into(), slave };
        terminal.resize(columns, 24);
        terminal
    }

    /// Makes it another size, as somebody does who pulls at a window.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        let size = rustix::termios::Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&self.master, size).unwrap();
    }

    /// Presses keys.
    pub(crate) fn press(&self, keys: &str) {
        use std::io::Write;
        (&self.master).write_all(keys.as_bytes()).unwrap();
    }

    /// The side of the program.
    pub(crate) fn slave(&self) -> std::fs::File {
        std::fs::OpenOptions::new().read(true).write(true).open(&self.slave).unwrap()
    }

    /// What was shown until the program left. Reading a terminal without a program is an error, which is the end.
    fn read(mut self) -> String {
        use std::io::Read;
        let (mut shown, mut piece) = (Vec::new(), [0; 4096]);
        while let Ok(length @ 1..) = self.master.read(&mut piece) {
            shown.extend_from_slice(&piece[..length]);
        }
        String::from_utf8(shown).unwrap()
    }

    /// What is shown, byte for byte as it comes.
    pub(crate) fn bytes(&self) -> std::io::Bytes<std::fs::File> {
        std::io::Read::bytes(self.master.try_clone().unwrap())
    }

    /// What is shown as it comes.
    pub(crate) fn lines(&self) -> std::io::Lines<BufReader<std::fs::File>> {
        BufReader::new(self.master.try_clone().unwrap()).lines()
    }
}

/// A gateway that ends with the story.
pub(crate) struct Gateway {
    child: Child,
}

impl Gateway {
    /// One that was started otherwise.
    pub(crate) fn of(child: Child) -> Self {
        Self { child }
    }

    /// Number of its process.
    pub(crate) fn pid(&self) -> u32 {
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

    /// Asks it to read its configuration again.
    pub(crate) fn hang_up(&self) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), rustix::process::Signal::HUP)
            .unwrap();
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
    /// The whole, as a story shows it: without what differs from run to run.
    pub(crate) fn told(&self) -> String {
        let code = self.code.map_or_else(|| "signal".to_owned(), |code| code.to_string());
        let mut told = format!("exit {code}\n");
        for (name, text) in [("out", &self.out), ("err", &self.err)] {
            if !text.is_empty() {
                told.push_str(&format!("--- {name}\n{text}"));
            }
        }
        BLURRED.iter().fold(told, |told, (pattern, name)| blurred(&told, pattern, name))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        // The port was replaced by a word.
        serde_json::from_str(&self.out.replace("\":PORT", "\":0"))
            .unwrap_or_else(|error| panic!("{error}: {}", self.told()))
    }
}
