//! `openclaw devices list`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;

use super::{Known, known};
use crate::{
    app::Context,
    ask::Answer,
    failure::{Done, Failure},
    ids,
    output::{Column, Output, Table, Text},
    reach::Target,
    show,
    watch::{Picture, Watch},
};

/// List devices, and those that ask to be admitted
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw devices list
  openclaw devices list --json")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    watch: Watch,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for List {
    type Facts = Answer<Known>;

    async fn ask(&self, gateway: &Connection) -> Result<Answer<Known>, Failure> {
        known(gateway).await
    }

    fn show(&self, output: &mut Output, facts: &Answer<Known>) -> Done {
        facts.show(output, |output, known| {
            let now = Clock::system().now_ms();
            if !known.pending.is_empty() {
                output.paragraph("Asking to be admitted (openclaw devices approve <request>):")?;
                output.table(&pending(known, now))?;
                output.line("")?;
            }
            if known.paired.is_empty() {
                output.line("no devices are admitted")
            } else {
                output.table(&paired(known, now))
            }
        })
    }
}

/// Enough of the identifiers to name each of them in a command.
fn length(known: &Known) -> usize {
    let devices = known.paired.iter().map(|device| device.device_id.as_str());
    ids::length(devices.chain(known.pending.iter().map(|request| request.device_id.as_str())))
}

fn pending(known: &Known, now: i64) -> Table {
    let mut table = Table::new([
        Column::whole("REQUEST"),
        Column::whole("DEVICE"),
        Column::words("NAME"),
        Column::whole("ROLE"),
        Column::words("SCOPES"),
        Column::whole("FROM"),
        Column::whole("ASKED"),
    ]);
    let requests = ids::length(known.pending.iter().map(|request| request.request_id.as_str()));
    let devices = length(known);
    for request in &known.pending {
        let again = if request.is_repair { " (again)" } else { "" };
        table.row([
            Text::from(ids::short(&request.request_id, requests)),
            format!("{}{again}", ids::short(&request.device_id, devices)).into(),
            show::text(request.display_name.as_ref()),
            Text::from(&request.role),
            show::words(&request.scopes),
            show::text(request.remote_ip.as_ref()),
            show::age(now, request.ts).into(),
        ]);
    }
    table
}

fn paired(known: &Known, now: i64) -> Table {
    let mut table = Table::new([
        Column::whole("DEVICE"),
        Column::words("NAME"),
        Column::words("CLIENT"),
        Column::whole("PLATFORM"),
        Column::whole("ROLES"),
        Column::words("SCOPES"),
        Column::whole("SEEN"),
    ]);
    let devices = length(known);
    for device in &known.paired {
        table.row([
            Text::from(ids::short(&device.device_id, devices)),
            show::text(device.display_name.as_ref()),
            show::text(device.client_id.as_ref()),
            show::text(device.platform.as_ref()),
            show::words(&device.roles),
            show::words(&device.scopes),
            show::age(now, device.last_seen_at_ms).into(),
        ]);
    }
    table
}
