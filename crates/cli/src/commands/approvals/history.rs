//! `openclaw approvals history`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::shown::Snapshot;
use crate::{
    app::Context,
    ask,
    failure::Done,
    ids,
    output::{Column, Table, Text},
    reach::Target,
    show,
};

/// Show what was decided
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw approvals history
  openclaw approvals history --limit 100 --json")]
pub(super) struct History {
    #[command(flatten)]
    target: Target,
    /// Most approvals to show
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
}

#[derive(Serialize)]
struct Asked {
    limit: u32,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Snapshot>,
}

impl History {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let answer = ask::once::<Page>(context, &self.target, "approval.history", Asked { limit: self.limit }).await?;
        answer.show(&mut context.output, |output, page| {
            if page.items.is_empty() {
                return output.line("nothing was decided in the last 30 days");
            }
            let mut table = Table::new([
                Column::whole("APPROVAL"),
                Column::whole("ENDED"),
                Column::whole("HOW"),
                Column::words("BY"),
                Column::words("AGENT"),
                Column::words("WHAT"),
            ]);
            let length = ids::length(page.items.iter().map(|item| item.id.as_str()));
            for item in &page.items {
                let by =
                    item.resolver.as_ref().map(|resolver| resolver.id.clone().unwrap_or_else(|| resolver.kind.clone()));
                // Who is a device is named by the beginning of its identifier.
                let by = by.map(|by| by.chars().take(16).collect::<String>());
                let reason = item.reason.as_deref().filter(|reason| *reason != "user");
                let how = match (&item.decision, reason) {
                    (Some(decision), None) => decision.clone(),
                    (_, Some(reason)) => format!("{} ({reason})", item.status),
                    (None, None) => item.status.clone(),
                };
                table.row([
                    Text::from(ids::short(&item.id, length)),
                    show::time(item.resolved_at_ms).into(),
                    how.into(),
                    show::text(by.as_ref()),
                    show::text(item.presentation.agent_id.as_ref()),
                    item.presentation.summary().into(),
                ]);
            }
            output.table(&table)
        })
    }
}
