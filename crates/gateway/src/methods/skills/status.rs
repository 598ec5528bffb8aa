//! `skills.status`: the skills of an agent, and what they lack.

use openclaw_skills::{Needs, Pin, os_word};

use crate::{methods::prelude::*, skills::Skill};

params! {
    /// Whose skills.
    {
        /// Which agent; the one of the session, else the default one, when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// A session of the agent.
        #[serde(default)]
        session_key: Option<SessionKey>,
    } understood {}
}

/// The skills.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// The agent's folder; its own skills are in `skills` there.
    workspace_dir: String,
    /// Where skills are that all agents have.
    managed_skills_dir: String,
    /// Whose they are.
    agent_id: AgentId,
    /// By name.
    skills: Vec<Shown>,
    /// What looks like a skill and is none.
    problems: Vec<Wrong>,
}

/// A skill.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Shown {
    name: String,
    description: String,
    /// `openclaw-workspace`, `openclaw-managed` or `openclaw-extra`.
    source: &'static str,
    /// Whether it came with the gateway; none does.
    bundled: bool,
    /// Its `SKILL.md`.
    file_path: String,
    /// Its folder.
    base_dir: String,
    /// Its name in `skills.entries`.
    skill_key: String,
    /// The variable that its API key is passed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<String>,
    /// Whether only its system counts of what it needs.
    always: bool,
    /// `skills.entries` turns it off.
    disabled: bool,
    /// There is no such list.
    blocked_by_allowlist: bool,
    /// There is no such list.
    blocked_by_agent_filter: bool,
    /// Nothing is missing, and it may be used.
    eligible: bool,
    /// It is for other systems.
    platform_incompatible: bool,
    /// Whether models are told of it; agents use no skills yet.
    model_visible: bool,
    /// Whether people may call it by its name.
    user_invocable: bool,
    /// Whether that works; agents use no skills yet.
    command_visible: bool,
    /// What it needs.
    requirements: NeedsShown,
    /// What of that is not there.
    missing: NeedsShown,
    /// Keys of the configuration that it needs.
    config_checks: Vec<Check>,
    /// How what is missing could be had. The gateway runs none of these.
    install: Vec<Choice>,
    /// What was noted when the gateway installed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    installed: Option<Noted>,
    /// Why it is not used although nothing is missing: it is not what was installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NeedsShown {
    /// Programs, all of them.
    bins: Vec<String>,
    /// Programs, one of them.
    any_bins: Vec<String>,
    /// Variables.
    env: Vec<String>,
    /// Keys of the configuration.
    config: Vec<String>,
    /// Systems, one of them.
    os: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Check {
    path: String,
    satisfied: bool,
}

#[derive(Serialize, JsonSchema)]
struct Choice {
    id: String,
    kind: String,
    label: String,
    bins: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Noted {
    /// SHA-256 over everything in it.
    sha256: String,
    /// Milliseconds since the epoch.
    installed_at_ms: i64,
    /// Name of the folder or archive that it came from.
    from: String,
}

/// Something that is no skill.
#[derive(Serialize, JsonSchema)]
struct Wrong {
    path: String,
    message: String,
}

impl From<Needs> for NeedsShown {
    fn from(needs: Needs) -> Self {
        let Needs { bins, any_bins, env, config, os } = needs;
        Self { bins, any_bins, env, config, os }
    }
}

impl From<Skill> for Shown {
    fn from(skill: Skill) -> Self {
        let eligible = skill.is_eligible();
        let Skill { found, pin, disabled, missing, config_checks } = skill;
        let front = found.front;
        let fits = |os: &[String]| os.is_empty() || os.iter().any(|os| os == os_word());
        let (installed, broken) = match pin {
            Pin::None => (None, None),
            Pin::Holds(origin) => {
                let noted = Noted { sha256: origin.sha256, installed_at_ms: origin.installed_at_ms, from: origin.from };
                (Some(noted), None)
            }
            Pin::Broken(why) => (None, Some(why)),
        };
        Self {
            name: front.name,
            description: front.description,
            source: found.source.word(),
            bundled: false,
            file_path: found.folder.join("SKILL.md").display().to_string(),
            base_dir: found.folder.display().to_string(),
            skill_key: front.key,
            primary_env: front.primary_env,
            emoji: front.emoji,
            homepage: front.homepage,
            always: front.always,
            disabled,
            blocked_by_allowlist: false,
            blocked_by_agent_filter: false,
            eligible,
            platform_incompatible: !missing.os.is_empty(),
            model_visible: false,
            user_invocable: front.user_invocable,
            command_visible: false,
            requirements: front.needs.into(),
            missing: missing.into(),
            config_checks: config_checks.into_iter().map(|(path, satisfied)| Check { path, satisfied }).collect(),
            install: front
                .install
                .into_iter()
                .filter(|installer| fits(&installer.os))
                .map(|one| Choice { id: one.id, kind: one.kind, label: one.label, bins: one.bins })
                .collect(),
            installed,
            broken,
        }
    }
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "skills.status";
    const ABOUT: &'static str = "The skills of an agent, where they are, what they need, and what of that is missing.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let of_session = || params.session_key.as_ref().map(|key| call.agent_of(key));
        let agent_id = params.agent_id.clone().or_else(of_session).unwrap_or_else(|| state.default_agent());
        let agent = state.agent(&agent_id)?;
        let found = state.skills(&agent).await?;
        Ok(Reply {
            workspace_dir: state.workspace(&agent).display().to_string(),
            managed_skills_dir: state.managed_skills().display().to_string(),
            agent_id,
            skills: found.skills.into_iter().map(Shown::from).collect(),
            problems: found
                .problems
                .into_iter()
                .map(|problem| Wrong { path: problem.path.display().to_string(), message: problem.text })
                .collect(),
        })
    }
}
