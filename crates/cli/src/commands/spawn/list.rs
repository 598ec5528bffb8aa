//! `openclaw spawn list`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;
use serde::{Deserialize, Serialize};

use super::Program;
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    ids,
    output::{Column, Output, Table, Text},
    reach::Target,
    show,
    watch::{Picture, Watch},
};

/// List programs that were started, newest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw spawn list
  openclaw spawn list --active --watch")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
    /// Only those that run
    #[arg(long)]
    active: bool,
    /// Most programs to show
    #[arg(short = 'n', long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    #[command(flatten)]
    watch: Watch,
}

/// What is asked of `spawn.list`.
#[derive(Serialize)]
pub(super) struct Asked {
    pub(super) active: bool,
    pub(super) limit: u32,
}

/// The reply of `spawn.list`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    pub(super) spawns: Vec<Program>,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for List {
    type Facts = Answer<Page>;

    async fn ask(&self, gateway: &Connection) -> Result<Answer<Page>, Failure> {
        ask(gateway, "spawn.list", Asked { active: self.active, limit: self.limit }).await
    }

    fn show(&self, output: &mut Output, facts: &Answer<Page>) -> Done {
        facts.show(output, |output, page| {
            if page.spawns.is_empty() {
                let text = if self.active { "no program runs" } else { "no program was started yet" };
                return output.line(text);
            }
            output.table(&table(&page.spawns, Clock::system().now_ms()))
        })
    }
}

fn table(programs: &[Program], now: i64) -> Table {
    let mut table = Table::new([
        Column::whole("PROGRAM"),
        Column::words("SOURCE"),
        Column::words("COMMAND"),
        Column::whole("PID"),
        Column::whole("STATUS"),
        Column::whole("ENDED"),
        Column::whole("STARTED"),
    ]);
    let length = ids::length(programs.iter().map(|program| program.spawn_id.as_str()));
    for program in programs {
        let mut command = program.command.clone();
        for argument in program.args.iter().flatten() {
            command.push(' ');
            command.push_str(argument);
        }
        let ended = match (&program.error, &program.result) {
            (Some(error), _) => error.clone(),
            (None, Some(ending)) => ending.words(),
            (None, None) => "-".to_owned(),
        };
        table.row([
            Text::from(ids::short(&program.spawn_id, length)),
            Text::from(&program.source),
            command.into(),
            program.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()).into(),
            Text::from(&program.status),
            ended.into(),
            show::age(now, program.started_at).into(),
        ]);
    }
    table
}
