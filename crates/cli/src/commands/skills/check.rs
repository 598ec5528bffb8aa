//! `openclaw skills check`

use clap::Args;

use super::shown::{Status, Whose};
use crate::{
    app::Context,
    ask::once,
    failure::{Done, Exit},
    output::{Column, Output, Table, Text},
};

/// Find out which skills do not work, and why
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw skills check
  openclaw skills check --agent work --json

Ends with 2 when a skill cannot be read or was changed since it was installed. One that lacks something, or is off, is no fault.")]
pub(super) struct Check {
    #[command(flatten)]
    whose: Whose,
}

impl Check {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let answer = once::<Status>(context, &self.whose.target, "skills.status", self.whose.asked()).await?;
        answer.show(&mut context.output, show)?;
        let status = answer.read;
        let faults = !status.problems.is_empty() || status.skills.iter().any(|skill| skill.broken.is_some());
        Ok(if faults { Exit::Usage } else { Exit::Ok })
    }
}

fn show(output: &mut Output, status: &Status) -> std::io::Result<()> {
    let ready = status.skills.iter().filter(|skill| skill.eligible).count();
    output.line(format!("{ready} of {} skills are ready", status.skills.len()))?;
    let mut table = Table::new([Column::whole("SKILL"), Column::whole("STATE"), Column::words("WHY")]);
    let mut any = false;
    for skill in status.skills.iter().filter(|skill| !skill.eligible) {
        any = true;
        let lacks = skill.missing.words();
        let why = match &skill.broken {
            Some(why) => Text::from(why),
            None if skill.disabled => format!("openclaw skills enable {}", skill.name).into(),
            None => match skill.install.first() {
                Some(choice) => format!("{lacks} ({})", choice.label).into(),
                None => lacks.into(),
            },
        };
        table.row([Text::from(&skill.name), skill.standing(), why]);
    }
    if any {
        output.table(&table)?;
    }
    for problem in &status.problems {
        output.line(format!("{}: {}", problem.path, problem.message))?;
    }
    Ok(())
}
