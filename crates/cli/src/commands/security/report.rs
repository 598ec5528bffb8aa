//! `openclaw security report`

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use openclaw_core::{Clock, audit::shown, record::AuditRecord};
use serde::Serialize;

use crate::{
    app::Context,
    commands::audit::{self, Ago},
    failure::{Done, Failure},
    output::{Text, Tone},
};

/// Addresses that are named.
const TOP: usize = 10;

/// Sum up what the audit trail says of a span of time
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security report --last 7d
  openclaw security report --last 24h --format md

It ends with 2 when the trail is not as it was written.")]
pub(super) struct Report {
    /// The span, such as 24h or 7d
    #[arg(long, value_name = "SPAN", default_value = "7d")]
    last: Ago,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
    Md,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Summed {
    from: i64,
    to: i64,
    records: u64,
    counters: Counters,
    events: BTreeMap<String, u64>,
    top_ips: Vec<Address>,
    chain: Chain,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counters {
    logins: u64,
    failed_logins: u64,
    lock_outs: u64,
    denials: u64,
    approvals: u64,
    config_changes: u64,
    pairings: u64,
    programs: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    ip: String,
    ok: u64,
    denied: u64,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Chain {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_break: Option<String>,
}

impl Counters {
    fn count(&mut self, record: &AuditRecord) {
        // A summary of refusals says how many it stands for.
        let many = record.event.detail["count"].as_u64().filter(|_| record.event.outcome == "denied").unwrap_or(1);
        let counter = match shown(&record.event.event) {
            "auth.success" => &mut self.logins,
            "auth.failure" => &mut self.failed_logins,
            "auth.rate_limited" => &mut self.lock_outs,
            "authz.denied" | "origin.denied" | "hook.denied" | "exec.denied" | "proxy.untrusted" => &mut self.denials,
            "approval.resolved" => &mut self.approvals,
            "config.changed" => &mut self.config_changes,
            "device.approved" | "device.registered" | "node.paired" | "pairing.approved" => &mut self.pairings,
            "spawn.started" | "exec.started" => &mut self.programs,
            _ => return,
        };
        *counter += many;
    }

    fn rows(&self) -> [(&'static str, u64); 8] {
        [
            ("Logins", self.logins),
            ("Failed logins", self.failed_logins),
            ("Lock-outs", self.lock_outs),
            ("Denials", self.denials),
            ("Approvals decided", self.approvals),
            ("Configuration changes", self.config_changes),
            ("Pairings", self.pairings),
            ("Programs started", self.programs),
        ]
    }
}

impl Report {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let now = Clock::system().now_ms();
        let mut summed = Summed { from: self.last.at(now), to: now, ..Summed::default() };
        let mut addresses: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let done = audit::each(context, Some(self.last), |_, record| {
            summed.records += 1;
            summed.counters.count(&record);
            *summed.events.entry(shown(&record.event.event).to_owned()).or_default() += 1;
            if let Some(ip) = &record.event.ip {
                let (ok, denied) = addresses.entry(ip.clone()).or_default();
                *(if record.event.outcome == "denied" { denied } else { ok }) += 1;
            }
            Ok(())
        });
        match &done {
            Ok(_) => summed.chain.ok = true,
            Err(failure) if failure.code == "CHAIN_BROKEN" => summed.chain.first_break = Some(failure.cause.clone()),
            Err(_) => return done,
        }
        summed.top_ips = addresses.into_iter().map(|(ip, (ok, denied))| Address { ip, ok, denied }).collect();
        summed.top_ips.sort_by_key(|address| std::cmp::Reverse((address.denied, address.ok)));
        summed.top_ips.truncate(TOP);
        if context.output.json || self.format == Form::Json {
            context.output.value(&summed)?;
        } else if self.format == Form::Md {
            markdown(context, &summed)?;
        } else {
            text(context, &summed)?;
        }
        // A broken chain was told with the report; the exit code says it again.
        done.or_else(|failure| match context.output.json {
            true => Ok(failure.exit),
            false => Err(failure),
        })
    }
}

fn when(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| format!("{at:.0}"))
}

fn text(context: &mut Context, summed: &Summed) -> std::io::Result<()> {
    let output = &mut context.output;
    output.line(Text::toned(Tone::Strong, format!("Security report, {} to {}", when(summed.from), when(summed.to))))?;
    let mut facts: Vec<(&str, Text)> =
        summed.counters.rows().into_iter().map(|(name, count)| (name, count.to_string().into())).collect();
    facts.push(("Records", summed.records.to_string().into()));
    facts.push((
        "Audit trail",
        if summed.chain.ok { Text::toned(Tone::Good, "whole") } else { Text::toned(Tone::Bad, "BROKEN") },
    ));
    output.facts(facts)?;
    for address in &summed.top_ips {
        output.line(format!("  {}: {} ok, {} denied", address.ip, address.ok, address.denied))?;
    }
    Ok(())
}

fn markdown(context: &mut Context, summed: &Summed) -> Result<(), Failure> {
    let output = &mut context.output;
    output.line("# Security report")?;
    output.line("")?;
    output.line(format!("{} to {}", when(summed.from), when(summed.to)))?;
    output.line("")?;
    output.line("| What | How often |")?;
    output.line("|---|---|")?;
    for (name, count) in summed.counters.rows() {
        output.line(format!("| {name} | {count} |"))?;
    }
    output.line(format!("| Records | {} |", summed.records))?;
    output.line(format!("| Audit trail | {} |", if summed.chain.ok { "whole" } else { "**broken**" }))?;
    if !summed.top_ips.is_empty() {
        output.line("")?;
        output.line("| Address | ok | denied |")?;
        output.line("|---|---|---|")?;
        for address in &summed.top_ips {
            output.line(format!("| {} | {} | {} |", address.ip, address.ok, address.denied))?;
        }
    }
    Ok(())
}
