//! `openclaw audit verify`

use std::path::PathBuf;

use clap::Args;
use openclaw_store::audit_file;
use serde::Serialize;

use super::trail;
use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    output::{Text, Tone},
};

/// Check that no record was changed, removed or added
///
/// Recomputes the chain of the store's audit table with the key in the state directory, then the audit file with its rotated,
/// compressed and encrypted files. It works while the gateway runs, and ends with 2 when something is not as it was written.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw audit verify
  openclaw audit verify --json
  openclaw audit verify --file /var/log/openclaw/audit.log")]
pub(super) struct Verify {
    /// The audit file, instead of the configured one
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Only the store's table
    #[arg(long, conflicts_with = "file")]
    no_file: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    ok: bool,
    table: Table,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<File>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Table {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_bad: Option<Bad>,
}

#[derive(Serialize)]
struct Bad {
    seq: i64,
    why: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    ok: bool,
    path: PathBuf,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_bad: Option<BadFile>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BadFile {
    file: PathBuf,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_record: Option<i64>,
    why: String,
}

impl Verify {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let (trail, table) = trail::proved(context)?;
        let wanted = if self.no_file { None } else { self.wanted(context)? };
        let file = wanted.map(|(path, begins)| {
            let mut told = File { path: path.clone(), ..File::default() };
            match trail.verify_file(&path) {
                Ok(checked) if begins && !checked.whole => {
                    told.first_bad = Some(BadFile {
                        file: path,
                        line: 1,
                        after_record: None,
                        why: "does not begin where the trail does: older files are gone, and none are removed without logging.audit.retention".to_owned(),
                    });
                }
                Ok(checked) => {
                    told.ok = true;
                    (told.files, told.lines) = (checked.files, Some(checked.lines));
                    (told.first, told.last) = checked.span.unzip();
                }
                Err(bad) => {
                    told.first_bad =
                        Some(BadFile { file: bad.file, line: bad.line, after_record: bad.seq, why: bad.why });
                }
            }
            told
        });
        let table = match table {
            Ok(records) => Table { ok: true, records: Some(records), first_bad: None },
            Err(bad) => Table { ok: false, records: None, first_bad: Some(Bad { seq: bad.seq, why: bad.why }) },
        };
        let ok = table.ok && file.as_ref().is_none_or(|file| file.ok);
        let verdict = Verdict { ok, table, file };
        if context.output.json {
            context.output.value(&verdict)?;
        } else {
            show(context, &verdict)?;
        }
        Ok(if ok { Exit::Ok } else { Exit::Usage })
    }

    /// The file to check, and whether it must begin where the trail does.
    fn wanted(&self, context: &Context) -> Result<Option<(PathBuf, bool)>, Failure> {
        if let Some(path) = &self.file {
            return Ok(Some((path.clone(), false)));
        }
        let paths = context.local.paths()?;
        // A configuration with a mistake must not keep anybody from checking, nor the file from being checked.
        let Ok(loaded) = openclaw_config::load_to_judge(&context.local.request(None)) else {
            return Ok(Some((paths.state_dir.join("logs").join(audit_file::FILE), false)));
        };
        let audit = &loaded.config.logging.audit;
        let path = loaded.config.audit_file(&paths.state_dir, context.local.home.as_deref(), audit_file::FILE);
        Ok(audit.enabled.then_some((path, loaded.config.audit_retention().is_none())))
    }
}

fn show(context: &mut Context, verdict: &Verdict) -> std::io::Result<()> {
    let (good, bad) = (Text::toned(Tone::Good, "ok"), Text::toned(Tone::Bad, "BROKEN"));
    let table = match &verdict.table.first_bad {
        None => good.clone().and(format!(", {} records", verdict.table.records.unwrap_or_default())),
        Some(first) => bad.clone().and(format!(": record {} {}", first.seq, first.why)),
    };
    let mut facts = vec![("Store", table)];
    if let Some(file) = &verdict.file {
        let text = match (&file.first_bad, file.first.zip(file.last)) {
            (Some(first), _) => {
                let after = first.after_record.map(|seq| format!(" (after record {seq})")).unwrap_or_default();
                let line = if first.line > 0 { format!(" line {}", first.line) } else { String::new() };
                bad.and(format!(": {}{line}{after} {}", first.file.display(), first.why))
            }
            (None, Some((from, to))) => {
                let lines = file.lines.unwrap_or_default();
                good.and(format!(", {lines} records, {from} to {to}, {}", file.path.display()))
            }
            (None, None) => good.and(format!(", empty, {}", file.path.display())),
        };
        facts.push(("File", text));
    }
    context.output.facts(facts)
}
