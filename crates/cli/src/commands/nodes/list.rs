//! `openclaw nodes list`

use clap::Args;
use openclaw_core::Clock;
use serde_json::Value;

use super::{Approved, known, pairing, pending, status::Filter};
use crate::{
    app::Context,
    ask::Answer,
    failure::{Done, Exit},
    ids,
    output::{Column, Table, Text},
    reach::{self, Target},
    show,
};

/// List what waits for approval, and nodes that are approved
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw nodes list
  openclaw nodes list --connected --json")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    filter: Filter,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let Answer { raw, read: pairing } = pairing(&gateway).await?;
        let known = known(&gateway).await?.read;
        gateway.close().await;
        let now = Clock::system().now_ms();
        let is_connected = |id: &str| known.nodes.iter().any(|node| node.node_id == id && node.connected);
        let shown: Vec<&Approved> = pairing
            .paired
            .iter()
            .filter(|node| self.filter.shows(now, is_connected(&node.node_id), node.last_connected_at_ms))
            .collect();
        let output = &mut context.output;
        if output.json {
            let mut whole: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            if let Some(paired) = whole["paired"].as_array_mut() {
                paired.retain(|node| shown.iter().any(|shown| node["nodeId"] == shown.node_id));
            }
            output.value(&whole)?;
            return Ok(Exit::Ok);
        }
        if !pairing.pending.is_empty() {
            output.paragraph("Asking for approval (openclaw nodes approve <request>):")?;
            output.table(&pending::table(&pairing.pending, now))?;
            output.line("")?;
        }
        if shown.is_empty() {
            output.line("no nodes are approved")?;
            return Ok(Exit::Ok);
        }
        let mut table = Table::new([
            Column::whole("NODE"),
            Column::words("NAME"),
            Column::whole("PLATFORM"),
            Column::whole("FROM"),
            Column::words("COMMANDS"),
            Column::whole("CONNECTED"),
        ]);
        let length = ids::length(shown.iter().map(|node| node.node_id.as_str()));
        for node in shown {
            let age = show::age(now, node.last_connected_at_ms);
            table.row([
                Text::from(ids::short(&node.node_id, length)),
                show::text(node.display_name.as_ref()),
                show::text(node.platform.as_ref()),
                show::text(node.remote_ip.as_ref()),
                show::words(&node.commands),
                if is_connected(&node.node_id) { "now".into() } else { age.into() },
            ]);
        }
        output.table(&table)?;
        Ok(Exit::Ok)
    }
}
