//! `openclaw nodes pending`

use clap::Args;
use openclaw_core::Clock;

use super::{Request, pairing};
use crate::{
    app::Context,
    failure::Done,
    ids,
    output::{Column, Table, Text},
    reach::{self, Target},
    show,
};

/// List what waits for approval
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw nodes pending
  openclaw nodes pending --json")]
pub(super) struct Pending {
    #[command(flatten)]
    target: Target,
}

impl Pending {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let answer = pairing(&gateway).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, pairing| {
            if pairing.pending.is_empty() {
                return output.line("no node asks for approval");
            }
            output.table(&table(&pairing.pending, Clock::system().now_ms()))
        })
    }
}

/// What waits.
pub(super) fn table(requests: &[Request], now: i64) -> Table {
    let mut table = Table::new([
        Column::whole("REQUEST"),
        Column::whole("NODE"),
        Column::words("NAME"),
        Column::whole("PLATFORM"),
        Column::whole("FROM"),
        Column::words("COMMANDS"),
        Column::whole("ASKED"),
    ]);
    let length = ids::length(requests.iter().map(|request| request.request_id.as_str()));
    let nodes = ids::length(requests.iter().map(|request| request.node_id.as_str()));
    for request in requests {
        let wants = if request.commands.is_empty() { &request.caps } else { &request.commands };
        table.row([
            Text::from(ids::short(&request.request_id, length)),
            ids::short(&request.node_id, nodes).into(),
            show::text(request.display_name.as_ref()),
            show::text(request.platform.as_ref()),
            show::text(request.remote_ip.as_ref()),
            show::words(wants),
            show::age(now, request.ts).into(),
        ]);
    }
    table
}
