//! `agents.delete`: an agent ends, with its runs and conversations, and with its files when that is wanted.

use std::{
    fs,
    path::{Path, PathBuf},
};

use openclaw_config::{Edit, Loaded};

use super::roster;
use crate::{
    methods::{prelude::*, sessions},
    runs::Runs,
    workspace::{self, overlap},
};

params! {
    /// Which agent, and whether its files go too.
    {
        /// Its id.
        agent_id: AgentId,
        /// Whether its workspace is moved to the trash and its transcripts are removed; true when absent.
        #[serde(default)]
        delete_files: Option<bool>,
    } understood {}
}

/// What became of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    /// Which agent.
    agent_id: AgentId,
    /// Rules of `bindings` that led to it and are gone.
    removed_bindings: usize,
    /// Folders that were moved away.
    removed: Vec<Removed>,
    /// Folders that were left where they are, each with the reason.
    failed: Vec<Left>,
}

/// A folder that was moved away.
#[derive(Serialize, JsonSchema)]
struct Removed {
    path: String,
    /// `trash`, or `missing` when there was nothing to move.
    method: &'static str,
}

/// A folder that was left.
#[derive(Serialize, JsonSchema)]
struct Left {
    path: String,
    reason: String,
}

pub(crate) struct Delete;

impl Method for Delete {
    const NAME: &'static str = "agents.delete";
    const ABOUT: &'static str =
        "Takes an agent out of the configuration and ends its runs and conversations; its workspace goes to the trash.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 50;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let id = params.agent_id;
        let agent = state.agent(&id)?;
        let folder = state.workspace(&agent);
        let delete_files = params.delete_files.unwrap_or(true);
        let bindings = bindings_of(&state.active().loaded, &id).len();
        let gone = id.clone();
        roster::change::<Self>(&call, format!("agent {id} deleted"), move |loaded| edits(loaded, &gone)).await?;
        // From here on nobody can begin a run of it.
        for key in state.runs.live_of(&id) {
            Runs::abort(state, &key, None, "agent deleted").await?;
        }
        let keep =
            if delete_files { sessions::purge::Transcripts::Removed } else { sessions::purge::Transcripts::Kept };
        sessions::purge::of_agent::<Self>(&call, &id, keep).await?;
        let mut reply =
            Reply { ok: true, removed_bindings: bindings, removed: Vec::new(), failed: Vec::new(), agent_id: id };
        if delete_files {
            let others = state.agents().iter().map(|agent| state.workspace(agent)).collect();
            let way = Way {
                folder,
                others,
                grounds: state.grounds(),
                name: format!("{}-{}", reply.agent_id, state.ids.uuid()),
            };
            match workspace::within(move || Ok(way.clear())).await? {
                Ok(removed) => reply.removed.push(removed),
                Err(left) => reply.failed.push(left),
            }
        }
        Ok(reply)
    }
}

fn edits(loaded: &Loaded, id: &AgentId) -> Result<Vec<Edit>, WireError> {
    let (_, ids) = roster::written(&loaded.config);
    let index = roster::index(&ids, id)?;
    let refused = |text: String| Err(WireError::invalid(detail::CONFLICT, text).with("agentId", id.as_str()));
    if ids.len() == 1 {
        return refused(format!("agent \"{id}\" is the only one and cannot be deleted; create another one first"));
    }
    let list = &loaded.config.agents.list;
    let default = list.iter().position(|agent| agent.default).unwrap_or(0);
    if index == default {
        return refused(format!(
            "agent \"{id}\" is the default and cannot be deleted; make another one the default first"
        ));
    }
    let mut edits = vec![Edit::Unset { path: roster::of_agent(index, &[]) }];
    // From the last, so that the numbers of the others stay.
    for at in bindings_of(loaded, id).into_iter().rev() {
        let steps = vec![openclaw_config::Step::Key("bindings".to_owned()), openclaw_config::Step::Index(at)];
        let path = openclaw_config::KeyPath::new(steps).expect("two steps are a path");
        edits.push(Edit::Unset { path });
    }
    Ok(edits)
}

/// The rules that lead messages to the agent.
fn bindings_of(loaded: &Loaded, id: &AgentId) -> Vec<usize> {
    let rules = loaded.parsed["bindings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let leads = |rule: &Value| rule["agentId"].as_str() == Some(id.as_str());
    rules.iter().enumerate().filter(|(_, rule)| leads(rule)).map(|(at, _)| at).collect()
}

/// A workspace on its way to the trash.
struct Way {
    folder: PathBuf,
    /// Workspaces of agents that stay.
    others: Vec<PathBuf>,
    grounds: workspace::Grounds,
    /// Its name in the trash.
    name: String,
}

impl Way {
    fn clear(self) -> Result<Removed, Left> {
        let left = |reason: String| Left { path: self.folder.display().to_string(), reason };
        let shown = self.folder.display().to_string();
        let metadata = match fs::symlink_metadata(&self.folder) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Removed { path: shown, method: "missing" });
            }
            Err(error) => return Err(left(error.to_string())),
        };
        if !metadata.is_dir() {
            return Err(left("it is no folder, but a link or a file; remove it by hand".to_owned()));
        }
        self.grounds.place(&shown).map_err(|why| left(why.to_string()))?;
        if let Some(other) = self.others.iter().find(|other| overlap(&real(other), &real(&self.folder))) {
            return Err(left(format!("it overlaps with the workspace {} of another agent", other.display())));
        }
        // Beside the gateway's files; on another file system beside the folder itself.
        let trash = self.grounds.state_dir.join("trash");
        match moved(&self.folder, &trash, &self.name) {
            Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
                let beside = self.folder.parent().unwrap_or(&trash).join(".openclaw-trash");
                moved(&self.folder, &beside, &self.name)
            }
            moved => moved,
        }
        .map_err(|error| left(format!("it could not be moved to the trash: {error}")))?;
        Ok(Removed { path: shown, method: "trash" })
    }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn moved(folder: &Path, trash: &Path, name: &str) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(trash)?;
    fs::rename(folder, trash.join(name))
}
