//! `openclaw spawn kill`

use clap::Args;
use openclaw_client::{Connection, Deadline};
use serde::Serialize;

use super::{
    LIST, Program,
    list::{Asked, Page},
};
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    ids::{self, Candidate},
    reach::{self, Target},
};

/// End a program and what it started
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw spawn kill 3f2a91c0
  openclaw spawn kill 3f2a91c0 --force     without asking it to end by itself")]
pub(super) struct Kill {
    #[command(flatten)]
    target: Target,
    /// Which, by the first characters of its identifier
    #[arg(value_name = "PROGRAM")]
    id: String,
    /// End it at once
    #[arg(long)]
    force: bool,
}

/// What is asked of `spawn.kill`.
#[derive(Serialize)]
pub(super) struct Named<'a> {
    pub(super) id: &'a str,
    pub(super) force: bool,
}

impl Kill {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let id = full(&gateway, &self.id).await?;
        let asked = gateway.request_within("spawn.kill", Named { id: &id, force: self.force }, Deadline::Never);
        let raw = context.output.progress("waiting for its end").during(asked).await?;
        gateway.close().await;
        if context.output.json {
            context.output.raw(&raw)?;
            return Ok(Exit::Ok);
        }
        let ended: Program = serde_json::from_str(raw.get()).unwrap_or_default();
        let how = ended.result.map(|ending| ending.words()).unwrap_or_default();
        context.output.line(format!("{id} {} ({how})", ended.status))?;
        Ok(Exit::Ok)
    }
}

/// The whole identifier.
pub(super) async fn full(gateway: &Connection, prefix: &str) -> Result<String, Failure> {
    let page = ask::<Page>(gateway, "spawn.list", Asked { active: false, limit: 1000 }).await?.read;
    let known: Vec<Candidate> = page
        .spawns
        .iter()
        .map(|program| Candidate::new(&program.spawn_id, format!("{} {}", program.source, program.status)))
        .collect();
    ids::unique(&known, prefix, "program", LIST).map(|found| found.id.clone())
}
