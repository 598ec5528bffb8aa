//! The files that make an agent who it is: which names there are, and how they are told.

use openclaw_config::hash;

use crate::{
    methods::prelude::*,
    workspace::{Folder, Inside, Refused, Seen},
};

/// The files of an agent, in the order in which they are shown.
pub(super) const NAMES: [&str; 8] =
    ["AGENTS.md", "SOUL.md", "TOOLS.md", "IDENTITY.md", "USER.md", "HEARTBEAT.md", "BOOTSTRAP.md", "MEMORY.md"];
/// Files that older agents have. They are shown, read and removed, and not written.
const FORMER: [&str; 2] = ["ROLE.md", "STATUS.md"];
/// Bytes of one file. An answer that holds it fits into the frames of every client.
pub(super) const FILE_BYTES: u64 = 512 << 10;

/// A file as lists and answers show it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct File {
    /// Its name.
    name: &'static str,
    /// Where it is.
    path: String,
    /// Whether it is not there.
    missing: bool,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// When it was last written, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at_ms: Option<u64>,
    /// What it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

impl File {
    pub(super) fn of(name: &'static str, workspace: &str, seen: Option<Seen>, content: Option<String>) -> Self {
        Self {
            name,
            path: std::path::Path::new(workspace).join(name).display().to_string(),
            missing: seen.is_none(),
            size: seen.map(|seen| seen.size),
            updated_at_ms: seen.map(|seen| seen.updated_at_ms),
            content,
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// What a name may be used for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Reading and removing.
    Any,
    /// Writing.
    Write,
}

/// The file of this name. Nothing but these names reaches the file system (SECURITY T39). Clients match the text.
pub(super) fn named(name: &str, to: Use) -> Result<(&'static str, Inside), WireError> {
    let former = FORMER.iter().filter(|_| to == Use::Any);
    let known = NAMES.iter().chain(former).find(|known| **known == name).copied();
    let place = known.and_then(|known| Some((known, Inside::parse(known).ok()?)));
    place.ok_or_else(|| {
        let shown: String = name.chars().take(80).collect();
        WireError::params(format!("unsupported file {}: it is one of {}", Value::from(shown), NAMES.join(", ")))
            .with("path", "params.name")
    })
}

/// The folder of an agent.
pub(super) fn workspace(call: &Call, id: &AgentId) -> Result<String, WireError> {
    let agent = call.state().agent(id)?;
    Ok(call.state().workspace(&agent).display().to_string())
}

/// Every file, there or not. One that is refused counts as missing: what it leads to is not looked at.
pub(super) fn all(workspace: &str) -> Result<Vec<File>, Refused> {
    let folder = Folder::open(workspace.as_ref())?;
    let seen = |name: &str| {
        let inside = Inside::parse(name).ok()?;
        folder.as_ref()?.look(&inside).ok().flatten()
    };
    let kept = NAMES.iter().map(|name| File::of(name, workspace, seen(name), None));
    let former = FORMER.iter().filter_map(|name| Some(File::of(name, workspace, Some(seen(name)?), None)));
    Ok(kept.chain(former).collect())
}

/// Keeps in the audit what was done to a file, and waits for that.
pub(super) async fn audited<M: Method>(
    call: &Call,
    event: &'static str,
    path: String,
    content: Option<&[u8]>,
) -> Result<(), WireError> {
    let detail = content.map_or(Value::Null, |bytes| json!({ "bytes": bytes.len(), "sha256": hash(bytes) }));
    let audit = call.audit(event, M::NAME, Some(path), detail);
    let transaction = openclaw_store::Transaction { changes: Vec::new(), audit, idempotency: None };
    call.state().store.write(transaction).await.map(drop).map_err(|error| fault::store(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_themselves_are_names() {
        for name in NAMES {
            assert!(named(name, Use::Write).is_ok());
        }
        assert!(named("ROLE.md", Use::Any).is_ok());
        for name in [
            "ROLE.md",
            "../../openclaw.json",
            "/etc/passwd",
            "..\\x",
            "SOUL.md\0",
            "%2e%2e",
            "a/../AGENTS.md",
            "．．/x",
            "agents.md",
            "SOUL.MD",
            " SOUL.md",
            "SOUL.md ",
            "./SOUL.md",
            "",
            "ＳＯＵＬ.md",
        ] {
            let error = named(name, Use::Write).expect_err(name);
            assert!(error.message.starts_with("unsupported file"), "{name:?}: {error}");
        }
    }
}
