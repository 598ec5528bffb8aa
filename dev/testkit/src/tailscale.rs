//! A program named `tailscale` that keeps what it was asked and answers what a test wants.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use tempfile::TempDir;

/// The program, in a folder of its own. It goes when this is dropped.
#[derive(Debug)]
pub struct FakeTailscale {
    folder: TempDir,
}

impl FakeTailscale {
    /// A Tailscale that runs, knows itself as `box.tail.ts.net`, and `100.64.0.7` as `ann@example.com`'s.
    ///
    /// # Panics
    /// When the folder cannot be written.
    #[must_use]
    pub fn new() -> Self {
        let fake = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        fake.says("Running");
        let script = r#"#!/bin/sh
folder=${0%/*}
echo "$*" >> "$folder/asked"
case "$1 $2" in
"status --json") read -r state < "$folder/state"; echo "{\"BackendState\":\"$state\",\"Self\":{\"DNSName\":\"box.tail.ts.net.\"}}" ;;
"whois --json")
    case "$3" in
    100.64.0.7) echo '{"Node":{},"UserProfile":{"LoginName":"ann@example.com"}}' ;;
    100.64.0.8) echo '{"Node":{"Tags":["tag:server"]},"UserProfile":{"LoginName":"tagged-devices"}}' ;;
    *) echo "peer not found" >&2; exit 1 ;;
    esac ;;
esac
"#;
        let file = fake.folder.path().join("tailscale");
        fs::write(&file, script).expect("a script");
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("a mode");
        fake
    }

    /// From now on its state is this word.
    ///
    /// # Panics
    /// When the folder cannot be written.
    pub fn says(&self, state: &str) {
        fs::write(self.folder.path().join("state"), format!("{state}\n")).expect("a state");
    }

    /// The folder to put on the search path.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it was asked, a line for each call.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.folder.path().join("asked")).unwrap_or_default();
        asked.lines().map(str::to_owned).collect()
    }
}

impl FakeTailscale {
    /// Waits until it is asked for something that holds `words`; what stood after them, the last time.
    ///
    /// # Panics
    /// When that does not come within 20 seconds.
    pub async fn asked_for(&self, words: &str) -> String {
        for _ in 0..2_000 {
            let asked = self.asked();
            if let Some((_, rest)) = asked.iter().rev().find_map(|line| line.split_once(words)) {
                return rest.to_owned();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it was asked for {:?} only", self.asked());
    }
}

impl Default for FakeTailscale {
    fn default() -> Self {
        Self::new()
    }
}
