//! The folder that an agent works in: where it may lie, and how files in it are reached without ever leaving it
//! (SECURITY T39, T40).

mod folder;
mod inside;
mod place;

pub(crate) use folder::{Entry, Folder, Kind, Refused, Seen};
pub(crate) use inside::Inside;
pub(crate) use place::{Grounds, Misplaced, expanded};

use std::path::{Path, PathBuf};

use openclaw_protocol::{AgentId, WireError, detail};

use crate::{settings::AgentSettings, state::State};

impl State {
    /// What decides where a workspace may lie.
    pub(crate) fn grounds(&self) -> Grounds {
        Grounds {
            state_dir: self.state_dir.clone(),
            config: self.active().loaded.path.clone(),
            home: self.home.clone(),
            shared: self.shared_workspace(),
        }
    }

    /// The folder of agents that have none of their own.
    fn shared_workspace(&self) -> PathBuf {
        let active = self.active();
        let named = active.loaded.config.agents.defaults.workspace.as_deref();
        named.map_or_else(|| self.state_dir.join("workspace"), |text| expanded(text, self.home.as_deref()))
    }

    /// The folder that an agent works in.
    pub(crate) fn workspace(&self, agent: &AgentSettings) -> PathBuf {
        match agent.workspace.as_deref() {
            Some(text) => expanded(text, self.home.as_deref()),
            None => self.shared_workspace(),
        }
    }

    /// The folder of a new agent for which none is named: beside the shared one, under its own name.
    pub(crate) fn new_workspace(&self, id: &AgentId) -> PathBuf {
        let shared = self.shared_workspace();
        let name = shared.file_name().map_or_else(|| "workspace".into(), |name| name.to_string_lossy().into_owned());
        shared.with_file_name(format!("{name}-{id}"))
    }
}

/// Does something in a folder on a thread that may block.
///
/// # Errors
/// What it refuses, as clients see it.
pub(crate) async fn within<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, WireError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(WireError::from),
        Err(_) => Err(WireError::unavailable(detail::INTERNAL, "the work on the workspace died; see the log")),
    }
}

impl From<Refused> for WireError {
    fn from(refused: Refused) -> Self {
        let text = refused.to_string();
        match refused {
            Refused::Io { .. } => Self::unavailable(detail::WORKSPACE_UNAVAILABLE, text).retryable(Some(1000)),
            Refused::Link { .. } | Refused::Shared { .. } | Refused::Kind { .. } | Refused::TooLarge { .. } => {
                Self::invalid(detail::FILE_REFUSED, text)
            }
        }
    }
}

/// Whether one of the two paths is the other, or lies in it.
pub(crate) fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests;
