//! What a run found, for people, for programs and for the documentation.

mod lines;
mod machine;
mod plot;
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
        format!("{}\n{}", table::text(&lines::lines(&self.rows)), table::text(&promises::table(&self.rows)))
    }

    /// One JSON document.
    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Replaces the generated part of a document, or begins the document with it; the picture goes beside it.
    pub(crate) fn write_markdown(&self, path: &Path) -> Result<()> {
        let old = if path.exists() { fs::read_to_string(path)? } else { format!("{BEGIN}\n{END}\n") };
        let (picture, svg) = (path.with_extension("svg"), plot::svg(&self.rows));
        let name = picture.file_name().and_then(|name| name.to_str()).filter(|_| !svg.is_empty());
        let part = self.markdown(name);
        let new = replace_part(&old, &part).with_context(|| format!("{} was left alone", path.display()))?;
        let write = |path: &Path, text: &str| {
            fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
        };
        if !svg.is_empty() {
            write(&picture, &svg)?;
        }
        write(path, &new)
    }

    fn markdown(&self, picture: Option<&str>) -> String {
        let Sizes { hello, ping, health, list, event, delta } = self.sizes;
        let picture =
            picture.map(|name| format!("![Server CPU of one operation, on a scale of powers of ten]({name})\n\n"));
        format!(
            "Command: `{}`\n\n{}\nMedians of {} repetitions, of one for the reference. Payloads of the bare server, in bytes: hello {hello}, \
             ping {ping}, health {health}, list {list}, injected event {event}, delta {delta}.\n\n{}\n{}{}",
            self.command,
            self.machine.markdown(),
            self.repetitions,
            table::markdown(&promises::table(&self.rows)),
            picture.unwrap_or_default(),
            table::markdown(&lines::lines(&self.rows)),
        )
    }
}

fn replace_part(document: &str, part: &str) -> Result<String> {
    let (before, rest) = document.split_once(BEGIN).with_context(|| format!("the line {BEGIN} is missing"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("the line {END} is missing"))?;
    ensure!(!after.contains(BEGIN), "the line {BEGIN} occurs twice");
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", part.trim_end()))
}

#[cfg(test)]
mod tests;
