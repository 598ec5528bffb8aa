//! `openclaw skills info`

use clap::Args;

use super::shown::{Skill, Whose};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Output, Text},
    reach, show,
};

/// Show all about one skill
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw skills info notes
  openclaw skills info notes --agent work --json")]
pub(super) struct Info {
    #[command(flatten)]
    whose: Whose,
    /// Its name or key
    #[arg(value_name = "SKILL")]
    name: String,
}

impl Info {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.whose.target, None).await?;
        let answer = self.whose.status(&gateway).await?;
        gateway.close().await;
        let skill = answer.read.find(&self.name)?;
        if context.output.json {
            // As the gateway told it, this one alone.
            let all: serde_json::Value = serde_json::from_str(answer.raw.get()).unwrap_or_default();
            let own = all["skills"].as_array().into_iter().flatten().find(|one| one["name"] == skill.name.as_str());
            context.output.value(&own)?;
        } else {
            shown(&mut context.output, skill)?;
        }
        Ok(Exit::Ok)
    }
}

fn shown(output: &mut Output, skill: &Skill) -> std::io::Result<()> {
    let words = |text: String| if text.is_empty() { Text::from("-") } else { Text::from(text) };
    let mut facts = vec![
        ("Skill", Text::from(&skill.name)),
        ("About", Text::from(&skill.description)),
        ("State", skill.standing()),
        ("From", skill.origin().into()),
        ("Folder", Text::from(&skill.base_dir)),
        ("Key", Text::from(&skill.skill_key)),
        ("Needs", words(skill.requirements.words())),
        ("Missing", words(skill.missing.words())),
        ("API key", show::text(skill.primary_env.as_ref())),
        ("Page", show::text(skill.homepage.as_ref())),
    ];
    if let Some(why) = &skill.broken {
        facts.push(("Changed", Text::from(why)));
    }
    if let Some(noted) = &skill.installed {
        facts.push(("Installed", format!("{}, from {}", show::time(Some(noted.installed_at_ms)), noted.from).into()));
        facts.push(("SHA-256", Text::from(&noted.sha256)));
    }
    for choice in &skill.install {
        facts.push(("To do", Text::from(&choice.label)));
    }
    output.facts(facts)
}
