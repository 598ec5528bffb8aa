//! What `skills.status` answers, as far as it is shown.

use clap::Args;
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use crate::{
    ask::{Answer, ask},
    failure::{Exit, Failure},
    output::{Text, Tone},
    reach::Target,
};

/// Whose skills.
#[derive(Args, Clone, Debug)]
pub(super) struct Whose {
    #[command(flatten)]
    pub(super) target: Target,
    /// Whose skills [default: the default agent's]
    #[arg(long, value_name = "AGENT")]
    pub(super) agent: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
}

impl Whose {
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { agent_id: self.agent.as_deref() }
    }

    /// Asks for them.
    pub(super) async fn status(&self, gateway: &Connection) -> Result<Answer<Status>, Failure> {
        ask(gateway, "skills.status", self.asked()).await
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Status {
    pub(super) workspace_dir: String,
    pub(super) managed_skills_dir: String,
    pub(super) skills: Vec<Skill>,
    pub(super) problems: Vec<Problem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Skill {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) source: String,
    pub(super) base_dir: String,
    pub(super) skill_key: String,
    pub(super) primary_env: Option<String>,
    pub(super) emoji: Option<String>,
    pub(super) homepage: Option<String>,
    pub(super) disabled: bool,
    pub(super) eligible: bool,
    pub(super) requirements: Needs,
    pub(super) missing: Needs,
    pub(super) install: Vec<Choice>,
    pub(super) installed: Option<Noted>,
    pub(super) broken: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Needs {
    bins: Vec<String>,
    any_bins: Vec<String>,
    env: Vec<String>,
    config: Vec<String>,
    os: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    pub(super) label: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Noted {
    pub(super) sha256: String,
    pub(super) installed_at_ms: i64,
    pub(super) from: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    pub(super) path: String,
    pub(super) message: String,
}

impl Needs {
    /// What it is, for people; empty when it is nothing.
    pub(super) fn words(&self) -> String {
        let all = [
            ("program", self.bins.join(", ")),
            ("one of", self.any_bins.join(", ")),
            ("variable", self.env.join(", ")),
            ("setting", self.config.join(", ")),
            ("system", self.os.join(" or ")),
        ];
        let there = all.iter().filter(|(_, names)| !names.is_empty());
        there.map(|(what, names)| format!("{what} {names}")).collect::<Vec<_>>().join("; ")
    }
}

impl Skill {
    /// How it stands.
    pub(super) fn standing(&self) -> Text {
        match () {
            () if self.disabled => "off".into(),
            () if self.broken.is_some() => Text::toned(Tone::Bad, "changed"),
            () if self.eligible => Text::toned(Tone::Good, "ready"),
            () => Text::toned(Tone::Warning, "missing"),
        }
    }

    /// Where it comes from.
    pub(super) fn origin(&self) -> &str {
        self.source.strip_prefix("openclaw-").unwrap_or(&self.source)
    }
}

impl Status {
    /// The skill that a word names: its name, its key, or either in other letters.
    pub(super) fn find(&self, word: &str) -> Result<&Skill, Failure> {
        let all = || self.skills.iter();
        if let Some(skill) =
            all().find(|skill| skill.name == word).or_else(|| all().find(|skill| skill.skill_key == word))
        {
            return Ok(skill);
        }
        let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
        let near: Vec<_> = all().filter(|skill| plain(&skill.name) == plain(word)).collect();
        match near.as_slice() {
            [one] => Ok(one),
            [] => Err(Failure::new(Exit::Failed, "NOT_FOUND", format!("there is no skill \"{word}\""))
                .helped("openclaw skills list")),
            several => {
                let mut failure =
                    Failure::new(Exit::Failed, "AMBIGUOUS", format!("\"{word}\" could be several skills"));
                failure.candidates = several.iter().map(|skill| skill.name.clone()).collect();
                Err(failure.helped("write its name exactly: openclaw skills list"))
            }
        }
    }
}
