//! `agents.workspace.list`: what is in an agent's folder.

use super::{files, roster};
use crate::{
    methods::prelude::*,
    workspace::{self, Entry, Folder, Inside, Kind},
};

/// Entries of one answer when nothing is said, and at most.
const LIMIT: usize = 200;
const MOST: usize = 1000;

params! {
    /// Which folder, and which part of it.
    {
        agent_id: AgentId,
        /// A folder in the workspace, with `/` between names; the workspace itself when absent.
        #[serde(default)]
        path: Option<String>,
        /// Entries to pass over.
        #[serde(default)]
        offset: usize,
        /// Most entries, 1 to 1,000; 200 when absent.
        #[serde(default)]
        limit: Option<usize>,
    } understood {}
}

/// A part of a folder.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    agent_id: AgentId,
    /// The folder, in the workspace; empty for the workspace itself.
    path: String,
    /// The folder above; absent for the workspace itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_path: Option<String>,
    /// Folders first, then files, by name. Links are left out.
    entries: Vec<Shown>,
    /// Entries that there are, at most 10,000.
    total_entries: usize,
    /// Entries that were passed over.
    offset: usize,
}

/// An entry of a folder.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Shown {
    /// In the workspace.
    path: String,
    name: String,
    /// `file` or `directory`.
    kind: &'static str,
    /// Bytes of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// When a file was last written, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at_ms: Option<u64>,
}

impl Shown {
    fn of(folder: &Inside, entry: Entry) -> Self {
        Self {
            path: folder.join(&entry.name),
            name: entry.name,
            kind: match entry.kind {
                Kind::Folder => "directory",
                Kind::File => "file",
            },
            size: entry.seen.map(|seen| seen.size),
            updated_at_ms: entry.seen.map(|seen| seen.updated_at_ms),
        }
    }
}

pub(crate) struct WorkspaceList;

impl Method for WorkspaceList {
    const NAME: &'static str = "agents.workspace.list";
    const ABOUT: &'static str = "What is in an agent's folder: folders and plain files, no links.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 3;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let limit = params.limit.unwrap_or(LIMIT);
        if !(1..=MOST).contains(&limit) {
            return Err(roster::bad::<Self>("limit", &format!("must be 1 to {MOST}, found {limit}")));
        }
        let path = Inside::parse(params.path.as_deref().unwrap_or_default())
            .map_err(|what| roster::bad::<Self>("path", what))?;
        let (workspace, inside) = (files::workspace(&call, &params.agent_id)?, path.clone());
        let listed = workspace::within(move || match Folder::open(workspace.as_ref())? {
            Some(folder) => folder.list(&inside),
            // A workspace that nobody has used yet is empty.
            None => Ok((inside == Inside::HERE).then(Vec::new)),
        });
        let Some(entries) = listed.await? else {
            return Err(WireError::not_found(format!("there is no folder {path} in the workspace")));
        };
        Ok(Reply {
            agent_id: params.agent_id,
            parent_path: path.parent().map(|above| above.to_string()),
            total_entries: entries.len(),
            offset: params.offset,
            entries: entries.into_iter().skip(params.offset).take(limit).map(|entry| Shown::of(&path, entry)).collect(),
            path: path.to_string(),
        })
    }
}
