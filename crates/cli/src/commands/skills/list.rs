//! `openclaw skills list`

use clap::Args;

use super::shown::{Status, Whose};
use crate::{
    app::Context,
    ask::once,
    failure::Done,
    output::{Column, Output, Table, Text},
};

/// List the skills
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw skills list
  openclaw skills list --eligible --agent work
  openclaw skills list --json")]
pub(super) struct List {
    #[command(flatten)]
    whose: Whose,
    /// Only those that work
    #[arg(long)]
    eligible: bool,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let answer = once::<Status>(context, &self.whose.target, "skills.status", self.whose.asked()).await?;
        answer.show(&mut context.output, |output, status| show(output, status, self.eligible))
    }
}

fn show(output: &mut Output, status: &Status, eligible: bool) -> std::io::Result<()> {
    let skills: Vec<_> = status.skills.iter().filter(|skill| skill.eligible || !eligible).collect();
    if skills.is_empty() {
        output.line(if eligible && !status.skills.is_empty() { "no skill works" } else { "there are no skills" })?;
        output.line(format!("They belong into {} or {}/skills.", status.managed_skills_dir, status.workspace_dir))?;
    } else {
        let mut table = Table::new([
            Column::whole("SKILL"),
            Column::whole("STATE"),
            Column::whole("FROM"),
            Column::words("WHAT FOR"),
        ]);
        for skill in &skills {
            let name = Text::from(&skill.name);
            let name = match &skill.emoji {
                Some(emoji) => name.and(format!(" {emoji}")),
                None => name,
            };
            table.row([name, skill.standing(), skill.origin().into(), Text::from(&skill.description)]);
        }
        output.table(&table)?;
    }
    if !status.problems.is_empty() {
        output.line(format!("{} more cannot be read: openclaw skills check", status.problems.len()))?;
    }
    Ok(())
}
