//! Somebody who sits at a terminal, reads what stands on it and presses keys.

use std::{
    num::NonZeroU16,
    process::Child,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::home::{Home, Terminal};

/// How long something may take to appear on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Seat {
    child: Child,
    terminal: Terminal,
    shown: Arc<Mutex<vt100::Parser>>,
}

impl Seat {
    /// Starts a command as the one program of a terminal.
    pub(crate) fn take(home: &Home, columns: u16, arguments: &[&str]) -> Self {
        let terminal = Terminal::new(columns);
        let slave = terminal.slave();
        // The terminal becomes the program's own, so that nobody else's is asked for its size.
        let mut command = home.program("/usr/bin/setsid");
        command.args(["-c", env!("CARGO_BIN_EXE_openclaw")]).args(arguments).env("TERM", "xterm-256color");
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        let child = command.spawn().unwrap();
        let shown = Arc::new(Mutex::new(vt100::Parser::new(size(24), size(columns), 0)));
        let (bytes, parser) = (terminal.bytes(), Arc::clone(&shown));
        std::thread::spawn(move || {
            for byte in bytes.map_while(Result::ok) {
                parser.lock().unwrap().process(&[byte]);
            }
        });
        Self { child, terminal, shown }
    }

    /// What stands on the terminal, without the spaces at the ends of its rows.
    pub(crate) fn sees(&self) -> String {
        self.shown.lock().unwrap().screen().contents()
    }

    /// Waits until something is to be seen.
    pub(crate) fn until(&self, what: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let seen = self.sees();
            if what(&seen) {
                return seen;
            }
            assert!(began.elapsed() < PATIENCE, "it does not appear:\n{seen}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until this text is to be seen.
    pub(crate) fn reads(&self, text: &str) -> String {
        self.until(|seen| seen.contains(text))
    }

    pub(crate) fn press(&self, keys: &str) {
        self.terminal.press(keys);
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.shown.lock().unwrap().screen_mut().set_size(size(rows), size(columns));
        self.terminal.resize(columns, rows);
    }

    /// Whether the program has the whole terminal.
    pub(crate) fn is_taken(&self) -> bool {
        self.shown.lock().unwrap().screen().alternate_screen()
    }

    /// Waits until the program has given the terminal back. What it wrote last may be read after it has left.
    pub(crate) fn is_given_back(&self) {
        self.until(|_| !self.is_taken());
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the program leaves and tells its exit code.
    pub(crate) fn leaves(&mut self) -> Option<i32> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < PATIENCE, "it does not leave:\n{}", self.sees());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap()
}
