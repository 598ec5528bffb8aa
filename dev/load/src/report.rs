//! What a run found, for people, for programs and for the documentation.

mod machine;
mod promises;
mod table;

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use crate::{figures::Figures, limit::Sizes, server::Target};

pub(crate) use machine::Machine;

/// Everything a run found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// The command that was run.
    pub(crate) command: String,
    /// Where it ran.
    pub(crate) machine: Machine,
    /// Sizes of the messages that the bare server sent.
    pub(crate) sizes: Sizes,
    /// Repetitions of which the medians are shown.
    pub(crate) repetitions: usize,
    /// One per thing measured, in order.
    pub(crate) rows: Vec<Row>,
}

/// One thing measured, on every target.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    /// The case, as `--only` takes it.
    pub(crate) case: String,
    /// What of it.
    pub(crate) what: &'static str,
    /// Medians.
    pub(crate) figures: BTreeMap<Target, Figures>,
}

impl Row {
    /// One figure of one target.
    fn figure(&self, target: Target, pick: fn(&Figures) -> Option<f64>) -> Option<f64> {
        self.figures.get(&target).and_then(pick)
    }

    /// How many times the bare server's figure the gateway's is.
    fn ratio(&self, pick: fn(&Figures) -> Option<f64>) -> Option<f64> {
        let limit = self.figure(Target::Limit, pick).filter(|limit| *limit > 0.0)?;
        Some(self.figure(Target::Gateway, pick)? / limit)
    }
}

/// Line before the generated part of a document.
const BEGIN: &str = "<!-- begin: written by the load tool -->";
/// Line after it.
const END: &str = "<!-- end: written by the load tool -->";

impl Report {
    /// Tables for a terminal.
    pub(crate) fn text(&self) -> String {
        format!("{}\n{}", table::text(&self.figures_table()), table::text(&promises::table(&self.rows)))
    }

    /// One JSON document.
    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Replaces the generated part of a document, or begins the document with it.
    pub(crate) fn write_markdown(&self, path: &Path) -> Result<()> {
        let old = if path.exists() { fs::read_to_string(path)? } else { format!("{BEGIN}\n{END}\n") };
        let new = replace_part(&old, &self.markdown()).with_context(|| format!("{} was left alone", path.display()))?;
        fs::write(path, new).with_context(|| format!("{} cannot be written", path.display()))
    }

    fn markdown(&self) -> String {
        let Sizes { hello, ping, health, event, delta } = self.sizes;
        format!(
            "Command: `{}`\n\n{}\nMedians of {} repetitions. Payloads of the bare server, in bytes: hello {hello}, ping {ping}, health {health}, \
             injected event {event}, delta {delta}.\n\n{}\n{}",
            self.command,
            self.machine.markdown(),
            self.repetitions,
            table::markdown(&promises::table(&self.rows)),
            table::markdown(&self.figures_table()),
        )
    }

    fn figures_table(&self) -> Vec<Vec<String>> {
        let mut lines = vec![
            [
                "case",
                "what",
                "server",
                "operations",
                "p50 ms",
                "p99 ms",
                "per second",
                "CPU ms/1,000",
                "RSS MiB",
                "PSS MiB",
                "B each",
            ]
            .map(str::to_owned)
            .to_vec(),
        ];
        for row in &self.rows {
            for (target, figures) in &row.figures {
                lines.push(figure_line(&row.case, row.what, target.name(), figures, table::number));
            }
            if let (Some(ours), Some(limit)) = (row.figures.get(&Target::Gateway), row.figures.get(&Target::Limit)) {
                lines.push(figure_line(&row.case, row.what, "ratio", &ours.over(limit), |ratio| {
                    table::number(ratio) + "×"
                }));
            }
        }
        lines
    }
}

fn figure_line(case: &str, what: &str, name: &str, figures: &Figures, show: fn(f64) -> String) -> Vec<String> {
    // Memory is read in KiB and shown in MiB; a ratio has no unit.
    let mib = |kib: Option<f64>| if name == "ratio" { kib } else { kib.map(|kib| kib / 1024.0) };
    let cells = [
        figures.operations.filter(|_| name != "ratio"),
        figures.p50_ms,
        figures.p99_ms,
        figures.per_second,
        figures.cpu_ms_per_1000,
        mib(figures.rss_kib),
        mib(figures.pss_kib),
        figures.bytes_each,
    ];
    let names = [case, what, name].map(str::to_owned).into_iter();
    names.chain(cells.into_iter().map(|cell| cell.map_or_else(|| "–".to_owned(), show))).collect()
}

fn replace_part(document: &str, part: &str) -> Result<String> {
    let (before, rest) = document.split_once(BEGIN).with_context(|| format!("the line {BEGIN} is missing"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("the line {END} is missing"))?;
    ensure!(!after.contains(BEGIN), "the line {BEGIN} occurs twice");
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", part.trim_end()))
}

#[cfg(test)]
mod tests;
