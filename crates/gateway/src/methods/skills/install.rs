//! `skills.install`: puts a skill from a folder or an archive of the gateway's machine beside the others (SECURITY T72).

use std::path::{Component, Path};

use openclaw_protocol::event::Event;
use openclaw_skills::{Refused, Slug};
use openclaw_store::Transaction;

use crate::{methods::prelude::*, workspace::expanded};

/// Bytes of a path.
const PATH: usize = 4096;

params! {
    /// What to install.
    {
        /// Where it comes from. Without it, `name` and `installId` name a program that a skill lacks.
        #[serde(default)]
        source: Option<Source>,
        /// With `path`: a folder or an archive (zip, tar, tar.gz) on the gateway's machine, an absolute path or below `~/`.
        #[serde(default)]
        path: Option<String>,
        /// The name to install it under, 1 to 64 of a-z, 0-9 and `-`; made from the name of the folder or archive when absent.
        #[serde(default)]
        slug: Option<String>,
        /// Replaces a skill of that name.
        #[serde(default)]
        force: Option<bool>,
        /// SHA-256 that it must have, hex: of the archive, or of the folder as this method tells it.
        #[serde(default)]
        sha256: Option<String>,
        /// A skill that lacks a program.
        #[serde(default)]
        name: Option<String>,
        /// Which of its ways to get it.
        #[serde(default)]
        install_id: Option<String>,
    } understood { agent_id version upload_id timeout_ms dangerously_force_unsafe_install }
}

/// Where a skill comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Source {
    /// A folder or an archive of the gateway's machine.
    Path,
    /// The public registry.
    Clawhub,
    /// What a client sent before.
    Upload,
}

/// What was installed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    message: String,
    /// Nothing is run.
    stdout: &'static str,
    /// Nothing is run.
    stderr: &'static str,
    code: u8,
    /// Under which name.
    slug: String,
    /// The skill's own name.
    name: String,
    /// Where.
    path: String,
    /// SHA-256 over names, kinds and bytes of everything in it; a skill that no longer has it is not used.
    sha256: String,
    /// Its files.
    files: u64,
    /// Their bytes.
    bytes: u64,
    /// Whether another one was there.
    replaced: bool,
}

pub(crate) struct Install;

impl Method for Install {
    const NAME: &'static str = "skills.install";
    const ABOUT: &'static str =
        "Installs a skill from a folder or an archive on the gateway's machine, checked and whole.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 50;
    const AUDIT: Audit = Audit::Change("skill.installed");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        match params.source {
            None => Err(program(&call, &params).await),
            Some(Source::Clawhub) => Err(no_registry(Self::NAME)),
            Some(Source::Upload) => Err(WireError::unavailable(
                detail::NOT_IMPLEMENTED,
                "skills.install takes nothing that clients send; put the folder or archive on the gateway's machine and name it with source \"path\"",
            )),
            Some(Source::Path) => install(&call, params).await,
        }
    }
}

async fn install(call: &Call, params: Params) -> Result<Reply, WireError> {
    let state = call.state();
    let text = params.path.unwrap_or_default();
    let source = expanded(&text, state.home.as_deref());
    let above = source.components().any(|part| matches!(part, Component::ParentDir));
    if text.len() > PATH || text.chars().any(char::is_control) || !source.is_absolute() || above {
        return Err(bad("path", "must be an absolute path, or begin with ~/, without `..`"));
    }
    if params.name.is_some() || params.install_id.is_some() {
        return Err(bad("name", "belongs to installing a program, not to source \"path\""));
    }
    let slug = params.slug.as_deref().map(Slug::new).transpose().map_err(|error| bad("slug", &error.to_string()))?;
    let is_sum = |text: &String| text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    if params.sha256.as_ref().is_some_and(|text| !is_sum(text)) {
        return Err(bad("sha256", "must be 64 hexadecimal digits"));
    }
    // One at a time: they share the folder in which skills are prepared.
    let installing = state.installing.lock().await;
    let (folder, id, now_ms) = (state.managed_skills(), state.ids.uuid().to_string(), call.now_ms());
    let (force, sha256) = (params.force.unwrap_or(false), params.sha256);
    let from = source.clone();
    let done = tokio::task::spawn_blocking(move || {
        openclaw_skills::install(&openclaw_skills::Install {
            source: &from,
            slug,
            force,
            sha256: sha256.as_deref(),
            skills: &folder,
            id: &id,
            now_ms,
        })
    });
    let done =
        done.await.map_err(|_| WireError::unavailable(detail::INTERNAL, "the installation died; see the log"))?;
    let done = done.map_err(|refused| refused_as(refused, &source))?;
    drop(installing);
    let detail = json!({
        "sha256": done.sha256, "files": done.files, "bytes": done.bytes, "replaced": done.replaced,
        "from": source.display().to_string(),
    });
    let audit = call.audit("skill.installed", Install::NAME, Some(done.slug.to_string()), detail);
    let kept = state.store.write(Transaction { changes: Vec::new(), audit, idempotency: None }).await;
    state.hub.publish(Event::SkillsChanged { reason: "install" });
    kept.map_err(|error| {
        let text = format!("the skill is installed, but the record of it could not be kept: {error}");
        WireError::unavailable(detail::STORE_UNAVAILABLE, text)
    })?;
    Ok(Reply {
        ok: true,
        message: format!("{} is {}", done.slug, if done.replaced { "replaced" } else { "installed" }),
        stdout: "",
        stderr: "",
        code: 0,
        slug: done.slug.to_string(),
        name: done.front.name,
        path: done.path.display().to_string(),
        sha256: done.sha256,
        files: done.files,
        bytes: done.bytes,
        replaced: done.replaced,
    })
}

/// Why a program that a skill lacks is not installed.
async fn program(call: &Call, params: &Params) -> WireError {
    let (Some(name), Some(install_id)) = (&params.name, &params.install_id) else {
        let text = "is missing: \"path\" with a path installs a skill";
        return bad("source", text);
    };
    let state = call.state();
    let agent = match state.agent(&state.default_agent()) {
        Ok(agent) => agent,
        Err(error) => return error,
    };
    let found = match state.skills(&agent).await {
        Ok(found) => found,
        Err(error) => return error,
    };
    // Clients match both texts.
    let Some(skill) = found.skills.iter().find(|skill| skill.found.front.name == *name) else {
        return WireError::unavailable(detail::NOT_FOUND, format!("Skill not found: {name}"));
    };
    match skill.found.front.install.iter().find(|installer| installer.id == *install_id) {
        None => WireError::unavailable(detail::NOT_FOUND, format!("Installer not found: {install_id}")),
        Some(installer) => WireError::unavailable(
            detail::NOT_IMPLEMENTED,
            format!("the gateway runs no installers; do this on its machine yourself: {}", installer.label),
        ),
    }
}

/// Why nothing comes from a registry.
pub(super) fn no_registry(method: &str) -> WireError {
    let text = format!(
        "{method} downloads nothing from a registry; download the skill yourself and install the folder or archive with source \"path\""
    );
    WireError::unavailable(detail::NOT_IMPLEMENTED, text)
}

fn refused_as(refused: Refused, source: &Path) -> WireError {
    let text = format!("{} is not installed: {refused}", source.display());
    match refused {
        Refused::Exists(slug) => WireError::invalid(detail::CONFLICT, text).with("slug", slug),
        Refused::Slug(_) => bad("slug", &refused.to_string()),
        Refused::Io { ref source, .. } if source.kind() == std::io::ErrorKind::NotFound => WireError::not_found(text),
        Refused::Io { .. } => WireError::unavailable(detail::WORKSPACE_UNAVAILABLE, text),
        Refused::Name { .. } | Refused::Kind { .. } | Refused::Large(_) | Refused::Damaged(_) | Refused::NoSkill(_) => {
            WireError::invalid(detail::FILE_REFUSED, text)
        }
    }
}

fn bad(name: &str, problem: &str) -> WireError {
    WireError::params(format!("invalid {} params: at /{name}: {problem}", Install::NAME))
        .with("path", format!("params.{name}"))
}
