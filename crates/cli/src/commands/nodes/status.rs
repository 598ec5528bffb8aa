//! `openclaw nodes status`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;

use super::{Known, Node, known};
use crate::{
    app::Context,
    ask::Answer,
    failure::{Done, Failure},
    ids,
    output::{Column, Output, Table, Text},
    reach::{self, Target},
    show,
};

/// List nodes with what they offer
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw nodes status
  openclaw nodes status --connected
  openclaw nodes status --last-connected 24h")]
pub(super) struct Status {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    filter: Filter,
}

/// Which nodes.
#[derive(Args, Debug)]
pub(super) struct Filter {
    /// Only nodes that are connected
    #[arg(long)]
    connected: bool,
    /// Only nodes that connected within this time, such as 24h or 7d
    #[arg(long, value_name = "TIME", value_parser = span)]
    last_connected: Option<i64>,
}

/// A time such as `90s`, `24h` or `7d`, in milliseconds.
fn span(text: &str) -> Result<i64, String> {
    let wrong = || "expected a number and s, m, h or d, such as 24h".to_owned();
    let text = text.trim();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    number.checked_mul(seconds * 1000).filter(|ms| *ms > 0).ok_or_else(wrong)
}

impl Filter {
    /// Whether a node that last connected then is shown.
    pub(super) fn shows(&self, now: i64, connected: bool, last_connected: Option<i64>) -> bool {
        let recent = |within: i64| connected || last_connected.is_some_and(|at| now - at <= within);
        (!self.connected || connected) && self.last_connected.is_none_or(recent)
    }
}

impl Status {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let answer = ask(&gateway).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, known| self.show(output, known))
    }

    fn show(&self, output: &mut Output, known: &Known) -> std::io::Result<()> {
        let now = Clock::system().now_ms();
        let shown: Vec<&Node> = known
            .nodes
            .iter()
            .filter(|node| self.filter.shows(now, node.connected, node.last_connected_at_ms))
            .collect();
        if shown.is_empty() {
            return output.line(if known.nodes.is_empty() {
                "no nodes are known; a machine becomes one with: openclaw node run"
            } else {
                "no node fits"
            });
        }
        output.table(&table(&shown, now))
    }
}

async fn ask(gateway: &Connection) -> Result<Answer<Known>, Failure> {
    known(gateway).await
}

fn table(nodes: &[&Node], now: i64) -> Table {
    let mut table = Table::new([
        Column::whole("NODE"),
        Column::words("NAME"),
        Column::whole("STATE"),
        Column::whole("PLATFORM"),
        Column::whole("FROM"),
        Column::words("COMMANDS"),
        Column::whole("SEEN"),
    ]);
    let length = ids::length(nodes.iter().map(|node| node.node_id.as_str()));
    for node in nodes {
        let commands = if node.commands.is_empty() { &node.pending_declared_commands } else { &node.commands };
        table.row([
            Text::from(ids::short(&node.node_id, length)),
            show::text(node.display_name.as_ref()),
            node.state().into(),
            show::text(node.platform.as_ref()),
            show::text(node.remote_ip.as_ref()),
            show::words(commands),
            if node.connected { "now".into() } else { show::age(now, node.last_seen_at_ms).into() },
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!((span("24h"), span("7d"), span(" 90s ")), (Ok(86_400_000), Ok(604_800_000), Ok(90_000)));
        for wrong in ["", "h", "24", "24x", "-1h", "0s", "99999999999999999d", "ä"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
