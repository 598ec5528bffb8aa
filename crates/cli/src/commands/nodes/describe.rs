//! `openclaw nodes describe`

use clap::Args;
use openclaw_core::Clock;

use super::{Node, OfNode, named::Named};
use crate::{
    app::Context,
    ask::ask,
    failure::Done,
    output::{Column, Table, Text},
    reach::{self, Target},
    show,
};

/// Show everything about a node
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw nodes describe 9c41d0e2
  openclaw nodes describe --node \"Build box\" --json")]
pub(super) struct Describe {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    named: Named,
}

impl Describe {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let node = self.named.find(&gateway).await?;
        let answer = ask(&gateway, "node.describe", OfNode { node_id: &node.node_id }).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, node: &Node| output.table(&table(node)))
    }
}

fn table(node: &Node) -> Table {
    let now = Clock::system().now_ms();
    let mut table = Table::new([Column::whole("FIELD"), Column::words("VALUE")]);
    let held = |held: bool| {
        let names = node.permissions.iter().filter(|(_, value)| value.as_bool() == Some(held));
        names.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let rows: [(&str, Text); 15] = [
        ("node", Text::from(&node.node_id)),
        ("name", show::text(node.display_name.as_ref())),
        ("state", node.state().into()),
        ("platform", show::text(node.platform.as_ref())),
        ("version", show::text(node.version.as_ref())),
        ("device", show::text(node.device_family.as_ref())),
        ("model", show::text(node.model_identifier.as_ref())),
        ("address", show::text(node.remote_ip.as_ref())),
        ("caps", show::words(&node.caps)),
        ("commands", show::words(&node.commands)),
        ("asks for", show::words(&node.pending_declared_commands)),
        ("request", show::text(node.pending_request_id.as_ref())),
        ("permissions", show::words(&held(true))),
        ("approved", show::age(now, node.approved_at_ms).into()),
        ("connected", show::age(now, node.connected_at_ms).into()),
    ];
    for (field, value) in rows {
        table.row([field.into(), value]);
    }
    table
}
