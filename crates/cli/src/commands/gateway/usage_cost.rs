//! `openclaw gateway usage-cost`

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    commands::sessions::Figures,
    failure::Done,
    output::{Column, Table},
    reach::Target,
};

/// Tell what was used, day by day
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateway usage-cost
  openclaw gateway usage-cost --days 7 --agent work --json

Days without use are left out of the table.")]
pub(crate) struct UsageCost {
    #[command(flatten)]
    target: Target,
    /// How many days, the last of which is today
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3660))]
    days: u32,
    /// Only what this agent used
    #[arg(long, value_name = "ID", conflicts_with = "all_agents")]
    agent: Option<String>,
    /// What all agents used, which is so anyway
    #[arg(long)]
    all_agents: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    days: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Cost {
    daily: Vec<Day>,
    totals: Figures,
}

#[derive(Debug, Deserialize)]
struct Day {
    date: String,
    #[serde(flatten)]
    figures: Figures,
}

impl UsageCost {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let days = self.days;
        let asked = Asked { days, agent_id: self.agent };
        let answer = once::<Cost>(context, &self.target, "usage.cost", asked).await?;
        answer.show(&mut context.output, |output, cost| {
            if cost.totals.is_nothing() {
                return output.paragraph(format!("nothing was used in the last {days} days"));
            }
            let mut table = Table::new([Column::whole("DAY")].into_iter().chain(Figures::columns()));
            for day in cost.daily.iter().filter(|day| !day.figures.is_nothing()) {
                table.row([(&day.date).into()].into_iter().chain(day.figures.cells()));
            }
            table.row(["all".into()].into_iter().chain(cost.totals.cells()));
            output.table(&table)
        })
    }
}
