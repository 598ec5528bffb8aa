//! The rows of the tables, the same on a screen and on paper.

use super::{
    facts::{Bytes, Facts},
    view::{Rates, Sort, Tab, sorted},
};
use crate::{
    ids,
    output::{Column, Table, Text, Tone},
    show,
};

/// The figures over the tables: name and value.
pub(super) fn figures(facts: &Facts, rates: Option<Rates>) -> Vec<(&'static str, Text)> {
    let mut lines = vec![
        ("Gateway", format!("{} (version {}, up {})", facts.url, facts.version, show::span(facts.uptime_ms)).into()),
        ("Connections", format!("{}, {}", facts.connections, frames(facts, rates)).into()),
        ("Runs", format!("{} at work, {} waiting", facts.runs, or_dash(facts.queued)).into()),
        ("Memory", memory(facts, rates).into()),
        ("Today", today(facts).into()),
        ("Approvals", waiting(facts)),
        ("Nodes", nodes(facts).into()),
    ];
    if let Some(cron) = facts.cron.filter(|cron| cron.jobs > 0) {
        let next = cron.next_wake_at_ms.map_or_else(
            || "nothing is due".to_owned(),
            |next| format!("the next in {}", show::span(next.saturating_sub(facts.ts))),
        );
        let paused = if cron.enabled { "" } else { ", paused" };
        lines.push(("Jobs", format!("{}, {next}{paused}", cron.jobs).into()));
    }
    lines
}

fn frames(facts: &Facts, rates: Option<Rates>) -> String {
    match rates {
        Some(Rates { received, sent, .. }) => format!("{received:.1} frames in and {sent:.1} out a second"),
        None => format!(
            "{} frames in and {} out so far",
            show::count(facts.frames.received),
            show::count(facts.frames.sent)
        ),
    }
}

fn memory(facts: &Facts, rates: Option<Rates>) -> String {
    let memory = facts.resident_bytes.map_or_else(|| "-".to_owned(), |bytes| Bytes(bytes).to_string());
    match rates.and_then(|rates| rates.processor) {
        Some(processor) => format!("{memory}, {:.0} % of a processor", processor * 100.0),
        None => memory,
    }
}

fn today(facts: &Facts) -> String {
    facts.today.map_or_else(
        || "-".to_owned(),
        |spent| format!("${:.2}, {} tokens", spent.total_cost, show::count(spent.total_tokens)),
    )
}

fn waiting(facts: &Facts) -> Text {
    match facts.waiting.as_ref().map(Vec::len) {
        None => "-".into(),
        Some(0) => "none waits".into(),
        Some(1) => Text::toned(Tone::Warning, "1 waits"),
        Some(many) => Text::toned(Tone::Warning, format!("{many} wait")),
    }
}

fn nodes(facts: &Facts) -> String {
    facts.nodes.as_ref().map_or_else(
        || "-".to_owned(),
        |nodes| format!("{} of {} connected", nodes.iter().filter(|node| node.connected).count(), nodes.len()),
    )
}

fn or_dash(number: Option<u64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

/// The table of a tab from this row on, and what to say when it has none.
pub(super) fn table(facts: &Facts, tab: Tab, sort: Sort, reversed: bool, first: usize) -> Result<Table, &'static str> {
    match tab {
        Tab::Conversations => {
            let rows = sorted(&facts.conversations, sort, reversed);
            let mut table = Table::new([
                Column::whole("KEY"),
                Column::whole("STATE"),
                Column::number("TOKENS"),
                Column::number("COST"),
                Column::words("MODEL"),
                Column::words("NAME"),
                Column::whole("UPDATED"),
            ]);
            for row in rows.iter().skip(first) {
                let state = match row.runs {
                    0 => "-".into(),
                    1 => Text::toned(Tone::Good, "running"),
                    more => Text::toned(Tone::Good, format!("running, {} wait", more - 1)),
                };
                let cost = if row.cost > 0.0 { format!("${:.2}", row.cost) } else { "-".to_owned() };
                table.row([
                    Text::from(&row.key),
                    state,
                    show::count(row.tokens).into(),
                    cost.into(),
                    Text::from(&row.model),
                    show::text(row.name.as_ref()),
                    show::age(facts.ts, row.updated_at).into(),
                ]);
            }
            if rows.is_empty() { Err("there are no conversations yet") } else { Ok(table) }
        }
        Tab::Connections => {
            let Some(presence) = &facts.presence else { return Err("who is there is not known") };
            let mut table = Table::new([
                Column::words("HOST"),
                Column::whole("MODE"),
                Column::whole("ADDRESS"),
                Column::words("PLATFORM"),
                Column::whole("VERSION"),
                Column::whole("SINCE"),
            ]);
            for entry in presence.iter().skip(first) {
                table.row([
                    show::text(entry.host.as_ref()),
                    show::text(entry.mode.as_ref()),
                    show::text(entry.ip.as_ref()),
                    show::text(entry.platform.as_ref()),
                    show::text(entry.version.as_ref()),
                    show::age(facts.ts, Some(entry.ts)).into(),
                ]);
            }
            if presence.is_empty() { Err("nobody says that they are there") } else { Ok(table) }
        }
        Tab::Approvals => {
            let Some(waiting) = &facts.waiting else { return Err("this program may not see what waits for people") };
            let mut table = Table::new([
                Column::whole("APPROVAL"),
                Column::whole("KIND"),
                Column::whole("LEFT"),
                Column::words("WHOSE"),
                Column::words("WHAT"),
            ]);
            let length = ids::length(waiting.iter().map(|entry| entry.id.as_str()));
            for entry in waiting.iter().skip(first) {
                table.row([
                    Text::from(ids::short(&entry.id, length)),
                    Text::from(&entry.kind),
                    show::span(entry.expires_at_ms.saturating_sub(facts.ts)).into(),
                    show::text(entry.whose.as_ref()),
                    Text::from(&entry.what),
                ]);
            }
            if waiting.is_empty() { Err("nothing waits for people") } else { Ok(table) }
        }
        Tab::Nodes => {
            let Some(nodes) = &facts.nodes else { return Err("which nodes there are is not known") };
            let mut table = Table::new([
                Column::whole("NODE"),
                Column::words("NAME"),
                Column::whole("PLATFORM"),
                Column::whole("STATE"),
                Column::words("COMMANDS"),
            ]);
            let length = ids::length(nodes.iter().map(|node| node.node_id.as_str()));
            for node in nodes.iter().skip(first) {
                let state = if node.connected {
                    Text::toned(Tone::Good, "connected")
                } else {
                    Text::toned(Tone::Faint, "away")
                };
                table.row([
                    Text::from(ids::short(&node.node_id, length)),
                    show::text(node.display_name.as_ref()),
                    show::text(node.platform.as_ref()),
                    state,
                    show::words(&node.commands),
                ]);
            }
            if nodes.is_empty() { Err("there are no nodes") } else { Ok(table) }
        }
    }
}
