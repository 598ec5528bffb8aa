//! What the tests share.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use openclaw_config::{Attempt, ConfigFile, Edit, LoadRequest, Mode};
use serde_json::Value;
use tempfile::TempDir;

/// A secret that no refusal complains about.
pub(crate) const SECRET: &str = "old-secret-0123456789abcdefghij";
pub(crate) const NOW: i64 = 1_800_000_000_000;

pub(crate) const TEXT: &str = "// Mine.
{
  gateway: {
    port: 18789, // the port
    token: \"old-secret-0123456789abcdefghij\",
  },
}
";

/// A folder with a configuration and a state directory.
pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) config: PathBuf,
}

impl Home {
    pub(crate) fn new(text: &str) -> Self {
        Self::named("openclaw.json", text)
    }

    pub(crate) fn named(name: &str, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join(name);
        write(&config, text);
        Self { folder, config }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn file(&self) -> ConfigFile {
        file_at(&self.config, &self.state())
    }

    pub(crate) fn text(&self) -> String {
        fs::read_to_string(&self.config).unwrap()
    }

    /// Everything under the folder, as one text, to look for secrets in.
    pub(crate) fn everything(&self) -> String {
        fn collect(folder: &Path, all: &mut String) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { collect(&path, all) } else { all.push_str(&fs::read_to_string(&path).unwrap()) }
            }
        }
        let mut all = String::new();
        collect(self.folder.path(), &mut all);
        all
    }

    pub(crate) fn child(&self, task: &str) -> Command {
        // The umask is a part of the surroundings that a shell can set.
        let mut command = Command::new("sh");
        command
            .args(["-c", "umask 000; exec \"$0\" \"$@\""])
            .arg(env::current_exe().unwrap())
            .args(["crash::child", "--exact", "--ignored", "--nocapture"])
            .env(TASK, task)
            .env(CONFIG, &self.config)
            .env(STATE, self.state())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }
}

pub(crate) const TASK: &str = "OPENCLAW_CONFIG_TEST_TASK";
pub(crate) const CONFIG: &str = "OPENCLAW_CONFIG_TEST_FILE";
pub(crate) const STATE: &str = "OPENCLAW_CONFIG_TEST_STATE";

pub(crate) fn file_at(config: &Path, state: &Path) -> ConfigFile {
    ConfigFile::new(LoadRequest { config_path: Some(config.to_path_buf()), ..LoadRequest::default() }, state)
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

pub(crate) fn attempt() -> Attempt<'static> {
    Attempt { base_hash: None, who: "test", note: None, now_ms: NOW, mode: Mode::Write }
}

pub(crate) fn set(path: &str, value: impl Into<Value>) -> Edit {
    Edit::Set { path: path.parse().unwrap(), value: value.into() }
}

pub(crate) fn unset(path: &str) -> Edit {
    Edit::Unset { path: path.parse().unwrap() }
}
