//! `openclaw skills enable` and `openclaw skills disable`

use clap::Args;
use serde::Serialize;

use super::{shown::Whose, update::Updated};
use crate::{app::Context, ask::ask, failure::Done, reach};

/// Let agents have a skill
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw skills enable notes
  openclaw skills enable notes --json")]
pub(super) struct Enable {
    #[command(flatten)]
    which: Which,
}

/// Take a skill away from agents
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw skills disable notes
  openclaw skills disable notes --json

The skill stays where it is; openclaw skills enable gives it back.")]
pub(super) struct Disable {
    #[command(flatten)]
    which: Which,
}

#[derive(Args, Debug)]
struct Which {
    #[command(flatten)]
    whose: Whose,
    /// Its name or key
    #[arg(value_name = "SKILL")]
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    skill_key: &'a str,
    enabled: bool,
}

impl Enable {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        self.which.turn(context, true, "on").await
    }
}

impl Disable {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        self.which.turn(context, false, "off").await
    }
}

impl Which {
    async fn turn(&self, context: &mut Context, enabled: bool, word: &str) -> Done {
        let gateway = reach::gateway(context, &self.whose.target, None).await?;
        let status = self.whose.status(&gateway).await?;
        let skill = status.read.find(&self.name)?;
        let asked = Asked { skill_key: &skill.skill_key, enabled };
        let answer = ask::<Updated>(&gateway, "skills.update", asked).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _| output.line(format!("{} is {word}", skill.name)))
    }
}
