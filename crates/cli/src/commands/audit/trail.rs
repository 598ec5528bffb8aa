//! The audit trail of this machine, for commands. It is read from the state directory, so it needs no gateway that runs.

use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt, path::Path, str::FromStr};

use openclaw_core::{Clock, record::AuditRecord};
use openclaw_store::{Trail, audit_file::Entry};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
};

/// A time, or how long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ago {
    /// Milliseconds before now.
    Span(i64),
    /// Milliseconds since the epoch.
    Time(i64),
}

impl Ago {
    /// The time that is meant.
    pub(crate) const fn at(self, now_ms: i64) -> i64 {
        match self {
            Self::Span(ms) => now_ms.saturating_sub(ms),
            Self::Time(ms) => ms,
        }
    }
}

impl FromStr for Ago {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a span such as 30m, 24h, 7d or 2w, or a time such as 2026-11-26T08:00:00Z".to_owned();
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::Time(at.as_millisecond()));
        }
        let unit = match text.chars().last() {
            Some('s') => 1000,
            Some('m') => 60_000,
            Some('h') => 3_600_000,
            Some('d') => 86_400_000,
            Some('w') => 604_800_000,
            _ => return Err(wrong()),
        };
        let number: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
        // More than a century is a mistake.
        (0..=5_000_000_000).contains(&number).then(|| number.saturating_mul(unit)).map(Self::Span).ok_or_else(wrong)
    }
}

/// Forms of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// One document: an array.
    Json,
    /// One document a line.
    Jsonl,
    /// For spreadsheets.
    Csv,
    /// For people.
    Text,
}

/// The trail, or why there is none.
fn trail(context: &Context) -> Result<Trail, Failure> {
    let dir = context.local.paths()?.state_dir;
    match Trail::open(&dir) {
        Ok(Some(trail)) => Ok(trail),
        Ok(None) => Err(Failure::new(
            Exit::Failed,
            "NO_TRAIL",
            format!("{} holds no audit trail: no gateway has run here", dir.display()),
        )
        .helped("openclaw gateway")),
        Err(error) => Err(unproved(&error)),
    }
}

pub(super) fn unproved(error: &openclaw_store::Error) -> Failure {
    Failure::new(Exit::Failed, "TRAIL", error.to_string())
}

/// The trail, its chain proved. What it holds is worth nothing when it is not, which its users say.
pub(crate) fn proved(context: &Context) -> Result<(Trail, Result<u64, openclaw_store::FirstBad>), Failure> {
    let trail = trail(context)?;
    let verdict = trail.verify().map_err(|error| unproved(&error))?;
    Ok((trail, verdict))
}

/// Where the store's trail is not as it was written, in words. `None` when it is, and when there is none to look at.
pub(crate) fn broken(context: &Context) -> Option<String> {
    let (_, verdict) = proved(context).ok()?;
    verdict.err().map(|bad| format!("The audit trail is not as it was written: {bad}."))
}

struct Stopped(Failure);

impl From<openclaw_store::Error> for Stopped {
    fn from(error: openclaw_store::Error) -> Self {
        Self(unproved(&error))
    }
}

/// Tells every record since then, oldest first, and says at the end when the chain is broken.
pub(crate) fn each(
    context: &mut Context,
    since: Option<Ago>,
    mut told: impl FnMut(&mut Context, AuditRecord) -> Result<(), Failure>,
) -> Done {
    let (trail, verdict) = proved(context)?;
    tell(context, &trail, since, &mut told)?;
    ended(context, verdict)
}

/// Tells records, oldest first.
fn tell(
    context: &mut Context,
    trail: &Trail,
    since: Option<Ago>,
    told: &mut impl FnMut(&mut Context, AuditRecord) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let since = since.map_or(i64::MIN, |since| since.at(Clock::system().now_ms()));
    trail.each(0, since, |record| told(context, record).map_err(Stopped)).map_err(|Stopped(failure)| failure)
}

/// How it ends behind records: with 2 when the chain is broken. As JSON the records are the document, and nothing follows them.
fn ended(context: &mut Context, verdict: Result<u64, openclaw_store::FirstBad>) -> Done {
    let Err(bad) = verdict else { return Ok(Exit::Ok) };
    let text = format!("the audit trail is not as it was written: {bad}");
    if context.output.json {
        context.output.foreign_error(format!("error: {text}\n").as_bytes())?;
        return Ok(Exit::Usage);
    }
    Err(Failure::new(Exit::Usage, "CHAIN_BROKEN", text).helped("openclaw audit verify"))
}

/// Says that nothing was found.
pub(crate) fn nothing(context: &mut Context) -> Done {
    if !context.output.json {
        context.output.paragraph("no record is like that")?;
    }
    Ok(Exit::Ok)
}

/// Writes records to a new file, or to standard output.
pub(crate) fn write_all(context: &mut Context, since: Option<Ago>, format: Format, out: Option<&Path>) -> Done {
    // Before a file is made, which would be in the way of the next try.
    let (trail, verdict) = proved(context)?;
    let mut file = match out {
        None => None,
        Some(path) => {
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            let made = made.map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    Failure::new(Exit::Failed, "EXISTS", format!("{} exists, and is not overwritten", path.display()))
                        .helped("name another file: --out")
                }
                _ => Failure::new(Exit::Failed, "IO", format!("{}: {error}", path.display())),
            })?;
            Some(std::io::BufWriter::new(made))
        }
    };
    let mut put = |context: &mut Context, line: &str| -> Result<(), Failure> {
        match &mut file {
            Some(file) => writeln!(file, "{line}")?,
            None => context.output.foreign(format!("{line}\n").as_bytes())?,
        }
        Ok(())
    };
    match format {
        Format::Json => put(context, "[")?,
        Format::Csv => put(context, CSV)?,
        Format::Jsonl | Format::Text => {}
    }
    let mut first = true;
    tell(context, &trail, since, &mut |context, record| {
        let entry = Entry::from(record);
        let line = match format {
            Format::Json => {
                let text = entry.json();
                if std::mem::take(&mut first) { text } else { format!(",{text}") }
            }
            Format::Jsonl => entry.json(),
            Format::Csv => csv(&entry),
            Format::Text => entry.text(),
        };
        put(context, &line)
    })?;
    if format == Format::Json {
        put(context, "]")?;
    }
    if let Some(file) = &mut file {
        file.flush()?;
    }
    ended(context, verdict)
}

const CSV: &str = "seq,time,event,severity,actor,device,ip,method,target,outcome,reason,detail,prevHash,hash";

fn csv(entry: &Entry) -> String {
    let detail = if entry.detail.is_null() { String::new() } else { entry.detail.to_string() };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        entry.seq.to_string(),
        entry.time.clone(),
        entry.event.clone(),
        entry.severity.clone(),
        entry.actor.word(),
        text(&entry.actor.device_id),
        text(&entry.ip),
        text(&entry.method),
        text(&entry.target),
        entry.outcome.clone(),
        text(&entry.reason),
        detail,
        entry.prev.clone(),
        entry.hash.clone(),
    ];
    cells.map(|text| cell(&text)).join(",")
}

/// A cell that no spreadsheet takes for a formula, on one line.
fn cell(text: &str) -> String {
    let mut text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.trim_start().starts_with(['=', '+', '-', '@']) {
        text.insert(0, '\'');
    }
    if text.contains(['"', ',', ' ', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula_and_one_line() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell(" @x"), "\"' @x\"");
        assert_eq!(cell("a\nb\"c"), "\"a b\"\"c\"");
        assert_eq!(cell("plain"), "plain");
    }

    #[test]
    fn spans_and_times_are_read_and_nothing_else() {
        assert_eq!("7d".parse(), Ok(Ago::Span(7 * 86_400_000)));
        assert_eq!("1970-01-01T00:00:01Z".parse(), Ok(Ago::Time(1000)));
        for bad in ["", "d", "-1d", "7x", "99999999999999999999d", "é"] {
            assert!(bad.parse::<Ago>().is_err(), "{bad}");
        }
    }
}
